"""Origins as JSON: they lie in several tables."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from connectors.vocabulary.sessions import Origin
from sync_agent.engine.values import GROUPS, FieldGroup


def origin_to_json(origin: Origin) -> dict[str, str]:
    """Spell one origin."""
    return {
        "who": origin.who,
        "device": origin.device,
        "side": origin.side,
        "since": origin.since.isoformat(),
        "until": origin.until.isoformat(),
    }


def origin_from_json(raw: Mapping[str, str]) -> Origin:
    """Read what `origin_to_json` wrote."""
    return _origin(raw["who"], raw["device"], raw["side"], raw["since"], raw["until"])


# What a person made in one go has one origin in all its groups.
@lru_cache(maxsize=1024)
def _origin(who: str, device: str, side: str, since: str, until: str) -> Origin:
    return Origin(who, device, side, datetime.fromisoformat(since), datetime.fromisoformat(until))


def origins_to_json(origins: Mapping[FieldGroup, Origin]) -> dict[str, Any]:
    """Spell the origins of a session: what a person made in one go once, under the names of all its groups.

    Each under its own name, they would be most of what is stored of a session.
    """
    groups: dict[Origin, list[str]] = {}
    for group, origin in origins.items():
        groups.setdefault(origin, []).append(group.value)
    return {" ".join(sorted(names)): origin_to_json(origin) for origin, names in groups.items()}


class StoredOrigins(Mapping[FieldGroup, Origin]):
    """The origins of a session as they are stored; read when somebody asks.

    Nobody does for a session that nobody edited, and reading them takes as long as all the rest of it.
    """

    __slots__ = ("_read", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._read: dict[FieldGroup, Origin] | None = None

    def _all(self) -> dict[FieldGroup, Origin]:
        if self._read is None:
            spelled = json.loads(self._text).items()
            read = [(names, origin_from_json(raw)) for names, raw in spelled]
            self._read = {GROUPS[name]: origin for names, origin in read for name in names.split(" ")}
        return self._read

    def __getitem__(self, group: FieldGroup) -> Origin:
        return self._all()[group]

    def __iter__(self) -> Iterator[FieldGroup]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __repr__(self) -> str:
        return repr(dict(self))
