"""Any change of a signed document fails verification, or is one of a closed list of changes that say the same.

That they do is the word of two others: PyLD reads the same statements, and our reader sees the same facts.
"""

import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from services.credentials.proofs.strict_json import JsonObject
from tests.conformance import mutations, signed_documents
from tests.conformance.document_kinds import Kinds
from tests.conformance.mutations import Mutation
from tests.conformance.signed_documents import SUITES, at, with_value

#: Kind of change -> why JSON-LD makes the same statements of it, in some place at least.
HARMLESS = {
    "order of members": "an object's members have no order",
    "order of items": "a member's values are a set, but for @list",
    "order of contexts": "contexts that do not touch each other's terms",
    "list of one": "one value is a set of one",
    "alone, not in a list": "one value is a set of one",
    "lists in lists": "nested lists are one set",
    "list with null": "null says nothing",
    "an item of null": "null says nothing",
    "an item of nothing": "an empty list says nothing",
    "member that says nothing": "null and empty lists say nothing",
    "keyword that says nothing": "an empty @type or @context says nothing",
    "twice": "said twice is said",
    "an item twice": "said twice is said",
    "keyword for its alias": "id and type are names of @id and @type",
    "in @value": "a value object of the value",
    "with a datatype": "the term's own datatype, said with the value",
    "text of the number or truth value": "a number is signed as its text, where the term has a datatype",
    "object with this id": "an address and an object of this id alone are the same reference",
    "object with this @id": "an address and an object of this id alone are the same reference",
    "in @id": "an address and an object of this id alone are the same reference",
    "a node's name": "a blank node's name is not signed",
    "in two halves": "what is said of one thing in two places",
    "context that adds nothing": "it defines terms that are not used",
    "inline context first": "it defines terms that are not used, or that the pinned ones define again",
    "context inside": "it defines terms that are not used, or the same again",
    "pinned context last": "it defines terms that are not used, or the same again",
    "pinned context first": "it defines terms that are not used, or the same again",
    "a context twice": "it defines the same again",
    "without a context": "no term of it is used",
    "another member": "an empty context",
}


def survivors(document: JsonObject, *, most: int, seed: int) -> Iterator[Mutation]:
    """The mutations that verify, of all or of a sample."""
    assert signed_documents.verifies(document)
    every = list(mutations.of(document))
    chosen = every if len(every) <= most else random.Random(seed).sample(every, most)
    for kind, path, changed in chosen:
        # Two objects whose members stand in another order are equal, and not the same text.
        if str(changed) != str(document) and signed_documents.verifies(changed):
            yield kind, path, changed


def transcript(seed: int) -> JsonObject:
    made = Kinds(seed).associated_transcript()
    # Two thousand places are enough: one badge in it, with its details.
    made["credentialSubject"]["verifiableCredential"] = made["credentialSubject"]["verifiableCredential"][:1]
    said: JsonObject = spoken(made)
    return said


def spoken(value: Any) -> Any:
    """Without empty lists: they say nothing, under whatever name."""
    if isinstance(value, dict):
        return {name: spoken(held) for name, held in value.items() if held != []}
    return [spoken(one) for one in value] if isinstance(value, list) else value


def only_has_more_contexts(document: JsonObject, changed: JsonObject) -> bool:
    """Suites over the JSON let contexts follow those that were signed (vc-di-eddsa, section 3.3.2, step 4)."""
    named = document["@context"]
    return {**changed, "@context": named} == document and changed["@context"][: len(named)] == named


def check(document: JsonObject, *, most: int, seed: int) -> Counter[str]:
    counts: Counter[str] = Counter()
    for kind, path, changed in survivors(document, most=most, seed=seed):
        if only_has_more_contexts(document, changed) and "jcs" in document["proof"][0].get("cryptosuite", ""):
            counts["contexts after those signed"] += 1
            continue
        assert kind in HARMLESS, (seed, kind, path, at(document, path[:-1]) if path[:1] != ("@context",) else "")
        fault = signed_documents.difference(document, changed)
        assert not fault, (seed, kind, path, fault)
        counts[kind] += 1
    return counts


@pytest.mark.parametrize("seed", range(4))
def test_a_sample_of_the_changes_of_a_badge(seed: int) -> None:
    signed = signed_documents.of_suite(SUITES[0], signed_documents.badge(seed))
    assert len(check(signed, most=700, seed=seed)) > 5


@pytest.mark.parametrize("seed", range(2))
def test_a_sample_of_the_changes_of_a_transcript(seed: int) -> None:
    assert check(signed_documents.of_suite(SUITES[0], transcript(seed)), most=400, seed=seed)


def test_a_sample_of_the_changes_of_an_older_badge() -> None:
    assert check(signed_documents.of_suite(SUITES[0], signed_documents.older_badge(2)), most=300, seed=2)


