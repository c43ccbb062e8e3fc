"""A badge rewritten so that its statements stay and its JSON says less: the signature holds, and it is not believed."""

import asyncio
import copy
import json
from typing import Any

import msgspec
import pytest

from services.credentials.verification.actions import EXAMINE, JUDGE, Means, verify
from shared.clock import system_clock
from shared.fetch import Fetcher, TargetPolicy
from shared.limited import LimitedPool, LimitExceededError
from tests.credentials.badges import Document, Forger, Issued, codes, issue, verdict_of
from tests.credentials.callers import Caller

STATUS = "https://www.w3.org/2018/credentials#credentialStatus"
UNTIL = "https://www.w3.org/2018/credentials#validUntil"


@pytest.fixture(scope="module")
async def revoked(issuer: Caller, public: str) -> Issued:
    issued = await issue(issuer, public)
    assert (await issuer.revoke(issued.organization, issued.award_id)).status == 200
    return issued


def renamed(document: Document, old: str, new: str, *, context: object = None) -> bytes:
    made = {new if name == old else name: value for name, value in copy.deepcopy(document).items()}
    if context is not None:
        made["@context"] = [*made["@context"], context]
    return json.dumps(made).encode()


async def test_a_revoked_badge_stays_so_under_other_names_of_its_status(revoked: Issued, public: str) -> None:
    document = revoked.document
    assert (await verdict_of(public, json.dumps(document).encode()))["state"] == "revoked"
    rewritten = [
        renamed(document, "credentialStatus", STATUS),
        renamed(document, "credentialStatus", "x", context={"x": STATUS}),
        renamed(document, "credentialStatus", "x", context={"x": {"@id": STATUS, "@type": "@id"}}),
        renamed(
            document, "credentialStatus", "x", context={"cred": "https://www.w3.org/2018/credentials#", "x": STATUS}
        ),
    ]
    for content in rewritten:
        found = await verdict_of(public, content)
        assert found["state"] == "not_genuine", found["sentence"]


async def test_an_expired_badge_stays_so_under_other_names_of_its_end(revoked: Issued, public: str) -> None:
    expired = Forger().reissue(revoked.document, validUntil="2024-01-01T00:00:00Z")
    assert (await verdict_of(public, json.dumps(expired).encode()))["state"] == "expired"
    for content in (renamed(expired, "validUntil", UNTIL), renamed(expired, "validUntil", "x", context={"x": UNTIL})):
        assert (await verdict_of(public, content))["state"] == "not_genuine"


async def test_what_a_badge_says_of_itself_in_a_second_place_is_refused(revoked: Issued, public: str) -> None:
    forger = Forger()
    whole = {**copy.deepcopy(revoked.document), "relatedResource": [{"id": revoked.document["id"]}]}
    whole.pop("proof")
    whole["issuer"]["id"] = forger.did
    signed = forger.sign({**whole, "validUntil": "2024-01-01T00:00:00Z"})
    moved = {name: value for name, value in signed.items() if name != "validUntil"}
    moved["relatedResource"] = [{"id": signed["id"], "validUntil": "2024-01-01T00:00:00Z"}]
    found = await verdict_of(public, json.dumps(moved).encode())
    assert (found["state"], codes(found)["proof"]) == ("not_genuine", "split_node")


async def test_the_older_data_models_end_counts_whatever_else_is_there(revoked: Issued, public: str) -> None:
    forger, document = Forger(), copy.deepcopy(revoked.document)
    older: Document = {
        "@context": [
            "https://www.w3.org/2018/credentials/v1",
            document["@context"][1],
            "https://w3id.org/security/data-integrity/v2",
        ],
        "id": "urn:uuid:1",
        "type": document["type"],
        "issuer": {**document["issuer"], "id": forger.did},
        "issuanceDate": "2020-01-01T00:00:00Z",
        "expirationDate": "2021-01-01T00:00:00Z",
        "credentialSubject": document["credentialSubject"],
    }
    assert (await verdict_of(public, json.dumps(forger.sign(older)).encode()))["state"] == "expired"
    for more in ({"validFrom": "2020-01-01T00:00:00Z"}, {"validFrom": 7}):
        found = await verdict_of(public, json.dumps({**forger.sign(older), **more}).encode())
        assert found["state"] in ("not_genuine", "expired"), found["sentence"]


async def test_a_forgers_badge_links_to_no_page_of_ours(revoked: Issued, public: str) -> None:
    found = await verdict_of(public, json.dumps(Forger().reissue(revoked.document)).encode())
    assert found["state"] == "genuine_issuer_unknown"
    assert "badge_url" not in found["facts"]


@pytest.mark.parametrize("change", [{"type": ["BitstringStatusListEntry"]}, {"statusPurpose": ["revocation"]}])
async def test_a_status_entry_in_another_legal_form_is_read(issuer: Caller, public: str, change: Any) -> None:
    issued = await issue(issuer, public)
    document = copy.deepcopy(issued.document)
    document["credentialStatus"] |= change
    found = await verdict_of(public, json.dumps(document).encode())
    assert found["state"] == "genuine"


async def test_a_child_that_dies_does_not_make_a_badge_false(revoked: Issued) -> None:
    async def dead(function: str, content: bytes) -> bytes:
        raise LimitExceededError("crash", reason="SIGKILL")

    async def nobody(identifier: str) -> None:
        return None

    async with Fetcher(TargetPolicy.from_origins("")) as fetcher:
        means = Means(call_limited=dead, fetcher=fetcher, find_issuer=nobody, clock=system_clock)
        found = await verify(revoked.text.encode(), means)
    assert (found.state, found.checks[0].code) == ("undecided", "not_finished")


async def test_inline_contexts_of_strangers_are_not_kept(revoked: Issued) -> None:
    """A child that kept them would run out of memory before an honest badge."""
    document = copy.deepcopy(revoked.document)
    async with LimitedPool(1, functions=(EXAMINE, JUDGE)) as children:
        for number in range(40):
            terms = {f"t{number}x{one}": f"https://stranger.example/{number}/{one}" for one in range(2_000)}
            made = {**document, "@context": [*document["@context"], terms]}
            case = {"payload": json.dumps(made), "form": "json", "fetched": [], "now": "2027-01-01T00:00:00Z"}
            await asyncio.wait_for(children.call(JUDGE, msgspec.json.encode(case)), 30)
