"""Random documents with proofs of our own making, and what two readers see in them: PyLD, and our verifier's reader."""

import hashlib
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from services.credentials.proofs import cryptosuites, data_integrity, did, multikey
from services.credentials.proofs.strict_json import JsonObject
from services.credentials.verification import keys, shape, status
from tests.conformance import oxigraph_oracle
from tests.conformance.document_kinds import STATUS_2021, Kinds
from tests.conformance.documents import DATA_INTEGRITY, OB, V1, V2
from tests.conformance.pyld_oracle import RefusedError

Path = tuple[str | int, ...]

NOW = datetime(2027, 1, 1, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(b"\5" * 32)
P256_KEY = derive_private_key(5, SECP256R1())
SUITES = ("eddsa-rdfc-2022", "eddsa-jcs-2022", "ecdsa-rdfc-2019", "Ed25519Signature2020")


def of_suite(suite: str, document: JsonObject) -> JsonObject:
    """The document with one proof by a suite, whose key its did:key carries."""
    text = multikey.encode(P256_KEY.public_key() if "ecdsa" in suite else KEY.public_key())
    method = f"did:key:{text}#{text}"
    if suite == data_integrity.CRYPTOSUITE:
        return data_integrity.create(document, sign=KEY.sign, verification_method=method, created=NOW)
    named = {"type": suite} if suite == cryptosuites.ED25519_2020 else {"type": "DataIntegrityProof"}
    options: JsonObject = {
        **named,
        **({} if suite == cryptosuites.ED25519_2020 else {"cryptosuite": suite}),
        "created": "2026-12-01T00:00:00Z",
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
    }
    if suite == "eddsa-jcs-2022":
        options["@context"] = document["@context"]
    found = cryptosuites.of_proof(options)
    assert found is not None
    data = cryptosuites.hash_data(found, document, options, digest=hashlib.sha256)
    return {**document, "proof": [{**options, "proofValue": multikey.base58_encode(_signed(suite, data))}]}


def _signed(suite: str, data: bytes) -> bytes:
    if "ecdsa" not in suite:
        return KEY.sign(data)
    r, s = decode_dss_signature(P256_KEY.sign(data, ECDSA(SHA256())))
    return r.to_bytes(32) + s.to_bytes(32)


def badge(seed: int) -> JsonObject:
    """A badge whose every fact is there: a named holder, hours, dates, a status and an end of validity."""
    kinds = Kinds(seed)
    made = kinds.full_badge()
    while not isinstance(made["credentialSubject"], dict):
        made = kinds.full_badge()
    named = {"type": "IdentityObject", "hashed": False, "identityHash": f"Holder {seed}", "identityType": "name"}
    made["credentialSubject"] |= {
        "id": f"urn:uuid:{seed}",
        "identifier": [named],
        "creditsEarned": seed % 9 + 0.5,
        "activityStartDate": "2026-01-01T00:00:00Z",
        "activityEndDate": "2026-02-01T00:00:00Z",
    }
    achievement = made["credentialSubject"]["achievement"]
    achievement["name"] = f"Level {seed}"
    achievement["tag"] = [*achievement.get("tag", []), "tag"]
    made["credentialStatus"] = kinds.status()
    return {**made, "issuer": kinds.profile(), "validUntil": "2030-01-01T00:00:00Z", "awardedDate": kinds.moment()}


def older_badge(seed: int) -> JsonObject:
    """Such a badge of VC Data Model 1.1, with the status list of its time."""
    made = badge(seed)
    # What is endorsed is of the newer model, whose context does not go on top of this one's.
    made["credentialSubject"]["achievement"].pop("endorsement", None)
    kept = ("id", "type", "issuer", "credentialSubject", "credentialStatus", "evidence", "awardedDate")
    return {
        "@context": [V1, OB, STATUS_2021, DATA_INTEGRITY],
        **{name: made[name] for name in kept if name in made},
        "credentialStatus": {**made["credentialStatus"], "type": "StatusList2021Entry"},
        "issuanceDate": made["validFrom"],
        "expirationDate": made["validUntil"],
    }


def random_one(seed: int) -> JsonObject:
    """A signed badge, transcript, endorsement or status list, mostly by eddsa-rdfc-2022."""
    kinds = Kinds(seed)
    makers: tuple[Callable[[], JsonObject], ...] = (
        *(lambda: badge(seed),) * 4,
        kinds.badge,
        kinds.associated_transcript,
        kinds.endorsement,
        kinds.status_list,
    )
    made = makers[seed % len(makers)]()
    suite = random.Random(seed).choice((*SUITES[:1] * 5, *SUITES[1:]))
    # Those of VCDM 1.1 name the terms of a proof in a context of their own, which the oldest suite's does not join.
    return of_suite(suite if made["@context"][0] == V2 else SUITES[0], made)


def claims(seed: int, *, is_older: bool = False) -> JsonObject:
    """The payload of a badge's JWT: the badge itself, or in VC Data Model 1.1 beside its claims."""
    made = older_badge(seed) if is_older else badge(seed)
    start, end = shape.date_members(is_older=is_older)
    own = {
        "iss": made["issuer"]["id"],
        "jti": made["id"],
        "sub": made["credentialSubject"]["id"],
        "nbf": int(datetime.fromisoformat(made[start]).timestamp()),
        "exp": int(datetime.fromisoformat(made[end]).timestamp()),
    }
    return {"vc": made, **own} if is_older else {**made, **own}


def results(document: Mapping[str, Any]) -> list[data_integrity.ProofResult]:
    """What the engine says of each proof, its key taken from the did:key that it names."""

    def resolve(method: str) -> multikey.PublicKey:
        try:
            return did.key_of_did_key(method)
        except did.DidError as error:
            raise data_integrity.UnresolvedKeyError(error.code, is_certain=True) from None

    return data_integrity.verify(document, resolve=resolve, now=NOW)


def verifies(document: Mapping[str, Any]) -> bool:
    """Whether it has proofs, and each of them stands."""
    found = results(document)
    return bool(found) and all(one.outcome == "verified" for one in found)


def difference(signed: JsonObject, changed: JsonObject) -> str:
    """In what a document that verifies says something else than the signed one; empty where it says the same."""
    if "jcs" in signed["proof"][0].get("cryptosuite", ""):
        # The signature is over the JSON; only contexts may follow those that were signed (vc-di-eddsa, section 3.3).
        kept = {**changed, "@context": signed["@context"], "proof": signed["proof"]}
        return "" if kept == signed else "the JSON is another"
    if statements(signed) != statements(changed):
        return "PyLD reads other statements"
    seen, was_seen = view(changed), view(signed)
    if seen is None or was_seen is None or seen == was_seen:
        return ""
    # A status that cannot be read is unknown to the verifier, never good: that is no less than what was signed.
    other = [name for name in was_seen if seen[name] != was_seen[name] and (name, seen[name]) != ("lists", None)]
    return f"our reader sees another {', '.join(other)}" if other else ""


def statements(document: Mapping[str, Any]) -> bytes:
    """The canonical form of what PyLD reads in the document without its proof, which is signed apart."""
    try:
        return oxigraph_oracle.of_pyld({name: held for name, held in document.items() if name != "proof"})
    except RefusedError as error:
        return f"refused: {error}".encode()


def view(document: JsonObject) -> JsonObject | None:
    """All that our verifier takes from a document apart from its proof; None where it has not the form of a badge."""
    if shape.check_shape(document).outcome == "failed":
        return None
    start, end = shape.period(document)
    found = {"start": start, "end": end, "keys": keys.addresses(document, None), **_as_members(shape.facts(document))}
    entries = shape.listed(document.get("credentialStatus"))
    if entries and all(isinstance(one, dict) and _is_read(one) for one in entries):
        found["lists"] = sorted(status.addresses(document))
    else:
        found["lists"] = None if entries else "no status"
    return found


def _as_members(struct: msgspec.Struct) -> JsonObject:
    return {name: getattr(struct, name) for name in struct.__struct_fields__}


def _is_read(entry: Mapping[str, Any]) -> bool:
    return isinstance(entry.get("statusListIndex"), str) and isinstance(entry.get("statusListCredential"), str)


def leaves(value: Any, path: Path = ()) -> list[Path]:
    """The path of each text and number in a document, those of its contexts left out."""
    if isinstance(value, dict):
        return [one for name, held in value.items() if name != "@context" for one in leaves(held, (*path, name))]
    if isinstance(value, list):
        return [one for at, held in enumerate(value) for one in leaves(held, (*path, at))]
    return [] if isinstance(value, bool) or value is None else [path]


def places(value: Any, path: Path = ()) -> list[Path]:
    """The path of each member and item at any depth, the contexts' own left out."""
    found: list[Path] = []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, held in items:
        if step != "@context":
            found += [(*path, step), *places(held, (*path, step))]
    return found


def at(document: Any, path: Path) -> Any:
    """What stands at a path."""
    for step in path:
        document = document[step]
    return document


def with_value(document: JsonObject, path: Path, value: Any) -> JsonObject:
    """The document with another value at a path; what lies beside the path is shared with the given one."""
    made = _with(document, path, value)
    assert isinstance(made, dict)
    return made


def _with(held: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    made: Any = dict(held) if isinstance(held, dict) else list(held)
    made[path[0]] = _with(held[path[0]], path[1:], value)
    return made
