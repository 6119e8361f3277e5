"""Calendars published as one file (RFC 5545): read only, polled with conditional requests."""
