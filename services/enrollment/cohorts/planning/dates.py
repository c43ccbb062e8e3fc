"""Dates for a school year: one a quarter or a month, on a weekday, away from holidays. Pure.

Which days are holidays is told by the `holidays` package for a jurisdiction such as `US-IL` (ISO 3166-2).
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    import holidays

#: Where the first customer is.
JURISDICTION = "US-IL"
_SCHOOL_YEAR = re.compile(r"(2\d{3})-(\d{2})")
_FIRST, _LAST = (9, 1), (5, 31)
_WINTER_BREAK = ((12, 21), (1, 4))
_MONDAY, _THURSDAY, _FRIDAY = 0, 3, 4
_DAY = timedelta(days=1)

Rhythm = Literal["quarter", "month"]


class Skipped(msgspec.Struct, frozen=True, kw_only=True):
    """A day that would have been the better one, and why it is not proposed."""

    day: date
    because: str


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A date for each part of the time that has one, in order, and the days that were passed over for them."""

    dates: tuple[date, ...]
    skipped: tuple[Skipped, ...]


def school_year(text: str) -> tuple[date, date] | None:
    """The first and last day of a school year such as `2026-27`; None for anything else."""
    found = _SCHOOL_YEAR.fullmatch(text)
    if found is None or (int(found[1]) + 1) % 100 != int(found[2]):
        return None
    year = int(found[1])
    return date(year, *_FIRST), date(year + 1, *_LAST)


def school_years(today: date, *, number: int = 3) -> list[str]:
    """The school year that `today` is in or that comes next, and those behind it."""
    begins = today.year if today.month > _LAST[0] else today.year - 1
    return [f"{year}-{(year + 1) % 100:02}" for year in range(begins, begins + number)]


def propose(first: date, last: date, *, weekday: int, per: Rhythm, avoided: Mapping[date, str]) -> Proposal:
    """The day nearest to the middle of each part that is a `weekday` (Monday is 0) and not `avoided`.

    A quarter is a fourth of the time between both days, a month one of the calendar's.
    """
    dates: list[date] = []
    skipped: list[Skipped] = []
    for begin, end in _quarters(first, last) if per == "quarter" else _months(first, last):
        for day in _from_the_middle(begin, end, weekday):
            if day not in avoided:
                dates.append(day)
                break
            skipped.append(Skipped(day=day, because=avoided[day]))
    return Proposal(dates=tuple(dates), skipped=tuple(skipped))


def _quarters(first: date, last: date) -> Iterator[tuple[date, date]]:
    days = (last - first).days + 1
    edges = [first + timedelta(days=days * part // 4) for part in range(5)]
    for part in range(4):
        yield edges[part], edges[part + 1] - _DAY


def _months(first: date, last: date) -> Iterator[tuple[date, date]]:
    begin = first
    while begin <= last:
        next_month = (begin.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield begin, min(last, next_month - _DAY)
        begin = next_month


def _from_the_middle(begin: date, end: date, weekday: int) -> list[date]:
    middle = begin + (end - begin) / 2
    first = begin + timedelta(days=(weekday - begin.weekday()) % 7)
    days = [first + timedelta(days=7 * week) for week in range(((end - first).days // 7) + 1)] if first <= end else []
    return sorted(days, key=lambda day: (abs(day - middle), day))


def avoided_days(first: date, last: date, jurisdiction: str = JURISDICTION) -> dict[date, str]:
    """The holidays of a jurisdiction between both days, the long weekends that some of them make, and winter break.

    KeyError for a jurisdiction that nobody keeps a list of.
    """
    found = dict(_winter_breaks(first, last))
    for day, name in sorted(_holidays(jurisdiction, first.year, last.year).items()):
        for near in _long_weekend(day, name):
            found.setdefault(near, name)
    for day, name in _holidays(jurisdiction, first.year, last.year).items():
        found[day] = name
    return {day: found[day] for day in sorted(found) if first <= day <= last}


def _long_weekend(day: date, name: str) -> Iterator[date]:
    """The days beside a holiday on which people travel."""
    if day.weekday() == _MONDAY:
        yield from (day - 2 * _DAY, day - _DAY)
    elif day.weekday() == _FRIDAY:
        yield from (day + _DAY, day + 2 * _DAY)
    elif day.weekday() == _THURSDAY and "Thanksgiving" in name:
        yield from (day + _DAY, day + 2 * _DAY, day + 3 * _DAY)


def _winter_breaks(first: date, last: date) -> Iterator[tuple[date, str]]:
    for year in range(first.year - 1, last.year + 1):
        day = date(year, *_WINTER_BREAK[0])
        while day <= date(year + 1, *_WINTER_BREAK[1]):
            yield day, "Winter break"
            day += _DAY


def is_jurisdiction(text: str) -> bool:
    """Whether the holidays of a jurisdiction are known."""
    try:
        _holidays(text, 2026, 2026)
    except KeyError:
        return False
    return True


@cache
def _holidays(jurisdiction: str, first: int, last: int) -> "holidays.HolidayBase":
    # It takes a while to load, and few requests plan a year.
    import holidays

    country, _, part = jurisdiction.partition("-")
    try:
        return holidays.country_holidays(country, subdiv=part or None, years=range(first, last + 1), language="en_US")
    except NotImplementedError:
        raise KeyError(jurisdiction) from None
