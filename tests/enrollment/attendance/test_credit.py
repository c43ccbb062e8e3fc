"""Credit: whole for who was there throughout, in quarter hours for who was not, none for who was not there."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrollment.attendance.model import (
    Entry,
    Session,
    credited_minutes,
    moment_of,
    problems_of,
    problems_of_makeup,
)
from services.enrollment.cohorts.model import CompletionPolicy, HourRule

START = datetime(2026, 3, 7, 15, 0, tzinfo=UTC)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def row(*, came: float | None = None, left: float | None = None, credit: int = 180, length: float = 180,
        mode: str = "in person", counted: int | None = None) -> dict[str, Any]:  # fmt: skip
    """A row of attendance; `came` and `left` are minutes after the session's start, `counted` is a meeting's count."""
    return {
        "mode": mode,
        "arrived_at": None if came is None else START + minutes(came),
        "departed_at": None if left is None else START + minutes(left),
        "minutes_present": counted,
        "starts_at": START,
        "ends_at": START + minutes(length),
        "credit_minutes": credit,
    }


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(row(), 180, id="no times: the whole session"),
        pytest.param(row(mode="virtual"), 180, id="virtual counts alike"),
        pytest.param(row(came=0, left=180), 180, id="from start to end"),
        pytest.param(row(came=-20, left=300), 180, id="never more than the session"),
        pytest.param(row(came=0.5), 165, id="half a minute late: rounded down"),
        pytest.param(row(came=15), 165, id="a quarter hour late"),
        pytest.param(row(came=15.1), 150, id="a little more: the next quarter"),
        pytest.param(row(left=90), 90, id="left half way"),
        pytest.param(row(came=30, left=74), 30, id="44 minutes of presence"),
        pytest.param(row(came=30, left=44), 0, id="less than a quarter hour"),
        pytest.param(row(left=90, credit=90), 45, id="half of a session that counts for half its length"),
        pytest.param(row(credit=100), 100, id="a session need not count in quarter hours"),
        pytest.param(row(left=179, credit=100), 90, id="but a part of it does"),
        pytest.param(row(left=60, credit=0), 0, id="a session without credit"),
        pytest.param(row(came=200), 0, id="after the end"),
        pytest.param(row(left=-5), 0, id="before the start"),
        pytest.param(row(mode="virtual", counted=180), 180, id="a meeting counted it whole"),
        pytest.param(row(mode="virtual", counted=400), 180, id="a meeting that ran over"),
        pytest.param(row(mode="virtual", counted=179), 165, id="a meeting counted a minute less"),
        pytest.param(row(mode="virtual", counted=0), 0, id="a meeting counted nothing"),
        pytest.param(row(mode="excused"), 0, id="excused"),
        pytest.param(row(mode="absent"), 0, id="absent"),
    ],
)
def test_minutes_that_count(found: dict[str, Any], expected: int) -> None:
    assert credited_minutes(found) == expected


@given(came=st.floats(-600, 900), left=st.floats(-600, 900), credit=st.integers(0, 2_000), length=st.floats(1, 600))
def test_credit_is_never_more_than_the_session_nor_than_the_part_attended(
    came: float, left: float, credit: int, length: float
) -> None:
    found = row(came=came, left=left, credit=credit, length=length)
    counted = credited_minutes(found)
    begin, end = max(found["arrived_at"], START), min(found["departed_at"], found["ends_at"])
    assert 0 <= counted <= credit
    assert counted == credit or counted % 15 == 0
    assert counted * (found["ends_at"] - START) <= credit * max(end - begin, timedelta())


@given(
    came=st.floats(-60, 300), left=st.floats(-60, 300), credit=st.integers(0, 600), length=st.integers(1, 400),
    step=st.integers(1, 60), least=st.integers(0, 500), counted=st.none() | st.integers(0, 500),
)  # fmt: skip
def test_credit_is_what_fractions_say(
    came: float, left: float, credit: int, length: int, step: int, least: int, counted: int | None
) -> None:
    """Against another way to say the rule: exact fractions of minutes."""
    found = row(came=came, left=left, credit=credit, length=length, counted=counted)
    micro = timedelta(microseconds=1)
    begin, end = max(found["arrived_at"], START), min(found["departed_at"], found["ends_at"])
    there = Fraction(max(end - begin, timedelta()) // micro, 60_000_000)
    if counted is not None:
        there = Fraction(min(counted, length))
    part = there / length
    if there < min(least, length):
        expected = 0
    elif part == 1:
        expected = credit
    else:
        expected = int(credit * part / step) * step
    assert credited_minutes(found, HourRule(step_minutes=step, least_minutes=least)) == expected


@pytest.mark.parametrize(
    ("minutes_there", "expected"),
    [(59, 0), (60, 60), (180, 180)],
)
def test_who_was_there_less_than_the_least_gets_nothing(minutes_there: int, expected: int) -> None:
    assert credited_minutes(row(left=minutes_there), HourRule(least_minutes=60)) == expected


def test_the_least_presence_is_never_longer_than_the_session() -> None:
    assert credited_minutes(row(), HourRule(least_minutes=600)) == 180


def test_an_old_policy_counts_in_quarter_hours() -> None:
    old = msgspec.json.decode(b'{"min_sessions":1,"min_credit_minutes":60,"modules":"all"}', type=CompletionPolicy)
    assert old.hours == HourRule(step_minutes=15, least_minutes=0)


SESSION = Session(
    id=uuid4(), organization_id=uuid4(), cohort_id=uuid4(), title="Beginning", starts_at=START,
    ends_at=START + minutes(180), credit_minutes=180, mode="in person", place=None, cohort_name="Midwest 1",
    cohort_state="running", time_zone="America/Chicago", rule=HourRule(), teaches=True, own_enrollment_id=None,
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [("9:40", START + minutes(40)), ("09:40", START + minutes(40)), ("  ", None), ("01:00", START + minutes(16 * 60))],
)
def test_a_time_of_day_is_of_the_sessions_day_and_place(text: str, expected: datetime | None) -> None:
    assert moment_of(text, SESSION) == expected


@pytest.mark.parametrize("text", ["soon", "25:00", "9", "9:40+02:00", "9:40Z"])
def test_what_is_no_time_of_day(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        moment_of(text, SESSION)


@pytest.mark.parametrize(
    ("wanted", "attended", "is_good"),
    [(180, 0, True), (15, 0, True), (20, 0, False), (0, 0, False), (60, 120, True), (75, 120, False), (20, 160, True),
     (15, 180, False)],
)  # fmt: skip
def test_made_up_is_at_most_what_is_missing_in_whole_steps(wanted: int, attended: int, is_good: bool) -> None:
    assert (problems_of_makeup(wanted, SESSION, attended=attended) == []) == is_good


@pytest.mark.parametrize(
    ("mode", "came", "left", "field"),
    [
        pytest.param("in person", None, None, None, id="no times"),
        pytest.param("virtual", -10, 200, None, id="longer than the session"),
        pytest.param("absent", 0, None, "one.mode", id="absent, yet arrived"),
        pytest.param("excused", None, 10, "one.mode", id="excused, yet departed"),
        pytest.param("in person", 180, None, "one.arrived_at", id="arrived at the end"),
        pytest.param("in person", None, 0, "one.departed_at", id="departed at the start"),
        pytest.param("in person", 60, 60, "one.departed_at", id="departed on arrival"),
    ],
)
def test_entries_that_cannot_be(mode: Any, came: float | None, left: float | None, field: str | None) -> None:
    entry = Entry(
        enrollment_id=uuid4(),
        mode=mode,
        arrived_at=None if came is None else START + minutes(came),
        departed_at=None if left is None else START + minutes(left),
    )
    assert [name for name, _ in problems_of(entry, SESSION, field="one")] == ([] if field is None else [field])
