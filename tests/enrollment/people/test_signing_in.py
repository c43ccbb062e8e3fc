"""Signing in by an e-mailed link: the human gets in, and neither scanners nor strangers do."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from services.enrollment.people.model import MOST_LINKS_FOR_ALL
from shared.postgres import Pool
from tests.enrollment.visitors import (
    Served,
    add_person,
    ask,
    browser,
    browser_elsewhere,
    fresh_email,
    letter,
    letters,
    slug_of,
)


async def test_link_opened_in_the_browser_that_asked_needs_only_the_button(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    email, slug = fresh_email(), await slug_of(enrollment_pool, organization)
    await add_person(enrollment_pool, organization, email, "coordinator")
    async with browser(served) as mine:
        assert (await ask(mine, slug, email.upper())).status == 202
        mail = await letter(mine, email)
        async with mine.get(f"/sign-in/{mail.token}") as page:
            text = await page.text()
            assert page.status == 200
            assert '<button type="submit">' in text
            assert 'name="code"' not in text
            assert page.headers["Cache-Control"] == "no-store"
        async with mine.post(f"/sign-in/{mail.token}", data={}, allow_redirects=False) as done:
            assert done.status == 303
            assert done.headers["Location"] == f"/{slug}"
            cookie = done.cookies["laurel_session"]
            assert cookie["httponly"]
            assert cookie["samesite"].lower() == "lax"
            assert int(cookie["max-age"]) == 14 * 86_400
        async with mine.get("/api/me") as me:
            found = await me.json()
        assert (found["email"], found["roles"]) == (email, ["coordinator"])


async def test_scanner_that_opens_and_submits_the_link_changes_nothing(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    email, slug = fresh_email(), await slug_of(enrollment_pool, organization)
    await add_person(enrollment_pool, organization, email)
    async with browser(served) as mine, browser(served) as scanner:
        await ask(mine, slug, email)
        mail = await letter(mine, email)
        path = f"/sign-in/{mail.token}"
        for _ in range(10):
            assert (await scanner.get(path)).status == 200
            assert (await scanner.head(path)).status == 200
            assert (await scanner.get(path, headers={"Sec-Purpose": "prefetch"})).status == 200
            for form in ({}, {"code": ""}, {"code": "test@example.org"}, {"code": "ABCD-EFGH"}):
                async with scanner.post(path, data=form, allow_redirects=False) as refused:
                    assert refused.status == 422
                    assert "laurel_session" not in refused.cookies
        assert (await scanner.get("/api/me")).status == 401
        # ... and then the human
        async with mine.post(path, data={}, allow_redirects=False) as done:
            assert done.status == 303
        assert (await mine.get("/api/me")).status == 200


async def test_link_opened_elsewhere_needs_the_code_in_the_letter(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    email, slug = fresh_email(), await slug_of(enrollment_pool, organization)
    await add_person(enrollment_pool, organization, email)
    async with browser(served) as mine, browser(served) as telephone:
        await ask(mine, slug, email)
        mail = await letter(mine, email)
        async with telephone.get(f"/sign-in/{mail.token}") as page:
            assert 'name="code"' in await page.text()
        typed = {"code": f" {mail.code.lower()} "}
        async with telephone.post(f"/sign-in/{mail.token}", data=typed, allow_redirects=False) as done:
            assert done.status == 303
        assert (await telephone.get("/api/me")).status == 200
        assert (await mine.get("/api/me")).status == 401


async def test_code_alone_signs_in_the_browser_that_asked_and_no_other(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    email, slug = fresh_email(), await slug_of(enrollment_pool, organization)
    await add_person(enrollment_pool, organization, email)
    async with browser(served) as mine, browser(served) as other:
        await ask(mine, slug, email)
        mail = await letter(mine, email)
        assert (await other.post("/api/sign-in/code", json={"code": mail.code})).status == 422
        assert (await mine.post("/api/sign-in/code", json={"code": mail.code})).status == 200
        assert (await mine.get("/api/me")).status == 200
        # used: neither the code nor the link works again
        assert (await mine.post("/api/sign-in/code", json={"code": mail.code})).status == 422
        assert (await mine.post(f"/api/sign-in/{mail.token}", json={"code": mail.code})).status == 410


async def test_link_works_once_even_for_two_at_the_same_time(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    email, slug = fresh_email(), await slug_of(enrollment_pool, organization)
    person = await add_person(enrollment_pool, organization, email)
    async with browser(served) as mine:
        await ask(mine, slug, email)
        mail = await letter(mine, email)

        async def press() -> int:
            async with mine.post(f"/api/sign-in/{mail.token}", json={"code": mail.code}) as answer:
                return answer.status

        statuses = await asyncio.gather(*(press() for _ in range(8)))
    assert sorted(statuses) == [200] + [410] * 7
    assert await enrollment_pool.fetchval("SELECT count(*) FROM sign_in_session WHERE person_id = $1", person) == 1


async def test_link_and_code_end_after_fifteen_minutes(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    email, slug = fresh_email(), await slug_of(enrollment_pool, organization)
    await add_person(enrollment_pool, organization, email)
    async with browser(served) as mine:
        await ask(mine, slug, email)
        mail = await letter(mine, email)
        moved = await enrollment_pool.fetchval(
            "UPDATE sign_in_link SET expires_at = expires_at - $2::interval WHERE organization_id = $1 "
            "RETURNING expires_at - created_at",
            organization,
            timedelta(minutes=15),
        )
        assert moved == timedelta(0)
        assert (await mine.get(f"/sign-in/{mail.token}")).status == 410
        assert (await mine.post(f"/sign-in/{mail.token}", data={})).status == 410
        assert (await mine.post("/api/sign-in/code", json={"code": mail.code})).status == 422


async def test_five_wrong_codes_lock_the_code_but_not_the_owner_out(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    email, slug = fresh_email(), await slug_of(enrollment_pool, organization)
    await add_person(enrollment_pool, organization, email)
    async with browser(served) as mine, browser(served) as thief:
        await ask(mine, slug, email)
        mail = await letter(mine, email)
        wrong = "0000-0000" if mail.code != "0000-0000" else "1111-1111"
        for _ in range(4):
            assert (await thief.post(f"/api/sign-in/{mail.token}", json={"code": wrong})).status == 422
        # malformed codes are no tries
        for _ in range(20):
            assert (await thief.post(f"/api/sign-in/{mail.token}", json={"code": "?"})).status == 422
        assert (await thief.post(f"/api/sign-in/{mail.token}", json={"code": wrong})).status == 422
        assert (await thief.post(f"/api/sign-in/{mail.token}", json={"code": mail.code})).status == 422
        assert (await mine.post("/api/sign-in/code", json={"code": mail.code})).status == 422
        assert (await mine.post(f"/api/sign-in/{mail.token}", json={})).status == 200


async def test_four_wrong_codes_leave_one_try(served: Served, enrollment_pool: Pool, organization: UUID) -> None:
    email, slug = fresh_email(), await slug_of(enrollment_pool, organization)
    await add_person(enrollment_pool, organization, email)
    async with browser(served) as mine, browser(served) as telephone:
        await ask(mine, slug, email)
        mail = await letter(mine, email)
        wrong = "0000-0000" if mail.code != "0000-0000" else "1111-1111"
        for _ in range(4):
            assert (await telephone.post(f"/api/sign-in/{mail.token}", json={"code": wrong})).status == 422
        assert (await telephone.post(f"/api/sign-in/{mail.token}", json={"code": mail.code})).status == 200


async def test_unknown_address_cannot_be_told_from_a_known_one(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    slug, known, unknown = await slug_of(enrollment_pool, organization), fresh_email(), fresh_email()
    await add_person(enrollment_pool, organization, known)
    seen = []
    for email in (known, unknown):
        async with browser(served) as session:
            asked = await ask(session, slug, email)
            waiting = "SELECT count(*) FROM outbox WHERE organization_id = $1 AND topic = 'sign-in'"
            async with asyncio.timeout(20):
                while await enrollment_pool.fetchval(waiting, organization):
                    await asyncio.sleep(0.05)
            answers = [(asked.status, await asked.text(), sorted(asked.cookies), sorted(asked.headers))]
            for _ in range(7):
                async with session.post("/api/sign-in/code", json={"code": "0000-0000"}) as tried:
                    problem = await tried.json()
                    problem.pop("request_id")
                    answers.append((tried.status, problem, sorted(tried.cookies), sorted(tried.headers)))
            seen.append(answers)
    assert seen[0] == seen[1]
    async with browser(served) as session:
        await letter(session, known)
        assert await letters(session, unknown) == []
    counted = await enrollment_pool.fetch(
        "SELECT failed_codes FROM sign_in_link WHERE organization_id = $1 ORDER BY created_at", organization
    )
    assert [row["failed_codes"] for row in counted] == [7, 7]


async def test_sixth_link_within_an_hour_is_not_sent(served: Served, enrollment_pool: Pool, organization: UUID) -> None:
    email, slug = fresh_email(), await slug_of(enrollment_pool, organization)
    person = await add_person(enrollment_pool, organization, email)
    async with browser(served) as mine:
        answers = [await ask(mine, slug, email) for _ in range(7)]
        assert {answer.status for answer in answers} == {202}
        links = "SELECT count(*) FILTER (WHERE person_id = $2) AS sent, count(*) AS made FROM sign_in_link"
        async with asyncio.timeout(20):
            while True:
                row = await enrollment_pool.fetchrow(f"{links} WHERE organization_id = $1", organization, person)
                assert row is not None
                if row["made"] == 7:
                    break
                await asyncio.sleep(0.05)
        assert row["sent"] == 5
        await letter(mine, email, number=5)
        assert len(await letters(mine, email)) == 5


async def test_a_stranger_who_asks_for_somebodys_links_does_not_use_theirs_up(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    email, slug = fresh_email(), await slug_of(enrollment_pool, organization)
    person = await add_person(enrollment_pool, organization, email)
    async with browser(served) as mine, browser_elsewhere(served) as thief:
        for _ in range(6):
            await ask(thief, slug, email)
        await letter(mine, email, number=5)
        await ask(mine, slug, email)
        await letter(mine, email, number=6)
        # From everywhere together there is a limit too.
        await enrollment_pool.execute(
            "INSERT INTO sign_in_link (id, organization_id, person_id, token_sha256, code_hmac, asker_hmac,"
            " return_path, created_at, expires_at) SELECT gen_random_uuid(), organization_id, person_id,"
            " uuid_send(gen_random_uuid()), code_hmac, uuid_send(gen_random_uuid()), return_path, created_at,"
            " expires_at FROM sign_in_link, generate_series(1, 5) WHERE person_id = $1",
            person,
        )
        made = await enrollment_pool.fetchval("SELECT count(*) FROM sign_in_link WHERE person_id = $1", person)
        assert made > MOST_LINKS_FOR_ALL
        await ask(mine, slug, email)
        async with asyncio.timeout(20):
            links = "SELECT count(*) FROM sign_in_link WHERE organization_id = $1"
            while await enrollment_pool.fetchval(links, organization) < made + 2:
                await asyncio.sleep(0.05)
        assert len(await letters(mine, email)) == 6


async def test_session_token_planted_before_is_not_the_one_after(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    email, slug = fresh_email(), await slug_of(enrollment_pool, organization)
    await add_person(enrollment_pool, organization, email)
    async with browser(served) as mine, browser(served) as thief:
        for session in (mine, thief):
            session.cookie_jar.update_cookies({"laurel_session": "planted"})
        await ask(mine, slug, email)
        mail = await letter(mine, email)
        async with mine.post(f"/api/sign-in/{mail.token}", json={}) as done:
            assert done.cookies["laurel_session"].value != "planted"
        assert (await mine.get("/api/me")).status == 200
        assert (await thief.get("/api/me")).status == 401


async def test_signing_out_ends_the_session_on_the_server(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    email, slug = fresh_email(), await slug_of(enrollment_pool, organization)
    await add_person(enrollment_pool, organization, email)
    async with browser(served) as one, browser(served) as two, browser(served) as three, browser(served) as kept:
        for number, session in enumerate((one, two, three), start=1):
            await ask(session, slug, email)
            mail = await letter(session, email, number=number)
            assert (await session.post(f"/api/sign-in/{mail.token}", json={})).status == 200
        token = next(cookie.value for cookie in one.cookie_jar if cookie.key == "laurel_session")
        kept.cookie_jar.update_cookies({"laurel_session": token})
        assert (await kept.get("/api/me")).status == 200
        assert (await one.delete("/api/session")).status == 204
        assert (await kept.get("/api/me")).status == 401
        assert (await two.get("/api/me")).status == 200
        assert (await two.delete("/api/sessions")).status == 204
        assert (await three.get("/api/me")).status == 401


async def test_expired_session_is_no_session(served: Served, enrollment_pool: Pool, organization: UUID) -> None:
    email, slug = fresh_email(), await slug_of(enrollment_pool, organization)
    person = await add_person(enrollment_pool, organization, email)
    async with browser(served) as mine:
        await ask(mine, slug, email)
        mail = await letter(mine, email)
        assert (await mine.post(f"/api/sign-in/{mail.token}", json={})).status == 200
        assert (await mine.get("/api/me")).status == 200
        await enrollment_pool.execute("UPDATE sign_in_session SET expires_at = now() WHERE person_id = $1", person)
        assert (await mine.get("/api/me")).status == 401


@pytest.mark.parametrize(
    "wanted",
    ["//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "/\t/evil.example",
     "javascript:alert(1)", "/ok\r\nSet-Cookie: a=b", "evil.example", "/" + "a" * 600],
)  # fmt: skip
async def test_return_path_leads_nowhere_else(
    served: Served, enrollment_pool: Pool, organization: UUID, wanted: str
) -> None:
    email, slug = fresh_email(), await slug_of(enrollment_pool, organization)
    await add_person(enrollment_pool, organization, email)
    async with browser(served) as mine:
        async with mine.post(f"/{slug}/sign-in", data={"email": email, "return_path": wanted[:500]}) as asked:
            assert asked.status == 200
        mail = await letter(mine, email)
        async with mine.post(f"/sign-in/{mail.token}", data={}, allow_redirects=False) as done:
            assert done.headers["Location"] in (f"/{slug}", wanted[:500] if len(wanted) > 500 else f"/{slug}")
            assert set(done.cookies) == {"laurel_session", "laurel_sign_in"}


async def test_return_path_on_this_site_is_kept(served: Served, enrollment_pool: Pool, organization: UUID) -> None:
    email, slug = fresh_email(), await slug_of(enrollment_pool, organization)
    await add_person(enrollment_pool, organization, email)
    async with browser(served) as mine:
        async with mine.get(f"/{slug}/sign-in", params={"return_path": f"/{slug}/cohorts/7?tab=dates"}) as form:
            assert f'value="/{slug}/cohorts/7?tab=dates"' in await form.text()
        await ask(mine, slug, email, return_path=f"/{slug}/cohorts/7?tab=dates")
        mail = await letter(mine, email)
        async with mine.post(f"/sign-in/{mail.token}", data={}, allow_redirects=False) as done:
            assert done.headers["Location"] == f"/{slug}/cohorts/7?tab=dates"


async def test_secrets_are_stored_only_as_hashes(served: Served, enrollment_pool: Pool, organization: UUID) -> None:
    email, slug = fresh_email(), await slug_of(enrollment_pool, organization)
    await add_person(enrollment_pool, organization, email)
    async with browser(served) as mine:
        await ask(mine, slug, email)
        mail = await letter(mine, email)
        await mine.post(f"/api/sign-in/{mail.token}", json={})
        session = next(cookie.value for cookie in mine.cookie_jar if cookie.key == "laurel_session")
    stored = await enrollment_pool.fetch(
        "SELECT l::text AS row FROM sign_in_link l UNION ALL SELECT s::text FROM sign_in_session s"
    )
    text = "\n".join(row["row"] for row in stored)
    for secret in (mail.token, mail.code, mail.code.replace("-", ""), session):
        assert secret not in text
        assert secret.encode().hex() not in text
