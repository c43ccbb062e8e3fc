"""The means that the tests of rooms lean on: the count of statements counts, and a house has the clock it was given."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from services.enrollment.cohorts import store as cohorts
from services.enrollment.enrollments import actions
from services.enrollment.enrollments.model import Application
from services.enrollment.organizations import store as organizations
from shared.postgres import Pool
from tests.enrollment.houses import house_at
from tests.enrollment.queries import counting_queries, listing_queries
from tests.enrollment.staff import call, plan, signed_in
from tests.enrollment.visitors import Served, fresh_email


async def test_statements_are_counted_without_those_of_worker_and_tests(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        with counting_queries() as none:
            await enrollment_pool.fetchval("SELECT 1")
        assert none() == 0
        with counting_queries() as outer, listing_queries() as found:
            assert (await call(staff, "GET", "/api/me"))[0] == 200
            once = outer()
            assert once >= 1
            assert (await call(staff, "GET", "/api/me"))[0] == 200
        assert outer() == len(found) == 2 * once
        assert sum("sign_in_session" in text for text in found) == 2
        assert (await call(staff, "GET", "/api/me"))[0] == 200
        assert outer() == 2 * once, "the block was over"


async def test_transactions_count_by_their_statements(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff)
        with listing_queries() as found:
            status, _ = await call(staff, "PUT", f"/api/cohorts/{planned.cohort_id}/seats", {"seats": 3})
            assert status == 200
    assert any("FOR UPDATE" in text for text in found)
    assert not [text for text in found if text.startswith(("BEGIN", "COMMIT", "ROLLBACK", "RESET"))]


async def test_a_house_tells_the_time_it_was_given(served: Served, enrollment_pool: Pool, organization: UUID) -> None:
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff)
    now = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    async with house_at(enrollment_pool, lambda: now) as house:
        found = await organizations.by_id(enrollment_pool, organization)
        listing = await cohorts.listing(enrollment_pool, organization, planned.cohort_id)
        assert found is not None
        assert listing is not None
        wish = Application(id=uuid4(), name="Ana Lim", email=fresh_email(), shows_name=True)
        assert (await actions.enroll(house, found, listing, wish)).place == "seated"
    enrolled_at = await enrollment_pool.fetchval("SELECT enrolled_at FROM enrollment WHERE id = $1", wish.id)
    assert enrolled_at == now
