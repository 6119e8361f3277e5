"""Who may call: clients, keys, tokens, scopes."""
