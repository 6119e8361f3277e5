"""CalDAV (RFC 4791, 6578, 6764) on our own transport: one account, its calendars, read and written."""
