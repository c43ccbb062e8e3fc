"""Staff say on a page who is given a seat; codes, quotas, members and typos then show on the enrolling form."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrollment.admission.model import Admission, Waiting, admissible, next_clock, typed_code
from services.enrollment.admission.typos import suggestion
from services.enrollment.people.limits import ENROLL_BURST
from shared.postgres import Pool
from tests.enrollment.enrollments.test_pages import prepared, send
from tests.enrollment.staff import call, mails, put, signed_in
from tests.enrollment.visitors import Served, browser, fresh_email

NOW = datetime(2026, 9, 1, tzinfo=UTC)


def people(*regions: str | None) -> list[Waiting]:
    return [Waiting(id=UUID(int=number), region=region) for number, region in enumerate(regions)]


def numbers(found: list[UUID]) -> list[int]:
    return [one.int for one in found]


def test_a_full_region_is_passed_over_and_the_next_of_another_comes_first() -> None:
    line, policy = people("North", "North", "South", None), Admission(quotas={"North": 2})
    assert numbers(admissible(line, free=3, held={"North": 1}, policy=policy, now=NOW)) == [0, 2, 3]
    assert numbers(admissible(line, free=3, held={"North": 2}, policy=policy, now=NOW)) == [2, 3]


def test_members_come_first_until_the_very_moment() -> None:
    line = [Waiting(id=UUID(int=0)), Waiting(id=UUID(int=1), is_member=True)]
    policy = Admission(members_until=NOW)
    assert numbers(admissible(line, free=2, held={}, policy=policy, now=NOW - timedelta(seconds=1))) == [1]
    assert numbers(admissible(line, free=1, held={}, policy=policy, now=NOW)) == [0]


@given(
    line=st.lists(
        st.builds(
            Waiting,
            id=st.uuids(),
            region=st.sampled_from(["North", "South", None]),
            is_member=st.booleans(),
            is_invited=st.booleans(),
            is_selected=st.booleans(),
        ),
        unique_by=lambda one: one.id,
        max_size=12,
    ),
    free=st.integers(0, 6),
    policy=st.builds(
        Admission,
        members_until=st.sampled_from([None, NOW, NOW + timedelta(days=1)]),
        needs_code=st.booleans(),
        selects=st.booleans(),
        quotas=st.dictionaries(st.sampled_from(["North", "South"]), st.integers(0, 4)),
    ),
)
def test_whom_the_rules_admit(line: list[Waiting], free: int, policy: Admission) -> None:
    """Nobody twice, never more than are free, in order, and nobody is left out who could still be seated."""
    chosen = admissible(line, free=free, held={}, policy=policy, now=NOW)
    assert len(set(chosen)) == len(chosen) <= free
    assert chosen == [one.id for one in line if one.id in chosen]
    for region, most in policy.quotas.items():
        assert sum(one.region == region and one.id in chosen for one in line) <= most
    left = [one for one in line if one.id not in chosen and policy.admits(one, now=NOW)]
    if len(chosen) < free:
        held = {region: sum(one.region == region and one.id in chosen for one in line) for region in policy.quotas}
        assert all(one.region in held and held[one.region] == policy.quotas[one.region] for one in left if one.region)
        assert all(one.region is not None for one in left)


def test_the_clock_is_wound_to_what_comes_first() -> None:
    soon, later = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
    assert next_clock(Admission(members_until=later), first_offer_ends_at=soon, now=NOW) == soon
    assert next_clock(Admission(members_until=later), first_offer_ends_at=None, now=NOW) == later
    assert next_clock(Admission(members_until=NOW), first_offer_ends_at=None, now=NOW) is None


@pytest.mark.parametrize(
    ("typed", "code"),
    [("join-us 24", "JOINUS24"), ("JOINUS24", "JOINUS24"), ("abc", None), ("jöin us", None), ("A" * 41, None)],
)
def test_a_code_is_read_as_people_type_it(typed: str, code: str | None) -> None:
    assert typed_code(typed) == code


@pytest.mark.parametrize(
    ("email", "meant"),
    [
        ("ana@gmial.com", "ana@gmail.com"),
        ("ana@gmail.co", "ana@gmail.com"),
        ("ana@hotmial.com", "ana@hotmail.com"),
        ("ana@gmail.com", None),
        ("ana@example.org", None),
        ("ana@mail.edu", None),
        ("ana@school.k12.il.us", None),
        ("ana@gmx.de", None),
    ],
)
def test_a_domain_that_is_nearly_a_common_one_is_asked_about(email: str, meant: str | None) -> None:
    assert suggestion(email) == meant


def staff_path(path: str) -> str:
    """The page of admission of the cohort whose public page this is."""
    return path.replace("/cohorts/", "/staff/cohorts/") + "/admission"


async def places(staff: aiohttp.ClientSession, cohort_id: UUID) -> dict[str, str]:
    """Everybody's place, by name."""
    _, found = await call(staff, "GET", f"/api/cohorts/{cohort_id}/enrollments")
    return {one["person_name"]: one["place"] for one in found["items"]}


