"""The retention table speaks of every table, once; the plan follows it to the day."""

from datetime import date

import pytest

from services.enrollment.retention.model import Ties, plan, years_after
from services.enrollment.retention.schedule import SCHEDULE, YEARS
from shared.postgres import Pool

TODAY = date(2026, 11, 25)


async def test_every_table_stands_in_the_schedule_once(enrollment_pool: Pool) -> None:
    rows = await enrollment_pool.fetch(
        "SELECT relname AS table_name FROM pg_class"
        " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND has_table_privilege(oid, 'SELECT')"
    )
    there = {row["table_name"] for row in rows}
    named = [table for group in SCHEDULE for table in group.tables]
    assert len(there) > 20
    assert there - set(named) == set()
    assert len(set(named)) == len(named)


def test_who_completed_nothing_has_nothing_kept() -> None:
    found = plan(SCHEDULE, Ties(last_day=None, years=YEARS, is_held=False), today=TODAY)
    assert found.kept == ()
    assert found.kept_until is None
    assert found.keep == frozenset()
    assert {"identity", "record", "evidence", "badges"} <= {one.name for one in found.removed}


@pytest.mark.parametrize(("last_day", "is_kept"), [(date(2020, 11, 25), True), (date(2020, 11, 24), False)])
def test_the_record_is_kept_for_six_years_to_the_day(last_day: date, is_kept: bool) -> None:
    found = plan(SCHEDULE, Ties(last_day=last_day, years=YEARS, is_held=False), today=TODAY)
    assert ("attendance" in found.keep) is is_kept
    assert ("record" in {one.name for one in found.removed}) is not is_kept
    assert found.kept_until == (TODAY if is_kept else None)


def test_every_group_is_removed_left_or_kept_and_none_is_forgotten() -> None:
    for ties in (Ties(last_day=None, years=YEARS, is_held=False), Ties(last_day=TODAY, years=YEARS, is_held=False)):
        found = plan(SCHEDULE, ties, today=TODAY)
        together = [*found.removed, *found.anonymous, *found.left, *found.kept]
        assert sorted(one.name for one in together) == sorted(one.name for one in SCHEDULE)


def test_six_years_after_a_leap_day() -> None:
    assert years_after(date(2020, 2, 29), 6) == date(2026, 3, 1)
    assert years_after(date(2020, 2, 29), 4) == date(2024, 2, 29)
