"""Busy time: what foreign events, repeating ones included, take of the tutor's hours. Pure."""
