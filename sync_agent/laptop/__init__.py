"""What makes a laptop program of the engine: profile, vault, scheduler, health, local API, command line."""
