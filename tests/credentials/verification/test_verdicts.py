"""Each kind of bad file gets its own clear verdict over HTTP; a good one is genuine in every container."""

import base64
import copy
import gzip
import json
import struct
import zlib
from datetime import datetime
from typing import Any

import aiohttp
import pytest

from services.credentials.containers import png, svg
from services.credentials.status_lists import model as status_lists
from tests.credentials.badges import Forger, Issued, codes, download, issue, verdict_of
from tests.credentials.callers import Caller


@pytest.fixture(scope="module")
async def issued(issuer: Caller, public: str) -> Issued:
    return await issue(issuer, public)


def as_bytes(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode()


async def test_the_badge_is_genuine_in_every_container(issued: Issued, public: str) -> None:
    for ending in ("json", "jwt", "png", "svg", "pdf"):
        content = await download(f"{public}/badges/{issued.award_id}.{ending}")
        found = await verdict_of(public, content)
        assert (found["state"], found["container"]) == ("genuine", ending), found
        assert [one["outcome"] for one in found["checks"]] == ["passed"] * 8
    facts = found["facts"]
    assert facts["holder"] == "Zoë Ŵyn \u05e9\u05e8\u05d4"
    assert (facts["hours"], facts["activity_start"], facts["activity_end"]) == (9.5, "2021-09-18", "2022-04-23")


async def test_pictures_and_certificate_carry_the_stored_bytes(issued: Issued, public: str) -> None:
    assert png.extract(await download(f"{public}/badges/{issued.award_id}.png")) == issued.text
    assert svg.extract(await download(f"{public}/badges/{issued.award_id}.svg")) == issued.text


async def test_a_changed_value_breaks_the_signature(issued: Issued, public: str) -> None:
    document = copy.deepcopy(issued.document)
    document["credentialSubject"]["creditsEarned"] = 99
    found = await verdict_of(public, as_bytes(document))
    assert (found["state"], codes(found)["proof"]) == ("not_genuine", "signature_wrong")


async def test_an_added_term_is_named(issued: Issued, public: str) -> None:
    document = copy.deepcopy(issued.document)
    document["credentialSubject"]["grade"] = "A+"
    found = await verdict_of(public, as_bytes(document))
    assert (found["state"], codes(found)["proof"]) == ("not_genuine", "undefined_term")
    assert "grade" in found["sentence"]


@pytest.mark.parametrize(
    ("context", "state", "code"),
    [
        ({"grade": None}, "not_genuine", "inline_context"),
        ({"@vocab": "https://forger.example/"}, "not_genuine", "inline_context"),
        ("https://forger.example/context.json", "undecided", "unknown_context"),
    ],
)
async def test_a_further_vocabulary_is_not_accepted(
    issued: Issued, public: str, context: object, state: str, code: str
) -> None:
    document = copy.deepcopy(issued.document)
    document["@context"] = [*document["@context"], context]
    document["credentialSubject"]["grade"] = "A+"
    found = await verdict_of(public, as_bytes(document))
    assert (found["state"], codes(found)["proof"]) == (state, code)


async def test_an_unsigned_badge_is_not_genuine(issued: Issued, public: str) -> None:
    document = {name: value for name, value in issued.document.items() if name != "proof"}
    found = await verdict_of(public, as_bytes(document))
    assert (found["state"], codes(found)["proof"]) == ("not_genuine", "no_proof")


async def test_a_badge_signed_by_somebody_elses_key_is_not_the_issuers(issued: Issued, public: str) -> None:
    forged = Forger().sign(issued.document)
    found = await verdict_of(public, as_bytes(forged))
    assert found["state"] == "not_genuine"
    assert (codes(found)["proof"], codes(found)["issuer"]) == ("verified", "key_of_another")
    assert "somebody else" in found["sentence"]


async def test_a_forged_signature_under_the_issuers_name_is_wrong(issued: Issued, public: str) -> None:
    method = issued.document["proof"][0]["verificationMethod"]
    found = await verdict_of(public, as_bytes(Forger().sign(issued.document, method=method)))
    assert (found["state"], codes(found)["proof"]) == ("not_genuine", "signature_wrong")


async def test_one_bad_proof_beside_a_good_one_spoils_it(issued: Issued, public: str) -> None:
    document = copy.deepcopy(issued.document)
    document["proof"] = [*document["proof"], *Forger().sign(issued.document)["proof"]]
    found = await verdict_of(public, as_bytes(document))
    assert found["state"] == "not_genuine"


async def test_a_badge_of_an_unknown_issuer_is_genuine_but_unknown(issued: Issued, public: str) -> None:
    found = await verdict_of(public, as_bytes(Forger().reissue(issued.document)))
    assert (found["state"], codes(found)["trust"]) == ("genuine_issuer_unknown", "issuer_unknown")


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({"validUntil": "2024-01-01T00:00:00Z"}, "expired"),
        ({"validFrom": "2199-01-01T00:00:00Z"}, "not_yet_valid"),
    ],
)
async def test_a_badge_out_of_its_period_says_so(
    issued: Issued, public: str, changed: dict[str, str], state: str
) -> None:
    found = await verdict_of(public, as_bytes(Forger().reissue(issued.document, **changed)))
    assert found["state"] == state


