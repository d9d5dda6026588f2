"""Which dates are believed, and which of two is the earlier."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.dates import DAY, HOUR, Time, chance_before, order, read_time

TODAY = 1_800_000_000  # 2027-01-15T08:00:00Z
INSTANT = 1_772_518_320  # 2026-03-03T06:12:00Z


def believed(value: str) -> Time:
    time, reason = read_time(value, TODAY)
    assert time is not None, reason
    return time


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-03T06:12:00Z",
        "2026-03-03t06:12:00z",
        "2026-03-03T06:12Z",
        "2026-03-03 06:12:00Z",
        "2026-03-03T06:12:00.999Z",
        "2026-03-03T06:12:00,5+00:00",
        "2026-03-03T07:12:00+01:00",
        "2026-03-03T07:12:00+0100",
        "2026-03-03T07:12:00+01",
        "2026-03-03 01:12:00 -0500",
        "2026-03-02T23:12:00-07:00",
        "2026/03/03 06:12 UTC",
        "20260303T061200Z",
        "20260303T0612Z",
        "Tue, 03 Mar 2026 07:12:00 +0100",
        "Tue, 03 Mar 2026 07:12:00 +0100 (CET)",
        "Tue, 3 Mar 2026 06:12:00 GMT",
        "3 Mar 2026 01:12 EST",
        "3rd March 2026, 06:12 GMT",
        "March 3, 2026 6:12 AM UTC",
        "March 3rd, 2026 at 6:12 a.m. GMT",
        " 2026-03-03T06:12:00Z\n",
        "1772518320",
        "1772518320000",
        "1772518320.25",
    ],
)
def test_a_time_with_a_zone_is_one_second_in_utc(value):
    assert believed(value) == Time(INSTANT, INSTANT, "2026-03-03T06:12:00Z")


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-03",
        "2026-3-3",
        "2026/03/03",
        "2026.03.03",
        "20260303",
        "3-Mar-2026",
        "03 Mar 2026",
        "Mar 3, 2026",
        "Mar. 3, 2026",
        "MARCH 3 2026",
        "Tuesday, 3 March 2026",
        "3rd march 2026",
    ],
)
def test_a_bare_day_is_that_day_anywhere_on_earth(value):
    midnight = INSTANT - 6 * HOUR - 12 * 60
    assert believed(value) == Time(midnight - 14 * HOUR, midnight + DAY + 12 * HOUR - 1, "2026-03-03")


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-03T06:12:00",
        "2026-03-03 06:12",
        "20260303T061200",
        "20260303061200",
        "3 Mar 2026 06:12:00 IST",
        "March 3, 2026 6:12 a.m. ET",
    ],
)
def test_a_time_without_a_known_zone_is_fourteen_hours_to_either_side(value):
    assert believed(value) == Time(INSTANT - 14 * HOUR, INSTANT + 14 * HOUR, "2026-03-03T06:12:00")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("26-Oct-2000", "2000-10-26"),
        ("Sept. 9, 2019", "2019-09-09"),
        ("October 26, 2000 5:04 PM", "2000-10-26T17:04:00"),
        ("October 26, 2000 12:04 AM", "2000-10-26T00:04:00"),
        ("October 26, 2000 12:04 pm", "2000-10-26T12:04:00"),
        ("2024-02-29", "2024-02-29"),
        ("2026-03-03T24:00:00Z", "2026-03-04T00:00:00Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("1788-01-01", "1788-01-01"),
        ("1963-11-22T18:30:00Z", "1963-11-22T18:30:00Z"),
        ("1970-01-02T00:00:00Z", "1970-01-02T00:00:00Z"),
        ("2027-01-16T08:00:00Z", "2027-01-16T08:00:00Z"),
    ],
)
def test_times_are_written_one_way(value, text):
    assert believed(value).text == text


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("1970-01-01", "never set"),
        ("1970-01-01T00:00:00Z", "never set"),
        ("1970-01-01T23:59:59+09:00", "never set"),
        ("1969-12-31T19:00:00-05:00", "never set"),
        ("1970-01-01T00:00:00+01:00", "never set"),
        ("0000000000", "never set"),
        ("2099-01-01T00:00:00Z", "future"),
        ("2027-01-16T08:00:01Z", "future"),
        ("2027-01-18", "future"),
        ("9999999999999", "future"),
        ("0000-00-00", "years"),
        ("0000-00-00 00:00:00", "years"),
        ("1599-12-31", "years"),
        ("9999-12-31", "years"),
        ("2026-02-30", "calendar"),
        ("2026-13-01", "calendar"),
        ("31 Apr 2026", "calendar"),
        ("2026-03-03T25:00:00Z", "time of day"),
        ("2026-03-03T24:00:01Z", "time of day"),
        ("2026-03-03T10:61:00Z", "time of day"),
        ("2026-03-03 13:00 pm", "hour"),
        ("2026-03-03T06:12:00+15:00", "time zone"),
        ("2026-03-03T06:12:00+01:75", "time zone"),
        ("03/04/2026", "which number is the day"),
        ("3.4.26 10:00", "which number is the day"),
        ("0000", "not a date"),
        ("2026", "not a date"),
        ("2026-03", "not a date"),
        ("yesterday", "not a date"),
        ("Thu, 32 Foo 2024 25:61:61 XYZ", "not a date"),
        ("٢٠٢٦-٠٣-٠٣", "not a date"),
        ("2026-03-03" * 11, "too long"),
        ("\x1b[2J", "not a date"),
        ("<script>", "not a date"),
    ],
)
def test_what_cannot_be_believed_says_why(value, why):
    time, reason = read_time(value, TODAY)
    assert time is None
    assert why in reason
    assert reason.isprintable()


@pytest.mark.parametrize("value", [None, "", "  ", "\n"])
def test_no_date_is_no_reason_to_complain(value):
    assert read_time(value, TODAY) == (None, None)


def test_today_is_source_date_epoch_where_that_is_set(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(INSTANT))
    assert read_time("2026-03-04T06:12:00Z")[0] is not None
    assert read_time("2026-03-05T06:12:00Z")[0] is None


def test_a_source_date_epoch_that_is_no_number_is_ignored(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    assert read_time("2020-01-01")[0] is not None


@given(st.text() | st.from_regex(r"[0-9TZ:+ ./-]{1,30}"))
def test_reading_a_date_never_raises(value):
    time, reason = read_time(value, TODAY)
    assert time is None or reason is None
    if time is not None:
        assert time.earliest <= time.latest
        assert read_time(time.text, TODAY)[0] == time


@given(st.datetimes().map(str), st.sampled_from(["", "Z", "+14:00", "-1200", " GMT"]))
def test_every_calendar_date_is_either_believed_or_explained(value, zone):
    time, reason = read_time(value + zone, TODAY)
    assert (time is None) != (reason is None)


@pytest.mark.parametrize(
    ("a", "b", "minutes", "expected"),
    [
        ("2026-03-03T06:00:00Z", "2026-03-03T07:00:00Z", 60, -1),
        ("2026-03-03T06:00:01Z", "2026-03-03T07:00:00Z", 60, 0),
        ("2026-03-03T06:00:00Z", "2026-03-03T06:00:00Z", 0, 0),
        ("2026-03-03T06:00:00Z", "2026-03-03T06:00:01Z", 0, -1),
        ("2024-01-01T23:30:00-05:00", "2024-01-02T03:00:00Z", 60, 1),
        ("2026-03-03", "2026-03-03", 60, 0),
        ("2026-03-03", "2026-03-04", 60, -1),
        ("2026-03-03", "2026-03-04", 2 * 24 * 60, 0),
        ("2026-03-03", "2026-03-04T09:00:00Z", 60, 0),
        ("2026-03-03", "2026-03-05T09:00:00Z", 60, -1),
        ("2026-03-03T23:00:00Z", "2026-03-03", 60, 0),
        ("2026-03-03T06:00:00", "2026-03-03T23:00:00", 60, 0),
        ("2026-03-03T06:00:00", "2026-03-04T11:00:00", 60, -1),
        ("2026-03-03T06:00:00", "2026-03-03T21:00:00Z", 60, -1),
    ],
)
def test_the_order_is_said_only_where_it_is_sure(a, b, minutes, expected):
    assert order(believed(a), believed(b), minutes * 60) == expected
    assert order(believed(b), believed(a), minutes * 60) == -expected


@pytest.mark.parametrize(
    ("first", "second", "chance"),
    [
        ("2026-02-14T21:15:00+01:00", "2026-02-15", 0.79),  # most of that day, wherever it was, is later
        ("2026-02-14", "2026-02-14", 0.5),
        ("2026-02-15T12:00:00Z", "2026-02-15T12:00:00Z", 0.5),
        ("2026-02-13T12:00:00Z", "2026-02-15", 1.0),
    ],
)
def test_overlapping_times_lean_towards_the_likelier_order(first: str, second: str, chance: float) -> None:
    a, b = read_time(first)[0], read_time(second)[0]
    assert a is not None
    assert b is not None
    assert chance_before(a, b) == pytest.approx(chance, abs=0.02)
    assert chance_before(b, a) == pytest.approx(1 - chance, abs=0.03)