async def test_a_mistyped_address_is_asked_about_once(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    path, _ = await prepared(served, enrollment_pool, organization)
    typed = f"p-{uuid4().hex[:8]}@gmial.com"
    async with browser(served) as anybody:
        status, _, text = await send(anybody, path, name="Ana Lim", email=typed)
        assert status == 422
        assert "Did you mean <bdi>" in text
        assert "@gmail.com" in text
        assert f'name="is_sure" value="{typed}"' in text
        status, where, _ = await send(anybody, path, name="Ana Lim", email=typed, is_sure=typed)
        assert (status, where.startswith(f"{path}/enrolled/")) == (200, True)


async def test_a_code_lets_so_many_in(served: Served, enrollment_pool: Pool, organization: UUID) -> None:
    path, planned = await prepared(served, enrollment_pool, organization, seats=5)
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff, browser(served) as anybody:
        await send(staff, staff_path(path), needs_code="yes")
        status, _, text = await send(staff, f"{staff_path(path)}/codes", code="join us 24", most_uses="1", days="")
        assert status == 200
        assert "JOINUS24" in text
        status, _, text = await send(staff, f"{staff_path(path)}/codes", code="JOINUS24", most_uses="0", days="x")
        assert status == 422
        assert 'id="most_uses-error"' in text
        status, _, text = await send(staff, f"{staff_path(path)}/codes", code="JOINUS24", most_uses="3")
        assert status == 409
        assert "This cohort has that code already." in text
        async with anybody.get(f"{path}?code=joinus24") as page:
            assert 'value="joinus24"' in await page.text()
        for code in ("", "WRONG", "JOIN"):
            status, _, text = await send(anybody, path, name="Ana Lim", email=fresh_email(), code=code)
            assert status == 422
            assert 'id="code-error"' in text
        assert (await send(anybody, path, name="Ana Lim", email=fresh_email(), code="joinus-24"))[0] == 200
        assert (await send(anybody, path, name="Ben Lim", email=fresh_email(), code="joinus-24"))[0] == 422
        assert await places(staff, planned.cohort_id) == {"Ana Lim": "seated"}
        _, codes = await call(staff, "GET", f"/api/cohorts/{planned.cohort_id}/invitations")
        (code,) = codes["items"]
        assert (code["uses"], code["most_uses"]) == (1, 1)
        where = f"/api/cohorts/{planned.cohort_id}/invitations/{code['id']}"
        assert (await put(staff, where, {"code": "JOINUS24", "most_uses": 2}))["most_uses"] == 2
        assert (await send(anybody, path, name="Ben Lim", email=fresh_email(), code="joinus-24"))[0] == 200
        assert (await call(staff, "PUT", where, {"code": "JOINUS24", "most_uses": 1}))[0] == 409
    assert ENROLL_BURST > 8, "else the limit, not the rule, would have refused"


async def test_a_region_has_so_many_seats(served: Served, enrollment_pool: Pool, organization: UUID) -> None:
    path, planned = await prepared(served, enrollment_pool, organization, seats=3)
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff, browser(served) as anybody:
        status, _, text = await send(staff, staff_path(path), quotas="North 1")
        assert status == 422
        assert 'id="quotas-error"' in text
        await send(staff, staff_path(path), quotas="North: 1\nSouth: 2")
        status, _, text = await send(anybody, path, name="Ana Lim", email=fresh_email())
        assert status == 422
        assert 'id="region-error"' in text
        for name, region in (("Ana", "North"), ("Ben", "North"), ("Cyd", "another")):
            assert (await send(anybody, path, name=name, email=fresh_email(), region=region))[0] == 200
        assert await places(staff, planned.cohort_id) == {"Ana": "seated", "Ben": "in line", "Cyd": "seated"}
        await send(staff, staff_path(path), quotas="North: 2")
        assert (await places(staff, planned.cohort_id))["Ben"] == "seated"


async def test_members_come_first_and_the_form_tells_nobody_who_is_one(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    path, _ = await prepared(served, enrollment_pool, organization, seats=2)
    member, other = fresh_email(), fresh_email()
    until = (datetime.now(UTC) + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff, browser(served) as anybody:
        await send(staff, staff_path(path), members_until=until)
        status, _, text = await send(staff, f"{staff_path(path)}/members", emails=f"{member.upper()}\nnot one")
        assert status == 422
        assert "These lines are no e-mail addresses: 2." in text
        assert (await send(staff, f"{staff_path(path)}/members", emails=" \n"))[0] == 422
        _, _, text = await send(staff, f"{staff_path(path)}/members", emails=f"{member.upper()}, <{fresh_email()}>")
        assert "2 addresses are on the list." in text
        pages = [(await send(anybody, path, name="Ana", email=one))[2] for one in (member, other)]
        assert pages[0].partition("<footer")[0] == pages[1].partition("<footer")[0]
        assert "Your application is in" in pages[0]
        assert await mails(staff, member, "Your seat in Midwest 1")
        assert await mails(staff, other, "We have your application for Midwest 1")
        # whoever becomes a member is admitted when the clock comes by
        await send(staff, f"{staff_path(path)}/members", emails=f"{member}\n{other}")
        assert await mails(staff, other, "You have a seat in Midwest 1")


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"vacancy": "offer", "offer_hours": ""}, "offer_hours"),
        ({"vacancy": "offer", "offer_hours": "721"}, "offer_hours"),
        ({"members_until": "soon"}, "members_until"),
        ({"quotas": ": 3"}, "quotas"),
        ({"quotas": "\n".join(f"R{number}: 1" for number in range(51))}, "quotas"),
    ],
)
async def test_rules_that_cannot_hold_are_named_and_what_was_typed_stays(
    served: Served, enrollment_pool: Pool, organization: UUID, form: dict[str, str], field: str
) -> None:
    path, planned = await prepared(served, enrollment_pool, organization)
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        status, _, text = await send(staff, staff_path(path), **form)
        assert status == 422
        assert f'id="{field}-error"' in text
        assert f'href="#{field}"' in text
        _, rules = await call(staff, "GET", f"/api/cohorts/{planned.cohort_id}/admission")
        assert rules["vacancy"] == "at once"
