"""What a person does: add, change, cancel, resolve, undo, answer, connect; each one unit of work with its log entry."""
