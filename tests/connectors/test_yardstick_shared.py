"""The yardstick's corpus through the scanner and the feed: everything is read, fast enough, and nothing is lost."""

from __future__ import annotations

import importlib.util
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from connectors.ical.feed import take_apart
from connectors.ical.scan import read_object
from connectors.ical.write import patched
from connectors.vocabulary.events import OwnFields
from tests.connectors.test_ical_write import NOW, content_lines

if TYPE_CHECKING:
    from connectors.vocabulary.events import Event

_CORPUS = Path(__file__).resolve().parents[3] / "shared" / "bench" / "sync" / "corpus.py"
_SIZE = 1500
_MOST_CPU_S = 0.5  # for these; 10,000 take about as long on a quiet machine (measured: 0.45 s for 14.8 MB)


@pytest.fixture(scope="module")
def corpus() -> ModuleType:
    spec = importlib.util.spec_from_file_location("yardstick_corpus", _CORPUS)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def texts(corpus: ModuleType) -> list[str]:
    return [text for _, _, text in corpus.objects(_SIZE)]


def test_every_object_is_read_and_holds_what_was_put_into_it(texts: list[str]) -> None:
    read = [read_object(text) for text in texts]

    assert sum(len(events) for events in read) == sum(text.count("BEGIN:VEVENT") for text in texts)
    assert sum(events[0].is_recurring for events in read) == sum("RRULE:FREQ" in _event_part(text) for text in texts)
    assert {event.start.zone for events in read for event in events if event.start.zone} >= {
        "Europe/Berlin",
        "America/New_York",
        "Asia/Kolkata",
    }
    assert all(event.duration.total_seconds() > 0 for events in read for event in events)


def _event_part(text: str) -> str:
    return text[text.index("BEGIN:VEVENT") :]


def test_scanning_is_cheap(texts: list[str]) -> None:
    begun = time.process_time()

    for text in texts:
        read_object(text)

    assert time.process_time() - begun < _MOST_CPU_S


def test_as_one_feed_the_events_are_the_same(corpus: ModuleType, texts: list[str]) -> None:
    feed = take_apart(corpus.feed(_SIZE))
    events: dict[str, tuple[Event, ...]] = {one.key: read_object(one.text) for one in feed.objects}

    assert events == {read[0].uid: read for read in map(read_object, texts)}


def test_a_patch_of_any_of_them_changes_one_field(texts: list[str]) -> None:
    for text in texts[::10]:
        changed = patched(text, OwnFields(location="Elsewhere"), now=NOW)
        ours = {"LOCATION", "DTSTAMP", "LAST-MODIFIED"}
        master = read_object(changed)[0]

        assert master.location == "Elsewhere"
        assert content_lines(changed, without=ours) == content_lines(text, without=ours)
