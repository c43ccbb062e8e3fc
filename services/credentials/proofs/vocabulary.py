"""Contexts compiled: every active context that a document can reach, processed once, as a table of its terms.

A context means the same wherever it stands, so PyLD's context processing (JSON-LD 1.1 API, section 4.1) runs once for
each context and each scoped context; after that a term is one lookup.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cache
from typing import Any

from pyld import jsonld as pyld
from pyld.context_resolver import ContextResolver

from services.credentials.proofs import contexts
from services.credentials.proofs.contexts import UnknownContextError

#: Orders of pinned contexts, and in each of them of types, that are kept: a stranger could write any number of them.
_MOST_KEPT = 64
#: Contexts of terms and types that are kept, of some ten kilobytes each: those of several types have no end either.
_MOST_REACHED = 2_000
#: Contexts in one place of a document; credentials name three to six.
MAX_CONTEXTS = 16
#: What a context does not say of a term.
ABSENT: Any = object()
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XSD = "http://www.w3.org/2001/XMLSchema#"
# RFC 3987 without what N-Quads forbids inside <>.
IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\\x7f\ud800-\udfff]*")
_IDENTITY = frozenset({"@id", "@type", "@context"})
_VALUES = ("@value", "@list", "@set")
#: Containers that make of a value something else than one object for each.
_STRUCTURES = frozenset({"@list", "@graph"})


class JsonLdError(Exception):
    """The document cannot be canonicalized as it stands; `code` says why, `where` names what, `path` the place."""

    def __init__(self, code: str, where: str = "") -> None:
        super().__init__(f"{code} {where}".strip())
        self.code = code
        self.where = where[:200]
        self.path: tuple[str, ...] = ()

    def within(self, step: str) -> "JsonLdError":
        """The same, found one level deeper."""
        self.path = (step[:100], *self.path)
        return self


class Term:
    """What an active context says of one term."""

    __slots__ = (
        "container",
        "iri",
        "is_ignored",
        "is_node",
        "is_plain",
        "is_prefix",
        "is_property",
        "is_reference",
        "kind",
        "language",
        "local",
        "predicate",
        "suffix",
    )

    def __init__(self, mapping: Mapping[str, Any], language: str | None = None, *, is_class: bool = False) -> None:
        #: absolute IRI or keyword; None for a term that is mapped to nothing
        self.iri: str | None = "@reverse" if mapping.get("reverse") else mapping.get("@id")
        self.predicate = f"<{self.iri}>"
        self.is_property = self.iri is not None and self.iri[0] != "@" and not is_class
        #: said elsewhere in the walk: who a node is, what it is, in which context
        self.is_ignored = self.iri in _IDENTITY
        #: `@id`, `@vocab`, `@json`, `@none`, a datatype's IRI, or None
        self.kind: str | None = mapping.get("@type")
        self.container = frozenset(mapping.get("@container") or ())
        #: the language of texts that state none; ABSENT where the context's holds
        self.language: Any = mapping.get("@language", ABSENT)
        self.is_prefix = bool(mapping.get("_prefix"))
        #: the scoped context as it stands in the document
        self.local: Any = mapping.get("@context", ABSENT)
        #: whether a text or a node of the term is one object, in the context as it is
        self.is_plain = self.is_property and not self.has_scope and not self.container & _STRUCTURES
        #: what follows a text in its literal; None where more than the text decides
        self.suffix = self._suffix(language) if self.is_plain else None
        #: whether an object stands for a node, a value or a list, and is no map of them
        self.is_node = self.is_plain and self.kind != "@json" and self.container <= {"@set"}
        #: whether a text is an address and nothing more
        self.is_reference = self.is_plain and self.kind == "@id"

    @property
    def has_scope(self) -> bool:
        """Whether the term brings a context of its own."""
        return self.local is not ABSENT

    def _suffix(self, default: str | None) -> str | None:
        if self.kind is None:
            language = default if self.language is ABSENT else self.language
            return "" if language is None else f"@{language.lower()}"
        if self.kind in ("@none", f"{_XSD}string"):
            return ""
        return None if self.kind[0] == "@" or self.kind == f"{_XSD}double" else f"^^<{self.kind}>"


_Reached = dict[tuple[int, int, bool], "tuple[Active, Term, Active]"]


class Active:
    """An active context: its terms by name, and the contexts reached from it."""

    __slots__ = (
        "_raw",
        "_reached",
        "identifiers",
        "is_pinned",
        "known",
        "language",
        "previous",
        "typed",
        "types",
        "values",
        "vocab",
    )

    def __init__(self, raw: Mapping[str, Any], previous: "Active | None", *, is_pinned: bool) -> None:
        self._raw = raw
        #: whether nothing but pinned contexts made it: what a stranger brings is not kept
        self.is_pinned = is_pinned
        #: where nested nodes go back to (section 4.1.2, step 4), for a context that does not propagate
        self.previous = previous
        self.vocab: str | None = raw.get("@vocab")
        self.language: str | None = raw.get("@language")
        #: the terms that were asked for, by name
        self.known: dict[str, Term] = {}
        names = {keyword: [keyword] for keyword in ("@id", "@type", *_VALUES)}
        for name, mapping in raw["mappings"].items():
            if mapping is not None and mapping.get("@id") in names:
                names[mapping["@id"]].append(name)
        #: the names of `@id` and of `@type`, and those that make an object something else than a node
        self.identifiers = tuple(names["@id"])
        self.types = tuple(names["@type"])
        self.values = frozenset(name for keyword in _VALUES for name in names[keyword])
        self._reached: _Reached = {}
        #: what `of_types` gave
        self.typed: dict[tuple[str, ...], tuple[Active, tuple[str, ...]]] = {}

    def term(self, name: str) -> Term | None:
        """The term of a name, or None."""
        found = self.known.get(name)
        if found is None:
            mapping = self._raw["mappings"].get(name)
            if mapping is None:
                return None
            is_class = name[:1].isupper() and mapping.get("@id") in _shared()
            found = self.known[name] = Term(mapping, self.language, is_class=is_class)
        return found

    def mappings(self) -> Iterable[tuple[str, Mapping[str, Any]]]:
        """Every term that is defined, as its context says it."""
        return [(name, mapping) for name, mapping in self._raw["mappings"].items() if mapping is not None]

    def of_types(
        self, kinds: tuple[str, ...], resolve: Callable[["Active", str], str]
    ) -> "tuple[Active, tuple[str, ...]]":
        """The context inside a node of these types, and the types as IRIs, which `resolve` gives."""
        inner = self
        for kind in sorted(kinds):
            if (term := self.term(kind)) is not None and term.has_scope:
                inner = inner.through_type(term)
        found = inner, tuple(f"<{resolve(self, kind)}>" for kind in kinds)
        # A stranger could name any number of types: only what a context defines is kept, and not in every order.
        if len(self.typed) < _MOST_KEPT and all(kind in self.known for kind in kinds):
            self.typed[kinds] = found
        return found

    def through_property(self, term: Term) -> "Active":
        """The context for values of a term that brings one."""
        return self._through(term, propagates=True)

    def through_type(self, term: Term) -> "Active":
        """The context for nodes of a type that brings one; it does not reach into nested nodes."""
        return self._through(term, propagates=False)

    def _through(self, term: Term, *, propagates: bool) -> "Active":
        # What a stranger's context leads to goes when it goes.
        reached = _reached if self.is_pinned else self._reached
        key = id(self), id(term), propagates
        if key not in reached:
            made = self.extended(term.local, propagates=propagates, overrides=propagates)
            if len(reached) >= _MOST_REACHED:
                reached.pop(next(iter(reached)))
            reached[key] = self, term, made
        return reached[key][2]

    def extended(
        self, local: Any, *, propagates: bool = True, overrides: bool = False, is_pinned: bool = True
    ) -> "Active":
        """This context with a local one on top; JsonLdError where it cannot be processed."""
        # PyLD keeps whatever it resolves: of a stranger's contexts, for this time only. It does not tell apart what may
        # override protected terms from what may not: the first is not kept, lest it be taken for the second.
        resolved = _RESOLVED if is_pinned and self.is_pinned and not overrides else {}
        options = {**_OPTIONS, "contextResolver": ContextResolver(resolved, contexts.load)}
        try:
            # The public method does not take what scoped contexts need.
            raw = pyld.JsonLdProcessor()._process_context(
                self._raw, local, options, override_protected=overrides, propagate=propagates
            )
        except pyld.JsonLdError as error:
            raise _translated(error) from None
        previous = self.previous if propagates or self.previous is not None else self
        if isinstance(local, dict) and local.get("@propagate") is False:
            previous = self.previous or self
        return Active(raw, None if local is None else previous, is_pinned=is_pinned and self.is_pinned)


_OPTIONS: dict[str, Any] = {"base": "", "processingMode": "json-ld-1.1", "documentLoader": contexts.load}
_RESOLVED: dict[str, Any] = {}
#: The active context of a document before its own.
EMPTY = Active(pyld.JsonLdProcessor()._get_initial_context(_OPTIONS), None, is_pinned=True)
#: What pinned contexts made, by what they stand on and by the term, which are held so that their identity stays theirs.
_reached: _Reached = {}
#: The same by what they stand on and by their addresses.
_kept: dict[tuple[int, tuple[str, ...]], tuple[Active, Active]] = {}


def active(local: Any, *, onto: Active = EMPTY, allows_vocab: bool = False) -> Active:
    """The active context that a `@context` makes on top of another, made once; JsonLdError, UnknownContextError.

    Pinned contexts by URL; an inline one may only add new terms that are mapped to absolute IRIs.
    """
    listed = tuple(local) if isinstance(local, list) else (local,)
    if len(listed) > MAX_CONTEXTS:
        raise JsonLdError("too_many_contexts", "@context")
    if allows_vocab or not onto.is_pinned or not all(isinstance(one, str) for one in listed):
        return _made(listed, onto, allows_vocab=allows_vocab)
    key = id(onto), listed
    if key not in _kept:
        made = _made(listed, onto, allows_vocab=False)
        if len(_kept) >= _MOST_KEPT:
            _kept.pop(next(iter(_kept)))
        _kept[key] = onto, made
    return _kept[key][1]


def _made(listed: Iterable[Any], onto: Active, *, allows_vocab: bool) -> Active:
    found = onto
    for one in listed:
        if isinstance(one, str):
            if one not in contexts.PINNED:
                raise UnknownContextError(one[:200])
            found = found.extended(one)
        elif allows_vocab:
            found = found.extended(_as_it_stands(one, found), is_pinned=False)
        else:
            _check_inline(one, found)
            found = found.extended(one, is_pinned=False)
            _check_added(one, found)
    return found


def _as_it_stands(local: Any, base: Active) -> dict[str, Any]:
    """An inline context as the suites write them: JSON-LD's own rules hold, and `@protected` terms stay as they are."""
    if isinstance(local, dict) and isinstance(local.get("@context"), dict):
        local = local["@context"]
    if not isinstance(local, dict):
        raise JsonLdError("inline_context")
    # PyLD cannot take away a vocabulary that is not there.
    return {name: one for name, one in local.items() if name != "@vocab" or one is not None or base.vocab is not None}


