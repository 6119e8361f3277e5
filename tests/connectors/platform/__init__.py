"""The platform client against the real API."""
