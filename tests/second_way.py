"""A second way to verify a badge, sharing no code with ours: pyoxigraph canonicalizes, joserfc reads the JWT."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pyoxigraph
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from joserfc import jws
from joserfc.jwk import OKPKey, RSAKey

_CONTEXTS = Path(__file__).parents[1] / "services" / "credentials" / "contexts"
_ALPHABET = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def _sources() -> dict[str, str]:
    rows = [line.split("|") for line in (_CONTEXTS / "SOURCES.md").read_text().splitlines() if ".json |" in line]
    return {row[2].strip(): row[1].strip() for row in rows}


def _inlined(document: dict[str, Any]) -> dict[str, Any]:
    """The document with each context in place of its address, since pyoxigraph fetches none."""
    files = _sources()
    named = document["@context"]
    urls = named if isinstance(named, list) else [named]
    loaded = [json.loads((_CONTEXTS / files[url]).read_bytes())["@context"] for url in urls]
    flat = [one for context in loaded for one in (context if isinstance(context, list) else [context])]
    return {**document, "@context": flat}


def canonical(document: dict[str, Any]) -> bytes:
    """The canonical N-Quads as pyoxigraph makes them."""
    quads = pyoxigraph.parse(json.dumps(_inlined(document)).encode(), format=pyoxigraph.RdfFormat.JSON_LD)
    dataset = pyoxigraph.Dataset(quads)
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    lines = sorted(f"{quad} .\n" for quad in dataset)
    return "".join(lines).encode()


def _base58(text: str) -> bytes:
    number = 0
    for character in text[1:].encode():
        number = number * 58 + _ALPHABET.index(character)
    zeros = len(text) - 1 - len(text[1:].lstrip("1"))  # each stands for a leading zero byte
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8)


def has_good_proof(signed: dict[str, Any]) -> bool:
    """Whether the one eddsa-rdfc-2022 proof of a badge is by the key that its verification method names."""
    document = {name: value for name, value in signed.items() if name != "proof"}
    [proof] = signed["proof"]
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    configuration = {**options, "@context": document["@context"]}
    data = hashlib.sha256(canonical(configuration)).digest() + hashlib.sha256(canonical(document)).digest()
    key = Ed25519PublicKey.from_public_bytes(_base58(proof["verificationMethod"].partition("#")[2])[2:])
    try:
        key.verify(_base58(proof["proofValue"]), data)
    except Exception:
        return False
    return True


def jwt_payload(token: str, jwk: dict[str, Any]) -> dict[str, Any]:
    """The payload of a badge's JWT, its signature verified by joserfc; an exception where it does not hold."""
    key: OKPKey | RSAKey = OKPKey.import_key(jwk) if jwk["kty"] == "OKP" else RSAKey.import_key(jwk)
    found = jws.deserialize_compact(token, key, algorithms=["EdDSA", "RS256"])
    payload: dict[str, Any] = json.loads(found.payload)
    return payload


def decode(part: str) -> bytes:
    """The bytes of one part of a JWT."""
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
