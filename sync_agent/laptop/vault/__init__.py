"""Where secrets are kept: sealed under a passphrase, or in memory for this session. Never in plain text on a disk."""
