"""The peers: programs that do the same work by other means."""
