"""Moves and answers at the same moment: nobody waits in a circle, no seat is lost, and a deadline has one winner."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

from services.enrollment.admission.model import Rules
from services.enrollment.enrollments import actions, moving, ruling
from services.enrollment.enrollments.model import NoSeatThereError, OfferOverError
from services.enrollment.enrollments.seats import offers
from services.enrollment.house import House
from shared.clock import system_clock
from shared.postgres import Pool
from tests.enrollment.enrollments.ground import MovedClock, prepared
from tests.enrollment.houses import house_at


async def placed(house: House, organization_id: UUID, cohort_id: UUID, *, seated: int, waiting: int) -> list[UUID]:
    """People straight in the database: some with a seat, others in line; their enrollments, in that order."""
    await actions.set_seats(house, organization_id, cohort_id, seated)
    found = [uuid4() for _ in range(seated + waiting)]
    await house.pool.execute(
        "INSERT INTO person (id, organization_id, name, email)"
        " SELECT id, $2, 'Ana Lim', id || '@example.org' FROM unnest($1::uuid[]) AS p (id)",
        found, organization_id,
    )  # fmt: skip
    await house.pool.execute(
        "INSERT INTO enrollment (id, organization_id, cohort_id, person_id, place, seat_id, line_rank, shows_name,"
        " enrolled_at) SELECT p.id, $2, $3, p.id, CASE WHEN s.id IS NULL THEN 'in line' ELSE 'seated' END, s.id,"
        " CASE WHEN s.id IS NULL THEN p.n END, true, now() FROM unnest($1::uuid[]) WITH ORDINALITY AS p (id, n)"
        " LEFT JOIN seat s ON s.cohort_id = $3 AND s.number = p.n",
        found, organization_id, cohort_id,
    )  # fmt: skip
    await house.pool.execute("UPDATE cohort SET next_line_rank = $2 WHERE id = $1", cohort_id, len(found) + 1)
    return found


async def seats(pool: Pool, cohort_id: UUID) -> tuple[int, int]:
    """How many sit, and how many seats there are."""
    row = await pool.fetchrow(
        "SELECT (SELECT count(*) FROM enrollment WHERE cohort_id = $1 AND place = 'seated'),"
        " (SELECT count(*) FROM seat WHERE cohort_id = $1)",
        cohort_id,
    )
    assert row is not None
    return row[0], row[1]


async def test_people_who_change_places_between_two_cohorts_wait_in_no_circle(enrollment_pool: Pool) -> None:
    async with house_at(enrollment_pool, system_clock) as house:
        organization, cohorts = await prepared(house)
        red, blue = (one.id for one in cohorts)
        there = await placed(house, organization.id, red, seated=8, waiting=2)
        back = await placed(house, organization.id, blue, seated=8, waiting=2)
        await actions.set_seats(house, organization.id, red, 10)
        await actions.set_seats(house, organization.id, blue, 10)
        moves = [
            moving.transfer(house, organization.id, origin, [one], to=target)
            for origin, target, people in ((red, blue, there), (blue, red, back))
            for one in people[:6]
        ]
        async with asyncio.timeout(20):
            ended = await asyncio.gather(*moves, return_exceptions=True)
        assert {type(one) for one in ended} <= {int, NoSeatThereError}
        assert sum(await asyncio.gather(*(_count(enrollment_pool, one) for one in (red, blue)))) == 20
        for cohort_id in (red, blue):
            sitting, all_seats = await seats(enrollment_pool, cohort_id)
            line = await enrollment_pool.fetchval(
                "SELECT count(*) FROM enrollment WHERE cohort_id = $1 AND place = 'in line'", cohort_id
            )
            assert sitting == all_seats or line == 0


async def _count(pool: Pool, cohort_id: UUID) -> int:
    count: int = await pool.fetchval(
        "SELECT count(*) FROM enrollment WHERE cohort_id = $1 AND place <> 'none'", cohort_id
    )
    return count


async def test_at_the_deadline_the_seat_has_one_winner(enrollment_pool: Pool) -> None:
    """Accepting, declining and the clock at once, just before the end and at the very end."""
    clock = MovedClock(system_clock())
    async with house_at(enrollment_pool, clock) as house:
        organization, (cohort, _) = await prepared(house)
        people = await placed(house, organization.id, cohort.id, seated=1, waiting=12)
        await ruling.set_rules(house, organization.id, cohort.id, Rules(vacancy="offer", offer_hours=1))
        await actions.withdraw(house, organization.id, people[0])
        accepted = 0
        for number, one in enumerate(people[1:11]):
            clock.now += timedelta(hours=1) if number % 2 else timedelta(minutes=59)
            ended = await asyncio.gather(
                offers.accept(house, organization.id, one),
                offers.decline(house, organization.id, one),
                offers.accept(house, organization.id, one),
                offers.run_clock(house),
                return_exceptions=True,
            )
            assert {type(each) for each in ended if isinstance(each, Exception)} <= {OfferOverError}
            row = await enrollment_pool.fetchrow("SELECT place, left_because FROM enrollment WHERE id = $1", one)
            assert row is not None
            if number % 2:
                assert (row["place"], row["left_because"]) == ("none", "offer expired")
            elif row["place"] == "seated":
                accepted += 1
                await actions.withdraw(house, organization.id, one)
            else:
                assert row["left_because"] == "declined"
            holders = await enrollment_pool.fetchval(
                "SELECT count(*) FROM enrollment WHERE cohort_id = $1 AND seat_id IS NOT NULL", cohort.id
            )
            assert holders == 1, "the next is offered it at once"


async def test_a_line_of_five_thousand_is_looked_through_to_whom_its_rules_admit(enrollment_pool: Pool) -> None:
    async with house_at(enrollment_pool, system_clock) as house:
        organization, (cohort, _) = await prepared(house)
        people = await placed(house, organization.id, cohort.id, seated=2, waiting=5000)
        await enrollment_pool.execute(
            "UPDATE enrollment SET region = 'North' WHERE cohort_id = $1 AND line_rank < 5001", cohort.id
        )
        rules = {"quotas": {"North": 0}}
        await enrollment_pool.execute("UPDATE cohort SET admission = $2 WHERE id = $1", cohort.id, rules)
        await enrollment_pool.execute("ANALYZE enrollment")
        await actions.withdraw(house, organization.id, people[1])
        await actions.withdraw(house, organization.id, people[0])
        places = await enrollment_pool.fetch("SELECT place FROM enrollment WHERE id = ANY ($1)", people[2:])
        assert [row["place"] for row in places].count("seated") == 2
        assert await enrollment_pool.fetchval("SELECT place FROM enrollment WHERE id = $1", people[-1]) == "seated"
