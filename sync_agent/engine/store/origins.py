"""Origins as JSON: they lie in several tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.vocabulary.sessions import Origin
from sync_agent.engine.values import FieldGroup


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
    return Origin(
        who=raw["who"],
        device=raw["device"],
        side=raw["side"],
        since=datetime.fromisoformat(raw["since"]),
        until=datetime.fromisoformat(raw["until"]),
    )


def origins_to_json(origins: Mapping[FieldGroup, Origin]) -> dict[str, Any]:
    """Spell the origins of a session."""
    return {group.value: origin_to_json(origin) for group, origin in origins.items()}


def origins_from_json(raw: Mapping[str, Any]) -> dict[FieldGroup, Origin]:
    """Read the origins of a session."""
    return {FieldGroup(group): origin_from_json(origin) for group, origin in raw.items()}
