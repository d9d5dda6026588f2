"""When was it published, as far as that can be believed?

A date is evidence only if it can be trusted, so each becomes an interval of instants: a full time with its zone is one
second, a time without a zone is 14 hours to either side, a bare day is that day anywhere on earth. What cannot be
believed (1970, the future, 31 February) becomes None and a reason in words.

Start reading at `read_time`; `order` says which of two times is surely the earlier. `_now` is the only place in derive
that looks at a clock.
"""

from __future__ import annotations

import math
import os
import re
import time as clock
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

AT_THE_TIE = 2.0
"""Log-odds of an order that is as wide as the tie: what a sure order weighs."""
HOUR, DAY = 3600, 86_400
EASTMOST, WESTMOST = 14 * HOUR, 12 * HOUR
"""How far the clocks of the earth run before and behind UTC."""
YEARS = range(1600, 9999)
LONGEST = 100
"""No date is written in more characters."""


@dataclass(frozen=True, slots=True)
class Time:
    """An instant known to lie between `earliest` and `latest` (seconds since 1970 in UTC, both included).

    `text` is ISO 8601: `2026-03-03T06:12:00Z`, without the Z where the zone is unknown, or a bare day.
    """

    earliest: int
    latest: int
    text: str

    @property
    def exact(self) -> bool:
        """Whether the instant is known to the second."""
        return self.earliest == self.latest

    @property
    def bare_day(self) -> bool:
        """Whether only the day is known."""
        return len(self.text) == len("2026-03-03")


def read_time(value: str | None, today: int | None = None) -> tuple[Time | None, str | None]:
    """The time that `value` says, or None and the reason why it cannot be believed; no value is no reason.

    `today` (seconds since 1970) bounds the future. It is SOURCE_DATE_EPOCH where that is set, else the clock.

    >>> read_time("Tue, 03 Mar 2026 06:12:00 +0100", today=1_800_000_000)[0].text
    '2026-03-03T05:12:00Z'
    >>> read_time("2026-02-31", today=1_800_000_000)
    (None, "'2026-02-31' is no day of the calendar")
    """
    if value is None or not value.strip():
        return None, None
    written = " ".join(value[: 2 * LONGEST].split())
    try:
        return _believed(_parsed(written), _now() if today is None else today), None
    except _NotBelievedError as doubt:
        return None, f"{_shown(written)} {doubt}"


def chance_before(first: Time, second: Time) -> float:
    """The probability that `first` is the earlier instant, if each is as likely anywhere in its interval; 2 decimals.

    A bare day without a zone spans two days and two hours: overlapping times still lean one way.
    """
    low, high = second.earliest - 0.5, second.latest + 0.5
    steps = [first.earliest + (first.latest - first.earliest) * k / 48 for k in range(49)]
    return round(sum(min(1.0, max(0.0, (high - t) / (high - low))) for t in steps) / len(steps), 2)


def log_odds_before(first: Time, second: Time, tie_seconds: int) -> float:
    """Log-odds that `first` came first, of two times that are no further apart than the tie (prior).

    The full tie weighs `AT_THE_TIE`, less in proportion: a clock is seldom an hour wrong and often a few minutes.
    Times that overlap weigh what their intervals say.
    """
    if first.latest < second.earliest or second.latest < first.earliest:
        apart = second.earliest - first.latest if first.latest < second.earliest else second.latest - first.earliest
        return max(-AT_THE_TIE, min(AT_THE_TIE, AT_THE_TIE * apart / max(1, tie_seconds)))
    chance = min(0.99, max(0.01, chance_before(first, second)))
    return max(-AT_THE_TIE, min(AT_THE_TIE, math.log(chance / (1 - chance))))


def order(a: Time, b: Time, tie_seconds: int) -> int:
    """-1 if `a` is surely earlier than `b`, 1 if later, 0 if that is not decided or they are closer than `tie_seconds`.

    Two bare days compare as days, although somewhere on earth they overlap.
    """
    apart = max(1, tie_seconds)
    if a.bare_day and b.bare_day:
        days = b.earliest - a.earliest
        return (days <= -apart) - (days >= apart)
    return (a.earliest - b.latest >= apart) - (b.earliest - a.latest >= apart)


LEANING = 0.75
"""Chance of being the earlier from which on two overlapping times say something (arithmetic, no measurement)."""


def came_before(first: Time | None, second: Time | None, tie_seconds: int) -> bool:
    """Whether `first` is surely or, of two times that overlap, probably the earlier."""
    if first is None or second is None:
        return False
    return order(first, second, tie_seconds) < 0 or (
        (first.bare_day or second.bare_day) and chance_before(first, second) >= LEANING
    )


class _NotBelievedError(ValueError):
    """Carries the reason, to be read after the value."""


def _now() -> int:
    fixed = os.environ.get("SOURCE_DATE_EPOCH", "")
    return int(fixed) if re.fullmatch(r"[0-9]{1,12}", fixed) else int(clock.time())


def _shown(written: str) -> str:
    return ascii(written if len(written) <= 40 else written[:37] + "...")


# Grammar: each pattern is one way to write a date; a time of day may follow all but the epoch's.

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FULL_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTH_NUMBER = {
    **{name: number for number, name in enumerate(_MONTHS, 1)},
    **{name: number for number, name in enumerate(_FULL_MONTHS, 1)},
    "sept": 9,
}
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,? )?"
_NAME = rf"(?P<name>{'|'.join(sorted(_MONTH_NUMBER, key=len, reverse=True))})\.?"
_TIME = r"""
    (?: (?:t|,?[ ](?:at[ ])?|:)
        (?P<hour>[0-9]{1,2}) (?: :(?P<minute>[0-9]{2}) (?: :(?P<second>[0-9]{2}) (?:[.,][0-9]+)? )? )?
        (?: [ ]?(?P<half>[ap])\.?m\.? )?
        [ ]?(?P<zone> z | (?:utc|gmt)?[+-][0-9]{2}(?::?[0-9]{2})? | [a-z]{2,5} )? (?:[ ]\([^()]*\))?
    )?
"""
_COMPACT_TIME = r"(?:t?(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})(?P<second>[0-9]{2})?(?P<zone>z|[+-][0-9]{2}:?[0-9]{2})?)?"


