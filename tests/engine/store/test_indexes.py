"""What is asked in every pass, or about many sessions at once, is answered from an index, however much is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from sqlalchemy.dialects import sqlite

from sync_agent.engine import store
from sync_agent.engine.store.asked import Asked
from sync_agent.engine.store.database import open_file

_GROWING = {"link", "link_base", "remote_obj", "session", "session_student", "intent", "busy", "series_src", "conflict"}
_PARTS = {"ix_remote_obj_refetch", "uq_intent_obj_key_unsettled"}
"""Indexes of the few rows that are meant: all of such a one is little."""

_SELDOM = {"journal._WRITES"}
"""Asked only about an event that arrived late and was edited there and here."""

_IN = re.compile(r"\(__\[POSTCOMPILE_\w+\]\)")
_LISTED = 64


def _asked() -> Iterator[tuple[str, Asked]]:
    for found in iter_modules(store.__path__):
        if found.ispkg:
            continue
        module = import_module(f"{store.__name__}.{found.name}")
        for name, value in vars(module).items():
            if isinstance(value, Asked):
                yield f"{found.name}.{name}", value
            if isinstance(value, type) and value.__module__ == module.__name__ and name.endswith("Store"):
                of_owner = value("me") if name not in {"Store", "FactStore", "StartStore"} else None
                yield from (
                    (f"{name}.{own}", one) for own, one in vars(of_owner or value).items() if isinstance(one, Asked)
                )


@pytest.mark.parametrize("count", [1, _LISTED])
def test_no_table_that_grows_is_gone_through(count: int, tmp_path: Path) -> None:
    """However many are asked for at once. The database has no statistics: nobody made any."""
    engine = open_file(tmp_path / "store.db")
    scans = set()
    with engine.connect() as connection:
        for name, one in dict(_asked()).items():
            text = str(one.statement.compile(dialect=sqlite.dialect()))
            text = _IN.sub(f"({','.join('?' * count)})", text)
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", (None,) * text.count("?"))
            for how in (row[3] for row in rows):
                scanned = re.fullmatch(r"SCAN (\w+?)(_\d+)?( .*)?", how)
                if scanned and scanned[1] in _GROWING and not any(part in how for part in _PARTS):
                    scans.add(name)
    engine.dispose()

    assert scans == _SELDOM
