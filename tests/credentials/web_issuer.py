"""A did:web issuer without a server: its keys, what it signs, and what its addresses would answer."""

import os
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.credentials.awards.document import Inputs
from services.credentials.awards.model import Reservation, SignedCredential
from services.credentials.awards.signing import draft, sign
from services.credentials.keys.custody import Custody
from services.credentials.keys.model import Issuer, Keys, SealedKey
from services.credentials.keys.signer import Signer
from services.credentials.proofs import did, multikey
from services.credentials.proofs.did import Rs256Key
from services.credentials.proofs.template import Templates
from services.credentials.rules.model import Draft, StatusPlace
from services.credentials.status_lists import actions as lists
from services.credentials.status_lists import model as status_lists
from services.credentials.status_lists.model import ListToSign
from services.credentials.verification.case import FetchedDocument
from tests.credentials.callers import ACHIEVEMENT, PROFILE, award_request

PUBLIC_URL = "https://badges.example"
NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


class WebIssuer:
    """Signs badges as the issuer role does: an Ed25519 proof, and a JWT under RS256 or the same Ed25519 key."""

    def __init__(self, *, has_rs256: bool = True) -> None:
        self.id = uuid4()
        self.custody = Custody(os.urandom(32))
        self.did = did.did_web(PUBLIC_URL, self.id)
        self.proof_key = self.custody.make_ed25519(self.id)
        self.jwt_key = self.custody.make_rs256(self.id) if has_rs256 else self.proof_key
        self.list_id = uuid4()
        self.signer = Signer(self.custody, Templates())

    @property
    def keys(self) -> Keys:
        """Both keys."""
        return Keys(proof=self.proof_key, jwt=self.jwt_key)

    @property
    def issuer(self) -> Issuer:
        """Who it is."""
        return Issuer(
            id=self.id,
            did=self.did,
            name=PROFILE.name,
            url=PROFILE.url,
            description=PROFILE.description,
            is_demonstration=False,
        )

    @property
    def document_address(self) -> str:
        """Where its DID document is."""
        return did.did_web_address(self.did)

    @property
    def jwk_address(self) -> str:
        """What a JWT's `kid` is."""
        return f"{PUBLIC_URL}/keys/{self.jwt_key.key.id}"

    @property
    def list_address(self) -> str:
        """Where its status list is."""
        return status_lists.address(self.list_id, public_url=PUBLIC_URL)

    def inputs(self, *, index: int = 7) -> Inputs:
        """What a badge is made of, for somebody new."""
        achievement_id = uuid4()
        return Inputs(
            reservation=_reservation(self, index),
            request=award_request(achievement_id),
            achievement=ACHIEVEMENT,
            issuer=self.issuer,
            public_url=PUBLIC_URL,
        )

    def badge(self) -> SignedCredential:
        """A signed badge."""
        return self.sign(self.inputs())

    def draft(self, inputs: Inputs) -> Draft:
        """What the rules are given to examine."""
        reserved = inputs.reservation
        place = StatusPlace(
            list_url=status_lists.address(reserved.status_list_id, public_url=PUBLIC_URL),
            length=status_lists.LENGTH,
            index=reserved.status_index,
            is_free=True,
        )
        return draft(
            inputs,
            self.proof_key.key,
            self.jwt_key.key,
            now=NOW,
            place=place,
            achievement_since=NOW - timedelta(days=1),
        )

    def sign(self, inputs: Inputs) -> SignedCredential:
        """A badge made of these, through the rules."""
        return sign(self.draft(inputs), self.keys, self.signer)

    def document(self) -> dict[str, Any]:
        """Its DID document, which lists both keys."""
        rs256 = [Rs256Key(self.jwt_key.key.id, self.jwt_key.key.public_jwk)] if self.jwt_key != self.proof_key else []
        return did.document(self.did, [public_half(self.proof_key)], rs256)

    def status_list(self, *revoked: int, key: SealedKey | None = None) -> dict[str, Any]:
        """Its signed list, with these bits set."""
        held = key or self.proof_key
        wanted = ListToSign(
            id=self.list_id,
            issuer_id=self.id,
            length=status_lists.LENGTH,
            created_at=NOW,
            revision=1,
            revoked=frozenset(revoked),
        )
        found = lists.draft(wanted, self.did, held, public_url=PUBLIC_URL, now=NOW)
        signed: dict[str, Any] = msgspec.json.decode(lists.sign(found, held, self.signer))
        return signed

    def answers(self, document: object, *, list_key: SealedKey | None = None) -> tuple[FetchedDocument, ...]:
        """What its addresses give; `document` stands at that of the DID, a sentence in its place for why none does."""
        return (
            fetched(self.document_address, document),
            fetched(self.jwk_address, self.jwt_key.key.public_jwk),
            fetched(self.list_address, self.status_list(key=list_key)),
        )


def fetched(url: str, answer: object) -> FetchedDocument:
    """An answer, or the reason why there is none."""
    if isinstance(answer, str):
        return FetchedDocument(url=url, error=answer)
    return FetchedDocument(url=url, content=answer if isinstance(answer, bytes) else msgspec.json.encode(answer))


def public_half(held: SealedKey) -> Ed25519PublicKey:
    """The public key that an Ed25519 key's id is."""
    return multikey.decode(held.key.id)


def _reservation(issuer: WebIssuer, index: int) -> Reservation:
    ids: list[UUID] = [uuid4() for _ in range(3)]
    return Reservation(
        credential_id=ids[0],
        award_id=ids[1],
        issuer_id=issuer.id,
        subject_id=f"urn:uuid:{uuid4()}",
        status_list_id=issuer.list_id,
        status_index=index,
        key_id=issuer.proof_key.key.id,
        jwt_key_id=issuer.jwt_key.key.id,
        valid_from=NOW - timedelta(hours=1),
        lease=ids[2],
    )
