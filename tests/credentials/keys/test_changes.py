"""An issuer's keys, its anchor and its history, as the command changes them and the public role shows them."""

import asyncio
import hashlib
import json
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import pytest

from deploy.local.postgres import Cluster
from services.credentials.issuer import keys_command
from services.credentials.keys import anchor as anchors
from services.credentials.keys import changes, history, store
from services.credentials.keys.anchor import AnchorError, Place
from services.credentials.keys.changes import RefusedError
from services.credentials.keys.history import HistoryError
from services.credentials.keys.model import current
from services.credentials.verification.model import KnownIssuer, TrustList
from shared.clock import system_clock
from shared.fetch import Fetched
from shared.postgres import Pool
from shared.tokens import ServiceKey
from tests.credentials.callers import Caller, award_request
from tests.credentials.keys.installation import PASSPHRASE, Installation, anchor_file, installed


@pytest.fixture(scope="module")
async def did_key(
    migrated: Cluster,
    issuer_pool: Pool,
    enrollment_key: tuple[ServiceKey, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Installation]:
    """An installation whose issuers are did:key at first."""
    folder = tmp_path_factory.mktemp("did-key")
    async with installed(migrated, issuer_pool, enrollment_key, folder, did_method="key") as one:
        yield one


async def command(installation: Installation, *arguments: str) -> int:
    """`./run keys ARGUMENTS` with the settings of the issuer role."""
    return await asyncio.to_thread(keys_command.main, installation.settings, keys_command.parse(arguments))


async def raw(installation: Installation, path: str, accept: str = "*/*") -> Fetched:
    return await installation.fetcher.get(f"{installation.public_url}{path}", accept=accept)


def test_an_anchors_file_opens_with_its_passphrase_only_and_is_written_once(tmp_path: Path) -> None:
    anchor, issuer_id = anchors.make(), uuid4()
    place = Place(folder=tmp_path / "anchors", passphrase=PASSPHRASE)
    path = anchors.write(place, anchor, issuer_id=issuer_id, name="Example")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert anchors.open_file(path, PASSPHRASE).id == anchor.id
    content = path.read_text()
    assert anchor.raw.hex() not in content
    with pytest.raises(AnchorError, match="passphrase does not open"):
        anchors.open_file(path, PASSPHRASE + "r")
    with pytest.raises(AnchorError, match="cannot be written"):
        anchors.write(place, anchor, issuer_id=issuer_id, name="Example")
    assert path.read_text() == content
    with pytest.raises(AnchorError, match="16 letters"):
        anchors.write(Place(folder=tmp_path, passphrase="short"), anchor, issuer_id=issuer_id, name="Example")
    path.write_text(content.replace(anchor.id, anchors.make().id))
    with pytest.raises(AnchorError, match="passphrase does not open"):
        anchors.open_file(path, PASSPHRASE)


async def test_every_version_of_the_history_is_kept_and_names_the_one_before(installation: Installation) -> None:
    organization, _ = await installation.caller.begin()
    keeper = installation.keeper(organization)
    (first,) = await changes.create(keeper, organization, algorithm="Ed25519")
    await changes.retire(keeper, organization, first)
    await changes.rotate(keeper, organization)
    newest = (await raw(installation, f"/issuers/{organization}/history")).body
    versions = [(await raw(installation, f"/issuers/{organization}/history/{number}")).body for number in (1, 2, 3, 4)]
    assert versions[-1] == newest
    read = [history.read(one, now=system_clock()) for one in versions]
    assert [one.version for one in read] == [1, 2, 3, 4]
    assert [one.previous for one in read] == [None, *(hashlib.sha256(one).hexdigest() for one in versions[:-1])]
    assert {one.anchor for one in read} == {keeper.anchor.id}
    assert [len([key for key in one.keys if key.retired is None]) for one in read] == [3, 4, 3, 3]
    assert [len(one.keys) for one in read] == [3, 4, 4, 6]
    for place in range(0, len(newest), len(newest) // 40):
        bent = newest[:place] + bytes([newest[place] ^ 1]) + newest[place + 1 :]
        with pytest.raises(HistoryError):
            history.read(bent, now=system_clock())
    page = (await raw(installation, f"/issuers/{organization}/history", "text/html")).body.decode()
    assert keeper.anchor.id in page
    assert first in page


async def test_retired_keys_stay_in_the_document_and_lost_ones_leave_its_assertions(installation: Installation) -> None:
    organization, _ = await installation.caller.begin()
    keeper = installation.keeper(organization)
    retired = current(await store.keys(installation.pool, organization)).proof.id
    (lost, _) = await changes.rotate(keeper, organization)
    logged = await installation.logged(organization, system_clock())
    await changes.compromise(keeper, organization, lost, since=system_clock(), logged=logged)
    document = await installation.get(f"/issuers/{organization}/did.json")
    did = document["id"]
    assert f"{did}#{retired}" in document["assertionMethod"]
    assert f"{did}#{lost}" not in document["assertionMethod"]
    (method,) = [one for one in document["verificationMethod"] if one["id"] == f"{did}#{lost}"]
    assert "revoked" in method
    (service,) = document["service"]
    assert service["type"] == "LaurelKeyHistory"
    assert service["serviceEndpoint"] == f"{installation.public_url}/issuers/{organization}/history"
    log_keys = [one.id for one in await store.keys(installation.pool, organization) if one.use == "log"]
    assert log_keys
    assert all(one not in json.dumps(document) for one in log_keys)


async def test_what_cannot_be_done_is_refused_and_changes_nothing(installation: Installation) -> None:
    organization, _ = await installation.caller.begin()
    other, _ = await installation.caller.begin()
    keeper = installation.keeper(organization)
    before = await store.keys(installation.pool, organization)
    only = current(before).proof.id
    later = msgspec.structs.replace(keeper, public_url="http://127.0.0.1:1")
    logged = await installation.logged(organization, system_clock())
    tomorrow = system_clock().replace(year=system_clock().year + 1)
    refused = [
        (changes.retire(keeper, organization, only), "keys rotate"),
        (changes.retire(keeper, organization, "z6Mk"), "no key"),
        (changes.rotate(installation.keeper(other), organization), "another anchor"),
        (changes.compromise(keeper, organization, only, since=tomorrow, logged=logged), "future"),
        (changes.create(keeper, organization, algorithm="RS256", use="log"), "Ed25519 only"),
        (changes.move_to_web(later, organization), "https address"),
        (changes.move_to_web(keeper, organization), "as it is"),
        (changes.rotate(keeper, uuid4()), "no issuer"),
    ]
    for verb, reason in refused:
        with pytest.raises(RefusedError) as raised:
            await verb
        assert reason in raised.value.sentence
    assert await store.keys(installation.pool, organization) == before


async def test_a_did_key_issuer_is_refused_its_rotation_and_moves(did_key: Installation) -> None:
    organization, achievement = await did_key.caller.begin()
    old = await awarded(did_key, organization, achievement)
    keeper = did_key.keeper(organization)
    with pytest.raises(RefusedError, match="keys move --to web"):
        await changes.rotate(keeper, organization)
    old_did = json.loads(await did_key.badge(old))["issuer"]["id"]
    new_did = await changes.move_to_web(keeper, organization)
    assert new_did.startswith("did:web:localhost%3A")
    new = await awarded(did_key, organization, achievement)
    assert json.loads(await did_key.badge(new))["issuer"]["id"] == new_did
    for award_id in (old, new):
        for ending in ("json", "jwt"):
            verdict = await did_key.verdict(await did_key.badge(award_id, ending))
            assert verdict.state == "genuine_issuer_unknown", verdict
    said = history.read((await raw(did_key, f"/issuers/{organization}/history")).body, now=system_clock())
    assert (said.issuer, said.also_known_as) == (new_did, (old_did,))
    # Who knew the issuer by its old name and its anchor knows it by the new one; the anchor alone says so.
    for anchor, state in ((said.anchor, "genuine"), (anchors.make().id, "genuine_issuer_unknown")):
        did_key.trusted = TrustList(issuers=(KnownIssuer(id=old_did, name="Example", anchor=anchor),))
        verdict = await did_key.verdict(await did_key.badge(new))
        assert verdict.state == state
    did_key.trusted = TrustList()
    # What the old name signed can still be revoked: its list keeps the name.
    await did_key.caller.revoke(organization, old)
    assert (await did_key.verdict(await did_key.badge(old))).state == "revoked"
    await changes.rotate(keeper, organization)
    assert (await did_key.verdict(await did_key.badge(new))).state == "genuine_issuer_unknown"


async def awarded(installation: Installation, organization: UUID, achievement: UUID) -> UUID:
    award_id = uuid4()
    answer = await installation.caller.put_award(organization, award_id, award_request(achievement))
    assert answer.status == 201, answer
    return award_id


async def test_the_command_changes_keys_with_the_anchors_file_and_tells_what_it_did(
    installation: Installation, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    organization, achievement = await installation.caller.begin()
    issuer = ("--issuer", str(organization))
    before = {one.id for one in await store.keys(installation.pool, organization)}
    assert await command(installation, "rotate", *issuer) == 0
    made = {line.removeprefix("Signs from now on: ") for line in capsys.readouterr().out.splitlines()}
    assert made == {one.id for one in await store.keys(installation.pool, organization)} - before
    assert len(made) == 2
    award_id = await awarded(installation, organization, achievement)
    taken = installation.anchor_file(organization).rename(tmp_path / "anchor.json")
    assert await command(installation, "rotate", *issuer) == 1
    assert "--anchor FILE" in capsys.readouterr().err
    proof = next(one for one in made if one.startswith("z6Mk"))
    since = ("--since", system_clock().isoformat(), "--key", proof, "--anchor", str(taken))
    assert await command(installation, "compromise", *issuer, *since) == 0
    told = capsys.readouterr().out
    assert "among the first 0 in the log" in told
    assert "Signed anew: 1 badges" in told
    document = json.loads(await installation.badge(award_id))
    assert document["proof"][0]["verificationMethod"].endswith(
        f"#{told.partition('Signs from now on: ')[2].split()[0]}"
    )
    assert await command(installation, "re-sign", *issuer, "--key", proof) == 0
    assert "Signed anew: 0 badges" in capsys.readouterr().out
    assert await command(installation, "list", *issuer, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert {one["id"] for one in told["keys"] if one["compromised_since"]} == {proof}
    assert await command(installation, "list", *issuer) == 0
    assert "compromised since" in capsys.readouterr().out


async def test_an_issuer_without_an_anchor_gets_one_by_the_command(
    web_issuer: Caller, installation: Installation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    organization, _ = await web_issuer.begin()
    place = ("--issuer", str(organization), "--anchor", str(tmp_path))
    settings = msgspec.structs.replace(installation.settings, anchor_folder="")
    bare = msgspec.structs.replace(installation, settings=settings)
    assert await command(bare, "rotate", "--issuer", str(organization), "--anchor", str(tmp_path / "none")) == 1
    assert "cannot be read" in capsys.readouterr().err
    assert await command(bare, "anchor", *place) == 0
    assert "Take its file off this machine" in capsys.readouterr().out
    assert await command(bare, "anchor", *place) == 1
    assert "an anchor never changes" in capsys.readouterr().err
    made = await store.anchor(installation.pool, organization)
    assert made == anchors.open_file(anchor_file(tmp_path, organization), PASSPHRASE).id
