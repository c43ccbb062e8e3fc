"""Bundles of badges: verified with a network and without, with the issuer's anchor pinned and without, and forged."""

import hashlib
import json
import zipfile
from datetime import UTC, datetime
from io import BytesIO
from uuid import UUID, uuid4

import msgspec
import pytest

from services.credentials.containers import bundle
from services.credentials.containers.bundle import Manifest
from services.credentials.keys import anchor as anchors
from services.credentials.keys import changes, history
from services.credentials.keys.model import SigningKey
from services.credentials.proofs import contexts, did, multikey
from services.credentials.verification.model import KnownIssuer, TrustList, Verdict
from tests.credentials.badges import Forger, download, issue
from tests.credentials.callers import Caller, award_request
from tests.credentials.keys.installation import Installation


class Bundled(msgspec.Struct, frozen=True):
    """A badge's bundle, and what its issuer is called."""

    organization: UUID
    award_id: UUID
    content: bytes
    did: str
    anchor: str

    @property
    def pinned(self) -> TrustList:
        """A list that knows the issuer by its anchor."""
        return TrustList(issuers=(KnownIssuer(id=self.did, name="Ours", anchor=self.anchor),))

    def files(self) -> dict[str, bytes]:
        """What is in it, by name."""
        with zipfile.ZipFile(BytesIO(self.content)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}


async def bundled(installation: Installation) -> Bundled:
    """A badge of a new issuer, in the log, with its list published."""
    organization, achievement = await installation.caller.begin()
    award_id = uuid4()
    put = await installation.caller.put_award(organization, award_id, award_request(achievement))
    assert put.status == 201, put
    await installation.keep_log(organization)
    content = await installation.badge(award_id, "zip")
    said = await installation.get(f"/issuers/{organization}/history")
    return Bundled(organization, award_id, content, said["issuer"], said["anchor"])


def told(found: Verdict) -> tuple[str, str]:
    """The state, and the code of the check `status`."""
    return found.state, next((one.code for one in found.checks if one.name == "status"), "")


async def test_a_bundle_holds_the_badge_in_every_form_and_what_verifying_asks_for(installation: Installation) -> None:
    one = await bundled(installation)
    files, base = one.files(), installation.public_url
    signed = files["badge.json"]
    manifest = json.loads(files[bundle.MANIFEST])
    digest = hashlib.sha256(signed).hexdigest()
    status = json.loads(signed)["credentialStatus"]["statusListCredential"]
    for address in (
        f"{base}/issuers/{one.organization}/did.json",
        f"{base}/issuers/{one.organization}/history",
        f"{base}/issuers/{one.organization}/log/checkpoint",
        f"{base}/issuers/{one.organization}/log/inclusion?sha256={digest}",
        status,
    ):
        found = (await installation.fetcher.get(address)).body
        assert files[manifest["documents"][address]] == found, address
    for address in (contexts.CREDENTIALS_V2, contexts.OPEN_BADGES, contexts.EXTENSIONS):
        assert files[manifest["documents"][address]] == contexts.content(address)
    assert signed in files["badge.png"]
    assert files["badge.pdf"].startswith(b"%PDF-")
    assert f"{base}/badges/{one.award_id}" in files["README.txt"].decode()
    assert "without a network" in files["README.txt"].decode()


async def test_with_a_network_it_is_judged_as_the_badge_is(installation: Installation) -> None:
    one = await bundled(installation)
    assert told(await installation.verdict(one.content, trusted=one.pinned)) == ("genuine", "not_revoked")
    revoked = await installation.caller.revoke(one.organization, one.award_id)
    assert revoked.status == 200
    # The list inside says otherwise; the issuer's own, which can be asked, counts.
    assert told(await installation.verdict(one.content, trusted=one.pinned)) == ("revoked", "revoked")
    without = await installation.verdict(one.content, trusted=one.pinned, is_offline=True)
    assert told(without) == ("genuine", "not_revoked_as_of")
    later = await installation.badge(one.award_id, "zip")
    assert told(await installation.verdict(later, trusted=one.pinned, is_offline=True))[0] == "revoked"


async def test_without_a_network_a_pinned_anchor_vouches_and_the_verdict_says_as_of_when(
    installation: Installation,
) -> None:
    one = await bundled(installation)
    found = await installation.verdict(one.content, trusted=one.pinned, is_offline=True)
    signed_at = json.loads(one.files()["documents/status-list.json"])["validFrom"]
    assert told(found) == ("genuine", "not_revoked_as_of")
    assert f"{datetime.fromisoformat(signed_at):%Y-%m-%d %H:%M} UTC" in found.sentence
    for trusted in (TrustList(), TrustList(issuers=(KnownIssuer(id=one.did, name="Ours"),))):
        assert (await installation.verdict(one.content, trusted=trusted, is_offline=True)).state == "undecided"
    another = TrustList(issuers=(KnownIssuer(id=one.did, name="Ours", anchor=anchors.make().id),))
    assert (await installation.verdict(one.content, trusted=another, is_offline=True)).state == "not_genuine"


