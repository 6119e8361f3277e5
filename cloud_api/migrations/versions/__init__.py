"""One revision per change."""
