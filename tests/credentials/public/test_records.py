"""A record over HTTP: signed for one recipient, behind a cover until it is opened, noted, withdrawn at once."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from io import BytesIO
from uuid import uuid4

import aiohttp
import msgspec
import pikepdf
import pytest

from services.credentials.containers import pdf
from services.credentials.records import actions
from shared.postgres import Pool
from shared.records import RecordAnswer
from tests.credentials.badges import verdict_of
from tests.credentials.callers import Caller
from tests.credentials.records import HOLDER, Sent, put, request, send, withdraw


@pytest.fixture
async def sent(issuer: Caller) -> Sent:
    """A record fresh from the issuer."""
    return await send(issuer)


async def ask(url: str, method: str = "GET") -> tuple[int, bytes, Mapping[str, str]]:
    """What a browser gets."""
    headers = {"Accept": "text/html,*/*;q=0.8", "Accept-Language": "en-US"}
    async with aiohttp.ClientSession() as http, http.request(method, url, headers=headers) as answer:
        return answer.status, await answer.read(), answer.headers


async def test_the_cover_tells_nothing_of_the_holder_and_the_button_shows_all(sent: Sent, public: str) -> None:
    status, cover, headers = await ask(f"{public}/records/{sent.token}")
    assert status == 200
    assert (headers["X-Robots-Tag"], headers["Referrer-Policy"], headers["Cache-Control"]) == (
        "noindex",
        "no-referrer",
        "no-store",
    )
    text = cover.decode()
    assert "District 12" in text
    for told in (HOLDER, "North 1", "9.5"):
        assert told not in text
    status, opened, headers = await ask(f"{public}/records/{sent.token}", "POST")
    assert (status, headers["X-Robots-Tag"], headers["Cache-Control"]) == (200, "noindex", "no-store")
    for told in (HOLDER, "9.5", "Illinois Example Provider", "12-3456", "Proficient, 3/4", "a@example.org"):
        assert told in opened.decode()


async def test_its_signed_form_is_genuine_and_says_the_same(sent: Sent, public: str) -> None:
    _, signed, _ = await ask(f"{public}/records/{sent.token}.json")
    assert hashlib.sha256(signed).hexdigest() == sent.answer.signed_sha256
    verdict = await verdict_of(public, signed)
    assert verdict["state"] == "genuine", verdict
    assert verdict["facts"]["holder"] == HOLDER
    assert verdict["facts"]["hours"] == 9.5
    document = msgspec.json.decode(signed)
    assert document["credentialSubject"]["result"][0]["value"] == "Proficient, 3/4"
    assert [one["name"] for one in document["evidence"]] == ["Who we are", "What we do"]
    told = document["credentialSubject"]["narrative"]
    assert "Illinois Example Provider, 12-3456" in told
    assert "Example Association, https://association.example, a@example.org" in told


async def test_its_pdf_is_tagged_and_carries_the_signed_form(sent: Sent, public: str) -> None:
    _, signed, _ = await ask(f"{public}/records/{sent.token}.json")
    url = f"{public}/records/{sent.token}.pdf"
    _, document, headers = await ask(url)
    assert headers["Cache-Control"] == "no-store"
    assert pdf.attachments(document) == (pdf.Attachment("credential.json", signed),)
    assert (await ask(url))[1] == document
    with pikepdf.open(BytesIO(document)) as read:
        with read.open_metadata() as metadata:
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
            assert metadata["dc:title"] == f"Transcript: {HOLDER}"
        assert read.Root.MarkInfo.Marked
        assert len(read.Root.AF) == 1


async def test_the_same_again_is_the_same_and_another_is_refused(issuer: Caller, sent: Sent) -> None:
    again = await put(issuer, sent.organization, sent.id, sent.request)
    assert (again.status, again.body["signed_sha256"]) == (200, sent.answer.signed_sha256)
    other = await put(issuer, sent.organization, sent.id, msgspec.structs.replace(sent.request, holder_name="Other"))
    assert (other.status, other.body["type"].rpartition("/")[2]) == (422, "record-changed")


async def test_a_withdrawn_record_is_gone_in_every_form_and_from_the_database(
    issuer: Caller, sent: Sent, public: str, public_pool: Pool
) -> None:
    assert (await withdraw(issuer, sent.organization, sent.id)).body["state"] == "withdrawn"
    for path, method in (("", "GET"), ("", "POST"), (".json", "GET"), (".pdf", "GET"), ("/verify", "POST")):
        status, body, _ = await ask(f"{public}/records/{sent.token}{path}", method)
        assert status == 410, (path, method)
        assert HOLDER.encode() not in body
    assert (await put(issuer, sent.organization, sent.id, sent.request)).status == 410
    row = await public_pool.fetchrow("SELECT request, signed_json FROM record WHERE id = $1", sent.id)
    assert row is not None
    assert (row["request"], row["signed_json"]) == (None, None)


async def test_a_withdrawal_before_its_record_wins(issuer: Caller, public: str) -> None:
    organization, _ = await issuer.begin()
    token, record_id = secrets.token_urlsafe(32), uuid4()
    assert (await withdraw(issuer, organization, record_id)).status == 200
    assert (await put(issuer, organization, record_id, request(token))).status == 410
    assert (await ask(f"{public}/records/{token}"))[0] == 404


async def test_an_expired_link_shows_nothing(issuer: Caller, public: str) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    sent = await send(issuer, made_at=now - timedelta(days=31), expires_at=now - timedelta(seconds=1))
    assert (await ask(f"{public}/records/{sent.token}"))[0] == 410


@pytest.mark.parametrize("token", ["x", "A" * 43, "A" * 42 + "%00", ".pdf", "A" * 43 + ".exe"])
async def test_a_token_that_was_never_given_finds_nothing(public: str, token: str) -> None:
    assert (await ask(f"{public}/records/{token}"))[0] == 404


async def test_another_organization_cannot_touch_it(issuer: Caller, sent: Sent) -> None:
    other, _ = await issuer.begin()
    assert (await withdraw(issuer, other, sent.id)).status == 404
    assert (await put(issuer, other, sent.id, sent.request)).status == 404


async def test_openings_are_noted_once_a_minute_and_told_with_a_higher_revision(
    issuer: Caller, sent: Sent, public: str, issuer_pool: Pool
) -> None:
    await ask(f"{public}/records/{sent.token}")
    assert (await put(issuer, sent.organization, sent.id, sent.request)).body["openings"] == []
    for _ in range(2):
        await ask(f"{public}/records/{sent.token}", "POST")
    await ask(f"{public}/records/{sent.token}.json")
    await actions.tell_openings(issuer_pool)
    await actions.tell_openings(issuer_pool)
    told = await issuer_pool.fetch("SELECT payload FROM outbox WHERE key = $1", sent.id)
    assert len(told) == 1
    answer = msgspec.json.decode(told[0]["payload"], type=RecordAnswer)
    assert sorted(one.form for one in answer.openings) == ["json", "page"]
    assert answer.revision > sent.answer.revision
