"""Qt only: tray, windows, notifications. Talks to the agent over its local API and to nothing else."""
