"""Random changes against the engine for as long as one likes: `python -m tests.conformance.fuzzing --seconds 600`.

Each target makes one case of one seed and says what is wrong with it, or nothing. Another implementation says what is
right; an exception that is not the target's own is a finding too. What was found stands in the tests, as fixed cases.
"""

import argparse
import json
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from services.credentials.proofs import did, jsonld, multikey, rdfc, strict_json, template, vc_jwt
from services.credentials.proofs.contexts import UnknownContextError
from services.credentials.proofs.did import DidError
from services.credentials.proofs.jsonld import JsonLdError
from services.credentials.proofs.multikey import KeyFormatError
from services.credentials.proofs.rdfc import TooComplexError
from services.credentials.proofs.strict_json import JsonError
from services.credentials.proofs.vc_jwt import JwtError
from tests.conformance import oxigraph_oracle, plain_base58, pyld_oracle, signed_documents
from tests.conformance.document_kinds import Kinds
from tests.conformance.pyld_oracle import RefusedError
from tests.conformance.random_changes import Changes
from tests.second_way import decode

#: What became of a case: a word to count it by, and what is wrong with it, if anything.
Outcome = tuple[str, str]
_REFUSALS = (JsonLdError, UnknownContextError, TooComplexError)
#: Beyond it the other implementations, which have no budget, would not come to an end.
_MOST_ORDERS = 2_000
#: pyoxigraph leaves out the direction of a text, which the others write into the datatype.
_DIRECTION = b"<https://www.w3.org/ns/i18n#"


def canonical_form(seed: int) -> Outcome:
    """A changed document: the engine says what PyLD and pyoxigraph say, or refuses."""
    made = _changed(seed)
    if made is None:
        return "no JSON", ""
    try:
        found = jsonld.canonicalize(made)
        work = rdfc.Canonicalization(jsonld.quads(made))._orders
    except _REFUSALS as error:
        return f"refused {getattr(error, 'code', type(error).__name__)}", ""
    if work > _MOST_ORDERS:
        return "too much for the others", ""
    if _by_pyoxigraph_of_pyld(made) != found:
        # The two have different faults (see oxigraph_oracle), so what PyLD makes of its own statements is enough.
        if pyld_oracle.canonicalize(made) == found:
            return "as PyLD canonicalizes it", ""
        if _DIRECTION in found:
            # PyLD and jsonld.js take a text with a direction and the same without one for said twice.
            return "of a direction that PyLD drops", ""
        return "different", f"PyLD reads it otherwise: {json.dumps(made)[:2000]}"
    if _DIRECTION in found or is_misread_by_pyoxigraph(made):
        return "as PyLD", ""
    try:
        other = oxigraph_oracle.of_itself(made)
    except RefusedError:
        return "as PyLD, pyoxigraph refuses", ""
    if other != found:
        return "different", f"pyoxigraph reads it otherwise: {json.dumps(made)[:2000]}"
    return "the same", ""


def _by_pyoxigraph_of_pyld(made: Any) -> bytes | None:
    """The canonical form of what PyLD reads; None for language tags that RDF allows and pyoxigraph does not."""
    try:
        return oxigraph_oracle.of_pyld(made)
    except RefusedError:
        return None


def is_misread_by_pyoxigraph(value: Any) -> bool:
    """Whether a document has one of the things that pyoxigraph alone reads otherwise.

    A truth value of a datatype whose prefix no context defines, as CLR 2.0 has it for `partial`; a node of two types
    that each bring a context; a text where a double is wanted, which the others write as a number; an address or a
    number where a graph is wanted, which the others put into one.
    """
    if isinstance(value, list):
        return any(is_misread_by_pyoxigraph(one) for one in value)
    if not isinstance(value, dict):
        return False
    listed = [held for name in ("type", "@type") if isinstance(held := value.get(name), list)]
    kinds = [one for held in listed for one in held]
    if len(kinds) > 1 and any(one in kinds for one in _BRING_A_SECOND_CONTEXT):
        return True
    if "partial" in value or isinstance(value.get("weight"), str | list):
        return True
    if isinstance(value.get("proof"), str | int | float | list):
        return True
    return any(is_misread_by_pyoxigraph(held) for held in value.values())


_BRING_A_SECOND_CONTEXT = ("Profile", "StatusList2021Credential")


def _changed(seed: int) -> Any:
    chance = random.Random(seed)
    made = Kinds(seed).any()
    if seed % 4:
        made = Changes(chance).of(made, most=3)
    try:
        return strict_json.parse(json.dumps(made).encode())
    except JsonError:
        return None


