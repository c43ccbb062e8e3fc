"""After a whole story, with failures in every place, no log holds a name, an address, a text or a token of it.

All that is private in the story contains the word "canary", or is a secret that the story collects as it goes.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import asyncpg
import msgspec
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.local.environment import ROLES
from deploy.local.stack import POSTGRESQL, Stack
from shared import contracts
from tests.builders import Built, build
from tests.running_stack import bearer, connected, decide, settled, staff_browser
from tests.servers import free_port

NAME, EMAIL = "Canary Vogelsang", "canary@example.org"
_LINK, _CODE = re.compile(r"/sign-in/(\S+)"), re.compile(r"^([0-9A-Z]{4}-[0-9A-Z]{4})$", re.MULTILINE)


class MailServer:
    """A mail server that refuses the first message with words that quote its recipient, and keeps the others."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._refused = 0

    async def handle_RCPT(  # noqa: N802  # the name that the server calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer to a recipient."""
        if not self._refused:
            self._refused += 1
            return f"451 <{address}> shall come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # likewise
        """Keep a message."""
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content)
        for part in mail.walk():
            if part.get_content_type() == "text/plain":
                content = part.get_payload(decode=True)
                assert isinstance(content, bytes)
                self.texts.append(content.decode().replace("\r\n", "\n"))
        return "250 OK"

    async def link(self) -> tuple[str, str]:
        """The token and the code of the newest sign-in e-mail."""
        async with asyncio.timeout(30):
            while True:
                for text in reversed(self.texts):
                    link, code = _LINK.search(text), _CODE.search(text)
                    if link and code:
                        return link[1], code[1]
                await asyncio.sleep(0.1)


@pytest.fixture(scope="module", params=["development", "production"])
def environment(request: pytest.FixtureRequest) -> str:
    """Told twice: each has its own form of logs."""
    chosen: str = request.param
    return chosen


@pytest.fixture(scope="module")
def mails(environment: str) -> Iterator[tuple[MailServer, int]]:
    """The mail server and its port."""
    server, port = MailServer(), free_port()
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    yield server, port
    controller.stop()


@pytest.fixture(scope="module")
def stack(environment: str, mails: tuple[MailServer, int]) -> Iterator[Stack]:
    """A stack that sends real e-mail."""
    extra = {"LAUREL_ENVIRONMENT": environment, "LAUREL_SMTP_URL": f"smtp://127.0.0.1:{mails[1]}"}
    with Stack.temporary(extra=extra) as running:
        yield running


async def ask(http: aiohttp.ClientSession, method: str, path: str, *expected: int, **more: Any) -> str:
    """The text of an answer that has an expected status; where it leads to, for a redirect."""
    async with http.request(method, path, allow_redirects=False, **more) as answer:
        text = await answer.text(errors="replace")
        assert answer.status in expected, (path, answer.status, text)
        return answer.headers.get("Location", text)


@asynccontextmanager
async def broken(stack: Stack, table: str) -> AsyncIterator[None]:
    """Nothing can be written into a table: an error that nobody foresaw, whose words quote the row."""
    owner = await asyncpg.connect(stack.dsn("enrollment", "enrollment_owner"))
    try:
        await owner.execute(f"ALTER TABLE {table} ADD CONSTRAINT broken CHECK (organization_id IS NULL) NOT VALID")
        yield
        await owner.execute(f"ALTER TABLE {table} DROP CONSTRAINT broken")
    finally:
        await owner.close()


