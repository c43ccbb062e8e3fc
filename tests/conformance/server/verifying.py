"""Verifies credentials and presentations: the data model's rules, every proof, whose key it is, and our own status."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from services.credentials.proofs import data_integrity, data_model, did, vc_jwt
from services.credentials.proofs.data_integrity import ASSERTION, Purpose, UnresolvedKeyError
from services.credentials.proofs.did import DidError
from services.credentials.proofs.multikey import KeyFormatError, PublicKey
from services.credentials.proofs.strict_json import JsonError, JsonObject
from services.credentials.proofs.vc_jwt import JwtError
from tests.conformance.server.digests import as_multihashes
from tests.conformance.server.problems import (
    TAMPERED,
    VERIFICATION,
    Problem,
    of_faults,
    of_results,
    problem,
)
from tests.conformance.server.statuses import StatusList

_ENVELOPED_CREDENTIAL = "EnvelopedVerifiableCredential"
_ENVELOPED_PRESENTATION = "EnvelopedVerifiablePresentation"
_DID_KEY = "did:key:"


class Verifier(msgspec.Struct, frozen=True):
    """What verifying takes: the time, and the list that the server publishes."""

    now: datetime
    statuses: StatusList

    def credential_problems(self, credential: JsonObject, purpose: Purpose = ASSERTION) -> list[Problem]:
        """Everything that is wrong with a credential; empty where it is verified."""
        if found := data_model.faults(as_multihashes(credential)):
            return of_faults(found)
        return self._secured_problems(credential, purpose)

    def presentation_problems(self, presentation: JsonObject, purpose: Purpose) -> list[Problem]:
        """Everything that is wrong with a presentation and the credentials in it; empty where it is verified."""
        if found := data_model.presentation_faults(as_multihashes(presentation)):
            return of_faults(found)
        if _ENVELOPED_PRESENTATION in _listed(presentation["type"]):
            return [problem(VERIFICATION, "presentations in envelopes are not verified here")]
        problems = self._proof_problems(presentation, _party(presentation.get("holder")), purpose)
        for index, one in enumerate(_listed(presentation.get("verifiableCredential", []))):
            place = f"verifiableCredential[{index}]."
            if isinstance(one, str):
                problems += self._token_problems(one, place)
            elif "proof" in one or _ENVELOPED_CREDENTIAL in _listed(one["type"]):
                problems += self._secured_problems(one, ASSERTION, place)
            else:
                # It is the holder's own (the rules saw to that), so the presentation's proof is its proof.
                problems += self.statuses.problems(one)
        return problems

    def _secured_problems(self, credential: JsonObject, purpose: Purpose, place: str = "") -> list[Problem]:
        if _ENVELOPED_CREDENTIAL in _listed(credential["type"]):
            return self._token_problems(credential["id"].partition(",")[2], place)
        problems = self._proof_problems(credential, _party(credential["issuer"]), purpose, place)
        return problems + self.statuses.problems(credential)

    def _proof_problems(
        self, document: Mapping[str, Any], signer: str | None, purpose: Purpose, place: str = ""
    ) -> list[Problem]:
        results = data_integrity.verify(document, resolve=_key, now=self.now, purpose=purpose, allows_vocab=True)
        if not results:
            return [problem(VERIFICATION, f"{place}proof: missing")]
        found = of_results(results, place=place)
        # Others may sign too: a notary, say, before or after. One proof is the signer's own.
        if not found and not any(_may_sign_for(signer, one.verification_method or "") for one in results):
            return [problem(VERIFICATION, f"{place}proof: key_of_another")]
        return found

    def _token_problems(self, text: str, place: str) -> list[Problem]:
        """Of a credential as a JWT whose `kid` is a did:key."""
        try:
            token = vc_jwt.read(text, is_enveloped=True)
            key = _key(token.kid or "")
        except (JsonError, JwtError, UnresolvedKeyError, KeyFormatError) as error:
            return [problem(VERIFICATION, f"{place}envelope: {error.code}")]
        if not _may_sign_for(token.issuer, token.kid or ""):
            return [problem(VERIFICATION, f"{place}envelope: key_of_another")]
        if not vc_jwt.is_signed_by(token, key):
            return [problem(TAMPERED, f"{place}envelope: signature_wrong")]
        credential = dict(token.credential)
        return of_faults(data_model.faults(credential), place=place) or self.statuses.problems(credential)


def _key(method: str) -> PublicKey:
    """The key of a did:key's method; UnresolvedKeyError, KeyFormatError."""
    if not method.startswith(_DID_KEY):
        raise UnresolvedKeyError("key_unresolvable", is_certain=False)
    try:
        return did.key_of_did_key(method)
    except DidError as error:
        raise UnresolvedKeyError(f"key_{error.code}", is_certain=True) from None


def _may_sign_for(signer: str | None, method: str) -> bool:
    """Whether the method may be an issuer's or a holder's; a did:key has no key but its own.

    Of others nothing is known here, and nothing is fetched: the suites sign for issuers such as `did:example:issuer`,
    and want to see that proof verified.
    """
    return signer is None or not signer.startswith(_DID_KEY) or method.partition("#")[0] == signer


def _party(value: Any) -> str | None:
    """The identifier of an issuer or a holder."""
    found = value.get("id") if isinstance(value, dict) else value
    return found if isinstance(found, str) else None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
