"""Derives signed credentials again from what was frozen, and compares: nothing of a badge rests on memory."""

import hashlib
from collections.abc import AsyncIterator
from typing import Literal
from uuid import UUID, uuid4

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.credentials.achievements import store as achievements
from services.credentials.awards import store
from services.credentials.awards.document import document, inputs_of
from services.credentials.awards.model import Signed
from services.credentials.keys import store as keys
from services.credentials.keys.model import Issuer, SigningKey, method_of
from services.credentials.proofs import data_integrity, multikey, vc_jwt
from services.credentials.proofs.data_integrity import UnresolvedKeyError
from services.credentials.proofs.strict_json import parse
from services.credentials.proofs.vc_jwt import JwtError
from shared.contracts import AchievementVersion
from shared.postgres import Pool

#: What differs: the unsigned document, the proof, the token, the hash; or what it was derived from is not kept.
Fault = Literal["document", "proof", "token", "sha256", "inputs"]
_PAGE = 200


class Derived(msgspec.Struct, frozen=True, kw_only=True):
    """A signed credential that was derived again, and in what it differs; `is_frozen` False where its issuer's
    profile was not kept with it, so that today's was taken."""

    credential_id: UUID
    faults: tuple[Fault, ...]
    is_frozen: bool


async def derive_again(pool: Pool, *, most: int | None, public_url: str) -> AsyncIterator[Derived]:
    """Every signed credential, or a random sample of `most`, compared with what its frozen inputs give."""
    known = _Known(pool)
    start = uuid4() if most is not None else UUID(int=0)
    left, after, has_turned = most, start, most is None
    while left is None or left > 0:
        page = await store.signed_page(pool, after=after, most=_PAGE if left is None else min(left, _PAGE))
        if has_turned and most is not None:
            page = [one for one in page if one.order.credential_id <= start]
        for one in page:
            yield _compare(one, await known.inputs(one), public_url=public_url)
        left = None if left is None else left - len(page)
        if page:
            after = page[-1].order.credential_id
        elif has_turned:
            return
        else:
            after, has_turned = UUID(int=0), True


class _Inputs(msgspec.Struct, frozen=True, kw_only=True):
    issuer: Issuer
    content: AchievementVersion
    proof: SigningKey
    jwt: SigningKey


class _Known:
    """What many credentials share, read once."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._issuers: dict[UUID, Issuer | None] = {}
        self._keys: dict[UUID, dict[str, SigningKey]] = {}
        self._versions: dict[tuple[UUID, int], AchievementVersion | None] = {}

    async def inputs(self, one: Signed) -> _Inputs | None:
        """The issuer, what was awarded and the keys; None where one of them is gone."""
        order = one.order
        issuer_id, request = order.issuer_id, order.request
        if issuer_id not in self._issuers:
            self._issuers[issuer_id] = await keys.issuer(self._pool, issuer_id)
            self._keys[issuer_id] = {key.id: key for key in await keys.keys(self._pool, issuer_id)}
        version = (request.achievement_id, request.achievement_version)
        if version not in self._versions:
            found = await achievements.version(self._pool, *version)
            self._versions[version] = None if found is None else found.content
        issuer, content = self._issuers[issuer_id], self._versions[version]
        proof, jwt = (self._keys[issuer_id].get(name) for name in (order.key_id, order.jwt_key_id))
        if issuer is None or content is None or proof is None or jwt is None:
            return None
        return _Inputs(issuer=issuer, content=content, proof=proof, jwt=jwt)


def _compare(one: Signed, known: _Inputs | None, *, public_url: str) -> Derived:
    is_frozen = one.order.profile is not None
    if known is None:
        return Derived(credential_id=one.order.credential_id, faults=("inputs",), is_frozen=is_frozen)
    inputs = inputs_of(one.order, known.content, issuer=known.issuer, public_url=public_url)
    text = one.json.encode()
    faults: list[Fault] = []
    # The proof comes last, behind the bytes that were examined.
    if not text.startswith(msgspec.json.encode(document(inputs))[:-1] + b',"proof":'):
        faults.append("document")
    if not _is_proven(one, known, did=inputs.issuer.did):
        faults.append("proof")
    if not _is_token(one, known):
        faults.append("token")
    if hashlib.sha256(text).hexdigest() != one.sha256:
        faults.append("sha256")
    return Derived(credential_id=one.order.credential_id, faults=tuple(faults), is_frozen=is_frozen)


def _is_proven(one: Signed, known: _Inputs, *, did: str) -> bool:
    method = method_of(did, known.proof)

    def resolve(named: str) -> Ed25519PublicKey:
        if named != method:
            raise UnresolvedKeyError("key_of_another", is_certain=True)
        return multikey.decode(known.proof.id)

    results = data_integrity.verify(parse(one.json.encode()), resolve=resolve, now=one.order.valid_from)
    return [result.outcome for result in results] == ["verified"]


def _is_token(one: Signed, known: _Inputs) -> bool:
    try:
        found = vc_jwt.read(one.jwt)
        key = vc_jwt.key_of_jwk(known.jwt.public_jwk)
    except JwtError:
        return False
    return found.credential == parse(one.json.encode()) and vc_jwt.is_signed_by(found, key)
