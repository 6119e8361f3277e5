"""Tutoring sessions: read, made, changed, cancelled."""
