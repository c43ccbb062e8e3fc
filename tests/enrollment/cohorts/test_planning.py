"""Four dates for a school year stay away from every listed holiday, for thirty years and every weekday."""

from datetime import date, timedelta

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.enrollment.cohorts.planning.dates import (
    Rhythm,
    avoided_days,
    is_jurisdiction,
    propose,
    school_year,
    school_years,
)

YEARS = range(2021, 2051)


@pytest.mark.parametrize("rhythm", ["quarter", "month"])
def test_each_saturday_of_thirty_school_years_is_none_that_a_calendar_lists(rhythm: Rhythm) -> None:
    listed = holidays.country_holidays("US", subdiv="IL", years=range(2021, 2052))
    for year in YEARS:
        first, last = school_year(f"{year}-{(year + 1) % 100:02}") or pytest.fail("no school year")
        found = propose(first, last, weekday=5, per=rhythm, avoided=avoided_days(first, last))
        assert len(found.dates) == {"quarter": 4, "month": 9}[rhythm]
        assert [day for day in found.dates if day in listed] == []
        assert {day.weekday() for day in found.dates} == {5}
        assert all(first <= day <= last for day in found.dates)
        # nobody travels: a holiday on the Monday behind or the Friday before makes a long weekend
        assert [day for day in found.dates if day + timedelta(2) in listed or day - timedelta(1) in listed] == []


def test_without_holidays_some_of_these_dates_would_be_taken() -> None:
    """The control: what the test above asks is not true of itself."""
    hits = 0
    for year in YEARS:
        first, last = date(year, 9, 1), date(year + 1, 5, 31)
        avoided = avoided_days(first, last)
        plain = propose(first, last, weekday=5, per="quarter", avoided={})
        assert plain.skipped == ()
        hits += sum(day in avoided for day in plain.dates)
    assert hits > 5


@settings(deadline=None, max_examples=200)
@given(
    first=st.dates(date(2021, 1, 1), date(2049, 1, 1)),
    days=st.integers(27, 400),
    weekday=st.integers(0, 6),
    avoided=st.sets(st.integers(0, 400)),
    rhythm=st.sampled_from(["quarter", "month"]),
)
def test_a_proposal_is_in_order_and_says_each_day_that_it_passed_over(
    first: date, days: int, weekday: int, avoided: set[int], rhythm: Rhythm
) -> None:
    last = first + timedelta(days)
    names = {first + timedelta(one): f"Day {one}" for one in avoided}
    found = propose(first, last, weekday=weekday, per=rhythm, avoided=names)
    assert list(found.dates) == sorted(set(found.dates))
    assert all(first <= day <= last and day.weekday() == weekday and day not in names for day in found.dates)
    assert all(names[one.day] == one.because for one in found.skipped)
    # a part of the time is without a date only where every day of it was to be avoided
    if not avoided and rhythm == "quarter":
        assert len(found.dates) == 4


@pytest.mark.parametrize("text", ["2026", "2026-28", "2026-2027", "x", "", "1999-00", "2026-27 "])
def test_what_is_no_school_year(text: str) -> None:
    assert school_year(text) is None


def test_the_century_turns() -> None:
    assert school_year("2099-00") == (date(2099, 9, 1), date(2100, 5, 31))
    assert school_years(date(2026, 5, 31)) == ["2025-26", "2026-27", "2027-28"]
    assert school_years(date(2026, 6, 1), number=1) == ["2026-27"]


def test_jurisdictions_are_known_or_not() -> None:
    assert [one for one in ("US-IL", "US", "DE-BY", "XX", "US-QQ", "", "us-il; DROP") if is_jurisdiction(one)] == [
        "US-IL", "US", "DE-BY",
    ]  # fmt: skip