class Story:
    """What one participant and the staff do, over HTTP; `secrets` is what nobody else may know."""

    def __init__(self, stack: Stack, mails: MailServer, built: Built, module_id: UUID) -> None:
        self.stack, self.mails, self.built, self.module_id = stack, mails, built, module_id
        self.secrets: list[str] = [built.session]
        self.cohort = f"/{built.slug}/cohorts/{built.cohort_id}"
        self.form = {"name": NAME, "email": EMAIL, "shows_name": "yes"}

    async def enroll(self, http: aiohttp.ClientSession) -> None:
        """Take a seat, after two failures."""
        async with broken(self.stack, "person"):
            await ask(http, "POST", self.cohort, 500, data=self.form)
            api = f"/api{self.cohort}/enrollments/{uuid4()}"
            await ask(http, "PUT", api, 500, json={"name": NAME, "email": EMAIL})
        await ask(http, "POST", self.cohort, 422, data={"name": NAME, "email": "canary@@"})
        page = await ask(http, "POST", self.cohort, 303, data=self.form)
        self.secrets.append(page.rpartition("/")[2])
        await ask(http, "GET", page, 200)

    async def sign_in(self, http: aiohttp.ClientSession) -> None:
        """Sign in with the link of an e-mail, after failures."""
        await ask(http, "POST", f"/{self.built.slug}/sign-in", 303, data={"email": EMAIL})
        token, code = await self.mails.link()
        self.secrets += [token, code]
        await ask(http, "GET", f"/sign-in/{token}", 200)
        async with aiohttp.ClientSession(self.stack.url("enrollment")) as elsewhere:
            await ask(elsewhere, "POST", f"/api/sign-in/{token}", 422, json={"code": "CANARY00"})
        async with broken(self.stack, "sign_in_session"):
            await ask(http, "POST", f"/sign-in/{token}", 500, data={"code": code})
        await ask(http, "POST", f"/sign-in/{token}", 303, data={"code": code})
        self.secrets += [one.value for one in http.cookie_jar if one.value]

    async def hand_in(self, http: aiohttp.ClientSession, staff: aiohttp.ClientSession) -> UUID:
        """Hand in a text and then a file; the enrollment, whose evidence is accepted in the end."""
        own = msgspec.json.decode(await ask(http, "GET", "/api/enrollments", 200))["items"][0]["id"]
        entry = {"enrollment_id": own, "mode": "in person"}
        async with connected(self.stack) as connection:
            session_id = await connection.fetchval(
                "SELECT id FROM cohort_session WHERE cohort_id = $1", self.built.cohort_id
            )
        sheet = f"/api/cohorts/{self.built.cohort_id}/sessions/{session_id}/attendance"
        await ask(staff, "PUT", sheet, 200, json={"entries": [entry]})
        first, second = uuid4(), uuid4()
        path = f"/api/enrollments/{own}/evidence"
        await ask(http, "PUT", f"{path}/{first}", 400, data=b'{"text": "canary', headers={"Content-Type": "text/json"})
        await ask(http, "PUT", f"{path}/{first}", 400, json={"module_id": "canary", "canary": "canary"})
        await ask(http, "PUT", f"{path}/{first}", 200, json={"module_id": str(self.module_id), "text": "My canary"})
        returned = {"decision": "returned", "comment": "More of the canary"}
        await ask(staff, "PUT", f"/api/evidence/{first}/review", 200, json=returned)
        query = {"module_id": str(self.module_id), "file_name": "canary.txt", "attested": "true"}
        await ask(http, "PUT", f"{path}/{second}/file", 200, params=query, data=b"A canary")
        await ask(http, "GET", f"/api/evidence/{second}/file", 200)
        await ask(staff, "PUT", f"/api/evidence/{second}/review", 200, json={"decision": "accepted"})
        return UUID(own)

    async def earn(self, enrollment_id: UUID) -> UUID:
        """Decide, and let the badge be issued; the award."""
        status, answer = await decide(self.stack, self.built, completed=[enrollment_id])
        assert status == 200, answer
        await settled(self.stack, seconds=120)
        (one,) = answer["standings"]
        return UUID(one["award_id"])

    async def show(self, award_id: UUID) -> None:
        """Read the badge in every form, and verify it, and what is none."""
        async with aiohttp.ClientSession(self.stack.url("public")) as http:
            for ending in ("", ".json", ".jwt", ".png", ".svg", ".pdf"):
                text = await ask(http, "GET", f"/badges/{award_id}{ending}", 200)
                if ending == ".json":
                    assert NAME in text, "the canary must have come all the way"
                    await ask(http, "POST", "/verify", 200, data=text.encode(), headers={"Accept": "application/json"})
            for none in (b"canary", b'{"name": "canary"}', b"\x89PNG\r\n\x1a\ncanary", b"%PDF-1.7 canary"):
                await ask(http, "POST", "/verify", 200, data=none, headers={"Accept": "application/json"})

    async def serve_others(self, http: aiohttp.ClientSession) -> None:
        """Other systems read the feed and add an endpoint, with good tokens and others."""
        for scope, method, path, body in (
            (contracts.EVENTS_READ, "GET", "/api/events", None),
            (contracts.WEBHOOKS_WRITE, "PUT", f"/api/webhook-endpoints/{uuid4()}", {"url": "https://canary.invalid/x"}),
        ):
            headers = bearer(self.stack, scope, self.built.organization_id)
            self.secrets.append(headers["Authorization"].partition(" ")[2])
            text = await ask(http, method, path, 200, headers=headers, json=body)
            if body is not None:
                self.secrets.append(msgspec.json.decode(text)["secret"])
            await ask(http, method, path, 401, headers={"Authorization": "Bearer canary"}, json=body)

    async def lose_the_database(self, http: aiohttp.ClientSession) -> None:
        """Ask while the database is away."""
        await asyncio.to_thread(self.stack.kill, POSTGRESQL)
        await ask(http, "POST", self.cohort, 503, data=self.form)
        await ask(http, "GET", f"/sign-in/{self.secrets[2]}", 503)
        await asyncio.to_thread(self.stack.restart, POSTGRESQL)
        for process in self.stack.processes.values():
            await asyncio.to_thread(process.await_ready, timeout=60)


