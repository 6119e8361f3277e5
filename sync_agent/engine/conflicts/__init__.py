"""Double bookings: what overlaps, where a session could go instead, and why. Pure."""
