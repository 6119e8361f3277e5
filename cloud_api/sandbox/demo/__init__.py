"""The demo: the whole house on loopback in a throwaway profile, and a story that is read back from outside.

Starts every program as a process and speaks to the outside systems over their own protocols; knows no agent code.
"""
