"""What a policy asks for, requirement by requirement. Pure."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrollment.cohorts.model import CompletionPolicy, Mode
from services.enrollment.completions.model import CohortFrame, Finding, Presence, Standing, findings, is_eligible

PLAIN = {"min_sessions": 0, "min_credit_minutes": 0, "modules": "all"}


def frame(**policy: Any) -> CohortFrame:
    return CohortFrame(
        cohort_id=uuid4(), organization_id=uuid4(), name="Midwest 1", region="Midwest", state="running",
        time_zone="America/Chicago", policy=msgspec.convert({**PLAIN, **policy}, CompletionPolicy), modules=(),
        achievement_id=uuid4(), achievement_version=1, first_day=date(2026, 9, 12), last_day=date(2027, 5, 8),
        titles={},
    )  # fmt: skip


def standing(*modes: Mode | None, is_evaluation_in: bool = False) -> Standing:
    return Standing(
        enrollment_id=uuid4(), person_id=uuid4(), person_name="Ana Lim", shows_name=True, outcome="none",
        presences=tuple(
            Presence(
                session_id=uuid4(), held_on=date(2026, 9, 12), credit_minutes=180, title="Beginning", mode=one
            )
            for one in modes
        ),
        evidence=(), award_id=None, award_state=None, badge_url=None, revocation_reason=None,
        is_evaluation_in=is_evaluation_in, decided_at=datetime(2027, 5, 9, tzinfo=UTC), reversed_at=None,
    )  # fmt: skip


def finding(found: tuple[Finding, ...], requirement: str) -> Finding:
    [one] = [one for one in found if one.requirement == requirement]
    return one


def test_a_policy_that_was_written_before_asks_for_nothing_more() -> None:
    found = findings(standing("virtual"), frame())
    assert [one.requirement for one in found] == ["sessions", "credit_minutes", "modules"]


@pytest.mark.parametrize(("mode", "field"), [("in person", "min_in_person"), ("virtual", "min_virtual")])
def test_sessions_of_one_way_are_counted_apart(mode: Mode, field: str) -> None:
    other: Mode = "virtual" if mode == "in person" else "in person"
    asked = frame(**{field: 2})
    requirement = field.removeprefix("min_")
    # Work that makes up for a session is neither.
    few = standing(mode, other, other, None)
    assert finding(findings(few, asked), requirement).found == 1
    assert not is_eligible(few, asked)
    assert is_eligible(standing(mode, mode), asked)


@given(st.lists(st.sampled_from(["in person", "virtual", None])), st.integers(0, 4), st.integers(0, 4))
def test_each_least_number_holds_by_itself(modes: list[Mode | None], in_person: int, virtual: int) -> None:
    asked = frame(min_in_person=in_person, min_virtual=virtual)
    wanted = modes.count("in person") >= in_person and modes.count("virtual") >= virtual
    assert is_eligible(standing(*modes), asked) is wanted


def test_the_evaluation_is_a_requirement_only_where_it_is_wanted() -> None:
    asked = frame(wants_evaluation=True)
    assert not is_eligible(standing("virtual"), asked)
    assert is_eligible(standing("virtual", is_evaluation_in=True), asked)
    assert is_eligible(standing("virtual"), frame())
