"""What is kept of a shape spares work and decides nothing: the same is accepted and refused with it as without."""

import copy
import random
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from services.credentials.rules import book
from services.credentials.rules.model import Draft, Facts, RulesRefusedError
from tests.credentials.rules.drafts import Case, fixtures, good
from tests.credentials.web_issuer import WebIssuer

#: Where the badges of `drafts.py` differ, were they one shape.
VARYING: tuple[tuple[str | int, ...], ...] = (
    ("id",),
    ("validFrom",),
    ("awardedDate",),
    *(("credentialSubject", name) for name in ("id", "activityStartDate", "activityEndDate", "creditsEarned")),
    ("credentialSubject", "narrative"),
    ("credentialSubject", "identifier", 0, "identityHash"),
    ("credentialSubject", "result", 0, "achievedLevel"),
    ("credentialSubject", "result", 1, "value"),
    *(("credentialStatus", name) for name in ("id", "statusListIndex", "statusListCredential")),
    *(("evidence", 0, name) for name in ("id", "name", "genre", "description")),
)


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> dict[Any, Any]:
    """What is kept of shapes, empty, and only for one test."""
    found: dict[Any, Any] = {}
    monkeypatch.setattr(book, "_KEPT", found)
    return found


def refused(draft: Draft) -> set[tuple[str, str]]:
    try:
        book.examine(draft)
    except RulesRefusedError as error:
        return {(one.rule, one.where) for one in error.findings}
    return set()


def shaped(draft: Draft) -> Draft:
    return msgspec.structs.replace(draft, shape="one", varying=VARYING)


@pytest.mark.parametrize("fixture", sorted(fixtures()))
def test_every_fixture_is_judged_alike_behind_a_good_one(fixture: str, kept: dict[Any, Any]) -> None:
    """Also where the change is none of what varies, so that the shape lies: the bytes tell."""
    book.examine(shaped(good("badge")))
    assert kept
    for case in [*fixtures()[fixture].passes, *fixtures()[fixture].fails]:
        if case.kind == "badge":
            assert refused(shaped(case.draft())) == refused(case.draft()), case.says
            kept.clear()
            book.examine(shaped(good("badge")))


def test_random_values_are_judged_alike(kept: dict[Any, Any]) -> None:
    chance, again = random.Random(5), 0
    values: list[Any] = [
        *("", "x", "Test User", "a@b.example", "{{x}}", "\x07", "\ud800", "9" * 400, '", "description": "x', "%b", "%"),
        *("2026-11-02T09:29:00Z", "2030-01-01T00:00:00Z", "urn:uuid:5b0f1f4e-5b1e-4c4e-9d6a-3f1c4c1d2e3f"),
        *("https://a.example/1", "urn:x-varies:0:", -1, 4711, 12.5, 2**60, float("nan"), None, True, [], {}),
    ]
    for _ in range(400):
        draft = shaped(good("badge"))
        for path in chance.sample(VARYING, chance.randint(1, 2)):
            place: Any = draft.document
            for step in path[:-1]:
                place = place[step]
            place[path[-1]] = copy.deepcopy(chance.choice(values))
        plain = msgspec.structs.replace(draft, shape=None)
        found = refused(draft)
        assert found == refused(plain), draft.document
        again += not found
    assert again > 5, "some must be accepted, or nothing was compared"


def test_facts_are_asked_each_time(kept: dict[Any, Any]) -> None:
    book.examine(shaped(good("badge")))
    for rule, each in fixtures().items():
        for case in each.fails:
            if case.kind == "badge" and case.facts:
                assert rule in {name for name, _ in refused(shaped(case.draft()))}, case.says


def test_badges_of_one_achievement_are_one_shape(kept: dict[Any, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The second badge is not walked; a lie about its shape is."""
    issuer = WebIssuer(has_rs256=False)
    first = issuer.inputs()
    book.examine(issuer.draft(first))

    def walk(document: Any, kind: str) -> Any:
        pytest.fail("was walked")

    monkeypatch.setattr(book, "walk", walk)
    second = msgspec.structs.replace(first, reservation=issuer.inputs(index=8).reservation)
    book.examine(issuer.draft(second))
    lie = issuer.draft(second)
    lie.document["issuer"]["name"] = "Another"
    with pytest.raises(pytest.fail.Exception):
        book.examine(lie)


def test_shapes_are_bounded(kept: dict[Any, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "_MOST_KEPT", 3)
    for number in range(5):
        book.examine(msgspec.structs.replace(good("badge"), shape=number, varying=VARYING))
    assert [shape for _, shape in kept] == [2, 3, 4]


class Traced(dict[str, Any]):
    """An object that notes which of its members are looked at."""

    seen: set[str]
    where: str

    @classmethod
    def of(cls, value: Any, where: str, seen: set[str]) -> Any:
        if isinstance(value, list):
            return [cls.of(one, where, seen) for one in value]
        if not isinstance(value, dict):
            return value
        made = cls({name: cls.of(held, f"{where}.{name}".lstrip("."), seen) for name, held in value.items()})
        made.seen, made.where = seen, where
        return made

    def _note(self, name: object) -> None:
        self.seen.add(f"{self.where}.{name}".lstrip("."))

    def __getitem__(self, name: str) -> Any:
        self._note(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self._note(name)
        return super().get(name, default)

    def __contains__(self, name: object) -> bool:
        self._note(name)
        return super().__contains__(name)

    def items(self) -> Any:
        self._note("*")
        return super().items()

    def keys(self) -> Any:
        self._note("*")
        return super().keys()

    def __iter__(self) -> Iterator[str]:
        self._note("*")
        return super().__iter__()


FACTLESS = Facts(issuer="", now=good("badge").facts.now, signed_at=good("badge").facts.now, keys=(), public_url="")


#: `safe-mode` canonicalizes everything; what varies of it is asked by the form of each class.
CHECKED = [one for one in book.RULES if one.check is not None and one.id != "safe-mode"]


@pytest.mark.parametrize("rule", CHECKED, ids=lambda one: one.id)
def test_a_rule_looks_at_what_it_says(rule: Any) -> None:
    """What a rule reads decides whether it is asked again, so it must not read more, nor facts without saying so."""
    for case in [Case(says="good", kind=kind) for kind in sorted(rule.kinds)] + fixtures()[rule.id].fails:
        draft, seen = case.draft(), set[str]()
        document = Traced.of(draft.document, "", seen)
        found = list(rule.check(document, draft.facts))
        strays = {
            place
            for place in seen
            if not any(f"{place}.".startswith(f"{one}.") or f"{one}.".startswith(f"{place}.") for one in rule.reads)
        }
        assert strays == set(), rule.id
        if not rule.asks_facts:
            assert list(rule.check(document, FACTLESS)) == found
