"""Roles are given and taken back by administrators alone, of whom one always stays; who gets one is told of it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import aiohttp
import msgspec
import pytest

from services.enrollment.people.model import Viewer
from services.enrollment.people.roles import store
from services.enrollment.people.secrets import actions as secrets
from shared.clock import system_clock
from shared.postgres import Pool
from shared.problems import NotFoundError
from tests.enrollment.forms_of_pages import form_to
from tests.enrollment.houses import house_at
from tests.enrollment.queries import counting_queries
from tests.enrollment.staff import call, mails, signed_in
from tests.enrollment.visitors import Served, add_person, ask, browser, fresh_email, letter, slug_of


class Office(msgspec.Struct, frozen=True):
    """An administrator at the page of roles."""

    session: aiohttp.ClientSession
    pool: Pool
    slug: str
    organization_id: UUID
    person_id: UUID
    email: str

    @property
    def path(self) -> str:
        """The page of roles."""
        return f"/{self.slug}/staff/roles"

    def of(self, person_id: UUID) -> str:
        """The page of somebody's roles."""
        return f"/{self.slug}/staff/people/{person_id}/roles"

    async def see(self, path: str, **form: str) -> tuple[int, str]:
        """The status and text of a page, or of what follows a form."""
        headers = {"Accept": "text/html"}
        method = "POST" if form else "GET"
        async with self.session.request(method, path, data=form or None, headers=headers) as answer:
            return answer.status, await answer.text()

    async def roles(self, person_id: UUID) -> list[str]:
        """The roles that somebody has."""
        rows = await self.pool.fetch("SELECT role FROM role_grant WHERE person_id = $1 ORDER BY role", person_id)
        return [row["role"] for row in rows]

    async def noted(self, person_id: UUID) -> list[tuple[str, Any]]:
        """What the journal has of changes to somebody, by this administrator."""
        rows = await self.pool.fetch(
            "SELECT action, note FROM journal_entry WHERE object_id = $1 AND person_id = $2 AND action LIKE '%.write'"
            " ORDER BY at, action",
            person_id, self.person_id,
        )  # fmt: skip
        return [(row["action"], row["note"]) for row in rows]


@pytest.fixture
async def office(served: Served, enrollment_pool: Pool, organization: UUID) -> AsyncIterator[Office]:
    email = fresh_email()
    person_id = await add_person(enrollment_pool, organization, email, "administrator", name="Bea Lim")
    async with signed_in(served, enrollment_pool, organization, person_id=person_id) as session:
        slug = await slug_of(enrollment_pool, organization)
        yield Office(session, enrollment_pool, slug, organization, person_id, email)


async def test_a_role_is_given_by_address_and_the_new_person_told_how_to_begin(office: Office, served: Served) -> None:
    email = fresh_email()
    wish = {"email": f" {email.upper()} ", "role": "coordinator", "name": "Eva Ruiz", "language": "es"}
    status, text = await office.see(office.path, **wish)
    assert (status, "Make <bdi>Eva Ruiz</bdi> a coordinator?" in text) == (200, True)
    assert "Whoever reads e-mail at this address can sign in" in text
    assert "Nobody here has this address yet" in text
    found = "SELECT id FROM person WHERE email = $1"
    assert await office.pool.fetchval(found, email) is None, "only said, not done"
    status, text = await office.see(office.path, **form_to(text, "/staff/roles").fields)
    assert (status, "The role is given" in text, email in text) == (200, True, True)
    person_id = await office.pool.fetchval(found, email)
    assert await office.roles(person_id) == ["coordinator"]
    assert await office.noted(person_id) == [("person.write", None), ("role.write", {"gave": "coordinator"})]
    (mail,) = await mails(office.session, email, "Tiene una función nueva")
    assert f"/{office.slug}/sign-in?return_path=/{office.slug}/staff" in mail["body"]
    assert "Coordinación: " in mail["body"]
    async with browser(served) as eva:
        await ask(eva, office.slug, email)
        assert (await letter(eva, email)).token not in mail["body"]
    async with signed_in(served, office.pool, office.organization_id, person_id=person_id) as eva:
        async with eva.get(f"/{office.slug}/staff/people") as answer:
            assert answer.status == 200
        async with eva.post(office.path, data={"email": email, "role": "administrator", "confirmed": "yes"}) as answer:
            assert answer.status == 403, "nobody raises themselves"
    assert await office.roles(person_id) == ["coordinator"]


