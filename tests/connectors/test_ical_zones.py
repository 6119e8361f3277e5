"""Which zone a TZID means, and the definitions that we write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.ical.errors import Unreadable
from connectors.ical.lines import unfolded
from connectors.ical.vtimezone import read_offsets, vtimezone_for
from connectors.ical.zones import zone_by_name, zone_of
from connectors.vocabulary.times import Moment, MomentKind, UnknownZone, WallSpan, zone_named

PLACES = sorted(
    zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix", "right"))
)
A_SUMMER = datetime(2026, 7, 1, 10)
A_WINTER = datetime(2026, 12, 1, 10)


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ('"Europe/Berlin"', "Europe/Berlin"),
        ("Asia/Calcutta", "Asia/Calcutta"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("New Zealand Standard Time", "Pacific/Auckland"),
        ("/mozilla.org/20050126_1/Europe/Berlin", "Europe/Berlin"),
        ("/freeassociation.sourceforge.net/Europe/Berlin", "Europe/Berlin"),
        ("/freeassociation.sourceforge.net/Tzfile/America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("posix/Europe/Vaduz", "Europe/Vaduz"),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Amsterdam"),
        ("(UTC-05:00) Eastern Time (US & Canada)", "America/New_York"),
        ("(UTC-03:00) Brasília", "America/Sao_Paulo"),
        ("GMT+0200", "Etc/GMT-2"),
        ("UTC-5", "Etc/GMT+5"),
        ("(GMT +01:00)", "Etc/GMT-1"),
        ("GMT+0530", "Asia/Calcutta"),
        ("GMT+0537", None),
        ("Customized Time Zone", None),
        ("tzone://Microsoft/Custom", None),
        ("Mars/Phobos", None),
        ("../../etc/passwd", None),
        ("localtime", None),
        ("1", None),
        ("", None),
    ],
)
def test_names_seen_in_the_wild(name: str, zone: str | None) -> None:
    """Sheet ics-feeds, "Zones seen in the wild"; what means no place stays without one."""
    assert zone_by_name(name) == zone


@given(zone=st.sampled_from(PLACES), year=st.integers(1975, 2036))
@settings(max_examples=40)
def test_a_definition_of_ours_says_what_the_tz_database_says(zone: str, year: int) -> None:
    """Every noon of its year: Morocco's months of fasting, the day that Apia skipped, Lord Howe's half hour."""
    definition = unfolded(vtimezone_for(zone, year))
    info = ZoneInfo(zone)

    for noon, offset in read_offsets(definition, year, years=1).at_noons(year, 1):
        assert noon.astimezone(info).utcoffset() == offset


@given(zone=st.sampled_from(PLACES), year=st.integers(1975, 2036))
@settings(max_examples=20)
def test_a_definition_under_a_foreign_name_leads_to_a_zone_with_the_same_hours(zone: str, year: int) -> None:
    definition = unfolded(vtimezone_for(zone, year))

    found = ZoneInfo(zone_of("made up", definition, datetime(year, 7, 1)))

    for day in range(0, 365, 5):
        noon = datetime(year, 1, 1, 12, tzinfo=UTC) + timedelta(days=day)
        assert noon.astimezone(found).utcoffset() == noon.astimezone(ZoneInfo(zone)).utcoffset()


def definition(*observances: tuple[str, str, str, str, str], name: str = "Own") -> str:
    rows = ["BEGIN:VTIMEZONE", f"TZID:{name}"]
    for kind, start, before, after, rule in observances:
        rows += [f"BEGIN:{kind}", f"DTSTART:{start}", f"TZOFFSETFROM:{before}", f"TZOFFSETTO:{after}"]
        rows += [f"RRULE:{rule}"] if rule else []
        rows.append(f"END:{kind}")
    return "\n".join([*rows, "END:VTIMEZONE"])


SUMMER = ("DAYLIGHT", "16010101T020000", "+0100", "+0200", "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3")
WINTER = ("STANDARD", "16010101T030000", "+0200", "+0100", "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10")


def test_the_definition_beats_a_name_that_contradicts_it() -> None:
    """A TZID is any text: this "New York" has Berlin's hours, and so has its event."""
    assert zone_of("America/New_York", definition(SUMMER, WINTER), A_WINTER) == "Europe/Berlin"


