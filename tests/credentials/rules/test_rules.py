"""Each rule accepts and refuses its fixtures; and each has some."""

import pytest

from services.credentials.rules import book
from services.credentials.rules.model import KINDS, Finding, Kind, Rule, RulesRefusedError
from tests.credentials.rules.drafts import Case, Fixture, fixtures, good

FOUND = fixtures()
PASSES = [pytest.param(one, id=f"{rule}: {one.says}") for rule, each in FOUND.items() for one in each.passes]
FAILS = [pytest.param(rule, one, id=f"{rule}: {one.says}") for rule, each in FOUND.items() for one in each.fails]


def findings(case: Case) -> tuple[Finding, ...]:
    try:
        book.examine(case.draft())
    except RulesRefusedError as error:
        return error.findings
    return ()


def lacking(rules: tuple[Rule, ...], known: dict[str, Fixture]) -> list[str]:
    """What a rule must have and has not: a citation, sentences, and fixtures, of kinds that it holds for."""
    found = []
    for one in rules:
        fixture = known.get(one.id, Fixture(passes=[], fails=[]))
        if not one.citation or not one.asks.endswith(".") or not one.advice.endswith("."):
            found.append(f"{one.id}: citation and sentences")
        if not any(case.kind in one.kinds for case in fixture.passes):
            found.append(f"{one.id}: passing fixture")
        if not any(case.kind in one.kinds for case in fixture.fails):
            found.append(f"{one.id}: failing fixture")
    return found


def test_every_rule_has_its_fixtures() -> None:
    assert lacking(book.RULES, FOUND) == []
    assert sorted(FOUND) == sorted(one.id for one in book.RULES)
    assert len(book.BY_ID) == len(book.RULES)


def test_a_rule_without_fixtures_is_seen() -> None:
    """The control: what lacks one, a rule added or a fixture taken away, is named."""
    new = Rule(id="new", asks="Something.", citation="Somewhere, section 1", advice="Do it.")
    assert lacking((*book.RULES, new), FOUND) == ["new: passing fixture", "new: failing fixture"]
    assert lacking(book.RULES, {**FOUND, "hours": Fixture(passes=FOUND["hours"].passes, fails=[])}) == [
        "hours: failing fixture"
    ]
    bare = Rule(id="hours", asks="Something.", citation="", advice="Do it.")
    assert lacking((bare,), FOUND) == ["hours: citation and sentences"]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_good_document_of_each_kind_is_permitted(kind: Kind) -> None:
    book.examine(good(kind))


@pytest.mark.parametrize("case", PASSES)
def test_what_a_rule_accepts(case: Case) -> None:
    assert findings(case) == ()


@pytest.mark.parametrize(("rule", "case"), FAILS)
def test_what_a_rule_refuses(rule: str, case: Case) -> None:
    found = findings(case)
    assert {one.rule for one in found} == {rule, *case.also}
    assert case.where in [one.where for one in found]


def test_a_refusal_names_rule_place_and_advice_and_no_value() -> None:
    case = next(one for one in FOUND["private-data"].fails if "narrative" in one.where)
    with pytest.raises(RulesRefusedError) as caught:
        book.examine(case.draft())
    error = caught.value
    assert (error.rule, error.where) == ("private-data", "credentialSubject.narrative")
    assert error.advice == book.BY_ID["private-data"].advice
    assert "zoe" not in str(vars(error)).lower()


def test_everything_that_is_off_is_told_at_once() -> None:
    case = Case(
        says="two things",
        set={"credentialSubject.creditsEarned": 99, "credentialSubject.identifier[0].identityHash": "Test User"},
    )
    assert {one.rule for one in findings(case)} == {"hours", "recipient-name"}