async def test_what_does_not_fit_is_said_and_nobody_added(office: Office) -> None:
    known = fresh_email()
    await add_person(office.pool, office.organization_id, known, "coordinator")
    people = await office.pool.fetchval(
        "SELECT count(*) FROM person WHERE organization_id = $1", office.organization_id
    )
    wrong = [
        ({"email": "no address", "role": "none"}, ("email-error", "role-error")),
        ({"email": fresh_email(), "role": "coordinator"}, ("name-error",)),
        ({"email": fresh_email(), "role": "coordinator", "name": "\u200b", "confirmed": "yes"}, ("name-error",)),
        ({"email": known, "role": "coordinator", "confirmed": "yes"}, ("role-error",)),
        ({"email": office.email, "role": "coordinator", "confirmed": "yes"}, ("email-error",)),
    ]
    for form, fields in wrong:
        status, text = await office.see(office.path, **form)
        assert (status, [f'id="{field}"' in text for field in fields]) == (422, [True] * len(fields)), form
    own = f"/api/people/{office.person_id}/roles"
    status, problem = await call(office.session, "PUT", own, {"roles": ["administrator", "coordinator"]})
    assert (status, problem["type"].rsplit("/", 1)[-1]) == (409, "own-role"), "both doors lead to one rule"
    assert people == await office.pool.fetchval(
        "SELECT count(*) FROM person WHERE organization_id = $1", office.organization_id
    )
    assert await office.roles(office.person_id) == ["administrator"]


async def test_a_role_is_taken_back_after_its_consequences_were_read(office: Office, served: Served) -> None:
    email = fresh_email()
    person_id = await add_person(office.pool, office.organization_id, email, "coordinator", name="Cyd Lim")
    await office.pool.execute(
        "INSERT INTO field_reader (organization_id, person_id, field, granted_by, granted_at)"
        " VALUES ($1, $2, 'license-number', $3, now())",
        office.organization_id, person_id, office.person_id,
    )  # fmt: skip
    _, text = await office.see(office.of(person_id))
    assert "They may open 1 private question, and can no more." in text
    async with signed_in(served, office.pool, office.organization_id, person_id=person_id) as cyd:
        async with cyd.get(f"/{office.slug}/staff/people") as answer:
            assert answer.status == 200
        status, text = await office.see(office.of(person_id), **form_to(text, f"{person_id}/roles").fields)
        assert (status, "The role is taken back" in text) == (200, True)
        async with cyd.get(f"/{office.slug}/staff/people") as answer:
            assert answer.status == 403
    assert await office.roles(person_id) == []
    assert not await office.pool.fetchval("SELECT EXISTS (SELECT FROM field_reader WHERE person_id = $1)", person_id)
    (mail,) = await mails(office.session, email, "A role of yours")
    assert "You have no role there any more." in mail["body"]
    await office.see(office.of(person_id), role="coordinator")
    assert await office.noted(person_id) == [("role.write", {"took": "coordinator"})], "again changes nothing"
    assert len(await mails(office.session, email, "A role of yours")) == 1


async def test_who_loses_their_last_role_while_they_are_let_read_opens_nothing(office: Office) -> None:
    """The page looked whether they have a role, and another administrator took it before anything was written."""
    person_id = await add_person(office.pool, office.organization_id, fresh_email(), "coordinator")
    administrator = Viewer(
        organization_id=office.organization_id, person_id=office.person_id, roles=frozenset({"administrator"})
    )
    async with house_at(office.pool, system_clock) as house, office.pool.acquire() as connection:
        taking = connection.transaction()
        await taking.start()
        await store.lock_organization(connection, office.organization_id)
        granting = asyncio.ensure_future(secrets.grant(house, administrator, person_id, "license-number"))
        _, pending = await asyncio.wait([granting], timeout=0.5)
        await connection.execute("DELETE FROM role_grant WHERE person_id = $1", person_id)
        await taking.commit()
        assert pending == {granting}, "whoever lets read waits for whoever changes roles"
        with pytest.raises(NotFoundError):
            await granting
    assert not await office.pool.fetchval("SELECT EXISTS (SELECT FROM field_reader WHERE person_id = $1)", person_id)


