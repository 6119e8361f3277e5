"""A session's values and what they are of, in words."""

from __future__ import annotations

import json

from sync_agent.engine.session_fields import span_of
from sync_agent.engine.values import FieldGroup
from sync_agent.engine.words import when_words

_GROUPS = {
    FieldGroup.WHEN: "time",
    FieldGroup.WHERE: "place",
    FieldGroup.STATUS: "state",
    FieldGroup.CHARGEABLE: "whether it is charged",
}


def group_words(group: FieldGroup) -> str:
    """Name a field group as a tutor does."""
    return _GROUPS.get(group, group.value)


def value_words(group: FieldGroup, value: str | None) -> str:
    """Say one value of a group."""
    if value is None:
        return "nothing"
    match group:
        case FieldGroup.WHEN:
            return when_words(span_of(value))
        case FieldGroup.WHERE:
            return value if not value.startswith("{") else _where(value)
        case _:
            return f"“{value}”" if value else "nothing"


def _where(value: str) -> str:
    raw = json.loads(value)
    return str(raw["place"]) or ("online" if raw["online"] else "no place")
