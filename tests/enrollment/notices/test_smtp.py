"""Letters through a real mail server: what arrives, what is tried again, and what is kept as refused."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID, uuid4

import icalendar
import msgspec
import pytest

from services.enrollment.cohorts import calendars
from services.enrollment.cohorts.model import Entry, Listed
from services.enrollment.house import House
from services.enrollment.notices import store
from services.enrollment.notices.delivery import deliver
from services.enrollment.notices.model import Addressee, Link, Mail, Quote, letter
from shared import outbox
from shared.clock import system_clock
from shared.outbox import Dispatcher
from shared.postgres import Pool, transaction
from shared.sealing import seal
from tests.enrollment.houses import house_at
from tests.enrollment.notices.post_office import PostOffice, post_office
from tests.enrollment.staff import signed_in
from tests.enrollment.visitors import Served, add_person, slug_of

#: One of our own: the worker of other tests, which has no mail server, must not take these.
TOPIC = f"mail {uuid4().hex}"
URL = "https://laurel.example/o/learning"


@pytest.fixture(scope="module")
def office() -> Iterator[PostOffice]:
    """The mail server."""
    with post_office() as opened:
        yield opened


@pytest.fixture
async def house(enrollment_pool: Pool, office: PostOffice) -> AsyncIterator[House]:
    """A house whose worker sends by that server."""
    async with house_at(enrollment_pool, system_clock) as opened:
        settings = msgspec.structs.replace(
            opened.settings,
            smtp_url=f"smtp://127.0.0.1:{office.port}",
            mail_from="laurel@association.example",
            mail_reply_to="people@association.example",
        )
        sending = msgspec.structs.replace(opened, settings=settings)
        worker = asyncio.create_task(Dispatcher(enrollment_pool, {TOPIC: deliver(sending)}).run())
        yield sending
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)


async def unseen(pool: Pool, organization_id: UUID) -> int:
    """How many refused letters nobody has seen."""
    return len(await store.refusals(pool, organization_id, person_id=None, seen_too=False, after=None, most=100))


def mail_to(email: str, **more: Any) -> Mail:
    given: dict[str, Any] = {
        "kind": "dates",
        "sender_name": "Coalición de Educación",
        "subject": "Se cambió: Sesgo, Región Norte",
        "parts": ["Hola:", "algo cambia.\nDe verdad.", Link(words="Todas las fechas:", url=URL), Quote(text="Ánimo")],
        **more,
    }
    to = Addressee(email=email, language=given.pop("language", "es"), person_id=given.pop("person_id", None))
    return letter(to, **given)


async def send(house: House, organization: UUID, mail: Mail) -> UUID:
    key = uuid4()
    payload = seal(house.sealing_key, msgspec.json.encode(mail), belongs_to=str(key))
    async with transaction(house.pool) as connection:
        return await outbox.put(connection, organization_id=organization, topic=TOPIC, key=key, payload=payload)


async def is_done(house: House, identifier: UUID) -> None:
    async with asyncio.timeout(20):
        while await house.pool.fetchval("SELECT EXISTS (SELECT FROM outbox WHERE id = $1)", identifier):
            await asyncio.sleep(0.02)


def address(who: str) -> str:
    return f"{who}-{uuid4().hex[:10]}@example.org"


def types(message: EmailMessage) -> list[str]:
    return [part.get_content_type() for part in message.walk()]


async def test_a_letter_is_text_and_html_and_says_who_writes_in_which_language(
    house: House, office: PostOffice, organization: UUID
) -> None:
    for language in ("es", "en"):
        to = address("ana")
        identifier = await send(house, organization, mail_to(to, language=language))
        message = await office.message(to)
        assert types(message) == ["multipart/alternative", "text/plain", "text/html"]
        assert message["From"].addresses[0].display_name == "Coalición de Educación"
        assert message["From"].addresses[0].addr_spec == "laurel@association.example"
        assert message["Reply-To"].addresses[0].addr_spec == "people@association.example"
        assert (message["To"], message["Subject"]) == (to, "Se cambió: Sesgo, Región Norte")
        assert message["Message-ID"] == f"<{identifier}@association.example>"
        assert (message["Auto-Submitted"], message["Content-Language"]) == ("auto-generated", language)
        text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]  # both are there
        assert text.splitlines()[:4] == ["Hola:", "", "algo cambia.", "De verdad."]
        assert f"Todas las fechas:\n{URL}" in text.replace("\r\n", "\n")
        assert f'<html lang="{language}" dir="ltr">' in html
        assert f'<a href="{URL}">{URL}</a>' in html
        assert "Ánimo" in html


def dates(*entries: Entry) -> str:
    cohort = Listed(id=uuid4(), name="Norte", state="open", time_zone="America/Chicago")
    parties = calendars.Parties(organizer_name="C", organizer="l@a.example", attendee_name="A", attendee="a@b.example")
    now = datetime(2026, 3, 1, tzinfo=UTC)
    return calendars.for_reader([(cohort, entries)], pages_url=URL, joins=True, parties=parties, now=now)


def entry(**more: Any) -> Entry:
    start = datetime(2026, 3, 14, 15, tzinfo=UTC)
    return Entry(
        id=uuid4(), title="Día ñ", starts_at=start, ends_at=start + timedelta(hours=3), credit_minutes=180,
        mode="in person", place="Sala 4", **more,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("entries", "method"),
    [
        ((entry(),), "REQUEST"),
        ((entry(cancelled_at=datetime(2026, 3, 2, tzinfo=UTC)),), "CANCEL"),
        ((entry(), entry()), "PUBLISH"),
    ],
)
async def test_a_calendar_travels_as_calendars_read_it(
    house: House, office: PostOffice, organization: UUID, entries: tuple[Entry, ...], method: str
) -> None:
    to, calendar = address("ana"), dates(*entries)
    await send(house, organization, mail_to(to, calendar=calendar))
    message = await office.message(to)
    acts = method != "PUBLISH"
    assert types(message) == [
        "multipart/mixed", "multipart/alternative", "text/plain", "text/html",
        *(["text/calendar", "application/ics"] if acts else ["text/calendar"]),
    ]  # fmt: skip
    *_, attached = message.iter_attachments()
    assert attached.get_filename() == "dates.ics"
    parts = [part for part in message.walk() if part.get_content_type() in ("text/calendar", "application/ics")]
    for part in parts:
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        read = icalendar.Calendar.from_ical(content)
        assert isinstance(read, icalendar.Calendar)
        assert read["method"] == method
        assert sorted(str(one["uid"]) for one in read.walk("VEVENT")) == sorted(f"urn:uuid:{one.id}" for one in entries)
        assert {str(one["summary"]) for one in read.walk("VEVENT")} == {"Norte: Día ñ"}
        assert content.replace(b"\r\n", b"").count(b"\n") == 0
    # The method stands in the type too (RFC 6047, section 2.4), and the charset: Outlook and Google go by them.
    first = parts[0]["Content-Type"].params
    assert (first["method"], first["charset"]) == (method, "utf-8")


async def test_what_a_server_puts_off_is_sent_again_and_nobody_is_told(
    house: House, office: PostOffice, organization: UUID
) -> None:
    to = address("later")
    identifier = await send(house, organization, mail_to(to))
    await office.message(to)
    await is_done(house, identifier)
    assert office.attempts.count(to) == 2
    assert await unseen(house.pool, organization) == 0


async def test_what_a_server_refuses_for_good_is_shown_to_staff_until_somebody_saw_it(
    house: House, office: PostOffice, served: Served, organization: UUID, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    pool, slug = house.pool, await slug_of(house.pool, organization)
    nobody, full = address("nobody"), address("full")
    people = {one: await add_person(pool, organization, one, name=one[:6]) for one in (nobody, full)}
    for one, person_id in people.items():
        await is_done(house, await send(house, organization, mail_to(one, person_id=person_id)))
    await is_done(house, await send(house, organization, mail_to("no address", kind="sign-in")))
    assert [office.attempts.count(one) for one in people] == [1, 1]
    rows = await pool.fetch("SELECT person_id, kind, code FROM mail_refusal WHERE organization_id = $1", organization)
    assert {tuple(row) for row in rows} == {
        (people[nobody], "dates", "550 5.1.1"), (people[full], "dates", "552 5.2.2"), (None, "sign-in", "malformed"),
    }  # fmt: skip
    # The mail server of this test logs beside us.
    ours = [one for one in caplog.records if one.name != "mail.log"]
    assert ours
    assert not [one for one in ours if "example.org" in f"{one.getMessage()} {vars(one)}"]
    path = f"/{slug}/staff/letters"
    async with signed_in(served, pool, organization, "coordinator") as staff:

        async def see(query: str = "") -> str:
            async with staff.get(path + query, headers={"Accept": "text/html"}) as answer:
                assert answer.status == 200
                return await answer.text()

        shown = await see()
        for told in (nobody, full, "The mailbox does not exist", "The mailbox is full", "cannot be written to"):
            assert told in shown
        only = await see(f"?person_id={people[full]}")
        assert full in only
        assert nobody not in only
        async with staff.post(f"{path}/seen", data={"chosen": []}) as answer:
            assert (answer.status, "Choose at least one letter." in await answer.text()) == (422, True)
        identifier = await pool.fetchval("SELECT id FROM mail_refusal WHERE person_id = $1", people[nobody])
        for _ in range(2):
            async with staff.post(f"{path}/seen", data={"chosen": str(identifier)}) as answer:
                assert answer.status == 200
        assert nobody not in await see()
        again = await see("?all=yes")
        assert nobody in again
        assert "by <bdi>Ana Lim</bdi>" in again
    assert await unseen(pool, organization) == 2


HOSTILE = "Ana\r\nBcc: victim@example.org\r\n\r\n<script>alert(1)</script>\u202e\u2028\x00 \"'&"


async def test_no_name_or_text_becomes_a_header_a_recipient_or_a_tag(
    house: House, office: PostOffice, organization: UUID
) -> None:
    to = address("ana")
    hostile = mail_to(
        to, sender_name=HOSTILE, subject=f"{HOSTILE} {'x' * 900}",
        parts=[HOSTILE, Quote(text=HOSTILE), Link(words=HOSTILE, url='https://a.example/"><script>')],
    )  # fmt: skip
    await send(house, organization, hostile)
    message = await office.message(to)
    assert "Bcc" not in message
    assert [one.addr_spec for one in message["From"].addresses] == ["laurel@association.example"]
    assert [one.addr_spec for one in message["To"].addresses] == [to]
    assert office.attempts.count("victim@example.org") == 0
    assert len(message["Subject"]) < 210
    for field in (message["Subject"], message["From"].addresses[0].display_name):
        assert not set(field) & set("\r\n\u202e\u2028\x00")
    html = message.get_body(("html",)).get_content()  # type: ignore[union-attr]  # it is there
    assert "<script" not in html