def _check_inline(local: Any, base: Active) -> None:
    """An inline context that changed what is there would change the meaning of what was signed."""
    if not isinstance(local, dict):
        raise JsonLdError("inline_context")
    for name, defined in local.items():
        said = defined if isinstance(defined, dict) else {"@id": defined}
        if (
            name.startswith("@")
            or not _is_utf8(name)
            or base.term(name) is not None
            or set(said) - {"@id", "@type", "@container"}
            or not _is_iri(said.get("@id"))
            or not _is_kind(said.get("@type"))
            or not _is_container(said.get("@container"), said.get("@type"))
        ):
            raise JsonLdError("inline_context", name)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_iri(text: Any) -> bool:
    return isinstance(text, str) and IRI.fullmatch(text) is not None


def _is_kind(kind: Any) -> bool:
    return kind in (None, "@id", "@json", "@none", "@vocab") or (_is_iri(kind) and not kind.startswith(_RDF))


def _is_container(container: Any, kind: Any) -> bool:
    """Implementations differ on the others, and on lists and languages of JSON."""
    return container in ((None, "@set") if kind == "@json" else (None, "@set", "@list", "@language"))


def _check_added(local: Mapping[str, Any], extended: Active) -> None:
    """A second name for what a pinned context names would be signed like the first, and not be read like it."""
    for name in local:
        term = extended.term(name)
        if term is not None and (not term.iri or term.iri in reserved() or term.iri.startswith(_RDF)):
            raise JsonLdError("inline_context", name)


