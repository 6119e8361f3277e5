"""The words that every connector answers in: frozen values, errors, Protocols. Pure: no network, no store."""
