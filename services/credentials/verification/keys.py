"""Whose key it is: finds the key that a proof names, and whether the issuer itself lists it. Pure.

The key comes from the verification method where that carries it (did:key, or a fragment that is the key itself), else
from the signer's document; that the issuer lists it is a second question, and only its own document answers it.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.credentials.proofs import did, multikey, strict_json, vc_jwt
from services.credentials.proofs.did import DidError
from services.credentials.proofs.multikey import KeyFormatError
from services.credentials.proofs.strict_json import JsonError, JsonObject
from services.credentials.proofs.vc_jwt import CredentialJwt, JwtError, PublicKey
from services.credentials.verification import history, shape
from services.credentials.verification.case import Case
from services.credentials.verification.history import Signature
from services.credentials.verification.model import Check
from services.credentials.verification.sentences import check

_HTTPS = ("https://", "http://")


class KeyMissingError(Exception):
    """No key to check a signature with; `code` says why, `is_certain` that waiting will not help."""

    def __init__(self, code: str, where: str = "", *, is_certain: bool) -> None:
        super().__init__(code)
        self.code = code
        self.where = where
        self.is_certain = is_certain


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A key, and the check that says whether it is the issuer's."""

    key: Any  # a multikey.PublicKey, or another PublicKey of a JWT
    issuer: Check


def addresses(credential: Mapping[str, Any], token: CredentialJwt | None) -> tuple[str, ...]:
    """What must be fetched to know the keys: the issuer's document, and the key that a JWT's https `kid` names."""
    found = []
    issuer = shape.issuer_id(credential) or ""
    if (address := document_address(issuer)) is not None:
        found.append(address)
    if token is not None and token.kid is not None and token.kid.startswith(_HTTPS):
        found.append(token.kid)
    return tuple(dict.fromkeys(found))


def document_address(identifier: str) -> str | None:
    """Where the document of an issuer is; None for a did:key, which needs none, and for what cannot be resolved."""
    if identifier.startswith("did:web:"):
        try:
            return did.did_web_address(identifier)
        except DidError:
            return None
    return identifier.partition("#")[0] if identifier.startswith(_HTTPS) else None


def confirmed(case: Case, found: Found, issuer: str, document: Mapping[str, Any], *, method: str | None) -> Check:
    """The check of the issuer as its key history has it, of the signature by a found key; WantedError."""
    own = _document(case, issuer) if issuer.startswith("did:web:") else found.issuer
    signature = Signature(key=_raw(found.key), dates=history.dates_of(document, method), document=document)
    if isinstance(own, Check):
        return history.vouched(case, issuer, signature, found.issuer)
    return history.confirmed(case, issuer, own, signature, found.issuer)


def names(case: Case, issuer: str) -> tuple[str, tuple[str, ...]] | None:
    """The anchor of the issuer's key history, and every name that it gives the issuer; None where none was read."""
    own = _document(case, issuer) if issuer.startswith("did:web:") else None
    return history.names(case, issuer, own) if isinstance(own, dict) else None


def of_method(case: Case, method: str, *, issuer: str) -> Found:
    """The key of a verification method, with the check of the issuer; KeyMissingError."""
    controller, _, fragment = method.partition("#")
    if controller.startswith("did:key:"):
        try:
            key = did.key_of_did_key(method)
        except (DidError, KeyFormatError) as error:
            raise KeyMissingError("key_unreadable", error.code, is_certain=True) from None
        return Found(key=key, issuer=_bound(is_issuers=controller == issuer))
    if controller != issuer:
        # The signer says itself that it is not the issuer; whose key it is does not matter then.
        return Found(key=_key_in(fragment, "key_of_another"), issuer=_bound(is_issuers=False))
    document = _document(case, issuer)
    if isinstance(document, Check):
        if document.outcome == "failed":
            return Found(key=_key_in(fragment, document.code), issuer=document)
        return Found(key=_key_in(fragment, "key_unavailable", is_certain=False), issuer=document)
    try:
        return Found(key=_listed_key(document, issuer, method), issuer=_bound(is_issuers=True))
    except DidError as error:
        refused = check("issuer", "failed", error.code if error.code in _REFUSALS else "key_not_listed", fragment)
        return Found(key=_key_in(fragment, "key_not_listed"), issuer=refused)
    except KeyFormatError as error:
        raise KeyMissingError("key_unreadable", error.code, is_certain=True) from None


def _listed_key(document: JsonObject, issuer: str, method: str) -> multikey.PublicKey:
    """The key that the issuer lists as a method; DidError, KeyFormatError, and KeyMissingError where it cannot be read.

    A suite takes every form of its kind of key that loses nothing (W3C vc-di-eddsa, section 2.1.1), such as a JWK.
    """
    try:
        return did.key_in_document(document, did=issuer, method=method)
    except DidError as error:
        if error.code != "key_not_multikey":
            raise
    try:
        key = vc_jwt.key_of_jwk(did.jwk_in_document(document, did=issuer, method=method))
    except (DidError, JwtError) as error:
        # It is listed, if in a form or of a kind that is not known here; one that proves nothing is known well enough.
        raise KeyMissingError("key_unreadable", error.code, is_certain=error.code in _WORTHLESS) from None
    if isinstance(key, RSAPublicKey):
        raise KeyMissingError("jwk_unsupported", is_certain=True)
    return key


