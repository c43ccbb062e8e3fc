"""How a fixture of a shape rule is written down: a document, and what the rule says of it."""

import hashlib
from base64 import b64encode
from typing import Any, Literal

import msgspec

from services.credentials.proofs import contexts, multikey

Document = dict[str, Any]
Kind = Literal["newer", "older", "presentation", "older presentation"]

V1, V2 = contexts.CREDENTIALS_V1, contexts.CREDENTIALS_V2
URL = "https://issuer.example/1"
DIGEST = hashlib.sha256(b"content").digest()
SRI = f"sha256-{b64encode(DIGEST).decode()}"
MULTIHASH = multikey.base58_encode(b"\x12\x20" + DIGEST)
BASE: Document = {
    "@context": [V2],
    "type": ["VerifiableCredential"],
    "issuer": "did:example:issuer",
    "credentialSubject": {"id": "did:example:subject"},
}
PROOF: Document = {
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-rdfc-2022",
    "created": "2026-01-01T00:00:00Z",
    "verificationMethod": "did:example:issuer#key",
    "proofPurpose": "assertionMethod",
    "proofValue": "z3Mv",
}
ENTRY: Document = {
    "id": f"{URL}#7",
    "type": "BitstringStatusListEntry",
    "statusPurpose": "revocation",
    "statusListIndex": "7",
    "statusListCredential": URL,
}
ENVELOPE: Document = {"@context": V2, "type": "EnvelopedVerifiableCredential", "id": "data:application/vc+jwt,a.b.c"}
BASES: dict[Kind, Document] = {
    "newer": BASE,
    "older": {**BASE, "@context": [V1], "issuanceDate": "2026-01-01T00:00:00Z"},
    "presentation": {"@context": [V2], "type": ["VerifiablePresentation"]},
    "older presentation": {"@context": [V1], "type": ["VerifiablePresentation"]},
}


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A document, and what the rule says of it: a code and a path, or nothing where it accepts."""

    rule: str
    kind: Kind
    document: Document
    code: str = ""
    where: str = ""


CASES: list[Case] = []


def made(kind: Kind, changes: Document) -> Document:
    """The plainest document of a kind with members set, or left out where the change is an ellipsis."""
    return {name: one for name, one in {**BASES[kind], **changes}.items() if one is not ...}


def accepts(rule: str, kind: Kind, **changes: Any) -> None:
    CASES.append(Case(rule=rule, kind=kind, document=made(kind, changes)))


def refuses(rule: str, code: str, where: str, kind: Kind, **changes: Any) -> None:
    CASES.append(Case(rule=rule, kind=kind, document=made(kind, changes), code=code, where=where))


def context(*named: Any) -> Document:
    return {"@context": list(named)}


def without(value: Document, *names: str) -> Document:
    return {name: one for name, one in value.items() if name not in names}
