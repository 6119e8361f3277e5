"""The agent's local API: one table of routes, answered over a socket or in the same process."""