def signature(seed: int) -> Outcome:
    """A signed document, changed: what still verifies says what was signed, to PyLD and to our reader."""
    chance = random.Random(seed)
    try:
        signed = signed_documents.random_one(seed)
    except JsonLdError as error:
        # Two short addresses of a transcript are the same now and then.
        return f"not signed {error.code}", ""
    changed = Changes(chance).of(signed, most=2)
    try:
        read = strict_json.parse(json.dumps(changed).encode())
    except JsonError:
        return "no JSON", ""
    if not signed_documents.verifies(read):
        return "refused", ""
    if fault := signed_documents.difference(signed, read):
        return "different", f"{fault}: {json.dumps(changed)[:3000]}"
    return "verifies and says the same", ""


def json_text(seed: int) -> Outcome:
    """Bytes that are nearly JSON: what strict_json reads, the standard library reads alike."""
    content = _spoilt(random.Random(seed), json.dumps(Changes(random.Random(seed)).of(Kinds(seed).any())).encode())
    try:
        found = strict_json.parse(content)
    except JsonError as error:
        return f"refused {error.code}", _refused_in_vain(content, error)
    expected = json.loads(content.decode("utf-8"), parse_float=_normal)
    if json.dumps(found) != json.dumps(expected):
        return "different", repr(content[:500])
    return "the same", ""


def _refused_in_vain(content: bytes, error: JsonError) -> str:
    """What is wrong with a refusal as no JSON at all: the standard library must refuse too."""
    if error.code not in ("not_json", "not_utf8"):
        return ""
    try:
        json.loads(content.decode("utf-8"))
    except ValueError:
        return ""
    return f"refused as {error.code}: {content[:500]!r}"


def _normal(text: str) -> int | float:
    number = float(text)
    return int(number) if number.is_integer() else number


#: What JSON is made of, and what it must not hold.
_PIECES = (
    *(b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"\\ud800", b"\\u0000", b"1e5", b"9.0", b"-0", b"NaN", b"1e400"),
    *(b"\xff", b"\xed\xa0\x80", b"\x00", b" ", b"null", b"1" * 50, b'"a":1,', b"/**/", b"\xef\xbb\xbf", b"01"),
    *(b'\\"', b"\\\\", b'":"', b'"":'),
)


def _spoilt(chance: random.Random, content: bytes) -> bytes:
    made = bytearray(content)
    for _ in range(chance.randint(0, 3)):
        at = chance.randrange(len(made) + 1)
        piece = chance.choice(_PIECES)
        made[at : at + chance.choice((0, 0, 1, 5))] = piece
    return bytes(made)


def templates(seed: int) -> Outcome:
    """A template gives what the general way gives, or leaves the document to it."""
    chance, kinds = random.Random(seed), Kinds(seed)
    made = chance.choice((kinds.badge, kinds.full_badge, kinds.endorsement, kinds.associated_transcript))()
    places = [path for path in signed_documents.leaves(made) if path[-1] not in _NO_SLOTS and path[-2:] != ("type", 0)]
    slots = chance.sample(places, min(len(places), chance.randint(1, 8)))
    try:
        compiled = template.Template(made, slots)
    except (JsonLdError, ValueError):
        return "no template", ""
    values = [_another(chance, kinds, signed_documents.at(made, path)) for path in slots]
    for path, value in zip(slots, values, strict=True):
        signed_documents.at(made, path[:-1])[path[-1]] = value
    found, general = _or_refusal(lambda: compiled.canonicalize(values)), _or_refusal(lambda: jsonld.canonicalize(made))
    if found is None:
        return "left to the general way", ""
    if found != general:
        return "different", f"slots {slots}, values {values}"
    return "the same" if isinstance(found, bytes) else "refused by both", ""


_NO_SLOTS = frozenset({"type", "hashed", "partial"})


def _another(chance: random.Random, kinds: Kinds, old: Any) -> Any:
    if not isinstance(old, str):
        return kinds.number()
    # Few addresses beside the random ones, so that two meet now and then.
    near = f"https://a.example/{chance.randint(0, 5)}"
    return chance.choice((kinds.text, kinds.iri, kinds.iri, kinds.moment, lambda: near))()


def _or_refusal(canonicalize: Callable[[], bytes | None]) -> bytes | str | None:
    try:
        return canonicalize()
    except _REFUSALS as error:
        return f"{type(error).__name__} {getattr(error, 'code', '')}"


