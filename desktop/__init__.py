"""The tray app: tray icon, windows and notifications. Talks to the agent over its local API and to nothing else.

Holds no state of record: what it shows is what the agent told it last, and killing it loses nothing.
"""
