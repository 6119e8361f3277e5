"""How much of a calendar is read. Nobody has more; whoever publishes more must not stop the one who reads it.

Together with the limit on a file's size (20 MB), they keep reading any file below twenty seconds and a gibibyte:
`python -m tests.engine.samples.hostile` measures it with files that were made to be slow.
"""

from __future__ import annotations

MOST_EVENTS = 30_000
"""In a feed."""

MOST_VERSIONS = 5_000
"""Events in one object: a series with that many moved instances."""

MOST_DATES = 10_000
"""EXDATEs, and RDATEs, of one series."""

MOST_RULES = 10
"""RRULEs of one event; the standard has one."""

MOST_OBJECT_LETTERS = 8_000_000
"""In one object of a server."""

MOST_DEFINITION_LETTERS = 65_536
"""In one VTIMEZONE: with every change of a hundred years it has a third of that."""

MOST_ID_LETTERS = 1_000
"""In a UID; a longer one is known by its hash."""

MOST_PARAMETER_LETTERS = 4_000
"""Before a value. Looking for a name in a megabyte without "=" takes the square of its length."""

MOST_SEARCHED_ZONES = 300
"""Made-up zones, for each year, that are compared with all known ones in one reading; others are taken as they are."""

MOST_DEFINED_ZONES = 3_000
"""Definitions, for each year, that are worked out in one reading."""
