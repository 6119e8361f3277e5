"""The Developer API: a program of its own on a machine of its own."""
