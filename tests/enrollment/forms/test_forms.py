"""What a program asks: written in versions, answered when enrolling, kept private where it is, and taken back."""

import io
import json
import logging
import re
import zipfile
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import msgspec
import pytest

from services.enrollment.forms.model import STARTER
from services.enrollment.house import sealing_key
from services.enrollment.people.secrets import actions as secrets
from shared.clock import system_clock
from shared.postgres import Pool, transaction
from tests.enrollment.forms_of_pages import form_to, forms_of
from tests.enrollment.outsiders import everything
from tests.enrollment.queries import counting_queries
from tests.enrollment.staff import Planned, call, mails, plan, put, signed_in
from tests.enrollment.visitors import Served, add_person, browser, fresh_email, slug_of

HTML = {"Accept": "text/html"}
CANARY = "IL 4711 0815 Z"
FIELDS: list[dict[str, Any]] = [
    {"key": "district", "label": "School district", "kind": "text", "required": True},
    {"key": "role", "label": "Role", "kind": "choice", "choices": ["Teacher", "Another"], "required": True},
    {"key": "license-number", "label": "License number", "kind": "private"},
]
CONSENT: dict[str, Any] = {
    "key": "photographs",
    "label": "Photographs",
    "texts": {"en": "You may show me.", "es": "Pueden mostrarme."},
}


class Ground(msgspec.Struct, frozen=True):
    """A cohort whose program asks something, and its staff's browser."""

    organization_id: UUID
    slug: str
    planned: Planned
    staff: aiohttp.ClientSession

    @property
    def cohort(self) -> str:
        return f"/{self.slug}/cohorts/{self.planned.cohort_id}"

    @property
    def form(self) -> str:
        return f"/api/programs/{self.planned.program_id}/form"

    @property
    def page(self) -> str:
        return f"/{self.slug}/staff/programs/{self.planned.program_id}/form"

    @property
    def answers(self) -> str:
        return f"/{self.slug}/staff/cohorts/{self.planned.cohort_id}/answers"


@pytest.fixture
async def ground(served: Served, enrollment_pool: Pool, organization: UUID) -> AsyncIterator[Ground]:
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff, seats=5)
        ground = Ground(organization, await slug_of(enrollment_pool, organization), planned, staff)
        await put(staff, ground.form, {"based_on": 0, "fields": FIELDS, "consents": [CONSENT]})
        yield ground


async def see(session: aiohttp.ClientSession, path: str) -> tuple[int, str]:
    async with session.get(path, headers=HTML) as answer:
        return answer.status, await answer.text()


async def send(session: aiohttp.ClientSession, path: str, /, **fields: str) -> tuple[int, str]:
    async with session.post(path, data=fields, headers=HTML) as answer:
        return answer.status, await answer.text()


def filled(email: str, **more: str) -> dict[str, str]:
    answers = {"answer-district": "District 7", "answer-role": "Teacher", "answer-license-number": CANARY}
    return {"name": "Ana Lim", "email": email, "form_version": "1", **answers, **more}


async def enroll(session: aiohttp.ClientSession, ground: Ground, email: str, **more: str) -> int:
    return (await send(session, ground.cohort, **filled(email, **more)))[0]


async def person_of(pool: Pool, ground: Ground, email: str) -> tuple[UUID, UUID]:
    """The ids of person and enrollment."""
    row = await pool.fetchrow(
        "SELECT p.id AS person, e.id AS enrollment FROM person p JOIN enrollment e ON e.person_id = p.id"
        " WHERE p.organization_id = $1 AND p.email = $2 AND e.place <> 'none'",
        ground.organization_id, email,
    )  # fmt: skip
    assert row is not None
    return row["person"], row["enrollment"]


