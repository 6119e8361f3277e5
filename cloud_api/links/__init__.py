"""What the holder of a lease tells of its events, so that another device can go on."""
