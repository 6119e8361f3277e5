"""Mutants of merge: what is decided as one, and by whose clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from sync_agent.engine.session_fields import span_of, when_value
from sync_agent.engine.sync import plan, pull
from sync_agent.engine.sync.merge import Merged, Opinion
from tests.simulation.mutants.mutant import mutant, replaced


@mutant(
    20, "start and end merged apart", "start and end are decided as one: moved here and lengthened there must not mix"
)
def start_and_end_merged_apart() -> Iterator[None]:
    merge = plan.merge

    def apart(hub: str, origin: Any, rank: Any, sides: Sequence[Opinion], **rest: Any) -> Merged:
        merged = merge(hub, origin, rank, sides, **rest)
        if not merged.lost or not _is_when(merged.value):
            return merged
        won, lost = span_of(merged.value), span_of(merged.lost[0].value)
        agreed = next((span_of(one.base.hub) for one in sides if one.base is not None and one.base.hub), won)
        if lost.duration == agreed.duration or won.duration != agreed.duration:
            return merged
        # Moved by the one, lengthened by the other: each keeps "its" half.
        mixed = when_value(replace(won, duration=lost.duration))
        return replace(
            merged,
            value=mixed,
            taken_from=merged.taken_from or sides[0].side,
            to_write=tuple(one.side for one in sides),
        )

    with replaced(plan, merge=apart):
        yield


def _is_when(value: str) -> bool:
    return value.startswith("{") and '"seconds"' in value


@mutant(
    21, "newest by the object's stamp", "each value has the interval of its own edit; an object's stamp speaks of any"
)
def newest_by_the_stamp() -> Iterator[None]:
    seen = pull.seen

    def stamped(item: Any, before: Any, link: Any, look: Any) -> dict[str, Any]:
        found = seen(item, before, link, look)
        if before is not None and before.etag != item.etag and found:
            now = look.at.isoformat()
            found = {**found, "groups": {name: [said[0], now, now] for name, said in found["groups"].items()}}
        return found

    with replaced(pull, seen=stamped):
        yield