async def begin(stack: Stack, mails: MailServer) -> Story:
    """An open cohort with one free seat and one module."""
    module_id = uuid4()
    async with connected(stack) as connection:
        built = await build(connection, people=1)
        await connection.execute(
            "UPDATE cohort SET state = 'open', registration_opens_at = now() - interval '1 day' WHERE id = $1",
            built.cohort_id,
        )
        await connection.execute(
            "INSERT INTO module (id, organization_id, curriculum_id, position, name, description, evidence_wanted)"
            " SELECT $1, organization_id, curriculum_id, 1, 'Bias', 'On bias', 'A page' FROM cohort WHERE id = $2",
            module_id, built.cohort_id,
        )  # fmt: skip
    return Story(stack, mails, built, module_id)


@pytest.fixture(scope="module")
async def story(stack: Stack, mails: tuple[MailServer, int]) -> Story:
    """The story, told to its end."""
    told = await begin(stack, mails[0])
    async with (
        staff_browser(stack, told.built) as staff,
        aiohttp.ClientSession(stack.url("enrollment"), cookie_jar=aiohttp.CookieJar(unsafe=True)) as http,
    ):
        await ask(staff, "PUT", f"/api/cohorts/{told.built.cohort_id}/seats", 200, json={"seats": 2})
        await told.enroll(http)
        await told.sign_in(http)
        award_id = await told.earn(await told.hand_in(http, staff))
        await told.show(award_id)
        await told.serve_others(http)
        await told.lose_the_database(http)
        await ask(staff, "PUT", f"/api/awards/{award_id}/revocation", 200, json={"reason": "A canary sang"})
        await ask(http, "POST", "/sign-out", 303, data={"everywhere": "yes"})
    return told


def logs(stack: Stack) -> dict[str, str]:
    """All logs of the stack, PostgreSQL's too."""
    return {path.name: path.read_text() for path in (stack.folder / "logs").iterdir()}


async def test_no_log_holds_what_is_private(stack: Stack, story: Story) -> None:
    found = logs(stack)
    assert len(story.secrets) >= 8
    assert all(len(one) >= 8 for one in story.secrets)
    for name, text in found.items():
        assert [line for line in text.splitlines() if "canary" in line.lower() or NAME.split()[1] in line] == [], name
        assert [one for one in story.secrets if one in text] == [], name


async def test_the_logs_tell_the_failures_that_could_have_told_more(stack: Stack, story: Story) -> None:
    """The control: the lines that would quote it are there."""
    found = logs(stack)
    assert {f"{role.name}.log" for role in ROLES} <= found.keys()
    enrollment, worker = found["enrollment.log"], found["enrollment-worker.log"]
    assert enrollment.count("unforeseen error") == 3
    assert "CheckViolationError" in enrollment
    assert "/sign-in/{token}" in enrollment
    assert "smtp_451" in worker
    assert 'violates check constraint "broken"' in found["postgresql.log"]
    assert all(text for text in found.values())


async def test_in_production_every_line_is_json(stack: Stack, story: Story, environment: str) -> None:
    for role in ROLES:
        lines = stack.processes[role.name].log.read_text().splitlines()
        if environment == "production":
            for line in lines:
                found = msgspec.json.decode(line, type=dict[str, Any])
                assert {"time", "level", "service", "logger", "message"} <= found.keys()
                assert found["service"] == role.name
        else:
            assert not any(line.startswith("{") for line in lines)
