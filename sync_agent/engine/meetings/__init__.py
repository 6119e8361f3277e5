"""Meetings: every online session gets exactly one; it follows the session and goes when that is cancelled."""
