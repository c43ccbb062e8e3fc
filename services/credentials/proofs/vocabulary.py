"""Contexts compiled: every active context that a document can reach, processed once, as a table of its terms.

A context means the same wherever it stands, so PyLD's context processing (JSON-LD 1.1 API, section 4.1) runs once for
each context and each scoped context; after that a term is one lookup.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Any

from pyld import jsonld as pyld
from pyld.context_resolver import ContextResolver

from services.credentials.proofs import contexts
from services.credentials.proofs.contexts import UnknownContextError

#: Contexts beyond the pinned ones (inline ones, say) that are kept; a stranger could make any number of them.
_MOST_KEPT = 512
_ABSENT: Any = object()


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

    __slots__ = ("container", "iri", "is_prefix", "kind", "language", "local", "predicate")

    def __init__(self, mapping: Mapping[str, Any]) -> None:
        #: absolute IRI or keyword; None for a term that is mapped to nothing
        self.iri: str | None = mapping.get("@id")
        self.predicate = f"<{self.iri}>"
        #: `@id`, `@vocab`, `@json`, `@none`, a datatype's IRI, or None
        self.kind: str | None = mapping.get("@type")
        self.container = frozenset(mapping.get("@container") or ())
        self.language: str | None = mapping.get("@language")
        self.is_prefix = bool(mapping.get("_prefix"))
        #: the scoped context as it stands in the document
        self.local: Any = mapping.get("@context", _ABSENT)
        if mapping.get("reverse"):
            self.iri, self.predicate = "@reverse", ""

    @property
    def has_scope(self) -> bool:
        """Whether the term brings a context of its own."""
        return self.local is not _ABSENT


class Active:
    """An active context: its terms by name, and the contexts reached from it."""

    __slots__ = ("_raw", "_reached", "_terms", "language", "previous", "vocab")

    def __init__(self, raw: Mapping[str, Any], previous: "Active | None") -> None:
        self._raw = raw
        #: where nested nodes go back to (section 4.1.2, step 4), for a context that does not propagate
        self.previous = previous
        self.vocab: str | None = raw.get("@vocab")
        self.language: str | None = raw.get("@language")
        self._terms: dict[str, Term | None] = {}
        self._reached: dict[int, Active] = {}

    def term(self, name: str) -> Term | None:
        """The term of a name, or None."""
        try:
            return self._terms[name]
        except KeyError:
            mapping = self._raw["mappings"].get(name)
            if mapping is None:
                return None
            found = self._terms[name] = Term(mapping)
            return found

    def names(self) -> frozenset[str]:
        """Every term that is defined."""
        return frozenset(self._raw["mappings"])

    def through_property(self, term: Term) -> "Active":
        """The context for values of a term that brings one."""
        return self._through(term, propagates=True)

    def through_type(self, term: Term) -> "Active":
        """The context for nodes of a type that brings one; it does not reach into nested nodes."""
        return self._through(term, propagates=False)

    def _through(self, term: Term, *, propagates: bool) -> "Active":
        # Terms live as long as their context does, so their identity is a key.
        key = id(term) if propagates else -id(term)
        found = self._reached.get(key)
        if found is None:
            found = self._reached[key] = self.extended(term.local, propagates=propagates, overrides=propagates)
        return found

    def extended(self, local: Any, *, propagates: bool = True, overrides: bool = False) -> "Active":
        """This context with a local one on top; JsonLdError where it cannot be processed."""
        options = {**_OPTIONS, "contextResolver": ContextResolver(_RESOLVED, contexts.load)}
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
        return Active(raw, None if local is None else previous)


_OPTIONS: dict[str, Any] = {"base": "", "processingMode": "json-ld-1.1", "documentLoader": contexts.load}
_RESOLVED: dict[str, Any] = {}
_EMPTY = Active(pyld.JsonLdProcessor()._get_initial_context(_OPTIONS), None)
_kept: dict[str, Active] = {}


def active(local: Any, *, onto: Active | None = None, allows_vocab: bool = False) -> Active:
    """The active context that a document's `@context` makes, made once; JsonLdError, UnknownContextError.

    Pinned contexts by URL; an inline one may only add new terms that are mapped to absolute IRIs.
    """
    key = json.dumps(local, sort_keys=True, default=str)
    if onto is None and (known := _kept.get(key)) is not None and not allows_vocab:
        return known
    found, is_pinned = onto or _EMPTY, True
    for one in local if isinstance(local, list) else [local]:
        if isinstance(one, str):
            if one not in contexts.PINNED:
                raise UnknownContextError(one[:200])
            found = found.extended(one)
        else:
            is_pinned = False
            if allows_vocab:
                found = found.extended(_as_it_stands(one, found))
                continue
            _check_inline(one, found)
            found = found.extended(one)
            _check_added(one, found)
    # A stranger could make any number of inline contexts: only what is pinned is kept.
    if onto is None and is_pinned and not allows_vocab:
        if len(_kept) >= _MOST_KEPT:
            _kept.pop(next(iter(_kept)))
        _kept[key] = found
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
        iri = defined.get("@id") if isinstance(defined, dict) else defined
        if name.startswith("@") or not isinstance(iri, str) or ":" not in iri or base.term(name) is not None:
            raise JsonLdError("inline_context", name)
        if isinstance(defined, dict) and set(defined) - {"@id", "@type", "@container"}:
            raise JsonLdError("inline_context", name)


def _check_added(local: Mapping[str, Any], extended: Active) -> None:
    """A second name for what a pinned context names would be signed like the first, and not be read like it."""
    for name in local:
        term = extended.term(name)
        if term is not None and (term.iri in reserved() or not term.iri):
            raise JsonLdError("inline_context", name)


@cache
def reserved() -> frozenset[str]:
    """Every IRI that a term of a pinned context stands for, in scoped contexts too."""
    found: set[str] = set()
    seen: set[int] = set()
    waiting = [_EMPTY.extended(url) for url in contexts.PINNED]
    while waiting:
        one = waiting.pop()
        for name in one.names():
            term = one.term(name)
            if term is None or term.iri is None:
                continue
            found.add(term.iri)
            if term.has_scope and isinstance(term.local, dict | list) and id(term.local) not in seen:
                seen.add(id(term.local))
                with suppress(JsonLdError):
                    waiting.append(one.through_type(term))
    return frozenset(found)


def _translated(error: pyld.JsonLdError) -> Exception:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, UnknownContextError):
            return cause
        cause = cause.__cause__
    return JsonLdError("not_json_ld", str(getattr(error, "code", None) or error.type))
