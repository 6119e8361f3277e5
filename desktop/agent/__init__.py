"""Everything between the tray app and the agent: its documents, its address, requests, events and its process."""
