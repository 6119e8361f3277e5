"""Notifications: one bubble for all double bookings, with buttons, straight from the desktop's notification service."""
