"""Every single change of a signed document that one could think of, each with the name of its kind."""

from collections.abc import Iterator
from typing import Any

from services.credentials.proofs import contexts, jsonld, vocabulary
from services.credentials.proofs.literals import _double
from services.credentials.proofs.strict_json import JsonObject
from tests.conformance.random_changes import INLINE, KEYWORDS
from tests.conformance.signed_documents import Path, at, places, with_value

Mutation = tuple[str, Path, JsonObject]

_OTHER_TERMS = (
    *("name", "description", "narrative", "validUntil", "issuanceDate", "achievement", "hashed", "endorsement"),
)
_IRIS = {
    "name": "https://schema.org/name",
    "description": "https://schema.org/description",
    "credentialStatus": "https://www.w3.org/2018/credentials#credentialStatus",
    "validUntil": "https://www.w3.org/2018/credentials#validUntil",
    "identifier": "https://purl.imsglobal.org/spec/vc/ob/vocab.html#identifier",
    "achievement": "https://purl.imsglobal.org/spec/vc/ob/vocab.html#achievement",
}
_OF_PROOFS = ("previousProof", "expires", "domain", "challenge", "nonce", "cryptosuite", "proofPurpose")
_MANY: tuple[Any, ...] = (
    *("Another", "", "urn:x:other", 7, 0.25, 2**53, True, False, None, [], {}, [[]], {"id": "urn:x:o"}),
)
_EMPTY: tuple[Any, ...] = (None, [], [None], [[]], {"@value": None})


def of(document: JsonObject) -> Iterator[Mutation]:
    """All mutations of a document, one at a time: its kind, its place, and the changed copy."""
    for path in places(document):
        yield from _values(document, path)
    for path in [(), *places(document)]:
        held = at(document, path)
        if isinstance(held, dict):
            yield from _members(document, path, held)
        elif isinstance(held, list):
            yield from _items(document, path, held)
    yield from _contexts(document)


def _values(document: JsonObject, path: Path) -> Iterator[Mutation]:
    held = at(document, path)
    for other in _MANY:
        # In a list of one, the one alone is the same, see below.
        if not _same(other, held) and not _same([other], held):
            yield "another value", path, with_value(document, path, other)
    for other in _near(held):
        yield "a value nearby", path, with_value(document, path, other)
    text = _as_text(held)
    if text is not None:
        yield "text of the number or truth value", path, with_value(document, path, text)
    if isinstance(held, str):
        yield "number or truth value of the text", path, with_value(document, path, _as_value(held))
        yield "object with this id", path, with_value(document, path, {"id": held})
        yield "object with this @id", path, with_value(document, path, {"@id": held})
    yield "list of one", path, with_value(document, path, [held])
    yield "lists in lists", path, with_value(document, path, [[], [held, []]])
    yield "list with null", path, with_value(document, path, [None, held])
    yield "twice", path, with_value(document, path, [held, held])
    yield "with another", path, with_value(document, path, [held, "Another"])
    yield "before another", path, with_value(document, path, [{"type": "Profile", "name": "Another"}, held])
    for keyword in ("@set", "@list", "@graph", "@value", "@id", "@included", "@nest"):
        yield f"in {keyword}", path, with_value(document, path, {keyword: held})
    yield "with @index", path, with_value(document, path, {"@value": held, "@index": "1"})
    yield "with a language", path, with_value(document, path, {"@value": held, "@language": "en"})
    yield "with a direction", path, with_value(document, path, {"@value": held, "@direction": "rtl"})
    yield "with no language", path, with_value(document, path, {"@value": held, "@language": None})
    for datatype in _DATATYPES:
        yield "with a datatype", path, with_value(document, path, {"@value": held, "@type": datatype})


_DATATYPES = (
    *("@json", "@id", "@none", "http://www.w3.org/2001/XMLSchema#string", "http://www.w3.org/2001/XMLSchema#dateTime"),
    *("https://www.w3.org/2001/XMLSchema#float", "https://www.w3.org/2001/XMLSchema#boolean"),
    *("https://www.w3.org/2001/XMLSchema#date", "http://www.w3.org/2001/XMLSchema#integer"),
    *("https://w3id.org/security#multibase", "https://w3id.org/security#cryptosuiteString"),
)


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _near(held: Any) -> list[Any]:
    if isinstance(held, bool):
        return [not held, int(held)]
    if isinstance(held, str):
        longer = [f"{held}x", f" {held}", f"{held} ", f"{held}\u0301", f"{held}\u200b", f"_:{held}"]
        return [*longer, held[:-1], held.swapcase()]
    return [held + 1, -held, held / 3, held * 1024] if isinstance(held, int | float) else []


def _as_text(held: Any) -> str | None:
    if isinstance(held, bool):
        return str(held).lower()
    if isinstance(held, float):
        return _double(held)
    return str(held) if isinstance(held, int) else None


def _as_value(held: str) -> Any:
    try:
        return float(held) if "." in held else int(held)
    except ValueError:
        return held == "true"


