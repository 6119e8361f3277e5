"""The auditor's room, empty so far: it will read both sides afresh and share no code with the engine."""
