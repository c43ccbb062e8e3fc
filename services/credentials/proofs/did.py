"""DIDs of issuers: did:key proves itself, did:web is a document at an address that says which keys are its."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote, urlsplit
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.credentials.proofs import contexts, multikey
from services.credentials.proofs.strict_json import JsonObject

_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?")
_SEGMENT = re.compile(r"[A-Za-z0-9._-]+")
_MOST_METHODS = 100


class DidError(Exception):
    """The DID or its document cannot be used; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Rs256Key(msgspec.Struct, frozen=True):
    """An RSA key of an issuer: its name below the DID, and its public JWK."""

    kid: str
    jwk: Mapping[str, str]


class Withdrawn(msgspec.Struct, frozen=True):
    """A key that speaks for the issuer no more, since when (as it is written), and how it is listed."""

    key: Ed25519PublicKey | Rs256Key
    since: str


class Service(msgspec.Struct, frozen=True):
    """Where something else of the issuer is to be had."""

    name: str
    type: str
    address: str


def did_key(key: Ed25519PublicKey) -> str:
    """`did:key:z6Mk...`"""
    return f"did:key:{multikey.encode(key)}"


def did_web(public_url: str, issuer_id: UUID) -> str:
    """`did:web:HOST:issuers:UUID` of an issuer whose document is served below `public_url`."""
    return f"did:web:{quote(urlsplit(public_url).netloc, safe='')}:issuers:{issuer_id}"


def did_web_address(did: str) -> str:
    """Where the document of a did:web is (did:web method, section 3.2); DidError where it is none."""
    if not did.startswith("did:web:"):
        raise DidError("not_did_web")
    host, *segments = did.removeprefix("did:web:").split(":")
    host = unquote(host)
    # Some letters have their lower case among those of ASCII, and are not the same host.
    if (
        not host.isascii()
        or not _HOST.fullmatch(host.lower())
        or not all(_SEGMENT.fullmatch(one) and one.strip(".") for one in segments)
    ):
        raise DidError("malformed_did")
    path = "/".join(segments) if segments else ".well-known"
    return f"https://{host}/{path}/did.json"


def verification_method(did: str, key: Ed25519PublicKey) -> str:
    """The most robust name of a key: `<did>#<multikey>`."""
    return f"{did}#{multikey.encode(key)}"


def document(
    did: str,
    keys: Sequence[Ed25519PublicKey],
    rs256: Sequence[Rs256Key] = (),
    *,
    withdrawn: Sequence[Withdrawn] = (),
    services: Sequence[Service] = (),
    also_known_as: Sequence[str] = (),
) -> JsonObject:
    """The DID document that lists these keys for assertions; withdrawn ones are listed for nothing."""
    methods = [*(_method(did, key) for key in keys), *(_method(did, key) for key in rs256)]
    # Controlled Identifiers 1.0, section 2.2: from then on the method does not speak for its controller.
    lost = [{**_method(did, one.key), "revoked": one.since} for one in withdrawn]
    found: JsonObject = {
        "@context": [contexts.DID_V1, contexts.MULTIKEY_V1],
        "id": did,
        "verificationMethod": [*methods, *lost],
        "assertionMethod": [one["id"] for one in methods],
    }
    if also_known_as:
        found["alsoKnownAs"] = list(also_known_as)
    if services:
        found["service"] = [
            {"id": f"{did}#{one.name}", "type": one.type, "serviceEndpoint": one.address} for one in services
        ]
    return found


def _method(did: str, key: Ed25519PublicKey | Rs256Key) -> JsonObject:
    if isinstance(key, Rs256Key):
        return {"id": f"{did}#{key.kid}", "type": "JsonWebKey", "controller": did, "publicKeyJwk": dict(key.jwk)}
    return {
        "id": verification_method(did, key),
        "type": "Multikey",
        "controller": did,
        "publicKeyMultibase": multikey.encode(key),
    }


def service_address(found: Mapping[str, Any], kind: str) -> str | None:
    """Where the service of a type is, by a DID document; None where it names none."""
    for one in _objects(found, "service"):
        if isinstance(one, dict) and kind in (one.get("type"), *_texts(one.get("type"))):
            address = one.get("serviceEndpoint")
            return address if isinstance(address, str) else None
    return None


def _texts(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def key_of_did_key(method: str) -> multikey.PublicKey:
    """The key that a did:key, or a verification method of one, names; DidError or KeyFormatError where it is none."""
    did, _, fragment = method.partition("#")
    text = did.removeprefix("did:key:")
    if not did.startswith("did:key:") or (fragment and fragment != text):
        raise DidError("malformed_did")
    return multikey.decode_any(text)


def key_in_document(found: Mapping[str, Any], *, did: str, method: str) -> multikey.PublicKey:
    """The multikey that the document of `did` lists as `method` for assertions; DidError where it does not."""
    entry = _entry_in_document(found, did=did, method=method)
    text = entry.get("publicKeyMultibase")
    if not isinstance(text, str):
        raise DidError("key_not_multikey")
    return multikey.decode_any(text)


def jwk_in_document(found: Mapping[str, Any], *, did: str, method: str) -> Mapping[str, Any]:
    """The JWK that the document of `did` lists as `method` for assertions; DidError where it does not."""
    jwk = _entry_in_document(found, did=did, method=method).get("publicKeyJwk")
    if not isinstance(jwk, dict):
        raise DidError("key_not_jwk")
    return jwk


def jwks_in_document(found: Mapping[str, Any], *, did: str) -> list[Mapping[str, Any]]:
    """Every JWK that the document of `did` lists for assertions."""
    jwks = []
    for method in methods_in_document(found, did=did):
        try:
            jwks.append(jwk_in_document(found, did=did, method=method))
        except DidError:
            continue
    return jwks


def methods_in_document(found: Mapping[str, Any], *, did: str) -> list[str]:
    """The full names of what the document of `did` lists for assertions, up to a hundred.

    A list may name a method in full or as `#fragment`, or hold it itself (DID Core 1.0, sections 3.2.2 and 5.3).
    """
    named = [one.get("id") if isinstance(one, dict) else one for one in _objects(found, "assertionMethod")]
    return [_in_full(one, did) for one in named if isinstance(one, str)]


def _entry_in_document(found: Mapping[str, Any], *, did: str, method: str) -> Mapping[str, Any]:
    if found.get("id") != did:
        raise DidError("document_of_another")
    if method.partition("#")[0] != did:
        raise DidError("key_of_another")
    if method not in methods_in_document(found, did=did):
        raise DidError("key_not_listed")
    for entry in [*_objects(found, "assertionMethod"), *_objects(found, "verificationMethod")]:
        if isinstance(entry, dict) and isinstance(entry.get("id"), str) and _in_full(entry["id"], did) == method:
            if entry.get("controller") != did:
                raise DidError("key_of_another")
            if "revoked" in entry or "expires" in entry:
                raise DidError("key_withdrawn")
            return entry
    raise DidError("key_not_listed")


def _objects(found: Mapping[str, Any], member: str) -> list[Any]:
    listed = found.get(member)
    return listed[:_MOST_METHODS] if isinstance(listed, list) else []


def _in_full(name: str, did: str) -> str:
    return did + name if name.startswith("#") else name
