"""The background agent: its rhythm, its log, its process."""
