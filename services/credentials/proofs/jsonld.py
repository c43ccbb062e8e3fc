"""From a JSON-LD document to RDF quads in one strict pass: what would be dropped silently is an error.

JSON-LD 1.1 drops undefined terms and relative IRIs; what is dropped is not signed, so a signature over the rest would
cover a document that says more than was signed. Open Badges asks issuers for this safe mode; we ask it of everybody.
Expansion and deserialization (JSON-LD 1.1 API, sections 5.1 and 8.1) are one walk over the document, with contexts that
were compiled before. What credentials do not use is refused by name: @reverse, @nest, @included, maps by id or type.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from services.credentials.proofs import literals, rdfc, vocabulary
from services.credentials.proofs.rdfc import Quad
from services.credentials.proofs.strict_json import MAX_DEPTH
from services.credentials.proofs.vocabulary import Active, Term
from services.credentials.proofs.vocabulary import JsonLdError as JsonLdError  # it is raised from here too

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_TYPE, _FIRST, _REST, _NIL = f"<{_RDF}type>", f"<{_RDF}first>", f"<{_RDF}rest>", f"<{_RDF}nil>"
_BLANK = re.compile(r"_:[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
_FULL = ("https://", "http://")
_MAPS = frozenset({"@index", "@id", "@type"})
_IDENTITY = frozenset({"@id", "@type", "@context"})
#: Types of one node; what is a credential, a profile and a subject at once has not a dozen.
MAX_TYPES = 64
#: Places of a document with inline contexts, or with pinned ones on top of them.
MAX_INLINE = 64
#: Lists of pinned contexts of a document that differ.
MAX_ORDERS = 16


def canonicalize(
    document: Mapping[str, Any], *, allows_vocab: bool = False, digest: rdfc.Hash = hashlib.sha256
) -> bytes:
    """The canonical N-Quads of a document; JsonLdError, UnknownContextError or TooComplexError where it has none.

    `digest` is the hash that orders blank nodes: SHA-384 for the suites of that strength.
    """
    found = rdfc.canonicalize(quads(document, allows_vocab=allows_vocab), digest=digest)
    if not found:
        raise JsonLdError("no_statements")
    return found


def quads(document: Mapping[str, Any], *, allows_vocab: bool = False) -> list[Quad]:
    """The statements of a document, in no particular order; errors as of `canonicalize`."""
    if document.get("@context") is None:
        raise JsonLdError("no_context")
    walk = _Walk(allows_vocab=allows_vocab)
    walk.root = document
    try:
        walk.node(vocabulary.EMPTY, document, "", 0)
    except RecursionError:
        raise JsonLdError("too_deep") from None
    return walk.quads


class _Walk:
    """One pass over one document."""

    def __init__(self, *, allows_vocab: bool) -> None:
        self.quads: list[Quad] = []
        self.root: Mapping[str, Any] | None = None
        self._root_subject = ""
        self._allows_vocab = allows_vocab
        self._blanks = 0
        self._inline = 0
        self._orders: set[Any] = set()

    def node(self, active: Active, value: Mapping[str, Any], graph: str, depth: int) -> str:
        """Emit what is said of a node; returns its subject."""
        if depth > MAX_DEPTH:
            raise JsonLdError("too_deep")
        if len(self.quads) > rdfc.MAX_QUADS:
            raise rdfc.TooComplexError
        if "@context" in value:
            active = self._local(active, value["@context"])
        kinds = _kinds(active, value)
        active, types = active.typed.get(kinds) or active.of_types(kinds, self._type_iri)
        # The contexts of its types hold for the node's own id, too (JSON-LD 1.1 API, section 5.1.2, step 13).
        subject = self._subject(active, value)
        if value is self.root:
            self._root_subject = subject
        elif subject == self._root_subject and not graph and len(value) > 1:
            # What is said of the document in a second place would be signed like the first, and not be seen there.
            raise JsonLdError("split_node", subject)
        emit = self.quads.append
        for one in types:
            emit((subject, _TYPE, one, graph))
        known = active.known
        for name, held in value.items():
            term = known.get(name) or active.term(name)
            if term is None:
                if name in _IDENTITY:
                    continue
                term = self._unnamed(active, name)
            elif not term.is_property:
                _refuse_unless_ignored(term, name)
                continue
            try:
                if term.suffix is not None and held.__class__ is str:
                    text = f'"{held}"' if literals.is_plain(held) else literals.quoted(held)
                    emit((subject, term.predicate, text + term.suffix, graph))
                elif term.is_reference and held.__class__ is str:
                    emit((subject, term.predicate, self._resource(active, held), graph))
                elif term.is_node and held.__class__ is dict:
                    if (found := self._nested(active, term, held, graph, depth)) is not None:
                        emit((subject, term.predicate, found, graph))
                elif held is not None or term.kind == "@json":
                    self._property(active, term, held, subject, graph, depth)
            except JsonLdError as error:
                raise error.within(name) from None
        return subject

    def _local(self, active: Active, local: Any) -> Active:
        found = vocabulary.active(local, onto=active, allows_vocab=self._allows_vocab)
        # Pinned contexts are processed once for each order of them, inline ones wherever they stand.
        if found.is_pinned:
            self._orders.add(tuple(local) if isinstance(local, list) else local)
        else:
            self._inline += 1
        if len(self._orders) > MAX_ORDERS or self._inline > MAX_INLINE:
            raise JsonLdError("too_many_contexts", "@context")
        return found

    def _subject(self, active: Active, value: Mapping[str, Any]) -> str:
        subject = ""
        for name in active.identifiers:
            if name in value:
                if value[name] is None:
                    raise JsonLdError("null_identity", name)
                if subject:
                    raise JsonLdError("two_ids", name)
                subject = self._resource(active, value[name])
        return subject or self._blank()

    def _type_iri(self, active: Active, kind: str) -> str:
        return self._vocabulary_iri(active, kind, "undefined_type")

    def _unnamed(self, active: Active, name: str) -> Term:
        """The term of a member below the vocabulary, where one is allowed.

        A member written as an IRI would be signed like the term that maps to it, and not be read like it.
        """
        if name.startswith("@"):
            raise JsonLdError("unsupported_keyword", name)
        if not self._allows_vocab:
            raise JsonLdError("undefined_term", name)
        return Term({"@id": self._vocabulary_iri(active, name, "undefined_term")})

    def _property(self, active: Active, term: Term, held: Any, subject: str, graph: str, depth: int) -> None:
        container, emit = term.container, self.quads.append
        if isinstance(held, list) and len(held) > rdfc.MAX_QUADS:
            raise rdfc.TooComplexError
        if term.kind == "@json":
            emit((subject, term.predicate, literals.json(held), graph))
        elif "@list" in container:
            if isinstance(held, dict) and any(
                _keyword(active, name) == "@value" and held[name] is None for name in held
            ):
                # A value that is null is none, and no list of none; implementations differ on it.
                raise JsonLdError("unsupported_keyword", "@value")
            items = held if isinstance(held, list) else [held]
            emit((subject, term.predicate, self._list(active, term, items, graph, depth), graph))
        elif isinstance(held, dict) and "@language" in container:
            for language, texts in held.items():
                for text in texts if isinstance(texts, list) else [texts]:
                    if text is not None:
                        emit((subject, term.predicate, literals.in_language(text, language), graph))
        elif isinstance(held, dict) and container & _MAPS:
            raise JsonLdError("unsupported_container", ",".join(sorted(container)))
        else:
            for item in _flat(held):
                found = self._object(active, term, item, graph, depth)
                if found is not None:
                    emit((subject, term.predicate, found, graph))

    def _object(self, active: Active, term: Term, value: Any, graph: str, depth: int) -> str | None:
        """The object that a value stands for, or None for null; nested nodes are emitted."""
        if value.__class__ is str:
            found = self._string(active.through_property(term) if term.has_scope else active, term, value)
        elif isinstance(value, dict):
            return self._nested(active, term, value, graph, depth)
        elif value is None:
            return None
        else:
            found = literals.number(value, term.kind)
        return self._blank() if "@graph" in term.container else found

    def _string(self, active: Active, term: Term, value: str) -> str:
        kind = term.kind
        if kind is None:
            language = active.language if term.language is vocabulary.ABSENT else term.language
            return literals.quoted(value) if language is None else literals.in_language(value, language)
        if kind == "@id":
            return self._resource(active, value)
        if kind == "@vocab":
            return f"<{self._vocabulary_iri(active, value, 'relative_iri')}>"
        if kind == "@none":
            return literals.quoted(value)
        return literals.typed(value, kind)

    def _nested(self, active: Active, term: Term, value: Mapping[str, Any], graph: str, depth: int) -> str | None:
        is_value = not active.values.isdisjoint(value)
        inner = active
        if inner.previous is not None and not is_value and not _is_reference(active, value):
            inner = inner.previous
        if term.has_scope:
            inner = inner.through_property(term)
        if is_value:
            return self._value(active, inner, term, value, graph, depth)
        if "@graph" in term.container:
            name = self._blank()
            self.node(inner, value, name, depth + 1)
            return name
        return self.node(inner, value, graph, depth + 1)

    def _value(
        self, outer: Active, active: Active, term: Term, value: Mapping[str, Any], graph: str, depth: int
    ) -> str | None:
        """The object of a value object or a list object."""
        keywords = {name: found for name in value if (found := _keyword(outer, name)) is not None}
        if "@graph" in term.container:
            raise JsonLdError("unsupported_keyword", ",".join(sorted(keywords)))
        if "@value" in keywords.values():
            return _value_object(self, active, value, keywords)
        # A type-scoped term is not known where a list object stands, so implementations differ there.
        if outer.previous is not None:
            raise JsonLdError("unsupported_keyword", "@list")
        return self._container(active, term, value, keywords, graph, depth)

    def _container(
        self, active: Active, term: Term, value: Mapping[str, Any], keywords: dict[str, str], graph: str, depth: int
    ) -> str:
        if len(value) != 1 or "@list" not in keywords.values():
            raise JsonLdError("unsupported_keyword", ",".join(keywords.values()))
        (items,) = value.values()
        if items is None:
            raise JsonLdError("unsupported_keyword", "@list")
        return self._list(active, term, items if isinstance(items, list) else [items], graph, depth)

    def _list(self, active: Active, term: Term, items: list[Any], graph: str, depth: int) -> str:
        """An RDF collection; returns its head."""
        if depth > MAX_DEPTH:
            raise JsonLdError("too_deep")
        found = []
        for item in items:
            one = (
                self._list(active, term, item, graph, depth + 1)
                if isinstance(item, list)
                else self._object(active, term, item, graph, depth + 1)
            )
            if one is not None:
                found.append(one)
        head = _NIL
        for one in reversed(found):
            cell = self._blank()
            self.quads.append((cell, _FIRST, one, graph))
            self.quads.append((cell, _REST, head, graph))
            head = cell
        return head

    def _resource(self, active: Active, text: Any) -> str:
        """`<iri>` or a blank node, of text that must not be relative."""
        if not isinstance(text, str):
            raise JsonLdError("relative_iri", str(text)[:60])
        # What is behind the colon keeps such a scheme from being a prefix.
        if text.startswith(_FULL) and vocabulary.IRI.fullmatch(text):
            return f"<{text}>"
        if text.startswith("_:"):
            if not _BLANK.fullmatch(text):
                raise JsonLdError("invalid_iri", text)
            # Labels of the document must not meet ours.
            return f"_:u{text[2:]}"
        return f"<{_absolute(active, text, 'relative_iri', expands=self._allows_vocab)}>"

    def _vocabulary_iri(self, active: Active, text: str, code: str) -> str:
        term = active.term(text)
        if term is not None:
            if term.iri is None or term.iri[0] == "@":
                raise JsonLdError(code, text)
            return term.iri
        if text.startswith(("_:", "@")):
            raise JsonLdError(code, text)
        if ":" not in text and active.vocab is not None and self._allows_vocab:
            return _checked(active.vocab + text, "invalid_iri")
        return _absolute(active, text, code, expands=self._allows_vocab)

    def _blank(self) -> str:
        self._blanks += 1
        return f"_:b{self._blanks}"


def _kinds(active: Active, value: Mapping[str, Any]) -> tuple[str, ...]:
    """The types of a node as it names them."""
    found: tuple[Any, ...] = ()
    for name in active.types:
        if name in value:
            held = value[name]
            if held is None:
                raise JsonLdError("null_identity", name)
            if found:
                # Their contexts would come in another order, and who reads one of them would miss the other.
                raise JsonLdError("two_types", name)
            found = tuple(held) if held.__class__ is list else (held,)
    if len(found) > MAX_TYPES:
        raise JsonLdError("too_many_types", "type")
    for kind in found:
        if kind.__class__ is not str:
            raise JsonLdError("undefined_type", "type")
    return found


def _is_reference(active: Active, value: Mapping[str, Any]) -> bool:
    return len(value) == 1 and next(iter(value)) in active.identifiers


def _refuse_unless_ignored(term: Term, name: str) -> None:
    if term.iri is None:
        raise JsonLdError("undefined_term", name)
    if not term.is_ignored:
        raise JsonLdError("unsupported_keyword" if term.iri[0] == "@" else "class_as_member", name)


def _keyword(active: Active, name: str) -> str | None:
    term = active.term(name)
    iri = name if term is None else term.iri
    return iri if iri is not None and iri.startswith("@") else None


def _flat(held: Any) -> Iterable[Any]:
    """The items of a set: nested arrays are one set."""
    if not isinstance(held, list):
        return (held,)
    if not any(isinstance(one, list) for one in held):
        return held
    return [item for one in held for item in _flat(one)]


def _absolute(active: Active, text: str, code: str, *, expands: bool) -> str:
    """The IRI of an absolute one, or where it `expands` of a compact one.

    A node that is named in two ways would be signed as one, and be read as two.
    """
    prefix, colon, suffix = text.partition(":")
    if not colon:
        raise JsonLdError(code, text)
    if not suffix.startswith("//") and (term := active.term(prefix)) is not None and term.is_prefix and term.iri:
        if not expands:
            raise JsonLdError("compact_iri", text)
        return _checked(term.iri + suffix, "invalid_iri")
    return _checked(text, "invalid_iri")


def _checked(iri: str, code: str) -> str:
    if not vocabulary.IRI.fullmatch(iri):
        raise JsonLdError(code, iri)
    return iri


def _value_object(walk: _Walk, active: Active, value: Mapping[str, Any], keywords: Mapping[str, str]) -> str | None:
    """The literal of `{"@value": ...}`."""
    said: dict[str, Any] = {}
    for name, held in value.items():
        keyword = keywords.get(name)
        if keyword not in ("@value", "@type", "@language", "@direction"):
            raise JsonLdError("unsupported_keyword", name)
        said[keyword] = held
    held, kind, language = said["@value"], said.get("@type"), said.get("@language")
    if kind == "@json" or (isinstance(kind, str) and (term := active.term(kind)) and term.iri == "@json"):
        if len(said) > 2:
            # Neither a language nor a direction is part of JSON: it would go unsigned.
            raise JsonLdError("not_json_ld", "invalid value object")
        return literals.json(held)
    if held is None:
        if len(said) > 1:
            # It is nothing, so what else it says would go unsigned.
            raise JsonLdError("not_json_ld", "invalid value object")
        return None
    if "@language" in said or "@direction" in said:
        if kind is not None:
            raise JsonLdError("not_json_ld", "invalid value object")
        if None in said.values():
            raise JsonLdError("not_json_ld", "invalid value object")
        return literals.in_language(held, language, direction=said.get("@direction"))
    if kind is None:
        return literals.quoted(held) if isinstance(held, str) else literals.number(held, None)
    if not isinstance(kind, str):
        raise JsonLdError("undefined_type", str(kind)[:60])
    datatype = walk._vocabulary_iri(active, kind, "undefined_type")
    return literals.typed(held, datatype) if isinstance(held, str) else literals.number(held, datatype)