def _pattern(day: str, time: str) -> re.Pattern[str]:
    return re.compile(day.replace(" ", r"\ ") + time, re.VERBOSE | re.IGNORECASE | re.ASCII)


_PATTERNS = (
    _pattern(r"(?P<year>[0-9]{4})([-/.])(?P<month>[0-9]{1,2})\2(?P<day>[0-9]{1,2})", _TIME),
    _pattern(r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})", _COMPACT_TIME),
    _pattern(_WEEKDAY + r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?[ -]" + _NAME + r",?[ -](?P<year>[0-9]{4})", _TIME),
    _pattern(_WEEKDAY + _NAME + r" (?P<day>[0-9]{1,2})(?:st|nd|rd|th)?,? (?P<year>[0-9]{4})", _TIME),
)
_EPOCH = re.compile(r"(?P<seconds>[0-9]{10})(?P<milli>[0-9]{3})?(?:\.[0-9]*)?", re.ASCII)
_AMBIGUOUS = re.compile(r"[0-9]{1,2}([-/.])[0-9]{1,2}\1[0-9]{2,4}\b.*", re.ASCII)

_ZONES = {"z": 0, "utc": 0, "gmt": 0, "ut": 0, "wet": 0, "cet": 60, "west": 60, "cest": 120, "eet": 120, "eest": 180}
_ZONES |= {"msk": 180, "jst": 540, "est": -300, "edt": -240, "mdt": -360, "mst": -420, "pdt": -420, "pst": -480}
"""Minutes before UTC of the names that mean one zone (CST, IST, BST and the like mean several: no zone)."""


@dataclass(frozen=True, slots=True)
class _Moment:
    """What the value says, before anybody believes it: local time, and minutes before UTC where they are known."""

    local: datetime
    day_only: bool = False
    offset: int | None = None


def _parsed(written: str) -> _Moment:
    if len(written) > LONGEST:
        raise _NotBelievedError("is too long for a date")
    if epoch := _EPOCH.fullmatch(written):
        return _Moment(datetime(1970, 1, 1) + timedelta(seconds=int(epoch["seconds"])), offset=0)
    for pattern in _PATTERNS:
        if found := pattern.fullmatch(written):
            return _moment(found.groupdict())
    if _AMBIGUOUS.fullmatch(written):
        raise _NotBelievedError("does not say which number is the day: write it as 2026-03-31")
    raise _NotBelievedError("is not a date that derive knows: write it as 2026-03-31 or 2026-03-31T06:12:00Z")


def _moment(parts: dict[str, str | None]) -> _Moment:
    year, day = int(parts["year"] or 0), int(parts["day"] or 0)
    name = parts.get("name")
    month = _MONTH_NUMBER[name.lower()] if name else int(parts["month"] or 0)
    if year not in YEARS:
        raise _NotBelievedError(f"lies outside the years {YEARS[0]} to {YEARS[-1]}")
    try:
        midnight = datetime(year, month, day)
    except ValueError:
        raise _NotBelievedError("is no day of the calendar") from None
    if parts["hour"] is None:
        return _Moment(midnight, day_only=True)
    return _Moment(midnight + _time_of_day(parts), offset=_offset(parts.get("zone")))


def _time_of_day(parts: dict[str, str | None]) -> timedelta:
    hour, minute, second = (int(parts[name] or 0) for name in ("hour", "minute", "second"))
    if half := parts.get("half"):
        if not 1 <= hour <= 12:
            raise _NotBelievedError("has no such hour")
        hour = hour % 12 + (12 if half.lower() == "p" else 0)
    # 24:00 ends a day, and a minute may have a leap second.
    if minute > 59 or second > 60 or (hour, minute, second) > (24, 0, 0):
        raise _NotBelievedError("has no such time of day")
    return timedelta(hours=hour, minutes=minute, seconds=second)


def _offset(zone: str | None) -> int | None:
    """Minutes before UTC; None where the zone is unknown."""
    if not zone:
        return None
    digits = re.sub(r"[^0-9]", "", zone)
    if not digits:
        return _ZONES.get(zone.lower())
    minutes = int(digits[:2]) * 60 + int(digits[2:] or 0)
    if minutes > EASTMOST // 60 or int(digits[2:] or 0) > 59:
        raise _NotBelievedError("has no such time zone")
    return -minutes if "-" in zone else minutes


def _believed(moment: _Moment, today: int) -> Time:
    time = _interval(moment)
    if date(1970, 1, 1) in (moment.local.date(), _utc(moment).date()):
        raise _NotBelievedError("is what a clock shows that was never set")
    if time.earliest > today + DAY:
        raise _NotBelievedError("lies in the future")
    return time


def _utc(moment: _Moment) -> datetime:
    return moment.local - timedelta(minutes=moment.offset or 0)


def _interval(moment: _Moment) -> Time:
    at = int(_utc(moment).replace(tzinfo=UTC).timestamp())
    if moment.day_only:
        return Time(at - EASTMOST, at + DAY + WESTMOST - 1, moment.local.date().isoformat())
    if moment.offset is None:
        return Time(at - EASTMOST, at + EASTMOST, moment.local.isoformat())
    return Time(at, at, _utc(moment).isoformat() + "Z")
