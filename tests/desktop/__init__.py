"""The tray app, looked at from outside: presenters by values, windows offscreen, the whole on a virtual desktop."""
