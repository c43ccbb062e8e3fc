"""The one thing to do next, and the session that comes first: what others wait for goes before what one waits for."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from services.enrollment.cohorts.model import CompletionPolicy
from services.enrollment.completions.model import Finding
from services.enrollment.learning.model import Badge, Journey, Own, Topic, next_of, next_session

NOW = datetime(2026, 3, 7, 15, tzinfo=UTC)
COHORT = uuid4()
MET = (Finding(requirement="sessions", wanted=1, found=1),)
OPEN = (*MET, Finding(requirement="evaluation", wanted=1, found=0))


def session(days: int) -> Own:
    starts_at = NOW + timedelta(days=days)
    return Own(
        id=uuid4(),
        cohort_id=COHORT,
        title=f"In {days} days",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=3),
        mode="in person",
        place="Room 4",
        link=None,
    )


def topic(state: str) -> Topic:
    return msgspec.convert({"id": uuid4(), "name": state, "state": state, "comment": None}, Topic)


def journey(**changed: Any) -> Journey:
    whole: dict[str, Any] = {
        "enrollment_id": uuid4(),
        "cohort_id": COHORT,
        "cohort_name": "North 1",
        "cohort_state": "running",
        "region": "North",
        "time_zone": "America/Chicago",
        "program_id": uuid4(),
        "program_name": "Program",
        "level_name": "Level One",
        "place": "seated",
        "outcome": "none",
        "shows_name": True,
        "seat_number": 1,
        "in_line_before": None,
        "policy": CompletionPolicy(min_sessions=1, min_credit_minutes=180, modules="all"),
        "sessions": (),
        "topics": (),
        "badge": None,
    }
    return Journey(**{**whole, **changed})


def badge(state: str) -> Badge:
    return msgspec.convert(
        {"id": uuid4(), "state": state, "url": "https://b.example", "revocation_reason": None, "visibility": "private"},
        Badge,
    )


@pytest.mark.parametrize(
    ("changed", "step"),
    [
        ({"place": "offered"}, "answer the offer"),
        ({"place": "in line"}, "wait in line"),
        ({"sessions": (session(3),), "topics": (topic("returned"),)}, "hand in again"),
        # Before the first session nobody is asked for evidence.
        ({"sessions": (session(3),), "topics": (topic("wanted"),)}, "come to the session"),
        ({"sessions": (session(-3), session(3)), "topics": (topic("wanted"),)}, "hand in"),
        (
            {"sessions": (session(-3), session(3)), "topics": (topic("submitted"),)},
            "come to the session",
        ),
        ({"sessions": (session(-3),), "topics": (topic("submitted"),), "findings": OPEN}, "wait for the review"),
        ({"sessions": (session(-3),), "topics": (topic("accepted"),), "findings": MET}, "wait for the decision"),
        ({"sessions": (session(-3),), "topics": (topic("accepted"),), "findings": OPEN}, "nothing"),
        ({"outcome": "completed", "badge": badge("requested")}, "wait for the badge"),
        ({"outcome": "completed", "badge": badge("issued")}, "use the badge"),
        ({"outcome": "completed", "badge": badge("revoked")}, "nothing"),
        ({"outcome": "withdrawn", "place": "none"}, "nothing"),
        ({"cohort_state": "cancelled", "topics": (topic("returned"),)}, "nothing"),
    ],
)
def test_the_one_thing_to_do_next(changed: dict[str, Any], step: str) -> None:
    assert next_of(journey(**changed), now=NOW).step == step


def test_a_topic_that_the_policy_does_not_ask_for_is_not_asked_for() -> None:
    asked, other = topic("accepted"), topic("wanted")
    policy = CompletionPolicy(min_sessions=0, min_credit_minutes=0, modules=(asked.id,))
    found = next_of(journey(policy=policy, sessions=(session(-3),), topics=(other, asked), findings=MET), now=NOW)
    assert found.step == "wait for the decision"


def test_the_next_session_is_the_earliest_of_all_seats_and_one_that_is_being_held_counts() -> None:
    later, sooner = journey(sessions=(session(-9), session(5))), journey(sessions=(session(2),))
    in_line = journey(place="in line", sessions=(session(1),))
    found = next_session([later, sooner, in_line], now=NOW)
    assert found is not None
    assert found[1].title == "In 2 days"
    during = next_session([journey(sessions=(session(0),))], now=NOW + timedelta(hours=2))
    assert during is not None
    assert next_session([journey(sessions=(session(0),))], now=NOW + timedelta(hours=3)) is None


def test_sessions_at_the_same_moment_have_an_order() -> None:
    """They must not be compared by their cohorts, which have none."""
    assert next_session([journey(sessions=(session(2), session(2))), journey(sessions=(session(2),))], now=NOW)