@cache
def reserved() -> frozenset[str]:
    """Every IRI that a term of a pinned context stands for, in scoped contexts too."""
    return frozenset(_names())


@cache
def _shared() -> frozenset[str]:
    """Those that go by several names: Open Badges has one IRI for the class `Criteria` and the property `criteria`.

    A member under the class's name would be signed like the property, and not be read like it.
    """
    return frozenset(iri for iri, names in _names().items() if len(names) > 1)


@cache
def _names() -> Mapping[str, set[str]]:
    """The names of every IRI in the pinned contexts."""
    found: dict[str, set[str]] = {}
    # What was seen is held, so that its identity stays its own.
    seen: dict[int, Any] = {}
    waiting = [EMPTY.extended(url) for url in contexts.PINNED]
    while waiting:
        one = waiting.pop()
        for name, mapping in one.mappings():
            term = Term(mapping)
            if term.iri is None:
                continue
            found.setdefault(term.iri, set()).add(name)
            if term.has_scope and isinstance(term.local, dict | list) and id(term.local) not in seen:
                seen[id(term.local)] = term.local
                with suppress(JsonLdError):
                    waiting.append(one.extended(term.local, propagates=False))
    return found


def _translated(error: pyld.JsonLdError) -> Exception:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, UnknownContextError):
            return cause
        cause = cause.__cause__
    return JsonLdError("not_json_ld", str(getattr(error, "code", None) or error.type))