async def test_staff_begin_with_ours_look_at_it_and_save_versions(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    slug = await slug_of(enrollment_pool, organization)
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff)
        page = f"/{slug}/staff/programs/{planned.program_id}/form"
        assert page in (await see(staff, page.removesuffix("/form")))[1]
        begun = (await send(staff, page, verb="begin"))[1]
        wanted = form_to(begun, "/form").fields
        assert "As people will see it" in begun
        status, text = await send(staff, page, **wanted, verb="preview")
        assert (status, "Nothing is saved yet." in text) == (200, True)
        assert (await call(staff, "GET", f"/api/{slug}/programs/{planned.program_id}/form"))[0] == 404
        for changes, version in (({}, 1), ({}, 1), ({"hint-0": "Its full name"}, 2)):
            fields = wanted | {"version": str(min(version, 2) - 1)} | changes
            assert (await send(staff, page, **fields))[0] == 200
            _, form = await call(staff, "GET", f"/api/{slug}/programs/{planned.program_id}/form")
            assert form["version"] == version
        assert [one["key"] for one in form["fields"]] == [one.key for one in STARTER.fields]
        assert form["consents"][0]["texts"] == STARTER.consents[0].texts
        assert form["consents"][0]["version"] == 1
        status, text = await send(staff, page, **{**wanted, "label-5": "Late"})
        assert (status, "Somebody else changed this form" in text, "Late" in text) == (409, True, True)
        status, text = await send(staff, page, **{**wanted, "version": "2", "choices-2": "One"})
        assert (status, 'id="choices-2-error"' in text) == (422, True)


async def test_the_api_keeps_versions_and_names_what_does_not_fit(ground: Ground) -> None:
    body = {"based_on": 1, "fields": FIELDS, "consents": [{**CONSENT, "texts": {"en": "You may show me anywhere."}}]}
    first = await put(ground.staff, ground.form, {**body, "consents": [CONSENT]})
    assert first["version"] == 1
    second = await put(ground.staff, ground.form, body)
    assert (second["version"], second["consents"][0]["version"]) == (2, 2)
    status, problem = await call(ground.staff, "PUT", ground.form, {**body, "fields": FIELDS[:1]})
    assert (status, problem["version"]) == (409, 2)
    opened = [*FIELDS[:2], {**FIELDS[2], "kind": "text"}]
    assert (await call(ground.staff, "PUT", ground.form, {**body, "based_on": 2, "fields": opened}))[0] == 422
    one = {"key": "role", "label": "Role", "kind": "choice", "choices": ["Only"]}
    status, problem = await call(ground.staff, "PUT", ground.form, {**body, "based_on": 2, "fields": [one]})
    assert (status, "fields.role.choices" in json.dumps(problem)) == (422, True)
    # What was left out comes back as it was, or not at all.
    await put(ground.staff, ground.form, {"based_on": 2, "fields": FIELDS[:1]})
    other = [{**FIELDS[2], "label": "Something else"}]
    assert (await call(ground.staff, "PUT", ground.form, {"based_on": 3, "fields": other}))[0] == 422
    assert (await put(ground.staff, ground.form, {"based_on": 3, "fields": FIELDS}))["version"] == 4
    missing = {"based_on": 0, "fields": []}
    assert (await call(ground.staff, "PUT", f"/api/programs/{uuid4()}/form", missing))[0] == 404


async def test_the_form_stands_on_the_enrolling_page_and_keeps_what_was_typed(
    served: Served, enrollment_pool: Pool, ground: Ground
) -> None:
    async with browser(served) as visitor:
        with counting_queries() as asked:
            status, text = await see(visitor, ground.cohort)
        assert asked() <= 6
        assert {"answer-district", "answer-role", "answer-license-number"} <= set(form_to(text, ground.cohort).fields)
        assert "You may show me." in text
        email = fresh_email()
        status, text = await send(visitor, ground.cohort, **filled(email, name="", **{"answer-district": ""}))
        assert status == 422
        assert 'id="answer-district-error"' in text
        assert 'id="name-error"' in text
        assert form_to(text, ground.cohort).fields["answer-license-number"] == CANARY
        assert await enroll(visitor, ground, email, **{"consent-photographs": "yes"}) == 200
    _, enrollment_id = await person_of(enrollment_pool, ground, email)
    kept = await enrollment_pool.fetch("SELECT * FROM enrollment_answer WHERE enrollment_id = $1", enrollment_id)
    assert {row["field"]: row["answer"] for row in kept} == {"district": "District 7", "role": "Teacher"}
    consent = await enrollment_pool.fetchrow("SELECT * FROM consent WHERE enrollment_id = $1", enrollment_id)
    assert consent is not None
    assert (consent["key"], consent["version"], consent["language"]) == ("photographs", 1, "en")
    status, text = await see(ground.staff, ground.answers)
    assert status == 200
    assert "District 7" in text
    assert "Kept private" in text
    assert CANARY not in text
    assert "/private/" not in text


