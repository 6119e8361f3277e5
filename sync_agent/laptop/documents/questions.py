"""What is asked, as a sentence and as buttons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sync_agent.engine.session_fields import span_of
from sync_agent.engine.values import FieldGroup, QuestionKind
from sync_agent.engine.words import at_words, lasting_words, listed, shape_words, when_words
from sync_agent.laptop.documents.times import instant
from sync_agent.laptop.documents.values import group_words, value_words

if TYPE_CHECKING:
    from sync_agent.engine.store.questions import Question


def question_document(question: Question, *, zone: str) -> dict[str, Any]:
    """Give **Question**."""
    return {
        "id": question.id,
        "kind": question.kind,
        "text": question_words(question),
        "opened_at": instant(question.opened, zone),
        "answer": question.answer,
        "answers": [{"answer": answer, "text": answer_words(question, answer)} for answer in question.answers],
        "targets": list(question.targets),
    }


def question_words(question: Question) -> str:
    """Say what is asked, and what each answer does."""
    words = _WORDS.get(question.kind)
    facts = question.facts
    return words(facts) if words else f"A decision is needed about {listed([str(value) for value in facts.values()])}."


def answer_words(question: Question, answer: str) -> str:
    """Say what one answer does, short enough for a button."""
    if question.kind == QuestionKind.TWO_VERSIONS:
        version = next(one for one in question.facts["versions"] if str(one["number"]) == answer)
        words = value_words(FieldGroup(question.facts["group"]), version["value"])
        return f"{answer}: {words if len(words) <= _LONGEST_BUTTON else words[: _LONGEST_BUTTON - 1] + '…'}"
    return _ANSWERS.get((question.kind, answer), answer.capitalize())


_ANSWERS: Mapping[tuple[str, str], str] = {
    (QuestionKind.MASS_DELETION, "yes"): "Yes, cancel them",
    (QuestionKind.MASS_DELETION, "no"): "No, bring them back",
    (QuestionKind.MASS_SHIFT, "yes"): "Yes, move them",
    (QuestionKind.MASS_SHIFT, "no"): "No, move them back",
    (QuestionKind.DELETIONS_TO_WRITE, "yes"): "Yes, take them out",
    (QuestionKind.DELETIONS_TO_WRITE, "no"): "No, bring them back",
    (QuestionKind.SHIFTS_TO_WRITE, "yes"): "Yes, move them",
    (QuestionKind.SHIFTS_TO_WRITE, "no"): "No, move them back",
    (QuestionKind.FIRST_WRITE, "yes"): "Yes, add them",
    (QuestionKind.FIRST_WRITE, "no"): "No, not yet",
    (QuestionKind.SHAPE, "yes"): "Yes, put it back",
    (QuestionKind.SHAPE, "no"): "No, let it go",
    (QuestionKind.MOVED_AWAY, "yes"): "Yes, leave it there",
    (QuestionKind.MOVED_AWAY, "no"): "No, make a new one",
    (QuestionKind.RESTORED, "yes"): "Yes, give it back",
    (QuestionKind.RESTORED, "no"): "No, stay cancelled",
    (QuestionKind.REPLACED, "fill"): "Fill it again",
    (QuestionKind.REPLACED, "stop"): "Stop using it",
    (QuestionKind.REPLACED, "cancel"): "Cancel the sessions",
    (QuestionKind.ADOPT, "yes"): "Yes, make it a session",
    (QuestionKind.ADOPT, "no"): "No, leave it",
    (QuestionKind.COPY, "yes"): "Yes, a copy",
    (QuestionKind.COPY, "no"): "No, on its own",
    (QuestionKind.LATE_EDITS, "yes"): "Yes, send them",
    (QuestionKind.LATE_EDITS, "no"): "No, drop them",
}

_LONGEST_BUTTON, _MOST_NAMED = 60, 3


_Facts = Mapping[str, Any]


def _mass_deletion(facts: _Facts) -> str:
    if facts.get("platform"):
        return (
            f"{facts['count']} of {facts['living']} sessions were cancelled on “{facts['calendar']}” at once. Is that "
            "meant? Yes cancels them here and in your calendars, no brings them back there."
        )
    return (
        f"{facts['count']} of {facts['living']} sessions vanished from “{facts['calendar']}” at once. Were they really "
        "deleted? Yes cancels these sessions, no puts their events back."
    )


def _mass_shift(facts: _Facts) -> str:
    return (
        f"{facts['count']} of {facts['living']} sessions were moved in “{facts['calendar']}” at once"
        f"{_shift_words(facts)}. Is that meant? Yes moves these sessions, no moves them back there."
    )


def _deletions_to_write(facts: _Facts) -> str:
    return (
        f"{facts['count']} of {facts['living']} sessions are about to be taken out of “{facts['calendar']}”, because "
        "they were cancelled elsewhere. Is that meant? Yes takes them out, no brings the sessions back."
    )


def _shifts_to_write(facts: _Facts) -> str:
    return (
        f"{facts['count']} of {facts['living']} sessions are about to be moved in “{facts['calendar']}”, because they "
        "were moved elsewhere. Is that meant? Yes moves them, no moves the sessions back."
    )


def _first_write(facts: _Facts) -> str:
    return f"{facts['count']} sessions will be added to “{facts['calendar']}” for the first time. Go ahead?"


def _shape(facts: _Facts) -> str:
    became = shape_words(facts["shape"])
    return (
        f"The event of “{facts['title']}” in “{facts['calendar']}” became {became}. Yes puts it back as it was, no "
        "lets it go its own way."
    )


def _moved_away(facts: _Facts) -> str:
    return (
        f"The event of “{facts['title']}” was moved from “{facts['calendar']}” to “{facts['to']}”, which is not for "
        f"sessions. Yes lets it live there, no makes a new one in “{facts['calendar']}”."
    )


def _restored(facts: _Facts) -> str:
    return (
        f"The event of “{facts['title']}” ({when_words(span_of(facts['when']))}) is in “{facts['calendar']}” again, "
        "although the session was cancelled. Give the session back? No leaves the event there, as an appointment like "
        "any other."
    )


def _replaced(facts: _Facts) -> str:
    return (
        f"The calendar “{facts['calendar']}” was removed on its server and made anew: none of the events of "
        f"{facts['count']} sessions is in it. Shall it be filled again, take no sessions any more, or were the "
        "sessions really meant to be cancelled?"
    )


def _two_versions(facts: _Facts) -> str:
    group = FieldGroup(facts["group"])
    versions = [f"{one['number']} is {_version_words(one, group, facts['zone'])}" for one in facts["versions"]]
    return (
        f"There are two versions of “{facts['title']}”, {group_words(group)}: {'; '.join(versions)}. Which one counts? "
        "What loses can be brought back."
    )


def _shift_words(facts: Mapping[str, Any]) -> str:
    """Say by how much all were moved, if all by the same: a mistaken time zone looks like that."""
    seconds = facts.get("shift_s")
    if not seconds:
        return ""
    return f", all by {lasting_words(timedelta(seconds=abs(seconds)))} {'later' if seconds > 0 else 'earlier'}"


def _version_words(version: Mapping[str, Any], group: FieldGroup, zone: str) -> str:
    origin = version["origin"]
    who = origin["who"] or ("" if version["where"] else "somebody")
    made = [
        who,
        f"in “{version['where']}”" if version["where"] else "",
        at_words(datetime.fromisoformat(origin["until"]), zone),
    ]
    return f"{value_words(group, version['value'])} ({', '.join(filter(None, made))})"


def _late_edits(facts: Mapping[str, Any]) -> str:
    edits = list(facts["edits"].values())
    named = [f"“{edit['title']}” ({_edit_words(edit)})" for edit in edits[:_MOST_NAMED]]
    more = len(edits) - len(named)
    named += [f"{more} more"] if more else []
    what = "1 change" if len(edits) == 1 else f"{len(edits)} changes"
    return (
        f"{what} could not reach {facts['account']} in time: {listed(named)}. The session has passed meanwhile, or the "
        "change is more than a week old. Send it now? No makes it here what it still is there."
    )


def _edit_words(edit: Mapping[str, Any]) -> str:
    match edit["verb"]:
        case "delete":
            return "cancelled"
        case "create":
            return "added"
        case _:
            return listed([group_words(FieldGroup(group)) for group in edit["groups"]])


def _adopt(facts: _Facts) -> str:
    return f"The event “{facts['title']}” in “{facts['calendar']}” is to become a session. Go ahead?"


def _copy(facts: _Facts) -> str:
    copies = facts["copies"]
    named = [f"“{one['title']}” ({one['when']})" for one in copies[:_MOST_NAMED]]
    if len(copies) == 1:
        return (
            f"{named[0]} in “{facts['calendar']}” has the same title and time as a session of yours. Is it a copy? Yes "
            "means that it does not take your time, no that it is an appointment of its own."
        )
    named += [f"{len(copies) - len(named)} more"] if len(copies) > len(named) else []
    return (
        f"{listed(named)} in “{facts['calendar']}” have the same titles and times as sessions of yours. Are they "
        "copies? Yes means that they do not take your time, no that they are appointments of their own."
    )


_WORDS: Mapping[str, Callable[[_Facts], str]] = {
    QuestionKind.MASS_DELETION: _mass_deletion,
    QuestionKind.MASS_SHIFT: _mass_shift,
    QuestionKind.DELETIONS_TO_WRITE: _deletions_to_write,
    QuestionKind.SHIFTS_TO_WRITE: _shifts_to_write,
    QuestionKind.LATE_EDITS: _late_edits,
    QuestionKind.FIRST_WRITE: _first_write,
    QuestionKind.SHAPE: _shape,
    QuestionKind.MOVED_AWAY: _moved_away,
    QuestionKind.RESTORED: _restored,
    QuestionKind.REPLACED: _replaced,
    QuestionKind.TWO_VERSIONS: _two_versions,
    QuestionKind.ADOPT: _adopt,
    QuestionKind.COPY: _copy,
}
