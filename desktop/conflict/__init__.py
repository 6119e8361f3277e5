"""The double-booking window: both sides, five free slots, what will be written where, and undo."""
