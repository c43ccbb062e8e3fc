"""One person under several addresses: each is confirmed where it is read, and nobody learns whose another's is."""

import re
from collections.abc import AsyncIterator
from uuid import UUID

import aiohttp
import msgspec
import pytest

from shared.postgres import Pool
from tests.enrollment.enrollments.test_enrolling import enroll
from tests.enrollment.staff import call, mails, plan, signed_in
from tests.enrollment.visitors import Served, add_person, ask, browser, fresh_email, letter, slug_of

_LINK = re.compile(r"https?://[^/\s]+(/\S+/learning/addresses/\S+)")


class Owner(msgspec.Struct, frozen=True):
    """Somebody who is signed in, with one address."""

    session: aiohttp.ClientSession
    pool: Pool
    slug: str
    organization_id: UUID
    person_id: UUID
    email: str

    @property
    def path(self) -> str:
        """The page of their addresses."""
        return f"/{self.slug}/learning/addresses"

    async def send(self, path: str, **form: str) -> tuple[int, str]:
        """The status and the page after a form."""
        async with self.session.post(path, data=form) as answer:
            return answer.status, await answer.text()

    async def link(self, email: str) -> str:
        """The path of the newest link to an address, after it was asked for."""
        _, text = await self.send(self.path, email=email)
        assert "We wrote to the address." in text
        found = _LINK.search((await mails(self.session, email, "Add this address"))[0]["body"])
        assert found is not None
        return found[1]


@pytest.fixture
async def owner(served: Served, enrollment_pool: Pool, organization: UUID) -> AsyncIterator[Owner]:
    email = fresh_email()
    person_id = await add_person(enrollment_pool, organization, email, name="Bea Lim")
    async with signed_in(served, enrollment_pool, organization, person_id=person_id) as session:
        slug = await slug_of(enrollment_pool, organization)
        yield Owner(session, enrollment_pool, slug, organization, person_id, email)


async def test_a_confirmed_address_signs_in_and_enrolls_the_same_person(owner: Owner, served: Served) -> None:
    second = fresh_email()
    link = await owner.link(second)
    # opening it, as mail scanners do, adds nothing; nor does it open for anybody else
    async with owner.session.get(link) as answer:
        assert "becomes one more address of" in await answer.text()
    stored = await owner.pool.fetch("SELECT email FROM person_address WHERE person_id = $1", owner.person_id)
    assert [row["email"] for row in stored] == [owner.email]
    async with browser(served) as stranger, stranger.post(link) as answer:
        assert answer.status == 401
    _, text = await owner.send(link)
    assert "The address is yours now." in text
    assert second in text
    assert (await owner.send(link))[0] == 410
    async with browser(served) as again:
        await ask(again, owner.slug, second)
        assert (await letter(again, second)).text.startswith("Hello Bea Lim,")
    async with signed_in(served, owner.pool, owner.organization_id, "coordinator") as staff:
        planned = await plan(staff)
        for email in (owner.email, second):
            await enroll(staff, owner.slug, planned.cohort_id, email)
    people = await owner.pool.fetch("SELECT person_id FROM enrollment WHERE cohort_id = $1", planned.cohort_id)
    assert [row["person_id"] for row in people] == [owner.person_id]


async def test_the_address_to_be_written_to_is_chosen_and_another_removed(owner: Owner) -> None:
    second = fresh_email()
    await owner.send(await owner.link(second))
    status, text = await owner.send(f"{owner.path}/first", email=second)
    assert (status, "We write to this address from now on" in text) == (200, True)
    assert await mails(owner.session, owner.email, "We write to another address")
    assert (await owner.send(f"{owner.path}/remove", email=second))[0] == 404
    _, text = await owner.send(f"{owner.path}/remove", email=owner.email)
    assert "The address is removed." in text
    assert owner.email not in text
    # whoever enrolls with it from now on is somebody else
    someone = await add_person(owner.pool, owner.organization_id, owner.email)
    assert someone != owner.person_id


async def test_whose_an_address_is_stands_only_in_the_letter_to_it(owner: Owner) -> None:
    known, unknown = fresh_email(), fresh_email()
    await add_person(owner.pool, owner.organization_id, known)
    answers = [(await owner.send(owner.path, email=email)) for email in (known, unknown)]
    assert answers[0] == answers[1]
    told = (await mails(owner.session, known, "This address is known"))[0]["body"]
    assert "learning/addresses" not in told
    assert "Bea" not in told
    for _ in range(3):
        await owner.send(owner.path, email=fresh_email())
    status, text = await owner.send(owner.path, email=fresh_email())
    assert (status, "We sent five letters within an hour." in text) == (429, True)


async def test_an_address_that_became_anothers_meanwhile_is_not_taken(owner: Owner, served: Served) -> None:
    second = fresh_email()
    link = await owner.link(second)
    await add_person(owner.pool, owner.organization_id, second)
    status, text = await owner.send(link)
    assert (status, "This address belongs to another record of ours." in text) == (409, True)
    async with browser(served) as anybody:
        status, _ = await call(anybody, "GET", owner.path)
        assert status == 401


async def test_erasing_takes_every_address(owner: Owner, served: Served) -> None:
    second = fresh_email()
    await owner.send(await owner.link(second))
    path = f"/{owner.slug}/staff/people/{owner.person_id}/erase"
    async with (
        signed_in(served, owner.pool, owner.organization_id, "administrator") as staff,
        staff.post(path, data={}) as answer,
    ):
        assert answer.status == 200
    left = "SELECT count(*) FROM person_address WHERE person_id = $1"
    assert await owner.pool.fetchval(left, owner.person_id) == 0
    assert await add_person(owner.pool, owner.organization_id, second) != owner.person_id