async def test_a_revoked_badge_is_revoked_in_every_form(issuer: Caller, public: str) -> None:
    issued = await issue(issuer, public)
    assert (await issuer.revoke(issued.organization, issued.award_id)).status == 200
    for content in (issued.text.encode(), issued.jwt.encode()):
        found = await verdict_of(public, content)
        assert (found["state"], codes(found)["status"]) == ("revoked", "revoked")
        assert found["sentence"].endswith(": Awarded by mistake.")
        assert found["facts"]["badge_url"] == f"{public}/badges/{issued.award_id}"


async def test_a_jwt_with_its_own_key_proves_no_issuer(issued: Issued, public: str) -> None:
    forger = Forger()
    payload = json.loads(json.dumps(issued.document))
    payload |= {
        "iss": payload["issuer"]["id"],
        "jti": payload["id"],
        "sub": payload["credentialSubject"]["id"],
        "nbf": int(datetime.fromisoformat(payload["validFrom"]).timestamp()),
    }
    raw = forger.private.public_key().public_bytes_raw()
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": base64.urlsafe_b64encode(raw).rstrip(b"=").decode()}
    found = await verdict_of(public, forger.token(payload, {"alg": "EdDSA", "jwk": jwk}).encode())
    assert (found["state"], codes(found)["issuer"]) == ("not_genuine", "key_of_another")
    for header in ({"alg": "none", "kid": forger.method}, {"alg": "HS256", "kid": forger.method}):
        found = await verdict_of(public, forger.token(payload, header).encode())
        assert (found["state"], codes(found)["syntax"]) == ("not_genuine", "algorithm_refused")
    for extra in ("crit", "jku", "x5u"):
        header = {"alg": "EdDSA", "kid": forger.method, extra: "https://forger.example/"}
        found = await verdict_of(public, forger.token(payload, header).encode())
        assert codes(found)["syntax"] == "header_member_refused"


