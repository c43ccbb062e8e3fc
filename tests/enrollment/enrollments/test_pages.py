"""The enrolling form: it keeps what was typed, names each error, and says which place one has."""

from typing import Any
from uuid import UUID

import aiohttp
import pytest

from shared.postgres import Pool
from tests.enrollment.staff import Planned, plan, put, signed_in
from tests.enrollment.visitors import Served, browser, fresh_email, slug_of


async def prepared(served: Served, pool: Pool, organization: UUID, **more: Any) -> tuple[str, Planned]:
    """The path of a cohort's page, and the cohort."""
    async with signed_in(served, pool, organization, "coordinator") as staff:
        planned = await plan(staff, **more)
    return f"/{await slug_of(pool, organization)}/cohorts/{planned.cohort_id}", planned


async def send(session: aiohttp.ClientSession, path: str, **form: str) -> tuple[int, str, str]:
    """The status, the final path and the page that one sees after sending the form."""
    async with session.post(path, data=form) as answer:
        return answer.status, answer.url.path, await answer.text()


async def test_the_form_ends_on_a_page_that_names_the_seat_and_nobody(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    path, _ = await prepared(served, enrollment_pool, organization, seats=1)
    async with browser(served) as anybody:
        email = fresh_email()
        status, where, text = await send(anybody, path, name="Ana Lim", email=email, shows_name="yes")
        assert status == 200
        assert where.startswith(f"{path}/enrolled/")
        assert "Seat 1 of 1 in <bdi>Midwest 1</bdi> is yours." in text
        assert "Ana Lim" not in text
        assert email not in text
        _, _, text = await send(anybody, path, name="Ben Lim", email=fresh_email())
        assert "Waiting list, number 1 in line" in text
        _, _, again = await send(anybody, path, name="Ana Lim", email=email)
        _, _, newcomer = await send(anybody, path, name="Cyd Lim", email=fresh_email())
        assert again.partition("<footer")[0] == newcomer.partition("<footer")[0]
    shown = await enrollment_pool.fetch(
        "SELECT shows_name FROM enrollment WHERE organization_id = $1 ORDER BY enrolled_at", organization
    )
    assert [row["shows_name"] for row in shown] == [True, False, False]


async def test_errors_are_summed_up_and_stand_at_their_fields_and_what_was_typed_stays(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    path, _ = await prepared(served, enrollment_pool, organization)
    async with browser(served) as anybody:
        status, _, text = await send(anybody, path, name="", email="not-an-address", shows_name="yes")
        assert status == 422
        for field in ("name", "email"):
            assert f'<a href="#{field}">' in text
            assert f'id="{field}-error"' in text
        assert 'value="not-an-address"' in text
        assert 'value="yes" checked' in text
        assert "<title>Error:" in text


async def test_a_closed_cohorts_page_says_so_and_has_no_form(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    path, planned = await prepared(served, enrollment_pool, organization)
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        await put(staff, f"/api/cohorts/{planned.cohort_id}", {**planned.body, "state": "cancelled"})
    async with browser(served) as anybody:
        status, _, text = await send(anybody, path, name="Ana Lim", email=fresh_email())
        assert status == 409
        assert "This cohort was cancelled." in text
        assert "<form method=" not in text.partition("<main")[2]


async def test_a_cohort_that_opens_later_says_when(served: Served, enrollment_pool: Pool, organization: UUID) -> None:
    path, _ = await prepared(served, enrollment_pool, organization, registration_opens_at="2099-03-07T15:00:00Z")
    async with browser(served) as anybody, anybody.get(path) as page:
        assert "Registration opens on Saturday 7 March 2099, 9:00\u202fAM Central Time." in await page.text()


@pytest.mark.parametrize("token", ["x", "AAAA" * 20, "é", "7c9e6679-7425-40de-944b-e07fc1f90ae7"])
async def test_an_outcome_page_cannot_be_made_up(
    served: Served, enrollment_pool: Pool, organization: UUID, token: str
) -> None:
    path, _ = await prepared(served, enrollment_pool, organization)
    async with browser(served) as anybody, anybody.get(f"{path}/enrolled/{token}") as page:
        assert page.status == 404


async def test_an_outcome_page_is_that_of_its_own_cohort(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    path, _ = await prepared(served, enrollment_pool, organization)
    elsewhere, _ = await prepared(served, enrollment_pool, organization)
    async with browser(served) as anybody:
        _, where, _ = await send(anybody, path, name="Ana Lim", email=fresh_email())
        token = where.rpartition("/")[2]
        async with anybody.get(f"{elsewhere}/enrolled/{token}") as page:
            assert page.status == 404


async def test_a_form_from_another_site_is_refused(served: Served, enrollment_pool: Pool, organization: UUID) -> None:
    path, _ = await prepared(served, enrollment_pool, organization)
    async with browser(served) as anybody:
        foreign = {"Origin": "https://elsewhere.example"}
        async with anybody.post(path, data={"name": "A", "email": fresh_email()}, headers=foreign) as answer:
            assert answer.status == 403
