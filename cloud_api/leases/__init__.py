"""Which of a tutor's devices may write to a calendar, until when, and how often that changed."""