async def test_a_truncated_picture_says_that_it_was_cut(issued: Issued, public: str) -> None:
    content = await download(f"{public}/badges/{issued.award_id}.png")
    found = await verdict_of(public, content[: len(content) // 2])
    assert (found["state"], codes(found)["container"]) == ("not_genuine", "truncated_png")


async def test_an_svg_with_a_document_type_is_refused(issued: Issued, public: str) -> None:
    content = await download(f"{public}/badges/{issued.award_id}.svg")
    bomb = b'<!DOCTYPE svg [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;">]>' + content
    found = await verdict_of(public, bomb)
    assert codes(found)["container"] == "svg_dtd"


async def test_a_compressed_bomb_in_a_picture_is_refused(issued: Issued, public: str) -> None:
    content = await download(f"{public}/badges/{issued.award_id}.png")
    body = b"openbadgecredential\0\1\0\0\0" + zlib.compress(b"\0" * 50_000_000)
    chunk = struct.pack(">I", len(body)) + b"iTXt" + body + struct.pack(">I", zlib.crc32(b"iTXt" + body))
    plain = content[:33] + chunk + content[-12:]
    found = await verdict_of(public, plain)
    assert found["state"] == "not_genuine"
    assert codes(found)["container"] == "compressed_chunk"


@pytest.mark.parametrize("size", [6, 9, 12])
async def test_a_poison_graph_is_stopped_and_the_service_goes_on(issued: Issued, public: str, size: int) -> None:
    evidence = [{"id": f"_:e{n}", "type": ["Evidence"]} for n in range(size)]
    clique = [
        {"id": f"_:b{n}", "type": ["Alignment"], "targetName": "x", "targetUrl": f"_:b{m}"}
        for n in range(size)
        for m in range(size)
        if n != m
    ]
    document = copy.deepcopy(issued.document)
    document["evidence"] = evidence
    document["credentialSubject"]["achievement"]["alignment"] = clique
    found = await verdict_of(public, as_bytes(document))
    assert found["state"] == "not_genuine"
    assert (await verdict_of(public, issued.text.encode()))["state"] == "genuine"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'{"a": 1, "a": 2}', "duplicate_member"),
        (b'{"a": NaN}', "not_a_number"),
        (b'{"a": ' + b"[" * 100_000, "too_deep"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "number_too_large"),
        (b'{"a": 9007199254740993.0}', "number_too_large"),
        (b'{"a": "\\ud800"}', "lone_surrogate"),
        (b'{"a": "\xff"}', None),
        (b"{", "not_json"),
    ],
)
async def test_json_with_two_meanings_is_refused(public: str, content: bytes, code: str | None) -> None:
    found = await verdict_of(public, content)
    assert found["state"] == "not_genuine"
    if code is not None:
        assert codes(found)["syntax"] == code


@pytest.mark.parametrize("content", [b"hello", b"\x00" * 100, b"GIF89a", b"%PDF-1.7\n%broken", b"<html></html>"])
async def test_what_is_no_badge_is_told_apart_from_a_bad_one(public: str, content: bytes) -> None:
    found = await verdict_of(public, content)
    assert found["state"] == "not_genuine"
    assert found["checks"][0]["name"] == "container"


async def test_fifty_megabytes_are_refused_before_they_are_read(issued: Issued, public: str) -> None:
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{public}/verify", data=b"\0" * 50_000_000) as answer,
    ):
        assert answer.status == 413
        assert (await answer.json())["type"] == "/problems/too-large"
    assert (await verdict_of(public, issued.text.encode()))["state"] == "genuine"


async def test_an_unreachable_list_leaves_it_undecided(issued: Issued, public: str) -> None:
    document = copy.deepcopy(issued.document)
    forger = Forger()
    document["issuer"]["id"] = forger.did
    document["credentialStatus"]["statusListCredential"] = "https://nowhere.invalid/list"
    document["credentialStatus"]["id"] = "https://nowhere.invalid/list#7"
    found = await verdict_of(public, as_bytes(forger.sign(document)))
    assert (found["state"], codes(found)["status"]) == ("undecided", "list_unavailable")


async def test_a_list_of_another_issuer_says_nothing(issued: Issued, public: str) -> None:
    """The good list of another issuer is reachable, signed, and has the index; it is still not this badge's."""
    document = copy.deepcopy(issued.document)
    forger = Forger()
    document["issuer"]["id"] = forger.did
    found = await verdict_of(public, as_bytes(forger.sign(document)))
    assert (found["state"], codes(found)["status"]) == ("undecided", "list_of_another")


def test_a_list_that_inflates_without_end_is_cut() -> None:
    bomb = "u" + base64.urlsafe_b64encode(gzip.compress(b"\0" * 100 * 1024 * 1024, 6)).rstrip(b"=").decode()
    with pytest.raises(status_lists.ListFormatError, match="too_large"):
        status_lists.decode(bomb)
    short = "u" + base64.urlsafe_b64encode(gzip.compress(b"\0" * 100)).rstrip(b"=").decode()
    with pytest.raises(status_lists.ListFormatError, match="too_short"):
        status_lists.decode(short)