async def test_a_private_answer_is_nowhere_in_clear(
    served: Served, enrollment_pool: Pool, ground: Ground, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    email = fresh_email()
    async with browser(served) as visitor:
        assert await enroll(visitor, ground, email) == 200
        path = f"/api/{ground.slug}/cohorts/{ground.planned.cohort_id}/enrollments/{uuid4()}"
        body = {"name": "Bo Lim", "email": fresh_email(), "form_version": 1}
        for answers in ({"license-number": CANARY * 40}, {"license-number": CANARY}):
            status, problem = await call(visitor, "PUT", path, {**body, "answers": answers})
            assert status in (400, 422)
            assert CANARY not in json.dumps(problem)
        answers = {"license-number": CANARY, "district": "7", "role": "Another"}
        assert (await call(visitor, "PUT", path, {**body, "answers": answers}))[0] == 200
    letters = await mails(ground.staff, email, "")
    held = await everything(enrollment_pool, ground.organization_id)
    assert "District 7" in str(held)  # the control: what is not private is found this way
    for place in (str(held), caplog.text, str(letters)):
        assert CANARY not in place
        assert CANARY.encode().hex() not in place
    sealed = await enrollment_pool.fetch(
        "SELECT sealed FROM person_secret WHERE organization_id = $1", ground.organization_id
    )
    assert len(sealed) == 2
    assert not any(CANARY.encode() in row["sealed"] for row in sealed)


async def test_words_that_changed_meanwhile_are_not_consented_to(
    served: Served, enrollment_pool: Pool, ground: Ground
) -> None:
    email = fresh_email()
    changed = {**CONSENT, "texts": {"en": "You may sell my picture."}}
    await put(ground.staff, ground.form, {"based_on": 1, "fields": FIELDS, "consents": [changed]})
    async with browser(served) as visitor:
        status, text = await send(visitor, ground.cohort, **filled(email, **{"consent-photographs": "yes"}))
        assert status == 422
        assert "The questions were changed meanwhile" in text
        assert form_to(text, ground.cohort).fields["form_version"] == "2"
        assert await enroll(visitor, ground, email, form_version="2") == 200
    _, enrollment_id = await person_of(enrollment_pool, ground, email)
    await put(ground.staff, ground.form, {"based_on": 2, "fields": FIELDS[:1]})
    version = await enrollment_pool.fetchval(
        "SELECT version FROM enrollment_form WHERE enrollment_id = $1", enrollment_id
    )
    assert version == 2
    assert "Teacher" in (await see(ground.staff, ground.answers))[1]


async def test_one_sees_and_changes_ones_own_and_takes_a_consent_back(
    served: Served, enrollment_pool: Pool, ground: Ground
) -> None:
    pool, email = enrollment_pool, fresh_email()
    async with browser(served) as visitor:
        assert await enroll(visitor, ground, email, **{"consent-photographs": "yes"}) == 200
        person_id, enrollment_id = await person_of(pool, ground, email)
        # A stranger who types the address changes nothing of it, whether the person has a place or comes back.
        assert await enroll(visitor, ground, email, **{"answer-license-number": "Planted"}) == 200
        await call(ground.staff, "PUT", f"/api/enrollments/{enrollment_id}/withdrawal")
        assert await enroll(visitor, ground, email, **{"answer-license-number": "Planted"}) == 200
    own = f"/{ground.slug}/learning/{enrollment_id}/answers"
    async with signed_in(served, pool, ground.organization_id, person_id=person_id) as owner:
        assert own in (await see(owner, f"/{ground.slug}/learning"))[1]
        text = (await see(owner, own))[1]
        fields = next(one.fields for one in forms_of(text) if one.action == own)
        assert fields["answer-license-number"] == CANARY
        assert (await send(owner, own, **{**fields, "answer-role": "Nobody"}))[0] == 422
        assert (await send(owner, own, **{**fields, "answer-license-number": "New 12", "answer-role": "Another"}))[
            0
        ] == 200
        assert "New 12" in (await see(owner, own))[1]
        for verb, words in (
            ("give", "Given"),
            ("withdraw", "Taken back"),
            ("withdraw", "Taken back"),
            ("give", "Given"),
        ):
            status, text = await send(owner, own, consent="photographs", verb=verb)
            assert (status, f"{words}</span>" in text) == (200, True)
        assert (await send(owner, own, consent="envy", verb="give"))[0] == 404
        async with owner.get(f"/{ground.slug}/learning/data/download") as answer:
            archive = zipfile.ZipFile(io.BytesIO(await answer.read()))
        told = "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".json"))
        assert "New 12" in told
        assert "You may show me." in told
        assert (await send(owner, own, **{**fields, "answer-license-number": ""}))[0] == 200
    assert await pool.fetchval("SELECT count(*) FROM person_secret WHERE person_id = $1", person_id) == 0
    rows = await pool.fetch(
        "SELECT withdrawn_at FROM consent WHERE enrollment_id = $1 ORDER BY given_at", enrollment_id
    )
    assert [row["withdrawn_at"] is None for row in rows] == [False, False, True]


async def test_only_readers_open_what_is_private_and_each_opening_is_noted(
    served: Served, enrollment_pool: Pool, ground: Ground
) -> None:
    pool, email = enrollment_pool, fresh_email()
    async with browser(served) as visitor:
        assert await enroll(visitor, ground, email) == 200
    person_id, _ = await person_of(pool, ground, email)
    private = f"/{ground.slug}/staff/people/{person_id}/private"
    reader_email = fresh_email()
    reader_id = await add_person(pool, ground.organization_id, reader_email, "coordinator")
    readers = f"/{ground.slug}/staff/readers"
    async with (
        signed_in(served, pool, ground.organization_id, "administrator") as administrator,
        signed_in(served, pool, ground.organization_id, person_id=reader_id) as reader,
    ):
        for nobody in (administrator, reader, ground.staff):
            assert (await send(nobody, f"{private}/license-number"))[0] == 404
        assert (await see(ground.staff, readers))[0] == 403
        for wrong in ({"email": "nobody@example.org"}, {"email": reader_email, "field": "district"}, {}):
            assert (await send(administrator, readers, **{"field": "license-number", **wrong}))[0] == 422
        status, text = await send(administrator, readers, field="license-number", email=reader_email)
        assert (status, reader_email in text) == (200, True)
        with counting_queries() as asked:
            text = (await see(reader, ground.answers))[1]
        assert asked() <= 8
        assert f'action="{private}/license-number"' in text
        status, text = await send(reader, f"{private}/license-number")
        assert (status, CANARY in text) == (200, True)
        assert (await send(reader, f"{private}/accessibility-needs"))[0] == 404
        assert (await send(reader, f"/{ground.slug}/staff/people/{uuid4()}/private/license-number"))[0] == 404
        assert (await send(administrator, f"{private}/license-number"))[0] == 404
        await send(administrator, readers, verb="revoke", person_id=str(reader_id), field="license-number")
        assert (await send(reader, f"{private}/license-number"))[0] == 404
        assert (await send(administrator, readers, field="license-number", email=email))[0] == 422
    noted = await pool.fetch(
        "SELECT action, person_id, object_id, fields FROM journal_entry WHERE organization_id = $1 AND"
        " action IN ('secret.read', 'reader.grant', 'reader.revoke') ORDER BY at",
        ground.organization_id,
    )  # fmt: skip
    assert [row["action"] for row in noted] == ["reader.grant", "secret.read", "reader.revoke"]
    assert (noted[1]["person_id"], noted[1]["object_id"]) == (reader_id, person_id)
    assert list(noted[1]["fields"]) == ["license-number"]


async def test_whoever_works_here_no_more_opens_nothing(served: Served, enrollment_pool: Pool, ground: Ground) -> None:
    pool, email, reader_email = enrollment_pool, fresh_email(), fresh_email()
    async with browser(served) as visitor:
        assert await enroll(visitor, ground, email) == 200
    person_id, _ = await person_of(pool, ground, email)
    reader_id = await add_person(pool, ground.organization_id, reader_email, "coordinator")
    private = f"/{ground.slug}/staff/people/{person_id}/private/license-number"
    async with (
        signed_in(served, pool, ground.organization_id, "administrator") as administrator,
        signed_in(served, pool, ground.organization_id, person_id=reader_id) as reader,
    ):
        await send(administrator, f"/{ground.slug}/staff/readers", field="license-number", email=reader_email)
        assert (await send(reader, private))[0] == 200
        for roles in ([], ["coordinator"]):
            assert (await call(administrator, "PUT", f"/api/people/{reader_id}/roles", {"roles": roles}))[0] == 200
            assert (await send(reader, private))[0] == 404


async def test_who_was_never_asked_answers_what_is_asked_now(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    pool, email, slug = enrollment_pool, fresh_email(), await slug_of(enrollment_pool, organization)
    async with signed_in(served, pool, organization, "coordinator") as staff:
        ground = Ground(organization, slug, await plan(staff, seats=5), staff)
        async with browser(served) as visitor:
            assert (await send(visitor, ground.cohort, name="Ana Lim", email=email))[0] == 200
        await put(staff, ground.form, {"based_on": 0, "fields": FIELDS, "consents": [CONSENT]})
    person_id, enrollment_id = await person_of(pool, ground, email)
    async with signed_in(served, pool, organization, person_id=person_id) as owner:
        own = f"/{slug}/learning/{enrollment_id}/answers"
        assert own in (await see(owner, f"/{slug}/learning"))[1]
        assert "License number" in (await see(owner, own))[1]
        given = {"answer-license-number": CANARY, "answer-district": "5", "answer-role": "Teacher"}
        assert (await send(owner, own, **given))[0] == 200
        assert CANARY in (await see(owner, own))[1]
        assert (await send(owner, own, consent=CONSENT["key"], verb="give"))[0] == 200
    assert await pool.fetchval("SELECT count(*) FROM consent WHERE enrollment_id = $1", enrollment_id) == 1


async def test_two_records_of_one_person_become_one(served: Served, enrollment_pool: Pool, ground: Ground) -> None:
    pool, organization_id, key = enrollment_pool, ground.organization_id, sealing_key(served.settings)
    emails = [fresh_email(), fresh_email()]
    async with browser(served) as visitor:
        for email, number in zip(emails, ("Old 1", ""), strict=True):
            assert await enroll(visitor, ground, email, **{"answer-license-number": number}) == 200
    (away, _), (into, _) = [await person_of(pool, ground, email) for email in emails]
    await pool.execute("INSERT INTO field_reader VALUES ($1, $2, 'role', $2, now())", organization_id, away)
    async with transaction(pool) as connection:
        await secrets.reassign(connection, organization_id, away=away, into=into, sealing_key=key, now=system_clock())
    assert await secrets.own_secrets(pool, organization_id, into, sealing_key=key) == {"license-number": "Old 1"}
    assert await secrets.own_secrets(pool, organization_id, away, sealing_key=key) == {}
    rows = await pool.fetch(
        "SELECT person_id, granted_by FROM field_reader WHERE organization_id = $1", organization_id
    )
    assert [tuple(row) for row in rows] == [(into, into)]


async def test_answers_go_along_to_another_cohort_and_go_with_the_person(
    served: Served, enrollment_pool: Pool, ground: Ground
) -> None:
    pool, email = enrollment_pool, fresh_email()
    async with browser(served) as visitor:
        assert await enroll(visitor, ground, email, **{"consent-photographs": "yes"}) == 200
    person_id, enrollment_id = await person_of(pool, ground, email)
    other = uuid4()
    await put(ground.staff, f"/api/cohorts/{other}", {**ground.planned.body, "name": "Other", "sessions": []})
    await put(ground.staff, f"/api/cohorts/{other}/seats", {"seats": 2})
    places = f"/{ground.slug}/staff/cohorts/{ground.planned.cohort_id}/places"
    moved = {"action": "transfer", "chosen": str(enrollment_id), "to": str(other), "confirmed": "yes"}
    assert (await send(ground.staff, places, **moved))[0] == 200
    _, there = await person_of(pool, ground, email)
    assert there != enrollment_id
    text = (await see(ground.staff, ground.answers.replace(str(ground.planned.cohort_id), str(other))))[1]
    assert re.search(r"District 7.*Given", text, re.DOTALL)
    async with signed_in(served, pool, ground.organization_id, person_id=person_id) as owner:
        assert (await send(owner, f"/{ground.slug}/learning/erase"))[0] == 200
    for table in ("enrollment_answer", "consent", "enrollment_form", "person_secret"):
        count = await pool.fetchval(f"SELECT count(*) FROM {table} WHERE organization_id = $1", ground.organization_id)
        assert (table, count) == (table, 0)
