"""What anybody reads of a log over HTTP: enough to check it all, bounded, and nothing of whose a badge is."""

import base64
import hashlib
from typing import Any, cast
from uuid import UUID, uuid4

import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import load_der_private_key

from services.credentials.issuance_log.actions import LogKeeper, append, show_head
from services.credentials.keys import store as keys
from services.credentials.keys.model import Keys, WrongUseError, current
from services.credentials.keys.signer import Signer
from services.credentials.proofs import data_integrity
from shared.clock import system_clock
from shared.postgres import Pool
from shared.sealing import unseal
from shared.transparency import checkpoint, tree
from shared.transparency.checkpoint import Head
from tests.credentials.badges import codes, download, issue, verdict_of
from tests.credentials.callers import Caller
from tests.credentials.issuance_log.conftest import Door, enqueue, read, settle


def proof_of(body: Any) -> list[bytes]:
    return [base64.b64decode(one) for one in body["hashes"]]


async def test_the_head_is_a_signed_checkpoint_and_says_the_same_as_json(door: Door) -> None:
    status, headers, told = await read(door.url)
    assert (status, headers["Cache-Control"]) == (200, "public, max-age=10")
    note = (await download(f"{door.url}/checkpoint")).decode()
    assert told["checkpoint"] == note
    found = checkpoint.read(note)
    assert checkpoint.is_signed_by(found, checkpoint.read_verifier_key(told["key"]))
    assert found.head.origin == told["origin"] == door.url.removeprefix("http://")
    assert (found.head.size, found.head.root) == (told["size"], base64.b64decode(told["root"]))
    assert found.head.size == 10


async def test_every_leaf_is_proved_and_no_other(door: Door) -> None:
    root = checkpoint.read((await read(door.url))[2]["checkpoint"]).head.root
    for position, sha256 in enumerate(door.hashes):
        status, _, told = await read(f"{door.url}/inclusion?sha256={sha256.hex().upper()}")
        assert (status, told["position"], told["size"]) == (200, position, 10)
        assert tree.verify_inclusion(tree.hash_leaf(sha256), position, 10, proof_of(told), root)
    status, headers, told = await read(f"{door.url}/inclusion?sha256={'0' * 64}")
    assert (status, told["type"], headers["Cache-Control"]) == (404, "/problems/not-logged", "no-store")


async def test_any_two_sizes_are_proved_to_go_together(door: Door) -> None:
    hashes = [tree.hash_leaf(one) for one in door.hashes]
    whole = tree.grown(0, {}, hashes)
    for first in range(11):
        for second in range(first, 11):
            status, headers, told = await read(f"{door.url}/consistency?from={first}&to={second}")
            assert (status, told["from"], told["to"]) == (200, first, second)
            assert "immutable" in headers["Cache-Control"]
            roots = tree.root(first, whole), tree.root(second, whole)
            assert tree.verify_consistency(first, second, *roots, proof_of(told))
    status, headers, told = await read(f"{door.url}/consistency?from=3&to=11")
    assert (status, told["type"], told["size"]) == (404, "/problems/log-too-small", 10)
    assert headers["Cache-Control"] == "no-store"


async def test_leaves_come_in_pages_of_bounded_length(door: Door) -> None:
    found: list[str] = []
    following: int | None = 0
    while following is not None:
        status, headers, told = await read(f"{door.url}/leaves?from={following}&limit=4")
        assert (status, told["from"]) == (200, following)
        assert ("immutable" in headers["Cache-Control"]) == (len(told["leaves"]) == 4)
        found += told["leaves"]
        following = told["next"]
    assert found == [one.hex() for one in door.hashes]
    assert (await read(f"{door.url}/leaves?from=99"))[2]["leaves"] == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/leaves?limit=1001", 400),
        ("/leaves?limit=0", 400),
        ("/leaves?from=-1", 400),
        ("/leaves?from=1" + "0" * 30, 400),
        ("/leaves?from=x", 400),
        ("/inclusion", 400),
        ("/inclusion?sha256=" + "g" * 64, 400),
        ("/inclusion?sha256=" + "0" * 65, 400),
        ("/consistency?from=2", 400),
        ("/consistency?from=3&to=2", 422),
        ("/consistency?from=0&to=1" + "0" * 30, 400),
    ],
)
async def test_what_is_out_of_bounds_is_refused(door: Door, path: str, status: int) -> None:
    assert (await read(door.url + path))[0] == status


async def test_what_has_a_place_but_no_head_yet_is_not_shown(keeper: LogKeeper, issuer_pool: Pool, door: Door) -> None:
    [fresh] = await enqueue(issuer_pool, door.organization, 1)
    await append(keeper, door.organization)
    assert (await read(f"{door.url}/inclusion?sha256={fresh.hex()}"))[0] == 404
    assert len((await read(f"{door.url}/leaves"))[2]["leaves"]) == 10
    assert (await read(f"{door.url}/consistency?from=10&to=11"))[0] == 404
    await show_head(keeper, door.organization)
    assert (await read(f"{door.url}/inclusion?sha256={fresh.hex()}"))[2]["position"] == 10


