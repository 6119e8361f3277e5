"""A believable year of tutoring, the same for the same seed and date."""