@pytest.mark.parametrize("suite", SUITES[1:])
def test_a_sample_of_the_changes_under_other_suites(suite: str) -> None:
    assert check(signed_documents.of_suite(suite, signed_documents.badge(9)), most=400, seed=9)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_every_change_of_many_badges_and_transcripts() -> None:
    seen: Counter[str] = Counter()
    for seed in range(10, 18):
        seen += check(signed_documents.of_suite(SUITES[0], signed_documents.badge(seed)), most=10**6, seed=seed)
    for seed in range(2):
        seen += check(signed_documents.of_suite(SUITES[0], signed_documents.older_badge(seed)), most=10**6, seed=seed)
    for seed, suite in enumerate(SUITES):
        seen += check(signed_documents.of_suite(suite, transcript(seed)), most=5_000, seed=seed)
    never = HARMLESS.keys() - seen.keys()
    assert not never, f"what never verifies has no place in the list: {sorted(never)}"


#: What our reader takes from a badge, by its place.
READ = (
    ("issuer", "name"),
    ("credentialSubject", "creditsEarned"),
    ("credentialSubject", "activityStartDate"),
    ("credentialSubject", "activityEndDate"),
    ("credentialSubject", "identifier"),
    ("credentialSubject", "identifier", 0),
    ("credentialSubject", "identifier", 0, "hashed"),
    ("credentialSubject", "identifier", 0, "identityHash"),
    ("credentialSubject", "identifier", 0, "identityType"),
    ("credentialSubject", "achievement", "description"),
    ("credentialSubject", "achievement", "criteria"),
    ("credentialSubject", "achievement", "criteria", "narrative"),
    ("id",),
    ("issuer", "id"),
    ("credentialSubject", "achievement", "name"),
    ("validFrom",),
    ("validUntil",),
    ("awardedDate",),
    ("credentialStatus",),
    ("credentialStatus", "statusListIndex"),
    ("credentialStatus", "statusListCredential"),
    ("credentialStatus", "statusPurpose"),
)
REWRITTEN: dict[str, Any] = {
    "a list of one": lambda held: [held],
    "a value object": lambda held: {"@value": held},
    "a list in a list": lambda held: [[held]],
    "a set": lambda held: {"@set": [held]},
    "its text": lambda held: str(held).lower() if isinstance(held, bool) else f"{held:.1E}".replace("E+00", "E0"),
}


@pytest.mark.parametrize("path", READ, ids=lambda path: "-".join(map(str, path)))
def test_a_fact_written_in_another_way_is_read_or_the_badge_is_refused(path: tuple[str | int, ...]) -> None:
    """Who may rewrite a badge without breaking its signature must not choose what is shown of it."""
    signed = signed_documents.of_suite(SUITES[0], signed_documents.badge(4))
    held = at(signed, path)
    for way, rewrite in REWRITTEN.items():
        if way == "its text" and not isinstance(held, bool | float):
            continue
        changed = with_value(signed, path, rewrite(held))
        fault = signed_documents.difference(signed, changed) if signed_documents.verifies(changed) else ""
        assert not fault, f"{'.'.join(map(str, path))} as {way}: {fault}"


def test_what_is_said_of_the_issuer_elsewhere_cannot_take_the_place_of_its_name() -> None:
    """One node in two places: statements of one id may be written at either, and are signed alike."""
    made = signed_documents.badge(3)
    issuer = {"id": made["issuer"]["id"], "type": ["Profile"]}
    made["issuer"] = {**issuer, "name": "The university"}
    made["credentialSubject"]["achievement"]["creator"] = {**issuer, "name": "The department"}
    signed = signed_documents.of_suite(SUITES[0], made)
    changed = with_value(signed, ("issuer", "name"), "The department")
    changed = with_value(changed, ("credentialSubject", "achievement", "creator", "name"), "The university")
    fault = signed_documents.difference(signed, changed) if signed_documents.verifies(changed) else ""
    assert not fault, fault


def test_which_of_two_names_is_shown_does_not_depend_on_their_order() -> None:
    made = signed_documents.badge(5)
    [first] = made["credentialSubject"]["identifier"]
    made["credentialSubject"]["identifier"] = [first, {**first, "identityHash": "Another name"}]
    signed = signed_documents.of_suite(SUITES[0], made)
    place = ("credentialSubject", "identifier")
    changed = with_value(signed, place, at(signed, place)[::-1])
    assert signed_documents.verifies(changed)
    assert signed_documents.view(changed) == signed_documents.view(signed)


def test_a_name_in_two_halves_is_read_or_refused() -> None:
    signed = signed_documents.of_suite(SUITES[0], signed_documents.badge(6))
    [named] = at(signed, ("credentialSubject", "identifier"))
    one = {"id": "_:n", "type": "IdentityObject"}
    halves = [{**one, "identityHash": named["identityHash"]}, {**one, "hashed": False, "identityType": "name"}]
    changed = with_value(signed, ("credentialSubject", "identifier"), halves)
    fault = signed_documents.difference(signed, changed) if signed_documents.verifies(changed) else ""
    assert not fault, fault
