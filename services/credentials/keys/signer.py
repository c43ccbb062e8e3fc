"""The signer's door: signs a document for the permit that the rules gave for it, and nothing else. Synchronous."""

import hashlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.credentials.keys.custody import Custody
from services.credentials.keys.model import (
    Forms,
    Keys,
    SealedKey,
    SignatureRefusedError,
    SigningKey,
    WrongUseError,
    kid_of,
    method_of,
)
from services.credentials.proofs import data_integrity, multikey, vc_jwt
from services.credentials.proofs.data_integrity import HashData, UnresolvedKeyError
from services.credentials.proofs.strict_json import JsonObject, parse
from services.credentials.proofs.template import Templates
from services.credentials.rules.permit import Permit


class Signer:
    """What the rooms that issue are given in place of the keys."""

    def __init__(self, custody: Custody, templates: Templates | None = None) -> None:
        """`templates` make it faster and change no byte."""
        self._custody = custody
        self._templates = templates

    def sign(self, permit: Permit, document: JsonObject, keys: Keys) -> Forms:
        """The document with its proof, and as a JWT where there is a key for it, both verified; the permit is spent.

        WrongUseError for a key of the log; PermitError for another document or key than the rules accepted, or a permit
        that was spent already;
        SignatureRefusedError where what was signed does not verify.
        """
        for one in (keys.proof, keys.jwt or keys.proof):
            if one.key.use != "badge":
                raise WrongUseError(one.key.id)
        content = msgspec.json.encode(document)
        permit.spend(content, keys.proof.key.id, *([] if keys.jwt is None else [keys.jwt.key.id]))
        method = method_of(permit.issuer, keys.proof.key)
        signed = data_integrity.create(
            document,
            sign=self._signing(keys.proof),
            verification_method=method,
            created=permit.signed_at,
            hashes=self._hashes(permit),
        )
        # The proof comes last, behind the bytes that were permitted.
        text = content[:-1] + b',"proof":' + msgspec.json.encode(signed["proof"]) + b"}"
        # What is given out is what was read back and verified, not what we meant to write.
        _verify_proof(parse(text), method, keys.proof.key, permit)
        if keys.jwt is None:
            return Forms(content=text, jwt=None)
        token = vc_jwt.create(
            signed,
            sign=self._signing(keys.jwt),
            algorithm="RS256" if keys.jwt.key.algorithm == "RS256" else "EdDSA",
            kid=kid_of(permit.issuer, keys.jwt.key, public_url=permit.public_url),
        )
        _verify_token(token, signed, keys.jwt.key)
        return Forms(content=text, jwt=token)

    def _signing(self, held: SealedKey) -> Callable[[bytes], bytes]:
        return lambda content: self._custody.sign_bytes(held, content)

    def _hashes(self, permit: Permit) -> HashData:
        templates = self._templates
        if templates is None or permit.shape is None:
            return data_integrity.hash_data

        def hashes(unsigned: Mapping[str, Any], options: Mapping[str, Any]) -> bytes:
            configuration = {**options, "@context": unsigned["@context"]}
            canonical = (
                templates.canonicalize(configuration, ("proof", options["verificationMethod"]), (("created",),)),
                templates.canonicalize(unsigned, permit.shape, permit.varying),
            )
            return b"".join(hashlib.sha256(one).digest() for one in canonical)

        return hashes


def _verify_proof(signed: JsonObject, method: str, key: SigningKey, permit: Permit) -> None:
    def resolve(named: str) -> Ed25519PublicKey:
        if named != method:
            raise UnresolvedKeyError("key_of_another", is_certain=True)
        return multikey.decode(key.id)

    results = data_integrity.verify(signed, resolve=resolve, now=permit.signed_at)
    if [one.outcome for one in results] != ["verified"]:
        raise SignatureRefusedError(results[0].code if results else "no_proof")


def _verify_token(token: str, signed: JsonObject, key: SigningKey) -> None:
    found = vc_jwt.read(token)
    if found.credential != signed or not vc_jwt.is_signed_by(found, _public_key(msgspec.json.encode(key.public_jwk))):
        raise SignatureRefusedError("jwt_wrong")


@lru_cache(maxsize=256)
def _public_key(jwk: bytes) -> vc_jwt.PublicKey:
    return vc_jwt.key_of_jwk(msgspec.json.decode(jwk))
