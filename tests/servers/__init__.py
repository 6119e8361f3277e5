"""Servers on loopback that the tests and yardsticks talk to: in memory, counting, failing on demand."""
