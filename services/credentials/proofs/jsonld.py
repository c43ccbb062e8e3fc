"""From a JSON-LD document to its canonical N-Quads, strictly: what would be dropped silently is an error.

JSON-LD 1.1 drops undefined terms and relative IRIs; what is dropped is not signed, so a signature over the rest would
cover a document that says more than was signed. Open Badges asks issuers for this safe mode; we ask it of everybody.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pyld import jsonld as pyld
from pyld.context_resolver import ContextResolver

from services.credentials.proofs import contexts, rdfc
from services.credentials.proofs.contexts import UnknownContextError
from services.credentials.proofs.strict_json import MAX_DEPTH, MAX_INTEGER, JsonObject

# RFC 3987 without what N-Quads forbids inside <>; PyLD lets much of it through.
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\\x7f\ud800-\udfff]*")
_BLANK = re.compile(r"_:[A-Za-z0-9_.-]+")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")

_resolver_cache: dict[str, Any] = {}


class JsonLdError(Exception):
    """The document cannot be canonicalized as it stands; `code` says why and `where` names the term or value."""

    def __init__(self, code: str, where: str = "") -> None:
        super().__init__(f"{code} {where}".strip())
        self.code = code
        self.where = where[:200]


def canonicalize(document: Mapping[str, Any]) -> bytes:
    """The canonical N-Quads of a document; JsonLdError, UnknownContextError or TooComplexError where it has none."""
    _check_contexts(document)
    _check_values(document)
    # Nothing that is absolute may become so only by a base that nobody signed.
    options = {"base": "", "documentLoader": contexts.load, "contextResolver": _resolver()}
    processor = pyld.JsonLdProcessor(on_property_dropped=_refuse_dropped)
    try:
        expanded = processor.expand(document, options)
    except pyld.JsonLdError as error:
        raise _translated(error) from None
    _check_expanded(expanded)
    try:
        dataset = pyld.JsonLdProcessor().to_rdf(expanded, options)
    except pyld.JsonLdError as error:
        raise _translated(error) from None
    found = rdfc.canonicalize(dataset)
    if not found:
        raise JsonLdError("no_statements")
    return found


def _resolver() -> ContextResolver:
    return ContextResolver(_resolver_cache, contexts.load)


def _refuse_dropped(term: str | None) -> None:
    raise JsonLdError("undefined_term", term or "")


def _translated(error: pyld.JsonLdError) -> Exception:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, JsonLdError | UnknownContextError):
            return cause
        cause = cause.__cause__
    return JsonLdError("not_json_ld", str(getattr(error, "code", None) or error.type))


def _check_contexts(document: Mapping[str, Any]) -> None:
    """Only pinned contexts by URL: an inline one could redefine what was signed."""
    top = document.get("@context")
    if top is None:
        raise JsonLdError("no_context")
    for value in _contexts_in(document):
        for one in value if isinstance(value, list) else [value]:
            if not isinstance(one, str):
                raise JsonLdError("inline_context")
            if one not in contexts.PINNED:
                raise UnknownContextError(one[:200])


def _contexts_in(value: Any) -> Iterator[Any]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            if "@context" in one:
                yield one["@context"]
            waiting.extend(held for name, held in one.items() if name != "@context")
        elif isinstance(one, list):
            waiting.extend(one)


def _check_values(document: Mapping[str, Any]) -> None:
    waiting: list[tuple[Any, int]] = [(document, 0)]
    while waiting:
        one, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise JsonLdError("too_deep")
        if isinstance(one, Mapping):
            waiting.extend((held, depth + 1) for held in one.values())
        elif isinstance(one, list):
            waiting.extend((held, depth + 1) for held in one)
        elif isinstance(one, float) and one.is_integer():
            raise JsonLdError("number_not_normal", str(one))
        elif isinstance(one, int | float) and not -MAX_INTEGER <= one <= MAX_INTEGER:
            raise JsonLdError("number_too_large")


def _check_expanded(expanded: list[Any]) -> None:
    waiting: list[Any] = [expanded]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting.extend(one)
        elif isinstance(one, dict):
            if "@value" in one:
                _check_literal(one)
                continue
            for name, held in one.items():
                if name == "@id":
                    _check_iri(held, "relative_iri")
                elif name == "@type":
                    for kind in held:
                        _check_iri(kind, "undefined_type")
                elif name in ("@set", "@list", "@graph", "@included", "@reverse"):
                    waiting.append(held)
                elif name.startswith("@"):
                    raise JsonLdError("unsupported_keyword", name)
                else:
                    _check_iri(name, "undefined_term")
                    waiting.append(held)


def _check_iri(text: Any, code: str) -> None:
    if not isinstance(text, str):
        raise JsonLdError(code)
    if _IRI.fullmatch(text) or _BLANK.fullmatch(text):
        return
    raise JsonLdError("invalid_iri" if ":" in text else code, text)


def _check_literal(value: JsonObject) -> None:
    language, kind = value.get("@language"), value.get("@type")
    if language is not None and not (isinstance(language, str) and _LANGUAGE.fullmatch(language)):
        raise JsonLdError("invalid_language", str(language))
    if "@direction" in value:
        raise JsonLdError("unsupported_keyword", "@direction")
    if kind is not None and kind != "@json":
        _check_iri(kind, "undefined_type")
