"""Short questions in windows of their own: how to quit, the vault's passphrase, what a guard asks."""