_WORTHLESS = frozenset({"jwk_weak", "jwk_private"})
_REFUSALS = frozenset({"key_of_another", "key_withdrawn", "document_of_another", "key_not_listed"})


def of_token(case: Case, token: CredentialJwt) -> Found:
    """The key of a JWT's header, with the check of the issuer; KeyMissingError."""
    if token.jwk is not None:
        key = _key_of_jwk(token.jwk)
        return Found(key=key, issuer=_listed(case, token.issuer, key))
    kid = token.kid or ""
    if kid.startswith(_HTTPS):
        key = _key_of_jwk(_fetched_jwk(case, kid))
        return Found(key=key, issuer=_listed(case, token.issuer, key))
    return _of_did_kid(case, kid, issuer=token.issuer)


def _of_did_kid(case: Case, kid: str, *, issuer: str) -> Found:
    if kid.partition("#")[0].startswith("did:web:") and kid.partition("#")[0] == issuer:
        document = _document(case, issuer)
        if isinstance(document, dict):
            try:
                jwk = did.jwk_in_document(document, did=issuer, method=kid)
            except DidError:
                pass  # it may be listed as a multikey
            else:
                return Found(key=_key_of_jwk(jwk), issuer=_bound(is_issuers=True))
    return of_method(case, kid, issuer=issuer)


def _listed(case: Case, issuer: str, key: PublicKey) -> Check:
    """Whether the issuer itself lists a key that came from elsewhere."""
    if issuer.startswith("did:key:"):
        try:
            return _bound(is_issuers=_raw(did.key_of_did_key(issuer)) == _raw(key))
        except (DidError, KeyFormatError):
            return check("issuer", "failed", "key_of_another")
    document = _document(case, issuer)
    if isinstance(document, Check):
        return document
    published = document.get("keys")
    listed = [one for one in published if isinstance(one, dict)][:100] if isinstance(published, list) else []
    for jwk in listed or did.jwks_in_document(document, did=issuer):
        try:
            if _raw(vc_jwt.key_of_jwk(jwk)) == _raw(key):
                return _bound(is_issuers=True)
        except JwtError:
            continue
    for method in did.methods_in_document(document, did=issuer):
        try:
            if _raw(did.key_in_document(document, did=issuer, method=method)) == _raw(key):
                return _bound(is_issuers=True)
        except (DidError, KeyFormatError):
            continue
    return check("issuer", "failed", "key_not_listed")


def _document(case: Case, issuer: str) -> JsonObject | Check:
    """The issuer's document, or the check that says why it does not count."""
    address = document_address(issuer)
    if address is None:
        return check("issuer", "unknown", "issuer_unprovable")
    answer = case.found(address)
    if answer.content is None:
        return check("issuer", "unknown", "document_unavailable", answer.error)
    try:
        document = strict_json.parse(answer.content)
    except JsonError as error:
        return check("issuer", "unknown", "document_unreadable", error.code)
    # An https issuer may publish its keys as a JWK set, which names nobody; its address does.
    is_set = issuer.startswith(_HTTPS) and isinstance(document.get("keys"), list)
    if not is_set and document.get("id") != issuer:
        return check("issuer", "failed", "document_of_another")
    if not is_set and not {"assertionMethod", "verificationMethod"} & set(document):
        return check("issuer", "unknown", "document_unreadable", "it lists no keys")
    return document


def _fetched_jwk(case: Case, kid: str) -> JsonObject:
    answer = case.found(kid)
    if answer.content is None:
        raise KeyMissingError("key_unavailable", answer.error, is_certain=False)
    try:
        return strict_json.parse(answer.content, max_bytes=64 * 1024)
    except JsonError as error:
        raise KeyMissingError("key_unreadable", error.code, is_certain=True) from None


def _key_of_jwk(jwk: Mapping[str, Any]) -> PublicKey:
    try:
        return vc_jwt.key_of_jwk(jwk)
    except JwtError as error:
        raise KeyMissingError(error.code, is_certain=True) from None


def _key_in(fragment: str, code: str, *, is_certain: bool = True) -> multikey.PublicKey:
    """The key that a fragment is itself; KeyMissingError with `code` where it is none."""
    try:
        return multikey.decode_any(fragment)
    except KeyFormatError:
        raise KeyMissingError(code, is_certain=is_certain) from None


def _bound(*, is_issuers: bool) -> Check:
    if is_issuers:
        return check("issuer", "passed", "issuer_proven")
    return check("issuer", "failed", "key_of_another")


def _raw(key: PublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
