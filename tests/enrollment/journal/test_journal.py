"""The journal: what is noted stays as it was noted, with the transaction that did it, and is read newest first."""

from uuid import UUID, uuid4

import asyncpg
import pytest

from services.enrollment.journal import actions, store
from services.enrollment.journal.model import Asked, Entry, cursor, place
from shared.postgres import Pool, transaction
from shared.problems import InvalidInputError
from tests.enrollment.staff import another_organization
from tests.enrollment.visitors import add_person, fresh_email


async def note(pool: Pool, organization: UUID, action: str, *, by: UUID | None = None, of: UUID | None = None) -> None:
    await actions.note(
        pool, organization_id=organization, person_id=by, action=action, object_kind="person", object_id=of
    )


async def noted(pool: Pool, organization: UUID, **asked: object) -> list[str]:
    entries = await store.page(pool, organization, asked=Asked(**asked), most=100)  # type: ignore[arg-type]  # one filter
    return [one.action for one in entries]


async def test_an_entry_says_who_saw_which_fields_of_what(enrollment_pool: Pool, organization: UUID) -> None:
    person_id, object_id = await add_person(enrollment_pool, organization, fresh_email()), uuid4()
    async with transaction(enrollment_pool) as connection:
        await actions.note(
            connection,
            organization_id=organization,
            person_id=person_id,
            action="secret.read",
            object_kind="person",
            object_id=object_id,
            fields=["license_number"],
            note={"rows": 3, "cohort_id": object_id},
        )
        since = await connection.fetchval("SELECT now()")
    [entry] = await store.page(enrollment_pool, organization, most=100)
    assert entry == Entry(
        id=entry.id,
        organization_id=organization,
        at=since,
        person_id=person_id,
        action="secret.read",
        object_kind="person",
        object_id=object_id,
        fields=("license_number",),
        note={"rows": 3, "cohort_id": str(object_id)},
    )


async def test_what_was_rolled_back_was_not_done(enrollment_pool: Pool, organization: UUID) -> None:
    with pytest.raises(RuntimeError):
        async with transaction(enrollment_pool) as connection:
            await actions.note(
                connection, organization_id=organization, person_id=None, action="export.make", object_kind="table"
            )
            raise RuntimeError
    assert await noted(enrollment_pool, organization) == []


async def test_it_is_read_newest_first_page_by_page_without_gap(enrollment_pool: Pool, organization: UUID) -> None:
    for number in range(4):
        await note(enrollment_pool, organization, f"action {number}")
    # Of one transaction, so of one moment: only the id tells them apart.
    async with transaction(enrollment_pool) as connection:
        for _ in range(3):
            await actions.note(
                connection, organization_id=organization, person_id=None, action="action 4", object_kind="person"
            )
    found: list[Entry] = []
    while page := await store.page(
        enrollment_pool, organization, after=place(cursor(found[-1])) if found else None, most=2
    ):
        found += page
    assert [one.action for one in found] == ["action 4"] * 3 + ["action 3", "action 2", "action 1", "action 0"]
    assert len({one.id for one in found}) == 7


async def test_it_is_asked_by_person_action_and_object(enrollment_pool: Pool, organization: UUID) -> None:
    reader, seen = await add_person(enrollment_pool, organization, fresh_email()), uuid4()
    await note(enrollment_pool, organization, "person.merge", by=reader)
    await note(enrollment_pool, organization, "secret.read", of=seen)
    assert await noted(enrollment_pool, organization, person_id=reader) == ["person.merge"]
    assert await noted(enrollment_pool, organization, object_id=seen) == ["secret.read"]
    assert await noted(enrollment_pool, organization, action="secret.read") == ["secret.read"]
    assert await noted(enrollment_pool, organization, action="secret.read", person_id=reader) == []


async def test_it_is_its_organizations_own(enrollment_pool: Pool, organization: UUID) -> None:
    other = await another_organization(enrollment_pool)
    stranger = await add_person(enrollment_pool, other, fresh_email())
    await note(enrollment_pool, other, "secret.read", by=stranger)
    assert await noted(enrollment_pool, organization) == []
    assert await noted(enrollment_pool, other) == ["secret.read"]
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await note(enrollment_pool, organization, "secret.read", by=stranger)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE journal_entry SET action = 'another'", "DELETE FROM journal_entry", "TRUNCATE journal_entry"],
)
async def test_the_service_itself_can_neither_change_nor_remove_an_entry(enrollment_pool: Pool, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await enrollment_pool.execute(statement)


@pytest.mark.parametrize(
    "text", ["", "x", "20261125T113400.000000", "20261125T113400.000000-x", "-7c9e6679742540de944be07fc1f90ae7"]
)
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        place(text)
