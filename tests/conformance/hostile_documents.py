"""Documents made to cost: graphs whose blank nodes cannot be told apart, and what is too long, too deep or too much."""

import json
from typing import Any

from tests.conformance.documents import OB, V2, Document

_BEGINNING: Document = {"@context": [V2, OB], "id": "urn:x:hostile", "type": ["VerifiableCredential"]}


def clique(size: int) -> Document:
    """Blank nodes of which each points at every other."""
    names = [f"_:n{one}" for one in range(size)]
    nodes = [{"id": name, "jti": [other for other in names if other != name]} for name in names]
    return {**_BEGINNING, "evidence": nodes}


def siblings(size: int) -> Document:
    """Blank nodes alike in two rows, each of the first pointing at all of the second."""
    second = [f"_:b{one}" for one in range(size)]
    return {**_BEGINNING, "evidence": [{"id": f"_:a{one}", "jti": second} for one in range(size)]}


def heavy_clique(size: int, shared: int) -> Document:
    """A clique of which each also points at many nodes that are all known: each look at one of it costs as many."""
    names, known = [f"_:n{one}" for one in range(size)], [f"_:k{one}" for one in range(shared)]
    nodes: list[Any] = [{"id": name, "jti": [*(other for other in names if other != name), *known]} for name in names]
    nodes += [{"id": one, "name": one} for one in known]
    return {**_BEGINNING, "evidence": nodes}


def ring(size: int) -> Document:
    """Blank nodes in a ring, each pointing at the next: alike, and told apart only by walking around."""
    nodes = [{"id": f"_:n{one}", "jti": f"_:n{(one + 1) % size}"} for one in range(size)]
    return {**_BEGINNING, "evidence": nodes}


def nested_alike(width: int, depth: int) -> Document:
    """No blank node is named: objects alike that hold objects alike, each level multiplying the orders."""
    held: list[Any] = [{} for _ in range(width)]
    for _ in range(depth - 1):
        held = [{"endorsement": held} for _ in range(width)]
    return {"@context": [V2, OB], "endorsement": held}


def alike(count: int) -> Document:
    """Alignments that are all the same."""
    one = {"type": ["Alignment"], "targetName": "Same", "targetUrl": "https://example.org/same"}
    return {**_BEGINNING, "credentialSubject": {"type": ["AchievementSubject"], "alignment": [dict(one)] * count}}


def statements(count: int) -> Document:
    """A thing of many statements."""
    return {**_BEGINNING, "name": [f"name {number}" for number in range(count)]}


def blank_nodes(count: int) -> Document:
    """Many blank nodes that differ."""
    return {**_BEGINNING, "evidence": [{"type": ["Evidence"], "name": f"name {number}"} for number in range(count)]}


def members(count: int) -> bytes:
    """An object of many members that no context defines."""
    return json.dumps({**_BEGINNING, **{f"k{number}": 0 for number in range(count)}}).encode()


def items(count: int, item: Any) -> bytes:
    """A member of many items."""
    return json.dumps({**_BEGINNING, "name": [item] * count}).encode()


def text(size: int) -> bytes:
    """A member of a long text."""
    return json.dumps({**_BEGINNING, "name": "x" * size}).encode()


def kinds(count: int) -> Document:
    """A thing whose one type is said many times."""
    return {**_BEGINNING, "type": ["VerifiableCredential"] * count}


def added_terms(count: int) -> Document:
    """One inline context of many terms, each used."""
    terms = {f"t{number}": f"https://own.example/t{number}" for number in range(count)}
    return {**_BEGINNING, "@context": [V2, OB, terms], **dict.fromkeys(terms, "x")}


def inline_contexts(count: int) -> Document:
    """Many inline contexts of one term each."""
    added = [{f"t{number}": f"https://own.example/t{number}"} for number in range(count)]
    return {**_BEGINNING, "@context": [V2, OB, *added]}


def pinned_contexts(count: int) -> Document:
    """The pinned contexts, named again and again."""
    return {**_BEGINNING, "@context": [V2, OB] * (count // 2)}


def contexts_inside(count: int) -> Document:
    """Many nodes, each with a context of its own that adds a term."""
    nodes = [
        {"@context": {f"t{number}": f"https://own.example/{number}"}, f"t{number}": "x"} for number in range(count)
    ]
    return {**_BEGINNING, "evidence": nodes}


def nested(before: str, behind: str, levels: int) -> bytes:
    """A document with a value nested in itself."""
    start = json.dumps(_BEGINNING)[:-1]
    return f'{start}, "evidence": {before * levels}{{}}{behind * levels}}}'.encode()


#: Each kind of nesting: what opens it and what closes it.
NESTINGS = {
    "arrays": ("[", "]"),
    "objects": ('{"evidence": ', "}"),
    "lists": ('{"@list": ', "}"),
    "graphs": ('{"@graph": ', "}"),
    "values": ('{"@value": ', "}"),
    "contexts": ('{"@context": {}, "evidence": ', "}"),
}
