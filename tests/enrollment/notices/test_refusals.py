"""Refused letters are told to whom they were for, forgotten with them, and follow a merge."""

from uuid import UUID, uuid4

import pytest

from services.enrollment.notices import store
from services.enrollment.notices.model import Addressee, Refusal, letter
from shared.clock import system_clock
from shared.postgres import Pool, transaction
from tests.enrollment.cast import cast, playing
from tests.enrollment.staff import another_organization
from tests.enrollment.visitors import Served, add_person, fresh_email, slug_of


async def refused(pool: Pool, organization: UUID, person_id: UUID | None, *, code: str = "550 5.1.1") -> UUID:
    identifier, to = uuid4(), Addressee(email="gone@example.org", language="en", person_id=person_id)
    mail = letter(to, kind="offer", sender_name="O", subject="S", parts=["P"])
    for _ in range(2):
        await store.insert_refusal(pool, identifier, organization, mail, code=code, now=system_clock())
    return identifier


async def shown(pool: Pool, organization: UUID, **more: UUID) -> list[Refusal]:
    return await store.refusals(pool, organization, seen_too=True, most=10, **more)


async def test_they_are_told_forgotten_and_reassigned(enrollment_pool: Pool, organization: UUID) -> None:
    pool = enrollment_pool
    ana, ben = [await add_person(pool, organization, fresh_email(), name=name) for name in ("Ana", "Ben")]
    mine, theirs = await refused(pool, organization, ana), await refused(pool, organization, ben)
    await store.see(pool, organization, [theirs], by=ana, now=system_clock())
    told = await store.data_of(pool, organization, ana)
    assert [(one["kind"], one["code"]) for one in told["letters_refused"]] == [("offer", "550 5.1.1")]
    async with transaction(pool) as connection:
        await store.reassign(connection, organization, away=ana, keep=ben)
    assert {one.id: (one.person_name, one.seen_by_name) for one in await shown(pool, organization)} == {
        mine: ("Ben", None), theirs: ("Ben", "Ben"),
    }  # fmt: skip
    async with transaction(pool) as connection:
        assert await store.forget(connection, organization, ben, keep=frozenset()) == []
    assert await shown(pool, organization) == []


async def test_another_organizations_are_neither_shown_nor_marked(enrollment_pool: Pool, organization: UUID) -> None:
    pool, other = enrollment_pool, await another_organization(enrollment_pool)
    ana, stranger = await add_person(pool, organization, fresh_email()), await add_person(pool, other, fresh_email())
    identifier = await refused(pool, organization, ana)
    assert await shown(pool, other, person_id=ana) == []
    assert await store.see(pool, other, [identifier], by=stranger, now=system_clock()) == 0
    # a letter of one organization does not name a person of another
    await refused(pool, other, ana)
    assert [one.person_id for one in await shown(pool, other)] == [None]


async def test_they_come_in_pages_newest_first(enrollment_pool: Pool, organization: UUID) -> None:
    made = [await refused(enrollment_pool, organization, None) for _ in range(5)]
    first = await store.refusals(enrollment_pool, organization, seen_too=False, most=3)
    rest = await store.refusals(enrollment_pool, organization, seen_too=False, after=first[-1].id, most=3)
    assert [one.id for one in [*first, *rest]] == made[::-1]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("550 5.1.1", "does not exist"), ("550", "does not exist"), ("552 5.2.2", "is full"),
        ("550 5.2.1", "takes no messages"), ("552 5.3.4", "too large"), ("550 5.7.1", "refuses our e-mail"),
        ("554", "refuses our e-mail"), ("malformed", "cannot be written to"),
    ],
)  # fmt: skip
def test_a_code_is_told_in_words(code: str, told: str) -> None:
    refusal = Refusal(
        id=uuid4(), person_id=None, person_name=None, person_email=None, kind="offer", code=code,
        refused_at=system_clock(), seen_by_name=None, seen_at=None,
    )  # fmt: skip
    assert told in refusal.meaning


async def test_erasing_a_person_forgets_what_was_refused_to_them(served: Served, enrollment_pool: Pool) -> None:
    scene = await cast(enrollment_pool)
    organization, person_id = scene.people["participant"]
    await refused(enrollment_pool, organization, person_id)
    async with playing(served, enrollment_pool, scene, "participant") as participant:
        path = f"/{await slug_of(enrollment_pool, organization)}/learning/erase"
        async with participant.post(path, headers={"Accept": "text/html"}) as answer:
            assert answer.status == 200
    assert await shown(enrollment_pool, organization) == []