async def test_without_a_network_the_lost_keys_badge_counts_for_its_place_in_the_log(
    installation: Installation,
) -> None:
    one = await bundled(installation)
    key = json.loads(one.files()["badge.json"])["proof"][0]["verificationMethod"].partition("#")[2]
    keeper = installation.keeper(one.organization)
    await changes.rotate(keeper, one.organization)
    await changes.compromise(
        keeper,
        one.organization,
        key,
        since=datetime.now(UTC),
        logged=await installation.logged(one.organization, datetime.now(UTC)),
    )
    await installation.publish_lists(one.organization)
    later = await installation.badge(one.award_id, "zip")
    found = await installation.verdict(later, trusted=one.pinned, is_offline=True)
    assert ("issuer", "logged_before") in {(check.name, check.code) for check in found.checks}, found
    assert found.state == "genuine"


async def test_a_did_key_issuer_needs_nobody(issuer: Caller, public: str, installation: Installation) -> None:
    badge = await issue(issuer, public)
    content = await download(f"{public}/badges/{badge.award_id}.zip")
    found = await installation.verdict(content, is_offline=True)
    assert told(found) == ("genuine_issuer_unknown", "not_revoked_as_of")


def forged(one: Bundled, base: str) -> bytes:
    """A bundle that says it is of the same issuer, with the documents of a forger and of a forger's anchor."""
    forger = Forger()
    key = forger.private.public_key()
    method = f"{one.did}#{multikey.encode(key)}"
    files = one.files()
    document = json.loads(files["badge.json"])
    document["credentialSubject"]["identifier"][0]["identityHash"] = "Somebody Else"
    signed = forger.sign(document, method=method)
    listed = json.loads(files["documents/status-list.json"])
    anchor = anchors.make()
    moment = datetime(2020, 1, 1, tzinfo=UTC)
    mine = SigningKey(
        id=multikey.encode(key),
        issuer_id=one.organization,
        algorithm="Ed25519",
        public_jwk={},
        use="badge",
        created_at=moment,
    )
    address = f"{base}/issuers/{one.organization}/history"
    version = history.Version(
        id=address,
        log=f"{base}/issuers/{one.organization}/log",
        did=one.did,
        also_known_as=(),
        anchor=anchor.id,
        number=1,
        previous=None,
        updated=moment,
    )
    said = history.signed(history.document(version, [mine]), sign=anchor.sign, anchor=anchor.id, created=moment)
    manifest = json.loads(files[bundle.MANIFEST])
    documents = {
        f"{base}/issuers/{one.organization}/did.json": json.dumps(did.document(one.did, [key], [])).encode(),
        address: said.encode(),
        listed["id"]: json.dumps(forger.sign(listed, method=method)).encode(),
    }
    files |= {manifest["documents"][where]: content for where, content in documents.items()}
    files["badge.json"] = json.dumps(signed).encode()
    del files[bundle.MANIFEST]
    return bundle.pack(msgspec.convert(manifest, Manifest), files)


async def test_a_forged_bundle_is_never_genuine(installation: Installation) -> None:
    one = await bundled(installation)
    content = forged(one, installation.public_url)
    verdicts = {
        "offline": await installation.verdict(content, is_offline=True),
        "offline, anchor pinned": await installation.verdict(content, trusted=one.pinned, is_offline=True),
        "the real document is reachable": await installation.verdict(content),
        "reachable, anchor pinned": await installation.verdict(content, trusted=one.pinned),
    }
    assert {name: found.state for name, found in verdicts.items()} == {
        "offline": "undecided",
        "offline, anchor pinned": "not_genuine",
        "the real document is reachable": "not_genuine",
        "reachable, anchor pinned": "not_genuine",
    }


@pytest.mark.parametrize("name", ["badge.json", "documents/status-list.json", "documents/key-history.json"])
async def test_what_was_changed_inside_proves_nothing(installation: Installation, name: str) -> None:
    one = await bundled(installation)
    files = one.files()
    manifest = msgspec.json.decode(files.pop(bundle.MANIFEST), type=Manifest)
    files[name] = (
        files[name].replace(b"Z", b"9Z", 1) if name != "badge.json" else files[name].replace(b"Level", b"Revel")
    )
    found = await installation.verdict(bundle.pack(manifest, files), trusted=one.pinned, is_offline=True)
    assert found.state in ("undecided", "not_genuine"), found
