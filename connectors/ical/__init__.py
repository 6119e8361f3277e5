"""iCalendar (RFC 5545), shared by the families that speak it: read fast, write without touching what is not ours."""
