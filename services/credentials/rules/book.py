"""The book of rules: every rule there is, and the one way to a permit.

Documents of one shape differ in a few values. What a whole examination found good is kept as the bytes between those
values: where the next document has the same bytes, only what varies is examined again. Whoever says the shape need not
be believed, since the bytes are compared; and what is not plainly good is examined whole.
"""

import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

import msgspec

from services.credentials.proofs import strict_json
from services.credentials.proofs.strict_json import JsonError, JsonObject
from services.credentials.proofs.template import Path, picker
from services.credentials.rules import badges, dates, documents, status, texts
from services.credentials.rules.model import KINDS, Check, Draft, Finding, Kind, Rule, RulesRefusedError
from services.credentials.rules.permit import Permit, give_permit
from services.credentials.rules.walk import KINDS as LEAVES
from services.credentials.rules.walk import Walk, said, walk

RULES: tuple[Rule, ...] = (
    *documents.FORM_RULES,
    *documents.RULES,
    *badges.RULES,
    *texts.RULES,
    *dates.RULES,
    *status.RULES,
)
BY_ID: Mapping[str, Rule] = {one.id: one for one in RULES}
#: What badges of a cohort say alike: it is not looked at again. What is one person's alone is not kept.
_OF_MANY = frozenset({"date", "text", "line", "word"})
_MOST_FINDINGS = 20
_MOST_KEPT = 256
_SENTINEL = "urn:x-varies:{}:"
_SENTINELS = re.compile(rb'"urn:x-varies:(\d+):"')
_MARK = b"urn:x-varies:"


def examine(draft: Draft) -> Permit:
    """The permit to sign this draft, once; RulesRefusedError with every finding where a rule does not accept it."""
    try:
        content = msgspec.json.encode(draft.document)
    except (UnicodeEncodeError, TypeError, OverflowError):
        raise RulesRefusedError((_finding("one-meaning", "the document"),)) from None
    key = (draft.kind, draft.shape)
    if draft.shape is not None and (known := _KEPT.get(key)) is not None and known.accepts(draft, content):
        return give_permit(draft, content)
    walked = walk(draft.document, draft.kind)
    if findings := tuple(_found(draft, content, walked)):
        raise RulesRefusedError(findings[:_MOST_FINDINGS])
    if draft.shape is not None:
        _keep(key, draft, content, walked)
    return give_permit(draft, content)


def _finding(rule: str, where: str) -> Finding:
    found = BY_ID[rule]
    return Finding(rule=rule, where=where, advice=found.advice, citation=found.citation)


def _found(draft: Draft, content: bytes, walked: Walk) -> Iterator[Finding]:
    if len(content) > documents.MOST_BYTES:
        # The rest would take as long as it is large.
        yield _finding("document-size", "the document")
        return
    if not _has_one_meaning(draft.document, content):
        yield _finding("one-meaning", "the document")
    for rule, path in walked.faults:
        yield _finding(rule, said(path))
    for leaf in walked.leaves:
        for one in _ON[draft.kind].get(leaf.kind, ()):
            if one.accepts is not None and not one.accepts(leaf.value):
                yield _finding(one.id, said(leaf.path))
    # What a rule looks at by its members must have them.
    if not walked.faults:
        for one in _CHECKS[draft.kind]:
            assert one.check is not None
            for where in one.check(draft.document, draft.facts):
                yield _finding(one.id, where)


def _has_one_meaning(document: JsonObject, content: bytes) -> bool:
    try:
        return strict_json.parse(content) == document
    except JsonError:
        return False


def _leaf_rules(kind: Kind) -> dict[str, tuple[Rule, ...]]:
    return {leaf: tuple(one for one in RULES if kind in one.kinds and leaf in one.on) for leaf in LEAVES}


_ON = {kind: _leaf_rules(kind) for kind in KINDS}
_CHECKS = {kind: tuple(one for one in RULES if kind in one.kinds and one.check is not None) for kind in KINDS}


class _Known:
    """A shape that was examined: the bytes between its values, and what is asked of the values."""

    def __init__(self, draft: Draft, content: bytes, walked: Walk) -> None:
        """ValueError where a value does not stand by itself."""
        kinds = {leaf.path: leaf.kind for leaf in walked.leaves}
        self._format, places = _format_of(draft.document, draft.varying, content)
        # In the order in which the bytes have them.
        slots = [draft.varying[place] for place in places]
        self._values = picker(slots)
        self._asked = [_accepting(draft.kind, kinds[path]) for path in slots]
        self._checks: tuple[Check, ...] = tuple(
            one.check
            for one in _CHECKS[draft.kind]
            if one.check is not None and (one.asks_facts or _varies(one.reads, slots))
        )

    def accepts(self, draft: Draft, content: bytes) -> bool:
        """Whether it is the same but for its values, and these are good; False where the whole has to be looked at."""
        if len(content) > documents.MOST_BYTES:
            return False
        try:
            values = self._values(draft.document)
            if self._format % tuple(map(msgspec.json.encode, values)) != content:
                return False
            for value, accepts in zip(values, self._asked, strict=True):
                if not accepts(value):
                    return False
        except (KeyError, IndexError, TypeError):
            return False
        facts, document = draft.facts, draft.document
        for check in self._checks:
            for _ in check(document, facts):
                return False
        return True


@cache
def _accepting(kind: Kind, leaf: str) -> Callable[[Any], bool]:
    """Whether a value of a kind of leaf is accepted by what is asked of it."""
    further = [one.accepts for one in _ON[kind][leaf] if one.accepts is not None]
    predicates = (LEAVES[leaf], *([_is_small] if leaf == "number" else []), *further)

    def accepts(value: Any) -> bool:
        for one in predicates:  # noqa: SIM110  # a generator would take as long as all that is asked
            if not one(value):
                return False
        return True

    if leaf not in _OF_MANY:
        return accepts
    known = lru_cache(maxsize=1024)(accepts)
    return lambda value: value.__class__ is str and known(value)


def _is_small(value: float) -> bool:
    return abs(value) < strict_json.MAX_INTEGER


def _format_of(document: JsonObject, varying: Sequence[Path], content: bytes) -> tuple[bytes, list[int]]:
    """The bytes with `%b` where values stand, and which value stands where."""
    if _MARK in content:
        raise ValueError("the document holds a sentinel")
    made = strict_json.parse(content)
    for number, path in enumerate(varying):
        place: Any = made
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = _SENTINEL.format(number)
    parts = _SENTINELS.split(msgspec.json.encode(made))
    fixed, places = parts[::2], [int(one) for one in parts[1::2]]
    return b"%b".join(one.replace(b"%", b"%%") for one in fixed), places


def _varies(reads: Sequence[str], slots: Sequence[Path]) -> bool:
    """Whether a rule that reads these members looks at a place that varies; one that names none reads everything."""
    places = [".".join(step for step in path if isinstance(step, str)) for path in slots]
    return not reads or any(_meet(one, place) for one in reads for place in places)


def _meet(one: str, other: str) -> bool:
    return f"{other}.".startswith(f"{one}.") or f"{one}.".startswith(f"{other}.")


_KEPT: dict[tuple[Kind, Hashable], _Known] = {}


def _keep(key: tuple[Kind, Hashable], draft: Draft, content: bytes, walked: Walk) -> None:
    try:
        known = _Known(draft, content, walked)
    except (ValueError, KeyError, IndexError, TypeError):
        return
    while len(_KEPT) >= _MOST_KEPT:
        _KEPT.pop(next(iter(_KEPT)), None)
    _KEPT[key] = known
