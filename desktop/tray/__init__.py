"""The icon in the panel: its state, its menu, and what to do where there is no panel for it."""
