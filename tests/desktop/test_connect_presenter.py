"""The connect dialog without a dialog: looking first, what is typed wrong, the vault, and the first write."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desktop.agent.documents import NO_ANSWER, AgentProblem
from desktop.connect.form import Field, Form, Provider, field_of, missing
from desktop.connect.presenter import BUSY, SESSIONS, ConnectPresenter, Screen, Step
from desktop.words.translation import in_english
from tests.desktop.asked import AskedAgent
from tests.desktop.world import a_calendar, an_account, found

FORM = Form(Provider.CALDAV, "cloud.example.org", "ana", "a-planted-secret")
FOUND = [found("Lessons", "sessions"), found("Private", "busy"), found("Holidays", "busy", access="read")]


class Dialog:
    """A presenter and the agent that it asks."""

    def __init__(self) -> None:
        self.agent = AskedAgent()
        self.shown: list[Screen] = []
        self.presenter = ConnectPresenter(self.agent, in_english, self.shown.append)

    @property
    def screen(self) -> Screen:
        return self.presenter.screen

    def look(self, form: Form = FORM) -> None:
        """Look, and find three calendars."""
        self.presenter.look(form)
        self.agent.last.answer({"identity": {}, "found": FOUND})

    def connect(self, *, vault: str = "open") -> None:
        """Ask to connect, with the vault in some state."""
        self.presenter.connect()
        self.agent.last.answer({"vault": {"state": vault}})

    def add(self, *roles: str) -> None:
        """Let the agent keep the account."""
        calendars = [a_calendar(f"cal-{n}", f"Calendar {n}", role) for n, role in enumerate(roles)]
        self.agent.last.answer({"account": an_account("acc-1", "Home", "caldav", calendars)})


@pytest.fixture
def dialog() -> Dialog:
    return Dialog()


def test_looking_stores_nothing(dialog: Dialog) -> None:
    """The first request only looks; what it found is offered with what it is likely for."""
    dialog.look()

    assert [request.path for request in dialog.agent.requests] == ["/v1/accounts/look"]
    assert dialog.screen.step is Step.CALENDARS
    assert [one.role for one in dialog.screen.choices] == ["sessions", "busy", "busy"]


@pytest.mark.parametrize(
    ("form", "wrong"),
    [
        pytest.param(replace(FORM, url=" "), {Field.URL}, id="no address"),
        pytest.param(replace(FORM, username="", password=""), {Field.USERNAME, Field.PASSWORD}, id="nobody"),
        pytest.param(Form(Provider.ICS, url=""), {Field.URL}, id="a feed without a link"),
    ],
)
def test_bad_input_what_is_missing_is_said_beside_its_field(dialog: Dialog, form: Form, wrong: set[Field]) -> None:
    """Nothing is asked of anybody before it can lead somewhere."""
    dialog.presenter.look(form)

    assert set(dialog.screen.errors) == wrong
    assert dialog.agent.requests == []


def test_a_feed_needs_no_name_and_no_password() -> None:
    """Whoever has the link reads it."""
    form = Form(Provider.ICS, "https://school.example/a.ics")

    assert missing(form, in_english) == {}
    assert form.body() == {"provider": "ics", "url": "https://school.example/a.ics"}


@pytest.mark.parametrize(
    ("code", "field"),
    [
        ("connection.unknown_host", Field.URL),
        ("connection.not_a_calendar_server", Field.URL),
        ("connection.certificate", Field.URL),
        ("feed.broken", Field.URL),
        ("connection.sign_in_refused", Field.PASSWORD),
        ("vault.wrong_passphrase", Field.PASSPHRASE),
        ("store.full", None),
        (NO_ANSWER, None),
    ],
)
def test_bad_input_a_refusal_stands_beside_what_it_is_about(code: str, field: Field | None) -> None:
    """A full disk is about no field."""
    assert field_of(AgentProblem(code, "No.")) is field


def test_bad_input_a_wrong_password_keeps_what_was_typed(dialog: Dialog) -> None:
    """One more try is one more word, not four."""
    dialog.presenter.look(FORM)
    dialog.agent.last.refuse(AgentProblem("connection.sign_in_refused", "It does not accept the password."))

    assert dialog.screen.errors == {Field.PASSWORD: "It does not accept the password."}
    assert dialog.screen.form == FORM
    assert dialog.screen.waiting == ""


def test_a_private_address_has_to_be_allowed_by_hand(dialog: Dialog) -> None:
    """Only then the tick box is there; what is ticked is sent."""
    dialog.presenter.look(FORM)
    assert not dialog.screen.is_private
    dialog.agent.last.refuse(AgentProblem("connection.private_address", "It leads into a private network."))

    assert dialog.screen.is_private
    dialog.presenter.look(replace(FORM, allow_private=True))
    assert dialog.agent.last.body is not None
    assert dialog.agent.last.body["allow_private"] is True


def test_who_stops_waiting_is_not_overtaken_by_the_answer(dialog: Dialog) -> None:
    """The slow server answers after all, while the address is being mended."""
    dialog.presenter.look(FORM)
    late = dialog.agent.last
    dialog.presenter.cancel_waiting()

    late.answer({"found": FOUND})

    assert dialog.screen.step is Step.ADDRESS
    assert dialog.screen.waiting == ""


def test_sessions_go_into_one_calendar_only(dialog: Dialog) -> None:
    """Another one is chosen for them: the first counts as busy from then on."""
    dialog.look()
    private = dialog.screen.choices[1].calendar.remote_id

    dialog.presenter.choose_role(private, SESSIONS)

    assert [one.role for one in dialog.screen.choices] == [BUSY, SESSIONS, BUSY]


def test_nothing_can_be_written_into_a_calendar_that_is_read_only(dialog: Dialog) -> None:
    """It is not offered, and not taken if it is asked for all the same."""
    dialog.look()
    holidays = dialog.screen.choices[2]

    dialog.presenter.choose_role(holidays.calendar.remote_id, "block")

    assert holidays.roles == ("busy", "ignore")
    assert dialog.screen.choices[2].role == BUSY


@pytest.mark.parametrize(("state", "is_new"), [("absent", True), ("locked", False)])
def test_a_closed_vault_is_asked_for_before_the_password_is_kept(dialog: Dialog, state: str, is_new: bool) -> None:
    """It is never kept in the clear, not even for a moment."""
    dialog.look()
    dialog.connect(vault=state)

    assert dialog.screen.step is Step.VAULT
    assert dialog.screen.vault_is_new is is_new
    assert "/v1/accounts" not in [request.path for request in dialog.agent.requests]


def test_bad_input_a_new_passphrase_is_typed_twice(dialog: Dialog) -> None:
    """A slip in a passphrase that nobody can see would lock everything."""
    dialog.look()
    dialog.connect(vault="absent")

    dialog.presenter.open_vault("", "")
    assert set(dialog.screen.errors) == {Field.PASSPHRASE}
    dialog.presenter.open_vault("correct horse", "correct hores")
    assert set(dialog.screen.errors) == {Field.REPEATED}
    dialog.presenter.open_vault("correct horse", "correct horse")

    assert dialog.agent.last.body == {"passphrase": "correct horse"}


def test_for_this_session_only(dialog: Dialog) -> None:
    """No passphrase today."""
    dialog.look()
    dialog.connect(vault="absent")
    dialog.presenter.keep_for_session_only()
    assert dialog.agent.last.body == {"session_only": True}
    dialog.agent.last.answer({"vault": {"state": "session_only"}})

    assert dialog.agent.last.path == "/v1/accounts"


def test_nothing_is_written_before_the_figures_were_agreed_to(dialog: Dialog) -> None:
    """34 would be added, 3 changed: then "Write now" says yes, also to the question that the agent asked meanwhile."""
    dialog.look()
    dialog.connect()
    body = dialog.agent.last.body
    assert body is not None
    assert body["roles"] == {one["remote_id"]: one["suggested_role"] for one in FOUND}
    assert "confirmed" not in body
    dialog.add("sessions", "busy")
    assert dialog.agent.last.path == "/v1/calendars/cal-0/dry-run"
    dialog.agent.last.answer({"calendar": "cal-0", "add": 34, "change": 3, "delete": 0})
    assert dialog.screen.step is Step.SUMMARY

    dialog.presenter.write()
    assert (dialog.agent.last.method, dialog.agent.last.path) == ("PATCH", "/v1/calendars/cal-0")
    assert dialog.agent.last.body == {"role": "sessions", "confirmed": True}
    dialog.agent.last.answer({})
    mine = {"id": "q-1", "kind": "first_write", "text": "", "targets": ["cal-0"]}
    other = {"id": "q-2", "kind": "first_write", "text": "", "targets": ["cal-9"]}
    dialog.agent.last.answer({"questions": [mine, other]})
    assert dialog.agent.last.path == "/v1/questions/q-1/answer"
    dialog.agent.last.answer({})
    assert dialog.agent.last.path == "/v1/sync"
    dialog.agent.last.answer({"started": True})

    assert dialog.screen.step is Step.DONE


def test_not_yet_leaves_the_calendar_unwritten(dialog: Dialog) -> None:
    """The account stays, and the agent goes on to ask."""
    dialog.look()
    dialog.connect()
    dialog.add("sessions")
    dialog.agent.last.answer({"add": 34, "change": 0, "delete": 0})
    asked = len(dialog.agent.requests)

    dialog.presenter.write_later()

    assert dialog.screen.step is Step.DONE
    assert len(dialog.agent.requests) == asked


def test_a_feed_has_no_first_write(dialog: Dialog) -> None:
    """There is nothing to agree to: it is read at once."""
    dialog.look()
    dialog.connect()
    dialog.add("busy")

    assert dialog.agent.last.path == "/v1/sync"


def test_the_password_is_forgotten_when_it_has_done_its_work(dialog: Dialog) -> None:
    """It is in no field any more, and never in a repr."""
    assert "a-planted-secret" not in repr(FORM)
    dialog.look()
    dialog.connect()
    dialog.add("busy")

    assert dialog.screen.form.password == ""


def test_an_account_without_calendars_says_so(dialog: Dialog) -> None:
    """A server that was set up this morning."""
    dialog.presenter.look(FORM)
    dialog.agent.last.answer({"found": []})

    assert dialog.screen.step is Step.ADDRESS
    assert "no calendar" in dialog.screen.trouble
