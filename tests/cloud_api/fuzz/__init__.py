"""Schemathesis against the running API, in an environment of its own (its dependencies clash with nobody's there)."""
