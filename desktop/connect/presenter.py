"""What happens in the connect dialog, step by step. No Qt; the agent does the work and answers later."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import TYPE_CHECKING
from urllib.parse import quote

from desktop.agent.documents import Account, AgentProblem, Calendar, DryRun, FoundCalendar, Json, Question, many
from desktop.connect.form import Field, Form, field_of, missing, wrong_passphrase
from desktop.words.problems import problem_words

if TYPE_CHECKING:
    from desktop.agent.port import Agent
    from desktop.words.translation import Translate

SESSIONS, BUSY, BLOCK, IGNORE = "sessions", "busy", "block", "ignore"
_ABSENT, _LOCKED = "absent", "locked"
_PRIVATE = "connection.private_address"
_CONTEXT = "ConnectDialog"


class Step(Enum):
    """Where the dialog is."""

    ADDRESS = auto()
    CALENDARS = auto()
    VAULT = auto()
    SUMMARY = auto()
    DONE = auto()


@dataclass(frozen=True, slots=True)
class Choice:
    """A calendar that was found and what it is to be for."""

    calendar: FoundCalendar
    role: str

    @property
    def roles(self) -> tuple[str, ...]:
        """What it can be for: into one that is read only nothing can be written."""
        return (SESSIONS, BUSY, BLOCK, IGNORE) if self.calendar.writable else (BUSY, IGNORE)


@dataclass(frozen=True, slots=True)
class Screen:
    """All that the dialog shows.

    Attributes:
        errors: sentences beside their fields.
        trouble: a sentence that belongs to no field, "" if there is none.
        waiting: what is waited for, "" while nothing is.
        is_private: the address leads into a private network, which has to be allowed by hand.
        vault_is_new: a passphrase is made, not asked for.
        counts: what the first write would do; None: nothing will be written here.
    """

    step: Step = Step.ADDRESS
    form: Form = field(default_factory=Form)
    errors: Mapping[Field, str] = field(default_factory=dict)
    trouble: str = ""
    waiting: str = ""
    is_private: bool = False
    choices: tuple[Choice, ...] = ()
    vault_is_new: bool = True
    counts: DryRun | None = None
    account: str = ""


class ConnectPresenter:
    """Leads from an address to calendars that are kept in step."""

    def __init__(self, agent: Agent, translate: Translate, show: Callable[[Screen], None]) -> None:
        """Begin with the address.

        Args:
            agent: answers later.
            translate: gives the user's language.
            show: is given the whole screen whenever something of it changed.
        """
        self._agent, self._translate, self._show = agent, translate, show
        self._attempt = 0
        self._written: tuple[Calendar, ...] = ()
        self._connected = ""
        self.screen = Screen()

    def look(self, form: Form) -> None:
        """Sign in and see which calendars there are. Stores nothing."""
        if self.screen.waiting:
            return
        lacking = missing(form, self._translate)
        self._set(replace(self.screen, form=form, errors=lacking, trouble=""))
        if lacking:
            return
        self._wait(self._translate(_CONTEXT, "Looking for calendars …"))
        self._ask("POST", "/v1/accounts/look", form.body(), self._on_found)

    def cancel_waiting(self) -> None:
        """Stop waiting; whatever still comes is not listened to."""
        self._attempt += 1
        self._set(replace(self.screen, waiting=""))

    def choose_role(self, remote_id: str, role: str) -> None:
        """Say what a calendar is for; sessions are written into one only."""
        choices = []
        for one in self.screen.choices:
            if one.calendar.remote_id == remote_id and role in one.roles:
                choices.append(replace(one, role=role))
            elif role == SESSIONS and one.role == SESSIONS:
                choices.append(replace(one, role=BUSY))
            else:
                choices.append(one)
        self._set(replace(self.screen, choices=tuple(choices)))

    def back(self) -> None:
        """Return to the address; what was typed is still there."""
        if self.screen.step in (Step.CALENDARS, Step.VAULT) and not self.screen.waiting:
            step = Step.ADDRESS if self.screen.step is Step.CALENDARS else Step.CALENDARS
            self._set(replace(self.screen, step=step, errors={}, trouble=""))

    def connect(self) -> None:
        """Keep the account, after the vault is open."""
        if self.screen.waiting or self.screen.step not in (Step.CALENDARS, Step.VAULT):
            return
        self._wait(self._translate(_CONTEXT, "Looking whether your passwords can be kept …"))
        self._ask("GET", "/v1/vault", None, self._on_vault)

    def open_vault(self, passphrase: str, repeated: str) -> None:
        """Make or open the vault with a passphrase."""
        if self.screen.waiting:
            return
        is_new = self.screen.vault_is_new
        wrong = wrong_passphrase(passphrase, repeated, is_new=is_new, translate=self._translate)
        self._set(replace(self.screen, errors=wrong, trouble=""))
        if not wrong:
            self._wait(self._translate(_CONTEXT, "Opening the vault …"))
            self._ask("POST", "/v1/vault", {"passphrase": passphrase}, lambda _: self._add())

    def keep_for_session_only(self) -> None:
        """Keep secrets in memory until the agent ends."""
        if not self.screen.waiting:
            self._wait(self._translate(_CONTEXT, "Connecting …"))
            self._ask("POST", "/v1/vault", {"session_only": True}, lambda _: self._add())

    def write(self) -> None:
        """Agree to the first write."""
        if self.screen.waiting or self.screen.step is not Step.SUMMARY:
            return
        self._wait(self._translate(_CONTEXT, "Beginning to write …"))
        self._confirm(list(self._written))

    def write_later(self) -> None:
        """Leave the calendar unwritten; the agent goes on to ask."""
        if self.screen.step is Step.SUMMARY and not self.screen.waiting:
            self._set(replace(self.screen, step=Step.DONE))

    def _set(self, screen: Screen) -> None:
        self.screen = screen
        self._show(screen)

    def _wait(self, words: str) -> None:
        self._set(replace(self.screen, waiting=words, errors={}, trouble=""))

    def _ask(self, method: str, path: str, body: dict[str, object] | None, then: Callable[[Json], None]) -> None:
        self._attempt += 1
        attempt = self._attempt

        def answered(answer: Json) -> None:
            if attempt == self._attempt:
                then(answer)

        def refused(problem: AgentProblem) -> None:
            if attempt == self._attempt:
                self._on_problem(problem)

        self._agent.send(method, path, body, answered, refused)

    def _on_problem(self, problem: AgentProblem) -> None:
        words, at = problem_words(problem, self._translate), field_of(problem)
        screen = replace(self.screen, waiting="", is_private=problem.code == _PRIVATE or self.screen.is_private)
        vault_field = at in (Field.PASSPHRASE, Field.REPEATED)
        if at is None or (vault_field and screen.step is not Step.VAULT):
            self._set(replace(screen, trouble=words))
        elif vault_field:
            self._set(replace(screen, errors={at: words}))
        else:
            # The server's refusal belongs to what was typed first, wherever the dialog is by now.
            self._set(replace(screen, step=Step.ADDRESS, errors={at: words}))

    def _on_found(self, answer: Json) -> None:
        found = many(FoundCalendar.read, answer.get("found"))
        choices = tuple(Choice(one, one.suggested_role) for one in found)
        if not choices:
            words = self._translate(_CONTEXT, "That account has no calendar. Make one there, then look again.")
            self._set(replace(self.screen, waiting="", trouble=words))
            return
        self._set(replace(self.screen, step=Step.CALENDARS, waiting="", choices=choices))

    def _on_vault(self, answer: Json) -> None:
        state = str((answer.get("vault") or {}).get("state"))
        if state in (_ABSENT, _LOCKED):
            self._set(replace(self.screen, step=Step.VAULT, waiting="", vault_is_new=state == _ABSENT))
        else:
            self._add()

    def _add(self) -> None:
        self._wait(self._translate(_CONTEXT, "Connecting …"))
        roles = {one.calendar.remote_id: one.role for one in self.screen.choices}
        self._ask("POST", "/v1/accounts", {**self.screen.form.body(), "roles": roles}, self._on_added)

    def _on_added(self, answer: Json) -> None:
        account = Account.read(answer["account"])
        calendars = account.calendars or many(Calendar.read, answer.get("found"))
        self._connected = account.id
        # The password has done its work: it is not kept on screen.
        form = replace(self.screen.form, password="")
        self._written = tuple(one for one in calendars if one.role == SESSIONS)
        self._set(replace(self.screen, account=account.name, form=form))
        if not self._written:
            self._begin_sync()
            return
        self._wait(self._translate(_CONTEXT, "Working out what would be written …"))
        path = f"/v1/calendars/{quote(self._written[0].id, safe='')}/dry-run"
        self._ask("GET", path, None, self._on_counts)

    def _on_counts(self, answer: Json) -> None:
        self._set(replace(self.screen, step=Step.SUMMARY, waiting="", counts=DryRun.read(answer)))

    def _confirm(self, left: list[Calendar]) -> None:
        if not left:
            self._ask("GET", "/v1/questions?state=open", None, self._on_questions)
            return
        first, *rest = left
        path = f"/v1/calendars/{quote(first.id, safe='')}"
        self._ask("PATCH", path, {"role": SESSIONS, "confirmed": True}, lambda _: self._confirm(rest))

    def _on_questions(self, answer: Json) -> None:
        """The agent may have asked the same in the meantime: nobody has to answer it twice."""
        mine = {calendar.id for calendar in self._written}
        asked = [one for one in many(Question.read, answer.get("questions")) if one.kind == "first_write"]
        self._answer([one for one in asked if mine & set(one.targets)])

    def _answer(self, left: list[Question]) -> None:
        if not left:
            self._begin_sync()
            return
        first, *rest = left
        path = f"/v1/questions/{quote(first.id, safe='')}/answer"
        self._ask("POST", path, {"answer": "yes"}, lambda _: self._answer(rest))

    def _begin_sync(self) -> None:
        self._ask("POST", "/v1/sync", {"account": self._connected}, lambda _: self._on_begun())

    def _on_begun(self) -> None:
        self._set(replace(self.screen, step=Step.DONE, waiting=""))
