"""What a pass may touch when it plans: whom it heard of, and what another device looks after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync_agent.engine.naming import Naming


@dataclass(frozen=True, slots=True)
class Reach:
    """What this pass may touch.

    Attributes:
        naming: of UIDs and markers.
        answering: accounts that answered in this pass; only they are written to.
        complete: accounts of which all calendars were read in this pass; only there absence is believed.
        elsewhere: calendars that another device looks after; nothing is planned there, and nothing said there counts.
        asks: of two versions the tutor chooses.
        run: names this pass, so that all it took over can be taken back at once.
        read: calendars read in this pass, as of when: nothing is missing from one before the account's others were read
            since, because it may have been moved there.
    """

    naming: Naming
    answering: frozenset[str]
    complete: frozenset[str]
    elsewhere: frozenset[str] = frozenset()
    asks: bool = False
    run: str = ""
    read: Mapping[str, datetime] = field(default_factory=dict)