def keys(seed: int) -> Outcome:
    """Base58 is what another implementation makes of it; keys and DIDs are read, or refused by their own errors."""
    chance = random.Random(seed)
    content = bytes(chance.randint(0, 2)) + chance.randbytes(chance.choice((1, 2, 31, 32, 33, 34, 35, 51, 64, 96)))
    text = multikey.base58_encode(content)
    if text != plain_base58.encode(content) or multikey.base58_decode(text, longest=len(text)) != content:
        return "different", content.hex()
    prefix = chance.choice((b"\xed\x01", b"\x80\x24", b"\x81\x24", b"\xec\x01", b""))
    spoilt = list(plain_base58.encode(prefix + chance.randbytes(chance.choice((31, 32, 33, 49)))))
    for _ in range(chance.randint(0, 2)):
        spoilt[chance.randrange(len(spoilt))] = chance.choice("0OIl1zZ+/ \n\u00e9\U0001f393")
    changed = "".join(spoilt)
    if (ours := _decoded(multikey.base58_decode, changed)) != _decoded(plain_base58.decode, changed):
        return "different", f"{changed!r} {ours!r}"
    document = Changes(chance).of(Kinds(seed).did_document())
    name = chance.choice((str(document.get("id")), "did:web:a.example", "did:web:%00", f"did:key:{changed}", changed))
    method = chance.choice((f"{name}#{changed}", name, f"did:key:{changed}#{changed}"))
    for reads in (
        lambda: multikey.decode_any(changed),
        lambda: did.did_web_address(name),
        lambda: did.key_of_did_key(method),
        lambda: did.key_in_document(document, did=name, method=method),
        lambda: did.jwk_in_document(document, did=name, method=method),
        lambda: did.jwks_in_document(document, did=name),
        lambda: did.methods_in_document(document, did=name),
    ):
        try:
            reads()
        except (DidError, KeyFormatError):
            continue
    return "read or refused", ""


def _decoded(decode_text: Callable[[str], bytes], text: str) -> bytes | None:
    try:
        return decode_text(text)
    except (KeyFormatError, ValueError):
        return None


_HEADERS: tuple[dict[str, Any], ...] = (
    {"alg": "EdDSA", "kid": "did:web:a.example#k"},
    {"alg": "RS256", "typ": "JWT", "kid": "https://a.example/keys/1"},
    {"alg": "ES256", "typ": "vc+jwt", "jwk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}},
    {"alg": "RS256", "jwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"}},
    {"alg": "Ed25519", "jwk": {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}},
)


def tokens(seed: int) -> Outcome:
    """A JWT, changed in its parts and in its text: read, or refused by a JwtError."""
    chance = random.Random(seed)
    header = chance.choice(_HEADERS)
    payload = signed_documents.claims(seed, is_older=seed % 2 == 0)
    changes = Changes(chance)
    parts = [changes.of(header, most=1) if seed % 3 == 0 else header, changes.of(payload, most=2)]
    text = ".".join([*(vc_jwt._encode(json.dumps(one).encode()) for one in parts), vc_jwt._encode(b"\1" * 64)])
    if seed % 5 == 0:
        text = _spoilt(chance, text.encode()).decode("utf-8", "replace")
    try:
        found = vc_jwt.read(text)
    except JwtError as error:
        return f"refused {error.code}", ""
    if vc_jwt.is_signed_by(found, signed_documents.KEY.public_key()):
        return "different", "a signature that nobody made"
    with suppress(JwtError):
        vc_jwt.key_of_jwk(changes.of(found.jwk or chance.choice(_HEADERS[2:])["jwk"], most=2))
    if found.issuer not in json.dumps(json.loads(decode(text.split(".")[1])), ensure_ascii=False):
        return "different", "an issuer that the token does not name"
    return "read", ""


TARGETS: dict[str, Callable[[int], Outcome]] = {
    one.__name__: one for one in (canonical_form, signature, json_text, templates, keys, tokens)
}


def run(
    names: list[str], *, first_seed: int, seconds: float = float("inf"), cases: float = float("inf")
) -> tuple[Counter[str], list[str]]:
    """Cases of each target in turn until either bound; what became of them, and what was found."""
    counts: Counter[str] = Counter()
    findings: list[str] = []
    end = time.monotonic() + seconds
    for name, seed in _turns(names, first_seed):
        if time.monotonic() > end or seed - first_seed >= cases:
            return counts, findings
        try:
            word, fault = TARGETS[name](seed)
        except Exception:
            word, fault = "crashed", traceback.format_exc(limit=-4)
        counts[f"{name}: {word}"] += 1
        if fault:
            findings.append(f"{name} {seed}: {fault}")
    return counts, findings


def _turns(names: list[str], seed: int) -> Iterator[tuple[str, int]]:
    while True:
        yield from ((name, seed) for name in names)
        seed += 1


def main(argv: list[str]) -> int:
    """Prints every finding with its seed, then the counts; 1 if anything was found."""
    parser = argparse.ArgumentParser(prog="fuzzing", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0, help="the first; each case takes the next")
    parser.add_argument("--target", choices=list(TARGETS), action="append")
    chosen = parser.parse_args(argv)
    counts, findings = run(chosen.target or list(TARGETS), first_seed=chosen.seed, seconds=chosen.seconds)
    for one in findings:
        print(one)
    for word, count in sorted(counts.items()):
        print(f"{count:8} {word}")
    print(f"{sum(counts.values())} cases from seed {chosen.seed}, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
