"""The client of our own cloud API: an agency's platform, seen from a tutor's device."""
