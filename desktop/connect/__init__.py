"""The connect dialog: look first, then choose, see what the first write would do, and only then write."""
