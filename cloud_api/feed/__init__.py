"""What changed, in order, for devices that were away."""