async def test_the_last_administrator_stays(office: Office) -> None:
    await office.pool.execute(
        "DELETE FROM role_grant WHERE organization_id = $1 AND person_id <> $2",
        office.organization_id,
        office.person_id,
    )
    _, text = await office.see(office.of(office.person_id))
    assert "The only administrator" in text
    assert 'name="role" value="administrator"' not in text
    status, text = await office.see(office.of(office.person_id), role="administrator")
    assert (status, "Make somebody else administrator first." in text) == (409, True)
    assert (await call(office.session, "PUT", f"/api/people/{office.person_id}/roles", {"roles": []}))[0] == 409
    assert await office.roles(office.person_id) == ["administrator"]
    other = await add_person(office.pool, office.organization_id, fresh_email(), "administrator")
    assert (await office.see(office.of(office.person_id), role="administrator"))[0] == 200
    assert (await office.roles(office.person_id), await office.roles(other)) == ([], ["administrator"])
    assert (await office.see(office.path))[0] == 403


async def dismissals(office: Office, served: Served) -> tuple[list[int], int]:
    """The answers when two administrators dismiss each other at once, and how many administrators are left."""
    await office.pool.execute("DELETE FROM role_grant WHERE organization_id = $1", office.organization_id)
    pair = [
        await add_person(office.pool, office.organization_id, fresh_email(), "administrator", name=f"Pair {one}")
        for one in range(2)
    ]
    async with (
        signed_in(served, office.pool, office.organization_id, person_id=pair[0]) as first,
        signed_in(served, office.pool, office.organization_id, person_id=pair[1]) as second,
    ):
        answers = await asyncio.gather(
            call(first, "PUT", f"/api/people/{pair[1]}/roles", {"roles": []}),
            call(second, "PUT", f"/api/people/{pair[0]}/roles", {"roles": []}),
        )
    left = await office.pool.fetchval(
        "SELECT count(*) FROM role_grant WHERE organization_id = $1 AND role = 'administrator'", office.organization_id
    )
    return sorted(status for status, _ in answers), left


async def test_of_two_administrators_who_dismiss_each_other_at_once_one_stays(office: Office, served: Served) -> None:
    for _ in range(5):
        assert await dismissals(office, served) == ([200, 403], 1)


async def test_without_the_lock_both_would_go(office: Office, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    both, write = asyncio.Barrier(2), store.write

    async def pass_by(connection: object, organization_id: UUID) -> None:
        """No lock."""

    async def write_together(*given: Any, **more: Any) -> bool:
        has_administrator = await write(*given, **more)
        await both.wait()
        return has_administrator

    people = [await add_person(office.pool, office.organization_id, fresh_email(), "administrator") for _ in range(2)]
    await office.pool.execute(
        "DELETE FROM role_grant WHERE organization_id = $1 AND person_id <> ALL ($2)", office.organization_id, people
    )
    async with (
        signed_in(served, office.pool, office.organization_id, person_id=people[0]) as first,
        signed_in(served, office.pool, office.organization_id, person_id=people[1]) as second,
    ):
        monkeypatch.setattr(store, "lock_organization", pass_by)
        monkeypatch.setattr(store, "write", write_together)
        answers = await asyncio.gather(
            call(first, "PUT", f"/api/people/{people[1]}/roles", {"roles": []}),
            call(second, "PUT", f"/api/people/{people[0]}/roles", {"roles": []}),
        )
    assert [status for status, _ in answers] == [200, 200]
    assert [await office.roles(one) for one in people] == [[], []]


async def test_who_was_merged_or_erased_is_given_nothing(office: Office) -> None:
    keep = await add_person(office.pool, office.organization_id, fresh_email())
    away = await add_person(office.pool, office.organization_id, fresh_email())
    await office.pool.execute(
        "UPDATE person SET merged_into = $2, email = 'merged-' || id || '@merged.invalid' WHERE id = $1", away, keep
    )
    gone = await add_person(office.pool, office.organization_id, fresh_email())
    await office.pool.execute("UPDATE person SET email = 'erased-' || id || '@erased.invalid' WHERE id = $1", gone)
    for one in (away, gone):
        assert (await call(office.session, "PUT", f"/api/people/{one}/roles", {"roles": ["administrator"]}))[0] == 404
        assert (await office.see(office.of(one)))[0] == 404
        assert await office.roles(one) == []


async def test_the_page_of_roles_asks_the_same_of_few_and_many(office: Office) -> None:
    asked = []
    for more in (1, 20):
        for _ in range(more):
            await add_person(office.pool, office.organization_id, fresh_email(), "coordinator")
        with counting_queries() as count:
            assert (await office.see(office.path))[0] == 200
        asked.append(count())
    assert asked[0] == asked[1] <= 6
