"""Calendars as a calendar program reads them: updates, cancellations, time zones, and nobody else's dates."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import icalendar
import msgspec
import pytest
from dateutil.tz import tzical  # type: ignore[import-untyped]  # it has no types

from services.enrollment.cohorts import actions, calendars, store
from services.enrollment.cohorts.model import Cohort, Entry, Listed, eased
from services.enrollment.house import House
from services.enrollment.notices.model import Mail
from shared.clock import system_clock
from shared.postgres import Pool
from shared.sealing import unseal
from tests.enrollment.cohorts.test_staff_pages import seated, see, send
from tests.enrollment.houses import house_at
from tests.enrollment.staff import another_organization, call, plan, put, session_body, signed_in
from tests.enrollment.visitors import Served, browser, slug_of

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 3, 1, tzinfo=UTC)
COHORT = Listed(id=uuid4(), name="North, East; 1", state="open", time_zone="America/Chicago")
SECRET = "https://video.example/secret-room"


def entry(starts_at: datetime, **more: Any) -> Entry:
    given = {"id": uuid4(), "title": "Bias", "credit_minutes": 180, "mode": "in person", "place": "Room 4", **more}
    return Entry(starts_at=starts_at, ends_at=starts_at + timedelta(hours=3), **given)


def read(content: bytes | str) -> tuple[icalendar.Calendar, list[Any]]:
    """The calendar and its events, as another program parses them."""
    found = icalendar.Calendar.from_ical(content)
    assert isinstance(found, icalendar.Calendar)
    return found, list(found.walk("VEVENT"))


def written(entries: Sequence[Entry], **more: Any) -> bytes:
    given = {"name": "North", "pages_url": "https://laurel.example/o/cohorts", "joins": False, "now": NOW, **more}
    return calendars.calendar([(COHORT, entries)], **given)


def test_sessions_on_both_sides_of_the_clock_change_keep_their_hour() -> None:
    days = [datetime(2026, 3, 7, 9, tzinfo=CHICAGO), datetime(2026, 3, 14, 9, tzinfo=CHICAGO)]
    found, events = read(written([entry(day) for day in days]))
    assert [one.decoded("dtstart").astimezone(UTC).hour for one in events] == [15, 14]
    assert {one["dtstart"].params["TZID"] for one in events} == {"America/Chicago"}
    (zone,) = found.walk("VTIMEZONE")
    assert zone["tzid"] == "America/Chicago"
    # by the file's own description of the zone, without asking any other
    assert isinstance(zone, icalendar.Timezone)
    alone = zone.to_tz(lookup_tzid=False)
    assert [day.replace(tzinfo=alone).utcoffset() for day in (datetime(2026, 3, 7, 9), datetime(2026, 3, 14, 9))] == [  # noqa: DTZ001
        timedelta(hours=-6), timedelta(hours=-5),
    ]  # fmt: skip


def test_a_cancelled_session_is_said_to_be_one_and_counts_its_revisions() -> None:
    held, gone = entry(NOW), entry(NOW, revision=3, cancelled_at=NOW, changed_at=NOW)
    _, (first, second) = read(written([held, gone]))
    assert (first["status"], first["sequence"]) == ("CONFIRMED", 0)
    assert (second["status"], second["sequence"], second.decoded("last-modified")) == ("CANCELLED", 3, NOW)
    assert second["uid"] == f"urn:uuid:{gone.id}"


def test_only_who_joins_finds_the_video_call() -> None:
    virtual = entry(NOW, mode="virtual", link=SECRET)
    assert SECRET.encode() not in written([virtual])
    _, (event,) = read(written([virtual], joins=True))
    assert (event["location"], event["conference"]) == (SECRET, SECRET)


def test_one_session_is_requested_or_cancelled_and_several_are_published() -> None:
    held, gone = entry(NOW), entry(NOW, cancelled_at=NOW)
    assert calendars.method_of(COHORT, [held]) == "REQUEST"
    assert calendars.method_of(COHORT, [gone]) == "CANCEL"
    assert calendars.method_of(COHORT, [held, gone]) == "PUBLISH"
    cancelled = msgspec.structs.replace(COHORT, state="cancelled")
    assert calendars.method_of(cancelled, [held]) == "CANCEL"


async def letters_of(house: House, before: Cohort, after: Cohort) -> dict[str, Mail]:
    """What writing `after` sends, by recipient; taken back before a worker could send it."""
    found: dict[str, Mail] = {}
    async with house.pool.acquire() as connection:
        taken_back = connection.transaction()
        await taken_back.start()
        try:
            await actions.write(house, connection, after)
            rows = await connection.fetch(
                "SELECT key, payload FROM outbox WHERE organization_id = $1 AND topic = 'mail' AND xmin = "
                "pg_current_xact_id()::xid", before.organization_id,
            )  # fmt: skip
            for row in rows:
                opened = unseal(house.sealing_key, row["payload"], belongs_to=str(row["key"]))
                mail = msgspec.json.decode(opened, type=Mail)
                found[mail.recipient] = mail
        finally:
            await taken_back.rollback()
    return found


async def test_letters_bring_the_calendar_up_to_date(served: Served, enrollment_pool: Pool, organization: UUID) -> None:
    pool, slug = enrollment_pool, await slug_of(enrollment_pool, organization)
    async with signed_in(served, pool, organization, "coordinator") as staff:
        planned = await plan(staff, sessions=[session_body(days=n, title=f"Day {n}") for n in (10, 20)])
        emails = {await seated(staff, slug, planned) for _ in range(2)}
    before = await store.cohort(pool, organization, planned.cohort_id)
    assert before is not None
    first, second = before.sessions
    moved = msgspec.structs.replace(
        first, starts_at=first.starts_at + timedelta(days=1), ends_at=first.ends_at + timedelta(days=1)
    )
    cases: list[tuple[str, str, list[tuple[str, int]], dict[str, Any]]] = [
        ("REQUEST", "Changed: Day 10", [("CONFIRMED", 1)], {"sessions": (moved, second)}),
        (
            "CANCEL",
            "Cancelled: Day 20",
            [("CANCELLED", 1)],
            {"sessions": (first,), "policy": eased(before.policy, (first,))},
        ),
        ("PUBLISH", "Changed dates", [("CONFIRMED", 1), ("CANCELLED", 1)], {"sessions": (moved,)}),
        ("PUBLISH", "Cancelled: Midwest 1", [("CANCELLED", 1)] * 2, {"state": "cancelled"}),
    ]
    async with house_at(pool, system_clock) as house:
        for method, subject, events_told, change in cases:
            found = await letters_of(house, before, msgspec.structs.replace(before, **change))
            assert found.keys() == emails
            for recipient, mail in found.items():
                assert mail.subject.startswith(subject)
                assert mail.calendar is not None
                calendar, events = read(mail.calendar)
                assert calendar["method"] == method
                assert [(one["status"], one["sequence"]) for one in events] == events_told
                assert {str(one["attendee"]) for one in events} == {f"mailto:{recipient}"}
        # what nobody sees, nobody hears of
        renamed = msgspec.structs.replace(first, title="Another name", credit_minutes=150)
        quiet = msgspec.structs.replace(
            before, name="Renamed", sessions=(renamed, second), policy=eased(before.policy, (renamed, second))
        )
        assert await letters_of(house, before, quiet) == {}
        past = [
            msgspec.structs.replace(one, starts_at=NOW - timedelta(9), ends_at=NOW - timedelta(8))
            for one in before.sessions
        ]
        assert (await letters_of(house, before, msgspec.structs.replace(before, sessions=tuple(past)))).keys() == emails


async def test_a_cohorts_file_follows_a_session_that_is_switched_and_one_that_is_cancelled(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    slug = await slug_of(enrollment_pool, organization)
    sessions = [session_body(days=n, title=f"Day {n}") for n in (10, 20)]
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff, browser(served) as anybody:
        planned = await plan(staff, sessions=sessions)
        path = f"/{slug}/cohorts/{planned.cohort_id}/calendar.ics"
        wanted = {"mode": "virtual", "link": SECRET}
        session_path = f"/api/cohorts/{planned.cohort_id}/sessions/{sessions[0]['id']}"
        await put(staff, f"{session_path}/mode", wanted)
        assert (await send(staff, f"/{slug}/teach/cohorts/{planned.cohort_id}/sessions/{sessions[1]['id']}/cancel"))[
            0
        ] == 200
        async with anybody.get(path) as answer:
            assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
            text = await answer.text()
        assert SECRET not in text
        found, (first, second) = read(text)
        assert found["method"] == "PUBLISH"
        assert (first["sequence"], first["status"], "location" in first) == (1, "CONFIRMED", False)
        assert (second["sequence"], second["status"]) == (1, "CANCELLED")


async def test_ones_own_calendar_holds_the_dates_where_one_sits_and_its_address_can_be_made_anew(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    pool, slug = enrollment_pool, await slug_of(enrollment_pool, organization)
    other_slug = await slug_of(pool, await another_organization(pool))
    async with signed_in(served, pool, organization, "coordinator") as staff:
        mine = await plan(staff, seats=1, name="Mine", sessions=[session_body(mode="virtual", link=SECRET)])
        await plan(staff, seats=1, name="Not mine")
        email = await seated(staff, slug, mine)
        late = await seated(staff, slug, mine)
    people = {
        address: await pool.fetchval("SELECT id FROM person WHERE email = $1", address) for address in (email, late)
    }
    async with signed_in(served, pool, organization, person_id=people[email]) as own, browser(served) as program:
        page = f"/{slug}/learning/calendar"
        assert "Make my calendar" in (await see(own, page))[1]
        addresses = []
        for _ in range(2):
            status, _, text = await send(own, page)
            assert status == 200
            (address,) = [one for one in text.split() if one.endswith(".ics</p>")]
            addresses.append("/" + address.removesuffix("</p>").split("/", 3)[3])
        old, new = addresses
        assert (await see(program, old))[0] == 404
        status, text = await see(program, new)
        assert status == 200
        _, (event,) = read(text)
        assert event["summary"].startswith("Mine")
        assert event["conference"] == SECRET
        assert (await see(program, new.replace(f"/{slug}/", f"/{other_slug}/")))[0] == 404
        kept = await pool.fetchval("SELECT token_sha256 FROM calendar_feed WHERE person_id = $1", people[email])
        assert new.rpartition("/")[2].removesuffix(".ics").encode() not in kept
        # who gives up the seat sees the dates no longer
        _, found = await call(own, "GET", "/api/enrollments")
        await put(own, f"/api/enrollments/{found['items'][0]['id']}/withdrawal", {})
        assert read((await see(program, new))[1])[1] == []
    # in line one has no dates yet; now there is a seat
    async with signed_in(served, pool, organization, person_id=people[late]) as other:
        text = (await send(other, f"/{slug}/learning/calendar"))[2]
        (address,) = [one for one in text.split() if one.endswith(".ics</p>")]
        path = "/" + address.removesuffix("</p>").split("/", 3)[3]
        assert len(read((await see(other, path))[1])[1]) == 1


@pytest.mark.parametrize("name", ["America/Chicago", "Europe/Dublin", "Australia/Lord_Howe", "Asia/Kolkata"])
def test_a_file_says_of_every_hour_what_the_zone_says(name: str) -> None:
    """By a reader that knows only the file: the clock goes forward and back at the right hour."""
    zone = ZoneInfo(name)
    cohort = msgspec.structs.replace(COHORT, time_zone=name)
    text = calendars.calendar(
        [(cohort, [entry(NOW)])], name="North", pages_url="https://laurel.example", joins=False, now=NOW
    ).decode()
    alone = tzical(io.StringIO(text)).get(name)
    hours = [NOW + timedelta(minutes=30 * n) for n in range(2 * 24 * 400)]
    for hour in hours:
        local = hour.astimezone(zone)
        if local.fold == 0:
            wall = local.replace(tzinfo=None)
            assert wall.replace(tzinfo=alone).utcoffset() == local.utcoffset(), wall