async def test_a_log_without_a_head_says_so(public: str, organization: UUID) -> None:
    url = f"{public}/issuers/{organization}/log"
    for path in ("", "/checkpoint", "/leaves", "/consistency?from=0&to=0", f"/inclusion?sha256={'0' * 64}"):
        status, _, told = await read(url + path)
        assert (status, told["type"]) == (404, "/problems/nothing-logged"), path
    status, _, page = await read(url, "text/html")
    assert status == 200
    assert "Nothing is in this log yet" in page
    for path in ("", "/checkpoint", "/leaves"):
        assert (await read(f"{public}/issuers/{uuid4()}/log{path}"))[2]["type"] == "/problems/not-found"


async def test_the_page_finds_a_badge_by_its_fingerprint(door: Door) -> None:
    for asked, sentence in (
        ("", "Find a badge in the log"),
        (door.hashes[6].hex(), "entry 7 of 10"),
        ("0" * 64, "The log does not have this"),
        ("<script>", "A SHA-256 has 64 letters and digits"),
    ):
        status, _, page = await read(f"{door.url}?sha256={asked}", "text/html")
        assert status == 200
        assert sentence in page
        assert "<script>" not in page.partition("<main")[2]


async def test_an_erased_badge_keeps_its_place_and_says_nothing(issuer: Caller, public: str, keeper: LogKeeper) -> None:
    badge = await issue(issuer, public)
    await settle(keeper, badge.organization)
    sha256 = hashlib.sha256(badge.text.encode()).hexdigest()
    url = f"{public}/issuers/{badge.organization}/log"
    before = (await read(f"{url}/inclusion?sha256={sha256}"))[2]
    assert (await issuer.erase(badge.organization, badge.award_id)).status == 200
    assert (await read(f"{public}/badges/{badge.award_id}.json"))[0] == 410
    assert (await read(f"{url}/inclusion?sha256={sha256}"))[2] == before


async def test_a_badge_erased_before_it_had_its_place_still_gets_it(
    issuer: Caller, public: str, keeper: LogKeeper, issuer_pool: Pool
) -> None:
    badge = await issue(issuer, public)
    await issuer.erase(badge.organization, badge.award_id)
    await settle(keeper, badge.organization)
    sha256 = hashlib.sha256(badge.text.encode()).hexdigest()
    assert (await read(f"{public}/issuers/{badge.organization}/log/inclusion?sha256={sha256}"))[0] == 200


async def test_the_logs_key_signs_no_badge_and_a_badges_key_no_head(
    issuer: Caller, public: str, keeper: LogKeeper, issuer_pool: Pool
) -> None:
    badge = await issue(issuer, public)
    own = await keys.keys(issuer_pool, badge.organization)
    [log_key] = [one for one in own if one.use == "log"]
    assert log_key.id not in (current(own).proof.id, current(own).jwt.id)
    held = await keys.sealed_key(issuer_pool, log_key.id)
    badge_key = await keys.sealed_key(issuer_pool, current(own).proof.id)
    assert held is not None
    assert held.sealed is not None
    assert badge_key is not None
    head = Head(origin="badges.example/log", size=1, root=tree.EMPTY_ROOT)
    with pytest.raises(WrongUseError):
        Signer(keeper.custody).sign(cast(Any, None), {}, Keys(proof=held))
    with pytest.raises(WrongUseError):
        keeper.custody.sign_head(badge_key, head)
    with pytest.raises(checkpoint.CheckpointError):
        keeper.custody.sign_head(held, msgspec.structs.replace(head, origin="a\n1\nb"))
    # Neither the DID document nor the door of keys leads a verifier to it.
    _, _, document = await read(f"{public}/issuers/{badge.organization}/did.json")
    assert log_key.id not in msgspec.json.encode(document).decode()
    assert (await read(f"{public}/keys/{log_key.id}"))[0] == 404
    assert (await read(f"{public}/keys/{current(own).proof.id}"))[0] == 200
    # Whoever has the log's private key still makes no badge of this issuer.
    did, now = badge.document["issuer"]["id"], system_clock()
    unsigned = {name: value for name, value in badge.document.items() if name != "proof"}
    private = private_key(issuer, held.sealed, log_key.id)
    for method in (f"{did}#{log_key.id}", badge.document["proof"][0]["verificationMethod"]):
        forged = data_integrity.create(unsigned, sign=private.sign, verification_method=method, created=now)
        verdict = await verdict_of(public, msgspec.json.encode(forged))
        assert verdict["state"] == "not_genuine", (method, codes(verdict))


def private_key(issuer: Caller, sealed: bytes, key_id: str) -> Any:
    key = base64.b64decode(issuer.key_encryption_key)
    return load_der_private_key(unseal(key, sealed, belongs_to=key_id), password=None)