def _members(document: JsonObject, path: Path, held: JsonObject) -> Iterator[Mutation]:
    def with_members(members: JsonObject) -> JsonObject:
        return with_value(document, path, members) if path else members

    yield "order of members", path, with_members(dict(reversed(held.items())))
    for name in held:
        rest = {one: value for one, value in held.items() if one != name}
        if name == "@context":
            yield "without a context", (*path, name), with_members(rest)
            continue
        yield "without a member", (*path, name), with_members(rest)
        for other in (*_OTHER_TERMS, "unheard", "a:b", f"cred:{name}", _IRIS.get(name, f"https://schema.org/{name}")):
            if other not in held:
                yield "another name", (*path, name), with_members({**rest, other: held[name]})
        for keyword in (*KEYWORDS, f"@{name}", f" {name}", name.upper()):
            is_its_own = name in ("id", "type") and keyword == f"@{name}"
            kind = "keyword for its alias" if is_its_own else "a keyword as name"
            yield kind, (*path, name), with_members({**rest, keyword: held[name]})
        yield "said with its keyword too", (*path, name), with_members({**held, f"@{name}": held[name]})
    for name in (*_OTHER_TERMS, *KEYWORDS, "unheard", "https://own.example/x", "jti", "image", *_OF_PROOFS):
        if name in held or (name == "@context" and not path):
            continue
        for value in ("Another", "urn:x:other", 7, True, {}, {"id": "urn:x:o"}, [{"type": "Profile", "name": "A"}]):
            yield "another member", (*path, name), with_members({**held, name: value})
        for empty in _EMPTY:
            kind = "member that says nothing" if not name.startswith("@") else "keyword that says nothing"
            yield kind, (*path, name), with_members({**held, name: empty})
    yield "a node's name", path, with_members({**held, "id": "_:n0"}) if "id" not in held else document
    if len(held) > 2:
        yield "in two halves", path, with_members(_first_half(held)) if not path else _halved(document, path, held)


def _first_half(held: JsonObject) -> JsonObject:
    return dict(list(held.items())[: len(held) // 2])


def _halved(document: JsonObject, path: Path, held: JsonObject) -> JsonObject:
    """One node as two objects of the same id, each with a half of what is said."""
    # A term may mean something in nodes of its type only, so the type is said in both.
    name = {"id": held.get("id", "_:n0"), **({"type": held["type"]} if "type" in held else {})}
    first = _first_half(held)
    second = {member: value for member, value in held.items() if member not in first}
    return with_value(document, path, [{**first, **name}, {**second, **name}])


def _items(document: JsonObject, path: Path, held: list[Any]) -> Iterator[Mutation]:
    for at_place in range(len(held)):
        without = [one for number, one in enumerate(held) if number != at_place]
        repeated = held.count(held[at_place]) > 1
        yield "without one of two alike" if repeated else "without an item", path, with_value(document, path, without)
    if len(held) > 1 and held != held[::-1]:
        yield "order of items", path, with_value(document, path, held[::-1])
    if len(held) == 1:
        yield "alone, not in a list", path, with_value(document, path, held[0])
    if held:
        yield "an item twice", path, with_value(document, path, [*held, held[0]])
    yield "an item of null", path, with_value(document, path, [*held, None])
    yield "an item of nothing", path, with_value(document, path, [*held, []])
    for other in ("Another", 7, {"type": "Profile", "name": "Another"}, {"id": "urn:x:o"}):
        yield "another item", path, with_value(document, path, [*held, other])


def _contexts(document: JsonObject) -> Iterator[Mutation]:
    listed = document["@context"]
    for number, one in enumerate(INLINE):
        kind = "context that adds nothing" if _adds_nothing(one) else "context that changes"
        yield kind, ("@context", number), {**document, "@context": [*listed, one]}
        yield "inline context first", ("@context", number), {**document, "@context": [one, *listed]}
    for url in contexts.PINNED:
        yield "pinned context last", ("@context", url), {**document, "@context": [*listed, url]}
        yield "pinned context first", ("@context", url), {**document, "@context": [url, *listed]}
    for number in range(len(listed)):
        rest = [one for other, one in enumerate(listed) if other != number]
        yield "without a context", ("@context", number), {**document, "@context": rest}
        yield "a context twice", ("@context", number), {**document, "@context": [*listed, listed[number]]}
    yield "order of contexts", ("@context",), {**document, "@context": listed[::-1]}
    for other in (None, [], {}, "", "https://a.example/unknown", [listed], {"@import": listed[0]}, listed[0]):
        yield "another context", ("@context",), {**document, "@context": other}
    for path in [one for one in places(document) if isinstance(at(document, one), dict)]:
        for named in (*_INSIDE, listed):
            changed = with_value(document, path, {"@context": named, **at(document, path)})
            if "@context" not in at(document, path):
                yield "context inside", path, changed


_INSIDE: tuple[Any, ...] = (None, [], {}, {"unheard": "https://own.example/x"}, {"name": "https://own.example/name"})


def _adds_nothing(one: Any) -> bool:
    """Whether an inline context may stand: it only gives names to what nothing is said with."""
    try:
        vocabulary.active([contexts.CREDENTIALS_V2, one])
    except (jsonld.JsonLdError, contexts.UnknownContextError):
        return False
    return True