def test_half_a_definition_is_no_other_zone() -> None:
    """Several programs send only the half-year in which the event lies: Berlin, not Lagos."""
    assert zone_of("Europe/Berlin", definition(SUMMER), A_SUMMER) == "Europe/Berlin"
    assert (
        zone_of("Europe/Berlin", definition(("STANDARD", "20261025T030000", "+0200", "+0100", "")), A_WINTER)
        == "Europe/Berlin"
    )


def test_several_eras_end_where_the_next_begins() -> None:
    """Exchange lists them without UNTIL."""
    eras = definition(
        ("STANDARD", "16711029T020000", "-0400", "-0500", "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10"),
        ("DAYLIGHT", "16710404T020000", "-0500", "-0400", "FREQ=YEARLY;BYDAY=1SU;BYMONTH=4"),
        ("STANDARD", "20071104T020000", "-0400", "-0500", "FREQ=YEARLY;BYDAY=1SU;BYMONTH=11"),
        ("DAYLIGHT", "20070311T020000", "-0500", "-0400", "FREQ=YEARLY;BYDAY=2SU;BYMONTH=3"),
    )

    assert zone_of("Customized Time Zone 1", eras, A_WINTER) == "America/New_York"


def test_a_definition_that_follows_no_place_is_its_own_zone() -> None:
    """Twelve hours and ten: the definition is all there is, and it is enough (RFC 5545, section 3.6.5)."""
    own = zone_of(
        "Own",
        definition(
            ("STANDARD", "20240101T000000", "+1000", "+1200", ""), ("DAYLIGHT", "20240505T080000", "+1200", "+1000", "")
        ),
        datetime(2024, 3, 3, 8),
    )

    before, within, after = (datetime(2024, 5, 5, hour) for hour in (5, 7, 8))
    assert [in_utc(own, local) for local in (before, within, after)] == ["4 17:00", "4 19:00", "4 22:00"]


def test_a_zone_of_its_own_goes_on_for_as_long_as_a_series_may() -> None:
    """Summer time from the second Sunday in February, which nobody else has, forty years on."""
    own = zone_of(
        "Own",
        definition(
            ("DAYLIGHT", "20200101T020000", "+0137", "+0237", "FREQ=YEARLY;BYMONTH=2;BYDAY=2SU"),
            ("STANDARD", "20200101T020000", "+0237", "+0137", "FREQ=YEARLY;BYMONTH=10;BYDAY=2SU"),
        ),
        A_WINTER,
    )

    for year in (2026, 2040, 2065):
        assert [zone_named(own).utcoffset(datetime(year, month, 1)) for month in (1, 7)] == [
            timedelta(minutes=97),
            timedelta(minutes=157),
        ]


def in_utc(zone: str, local: datetime) -> str:
    """A wall time in UTC, short."""
    return f"{Moment(MomentKind.ZONED, local, zone).instant('UTC'):%-d %H:%M}"


@pytest.mark.parametrize("name", ["own:", "own:x", "own:90000", "own:0,1", "own:0,1=x", "own:0,99999999999999999999=1"])
def test_bad_input_what_is_no_zone_of_its_own_is_unknown(name: str) -> None:
    with pytest.raises(UnknownZone):
        zone_named(name)


def test_a_session_has_a_zone_with_a_name() -> None:
    """The platform knows no other."""
    with pytest.raises(UnknownZone):
        WallSpan(A_SUMMER, "own:3600", timedelta(hours=1))


@pytest.mark.parametrize(
    ("tzid", "text"),
    [
        pytest.param("Own", definition(), id="no offset at all"),
        pytest.param(
            "Own", definition(("STANDARD", "20200101T000000", "+0100", "east", "")), id="an offset that is none"
        ),
        pytest.param("Own", definition(("STANDARD", "20200101T000000", "+0100", "+0100", "FREQ=OFTEN")), id="no rule"),
        pytest.param("Own", None, id="no definition"),
    ],
)
def test_bad_input_a_zone_that_nobody_knows_is_never_utc(tzid: str, text: str | None) -> None:
    with pytest.raises(Unreadable, match="time zone"):
        zone_of(tzid, text, A_WINTER)


def test_a_definition_for_berlin_is_short() -> None:
    """It goes with every event that is written: rules, no list of years."""
    assert len(vtimezone_for("Europe/Berlin", 2026)) < 400
