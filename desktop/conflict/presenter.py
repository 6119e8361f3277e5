"""What happens in the double-booking window: asks the agent, keeps what is chosen, says what is shown. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from desktop.agent.documents import Activity, AgentProblem, Conflict, Coverage, Effect, Json, Slot, many
from desktop.conflict.cards import (
    ConflictCard,
    ListEntry,
    PreviewCard,
    SlotCard,
    conflict_card,
    list_entry,
    preview_card,
    slot_card,
)
from desktop.conflict.decision import Action, Decision, possible_actions
from desktop.words.problems import problem_words

if TYPE_CHECKING:
    from desktop.agent.port import Agent
    from desktop.words.translation import Translate

UNDO_FOR = timedelta(minutes=10)
_SLOTS = 5
_CONTEXT = "ConflictWindow"


@dataclass(frozen=True, slots=True)
class Settled:
    """A double booking that was just settled here.

    Attributes:
        words: what was done.
        activity: what an undo names; "" where nothing can be undone any more.
    """

    conflict: str
    words: tuple[str, ...]
    activity: str
    undo_until: datetime


@dataclass(frozen=True, slots=True)
class Screen:
    """All that the window shows.

    Attributes:
        entries: all open double bookings; `card` is the one that is open, or None.
        slots: None while they are looked for.
        preview: None while it is made, or where something is still to be chosen.
        is_busy: the decision is being carried out.
        trouble: what went wrong, "" if nothing did.
        settled: instead of a card, after a decision.
        is_loading: nothing was read yet.
        unchecked: which calendars could not be looked at, "" if all were.
    """

    entries: tuple[ListEntry, ...] = ()
    card: ConflictCard | None = None
    actions: tuple[Action, ...] = ()
    decision: Decision | None = None
    slots: tuple[SlotCard, ...] | None = None
    chosen_slot: int | None = None
    preview: PreviewCard | None = None
    is_busy: bool = False
    trouble: str = ""
    settled: Settled | None = None
    is_loading: bool = True
    unchecked: str = ""

    @property
    def can_apply(self) -> bool:
        """The decision is whole, and its outcome is on screen."""
        ready = self.decision is not None and self.decision.is_complete and self.preview is not None
        return ready and not self.is_busy and self.settled is None


class ConflictPresenter:
    """Leads through one double booking after the other."""

    def __init__(
        self, agent: Agent, translate: Translate, clock: Callable[[], datetime], show: Callable[[Screen], None]
    ) -> None:
        """Show nothing yet.

        Args:
            agent: answers later.
            translate: gives the user's language.
            clock: this instant, with a zone.
            show: is given the whole screen whenever something of it changed.
        """
        self._agent, self._translate, self._clock, self._show = agent, translate, clock, show
        self._open: tuple[Conflict, ...] = ()
        self._slots: tuple[Slot, ...] = ()
        self._wanted: str | None = None
        self._asked = 0
        self._applies_when_known = False
        self.screen = Screen()

    def show_conflict(self, conflict: str | None) -> None:
        """Show this one, or the next that is open."""
        self._wanted = conflict
        self._set(replace(self.screen, settled=None, trouble=""))
        self.refresh()

    def refresh(self) -> None:
        """Read anew which double bookings are open."""
        self._agent.send("GET", "/v1/conflicts?state=open", None, self._on_conflicts, self._on_trouble)

    def step(self, by: int) -> None:
        """Go to the next (1) or the previous (-1) double booking."""
        if not self._open:
            return
        ids = [conflict.id for conflict in self._open]
        current = self.screen.card.id if self.screen.card else None
        at = ids.index(current) + by if current in ids else 0
        self.show_conflict(ids[at % len(ids)])

    def choose_action(self, action: Action) -> None:
        """Take another way out."""
        decision = self.screen.decision
        if decision is None or self.screen.is_busy or action not in self.screen.actions:
            return
        self._decide(replace(decision, action=action))

    def choose_slot(self, rank: int) -> None:
        """Move to that free slot."""
        slot = next((slot for slot in self._slots if slot.rank == rank), None)
        decision = self.screen.decision
        if slot is None or decision is None or self.screen.is_busy:
            return
        self._set(replace(self.screen, chosen_slot=rank))
        self._decide(replace(decision, action=Action.MOVE, start_wall=slot.start_wall))

    def choose_session(self, session: str) -> None:
        """Move or cancel that one of two sessions."""
        decision = self.screen.decision
        if decision is None or decision.session == session or self.screen.is_busy:
            return
        self._set(replace(self.screen, slots=None, chosen_slot=None, preview=None))
        self._decide(replace(decision, session=session, start_wall=""))
        self._ask_slots()

    def give_reason(self, reason: str) -> None:
        """Say why both may stay."""
        decision = self.screen.decision
        if decision is None or self.screen.is_busy or decision.reason == reason:
            return
        was_complete = decision.is_complete
        changed = replace(decision, reason=reason)
        if changed.is_complete and was_complete and self.screen.preview is not None:
            # What will be written does not depend on the words of the reason.
            self._set(replace(self.screen, decision=changed))
            return
        self._decide(changed)

    def apply(self) -> None:
        """Carry out what is chosen; where its outcome is still on the way, as soon as that is on screen."""
        screen = self.screen
        if screen.decision is not None and screen.decision.is_complete and screen.preview is None:
            # "3, Enter" is typed faster than the agent answers. Another choice forgets it.
            if screen.trouble:
                self._decide(screen.decision)
            self._applies_when_known = True
            return
        if not screen.can_apply or screen.card is None or screen.decision is None:
            return
        self._asked += 1
        asked, path = self._asked, f"/v1/conflicts/{quote(screen.card.id, safe='')}/resolve"
        self._set(replace(screen, is_busy=True, trouble=""))
        self._agent.send(
            "POST",
            path,
            screen.decision.body(dry_run=False),
            lambda answer: self._on_applied(asked, answer),
            self._on_trouble,
        )

    def undo(self) -> None:
        """Take back what was just done."""
        settled = self.screen.settled
        if settled is None or not settled.activity or self.screen.is_busy or self._clock() > settled.undo_until:
            return
        self._set(replace(self.screen, is_busy=True, trouble=""))
        self._agent.send(
            "POST",
            "/v1/undo",
            {"activity": settled.activity},
            lambda answer: self._on_undone(settled, answer),
            self._on_trouble,
        )

    def undo_ended(self) -> None:
        """The time for an undo is over."""
        settled = self.screen.settled
        if settled is not None and settled.activity and self._clock() >= settled.undo_until:
            self._set(replace(self.screen, settled=replace(settled, activity="")))

    def _set(self, screen: Screen) -> None:
        self.screen = screen
        self._show(screen)

    def _on_conflicts(self, answer: Json) -> None:
        self._open = many(Conflict.read, answer.get("conflicts"))
        entries = tuple(list_entry(conflict, self._translate) for conflict in self._open)
        unchecked = Coverage.read(answer.get("coverage")).missing
        screen = replace(self.screen, entries=entries, is_loading=False, trouble="", unchecked=unchecked)
        if screen.settled is not None or screen.is_busy:
            self._set(screen)
            return
        current = self._wanted or (screen.card.id if screen.card else None)
        chosen = next((one for one in self._open if one.id == current), self._open[0] if self._open else None)
        self._wanted = None
        if chosen is None:
            self._set(Screen(is_loading=False, unchecked=unchecked))
        elif screen.card is not None and screen.card.id == chosen.id and screen.decision is not None:
            self._set(replace(screen, card=conflict_card(chosen, self._clock(), self._translate)))
        else:
            self._begin(chosen, screen)

    def _begin(self, conflict: Conflict, screen: Screen) -> None:
        self._slots = ()
        # What is on its way belongs to the one before.
        self._asked += 1
        self._applies_when_known = False
        self._set(
            Screen(
                entries=screen.entries,
                unchecked=screen.unchecked,
                card=conflict_card(conflict, self._clock(), self._translate),
                actions=possible_actions(conflict),
                decision=Decision(Action.MOVE, conflict.sides[0].id),
                is_loading=False,
            )
        )
        self._ask_slots()

    def _ask_slots(self) -> None:
        card, decision = self.screen.card, self.screen.decision
        if card is None or decision is None:
            return
        query = urlencode({"session": decision.session, "count": _SLOTS})
        path = f"/v1/conflicts/{quote(card.id, safe='')}/suggestions?{query}"
        self._agent.send(
            "GET",
            path,
            None,
            lambda answer: self._on_slots(card.id, decision.session, answer),
            lambda problem: self._on_no_slots(card.id, problem),
        )

    def _on_slots(self, conflict: str, session: str, answer: Json) -> None:
        card, decision = self.screen.card, self.screen.decision
        if card is None or card.id != conflict or decision is None or decision.session != session:
            return
        self._slots = many(Slot.read, answer.get("suggestions"))
        self._set(replace(self.screen, slots=tuple(slot_card(slot, self._translate) for slot in self._slots)))
        if self._slots and decision.action is Action.MOVE and self.screen.chosen_slot is None:
            self.choose_slot(self._slots[0].rank)

    def _on_no_slots(self, conflict: str, problem: AgentProblem) -> None:
        if self.screen.card is not None and self.screen.card.id == conflict:
            self._set(replace(self.screen, slots=(), trouble=problem_words(problem, self._translate)))

    def _decide(self, decision: Decision) -> None:
        """Take a decision as chosen and ask what it would do."""
        card = self.screen.card
        self._asked += 1
        self._applies_when_known = False
        self._set(replace(self.screen, decision=decision, preview=None, trouble=""))
        if card is None or not decision.is_complete:
            return
        asked = self._asked
        self._agent.send(
            "POST",
            f"/v1/conflicts/{quote(card.id, safe='')}/resolve",
            decision.body(dry_run=True),
            lambda answer: self._on_preview(asked, answer),
            lambda problem: self._on_no_preview(asked, problem),
        )

    def _on_preview(self, asked: int, answer: Json) -> None:
        # An answer to an earlier choice must not stand beside a later one.
        if asked == self._asked:
            effects = many(Effect.read, answer.get("preview"))
            self._set(replace(self.screen, preview=preview_card(effects, self._translate)))
            if self._applies_when_known:
                self._applies_when_known = False
                self.apply()

    def _on_no_preview(self, asked: int, problem: AgentProblem) -> None:
        if asked == self._asked:
            self._applies_when_known = False
            self._on_trouble(problem)

    def _on_applied(self, asked: int, answer: Json) -> None:
        if asked != self._asked or self.screen.card is None:
            return
        done = many(Activity.read, answer.get("activity"))
        undoable = next((one.id for one in done if one.undoable), "")
        settled = Settled(
            conflict=self.screen.card.id,
            words=tuple(one.what for one in done),
            activity=undoable,
            undo_until=self._clock() + UNDO_FOR,
        )
        left = tuple(entry for entry in self.screen.entries if entry.id != settled.conflict)
        self._set(Screen(entries=left, settled=settled, is_loading=False, unchecked=self.screen.unchecked))
        self.refresh()

    def _on_undone(self, settled: Settled, answer: Json) -> None:
        refused = answer.get("refused") or ()
        if refused:
            words = " ".join(str(one.get("message", "")) for one in refused)
            self._set(replace(self.screen, is_busy=False, trouble=words))
            return
        self._set(replace(self.screen, is_busy=False))
        self.show_conflict(settled.conflict)

    def _on_trouble(self, problem: AgentProblem) -> None:
        words = problem_words(problem, self._translate)
        self._set(replace(self.screen, is_busy=False, is_loading=False, trouble=words))
