"""Signs a credential and verifies what was signed: nothing that does not verify leaves here. Synchronous."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.credentials.awards.document import Inputs, document, shape, varying
from services.credentials.awards.model import SignatureRefusedError, SignedCredential
from services.credentials.keys.custody import Custody
from services.credentials.keys.model import SealedKey, kid_of, method_of
from services.credentials.proofs import data_integrity, multikey, vc_jwt
from services.credentials.proofs.data_integrity import HashData, UnresolvedKeyError
from services.credentials.proofs.strict_json import JsonObject, parse
from services.credentials.proofs.template import Templates


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """The keys that were frozen with the reservation."""

    proof: SealedKey
    jwt: SealedKey


def sign(inputs: Inputs, keys: Keys, custody: Custody, templates: Templates | None = None) -> SignedCredential:
    """The credential with its proof, and its JWT; SignatureRefusedError where either does not verify.

    `templates` make it faster and change no byte.
    """
    did, created = inputs.issuer.did, inputs.reservation.valid_from
    method = method_of(did, keys.proof.key)
    signed = data_integrity.create(
        document(inputs),
        sign=custody.signer(keys.proof),
        verification_method=method,
        created=created,
        hashes=data_integrity.hash_data if templates is None else _hashes(inputs, templates),
    )
    token = vc_jwt.create(
        signed,
        sign=custody.signer(keys.jwt),
        algorithm="RS256" if keys.jwt.key.algorithm == "RS256" else "EdDSA",
        kid=kid_of(did, keys.jwt.key, public_url=inputs.public_url),
    )
    text = msgspec.json.encode(signed)
    # What is stored is what was read back and verified, not what we meant to write.
    _verify_proof(parse(text), method, keys.proof.key.id, created)
    _verify_token(token, signed, keys.jwt.key.public_jwk)
    return SignedCredential(json=text.decode(), jwt=token, sha256=hashlib.sha256(text).hexdigest())


def sign_statement(document: JsonObject, did: str, key: SealedKey, custody: Custody, created: datetime) -> str:
    """A statement under its proof, as JSON; SignatureRefusedError where it does not verify."""
    method = method_of(did, key.key)
    signed = data_integrity.create(document, sign=custody.signer(key), verification_method=method, created=created)
    text = msgspec.json.encode(signed)
    _verify_proof(parse(text), method, key.key.id, created)
    return text.decode()


def _hashes(inputs: Inputs, templates: Templates) -> HashData:
    def hashes(unsigned: Mapping[str, Any], options: Mapping[str, Any]) -> bytes:
        configuration = {**options, "@context": unsigned["@context"]}
        canonical = (
            templates.canonicalize(configuration, ("proof", options["verificationMethod"]), (("created",),)),
            templates.canonicalize(unsigned, shape(inputs), varying(inputs)),
        )
        return b"".join(hashlib.sha256(one).digest() for one in canonical)

    return hashes


def _verify_proof(signed: JsonObject, method: str, key_id: str, now: datetime) -> None:
    def resolve(named: str) -> Ed25519PublicKey:
        if named != method:
            raise UnresolvedKeyError("key_of_another", is_certain=True)
        return multikey.decode(key_id)

    results = data_integrity.verify(signed, resolve=resolve, now=now)
    if [one.outcome for one in results] != ["verified"]:
        raise SignatureRefusedError(results[0].code if results else "no_proof")


def _verify_token(token: str, signed: JsonObject, jwk: dict[str, str]) -> None:
    found = vc_jwt.read(token)
    if found.credential != signed or not vc_jwt.is_signed_by(found, vc_jwt.key_of_jwk(jwk)):
        raise SignatureRefusedError("jwt_wrong")
