"""Laptops of tutors: paired once, then a client of their own."""
