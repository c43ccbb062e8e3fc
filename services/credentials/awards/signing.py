"""From an award's inputs through the rules to the signed credential. Synchronous."""

import hashlib
from datetime import datetime

from services.credentials.awards.document import Inputs, document, shape, varying
from services.credentials.awards.model import SignedCredential
from services.credentials.keys.model import Keys, SealedKey, SigningKey, fact_of
from services.credentials.keys.signer import Signer
from services.credentials.proofs.strict_json import JsonObject
from services.credentials.rules import book
from services.credentials.rules.model import Draft, Facts, StatusPlace


def draft(
    inputs: Inputs, *keys: SigningKey, now: datetime, place: StatusPlace, achievement_since: datetime | None = None
) -> Draft:
    """The unsigned credential with what the rules ask beside it."""
    facts = Facts(
        issuer=inputs.issuer.did,
        now=now,
        signed_at=inputs.reservation.valid_from,
        keys=tuple(fact_of(one) for one in keys),
        public_url=inputs.public_url,
        status=place,
        achievement_since=achievement_since,
    )
    return Draft(kind="badge", document=document(inputs), facts=facts, shape=shape(inputs), varying=varying(inputs))


def sign(found: Draft, keys: Keys, signer: Signer) -> SignedCredential:
    """The credential with its proof, and its JWT, verified; RulesRefusedError where it must not be signed."""
    forms = signer.sign(book.examine(found), found.document, keys)
    assert forms.jwt is not None
    return SignedCredential(
        json=forms.content.decode(), jwt=forms.jwt, sha256=hashlib.sha256(forms.content).hexdigest()
    )


def sign_statement(
    document: JsonObject,
    held: SealedKey,
    signer: Signer,
    *,
    did: str,
    now: datetime,
    signed_at: datetime,
    public_url: str,
) -> str:
    """A statement of replacement under its proof, verified; RulesRefusedError where it must not be signed."""
    facts = Facts(issuer=did, now=now, signed_at=signed_at, keys=(fact_of(held.key),), public_url=public_url)
    found = Draft(kind="statement", document=document, facts=facts)
    return signer.sign(book.examine(found), found.document, Keys(proof=held)).content.decode()
