"""Keys on a PKCS#11 token (SoftHSM): made there, never to be had from there; away or wrong, nothing is stored."""

import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pkcs11
import pytest
from pkcs11 import Attribute, KeyType, ObjectClass
from pkcs11.exceptions import AttributeSensitive
from pkcs11.util.ec import encode_named_curve_parameters

from deploy.local.postgres import Cluster
from deploy.local.system_packages import softhsm
from services.credentials.issuer.house import check_token, custody_of
from services.credentials.keys import changes, store
from services.credentials.keys.custody import Custody
from services.credentials.keys.model import CustodyError, current
from services.credentials.keys.token import Token, TokenPlace
from shared.postgres import Pool
from shared.settings import SettingsError
from shared.tokens import ServiceKey
from tests.conftest import require
from tests.credentials.callers import award_request
from tests.credentials.keys.installation import Installation, installed

PIN = "1234"


@pytest.fixture(scope="session")
def softhsm_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where this process's SoftHSM has its tokens; the library reads it once, so it is one for all tests."""
    require(softhsm() is not None, "SoftHSM")
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    config = folder / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(config)
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", "laurel-test", "--pin", PIN, "--so-pin", "5678"],
        check=True,
        capture_output=True,
    )
    yield folder
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before


@pytest.fixture(scope="session")
def place(softhsm_folder: Path) -> TokenPlace:
    """The token."""
    return TokenPlace(module=str(softhsm()), label="laurel-test", pin=PIN)


@pytest.fixture(scope="session")
async def on_token(
    place: TokenPlace,
    migrated: Cluster,
    issuer_pool: Pool,
    enrollment_key: tuple[ServiceKey, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Installation]:
    """An installation whose keys are made on the token."""
    folder = tmp_path_factory.mktemp("hsm")
    token = {"pkcs11_module": place.module, "pkcs11_token": place.label, "pkcs11_pin": place.pin}
    async with installed(migrated, issuer_pool, enrollment_key, folder, **token) as one:
        yield one


def objects(place: TokenPlace, token_id: bytes) -> Any:
    """The private key's object on the token, seen past our code."""
    session = pkcs11.lib(place.module).get_token(token_label=place.label).open(rw=True)
    return session.get_key(object_class=ObjectClass.PRIVATE_KEY, id=token_id)


async def test_badges_are_signed_by_keys_that_cannot_leave_the_token(on_token: Installation, place: TokenPlace) -> None:
    organization, achievement = await on_token.caller.begin()
    award_id = uuid4()
    answer = await on_token.caller.put_award(organization, award_id, award_request(achievement))
    assert answer.status == 201, answer
    await on_token.keep_log(organization)
    for ending in ("json", "jwt"):
        verdict = await on_token.verdict(await on_token.badge(award_id, ending))
        assert verdict.state == "genuine_issuer_unknown", verdict
    keys = await store.keys(on_token.pool, organization)
    assert sorted((one.use, one.algorithm) for one in keys) == [
        ("badge", "Ed25519"),
        ("badge", "RS256"),
        ("log", "Ed25519"),
    ]
    for key in keys:
        held = await store.sealed_key(on_token.pool, key.id)
        assert held is not None
        assert held.sealed is None
        assert held.token_id is not None
        private = objects(place, held.token_id)
        assert (private[Attribute.EXTRACTABLE], private[Attribute.NEVER_EXTRACTABLE]) == (False, True)
        assert (private[Attribute.SENSITIVE], private[Attribute.ALWAYS_SENSITIVE]) == (True, True)
        assert private[Attribute.LOCAL] is True
        with pytest.raises(AttributeSensitive):
            private[Attribute.PRIVATE_EXPONENT if key.algorithm == "RS256" else Attribute.VALUE]
    await changes.rotate(on_token.keeper(organization), organization)
    assert (await on_token.verdict(await on_token.badge(award_id))).state == "genuine_issuer_unknown"


async def test_another_key_under_the_same_id_signs_nothing_that_is_stored(
    on_token: Installation, place: TokenPlace
) -> None:
    organization, achievement = await on_token.caller.begin()
    proof = current(await store.keys(on_token.pool, organization)).proof
    held = await store.sealed_key(on_token.pool, proof.id)
    assert held is not None
    assert held.token_id is not None
    objects(place, held.token_id).destroy()
    session = pkcs11.lib(place.module).get_token(token_label=place.label).open(rw=True)
    parameters = session.create_domain_parameters(
        KeyType.EC_EDWARDS, {Attribute.EC_PARAMS: encode_named_curve_parameters("1.3.101.112")}, local=True
    )
    parameters.generate_keypair(
        mechanism=pkcs11.Mechanism.EC_EDWARDS_KEY_PAIR_GEN, id=held.token_id, label="another", store=True
    )
    answer = await on_token.caller.put_award(organization, uuid4(), award_request(achievement))
    assert (answer.status, answer.body["type"]) == (503, "/problems/signature-refused"), answer
    stored = "SELECT count(*) FROM credential WHERE issuer_id = $1 AND signed_json IS NOT NULL"
    assert await on_token.pool.fetchval(stored, organization) == 0


async def test_while_the_token_does_not_have_the_key_nothing_is_stored_and_the_problem_says_so(
    on_token: Installation, place: TokenPlace
) -> None:
    organization, achievement = await on_token.caller.begin()
    proof = current(await store.keys(on_token.pool, organization)).proof
    held = await store.sealed_key(on_token.pool, proof.id)
    assert held is not None
    assert held.token_id is not None
    objects(place, held.token_id).destroy()
    award_id, request = uuid4(), award_request(achievement)
    answer = await on_token.caller.put_award(organization, award_id, request)
    assert (answer.status, answer.body["type"], answer.body["code"]) == (
        503,
        "/problems/key-unavailable",
        "not_on_token",
    ), answer
    assert PIN not in str(answer.body)
    # Once there is a key again, the same request becomes a badge.
    await changes.rotate(on_token.keeper(organization), organization)
    again = await on_token.caller.put_award(organization, award_id, request)
    assert again.status == 201, again


async def test_a_token_that_is_away_signs_again_once_it_is_back(place: TokenPlace, softhsm_folder: Path) -> None:
    custody = Custody(os.urandom(32), Token(place))
    held = custody.make_ed25519(uuid4())
    assert len(custody.sign_bytes(held, b"content")) == 64
    away = Custody(os.urandom(32), Token(msgspec.structs.replace(place, label="somewhere-else")))
    with pytest.raises(CustodyError, match="token_away"):
        away.sign_bytes(held, b"content")
    without = Custody(os.urandom(32), Token(msgspec.structs.replace(place, module="/nowhere/libpkcs11.so")))
    with pytest.raises(CustodyError, match="token_away"):
        without.sign_bytes(held, b"content")
    tokens = softhsm_folder / "tokens"
    shutil.move(tokens, softhsm_folder / "unplugged")
    try:
        with pytest.raises(CustodyError):
            Custody(os.urandom(32), Token(place)).sign_bytes(held, b"content")
    finally:
        shutil.move(softhsm_folder / "unplugged", tokens)
    assert len(custody.sign_bytes(held, b"content")) == 64


async def test_a_process_without_its_token_does_not_start(on_token: Installation) -> None:
    await on_token.caller.begin()
    for changed in ({"pkcs11_module": ""}, {"pkcs11_token": "somewhere-else"}):
        settings = msgspec.structs.replace(on_token.settings, **changed)
        with pytest.raises(SettingsError, match="token") as raised:
            await check_token(on_token.pool, custody_of(settings))
        assert PIN not in raised.value.sentence
    await check_token(on_token.pool, custody_of(on_token.settings))
