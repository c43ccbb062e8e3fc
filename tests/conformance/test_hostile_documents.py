"""What was made to cost is refused, or costs no more than what is allowed: counted in hashes, not in seconds."""

import hashlib
import json
from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest
from pyld import jsonld as pyld

from services.credentials.proofs import jsonld, rdfc, strict_json, vocabulary
from services.credentials.proofs.contexts import UnknownContextError
from services.credentials.proofs.jsonld import JsonLdError
from services.credentials.proofs.rdfc import TooComplexError
from services.credentials.proofs.strict_json import JsonError
from services.credentials.verification import shape
from tests.conformance import hostile_documents as hostile
from tests.conformance import pyld_oracle, signed_documents
from tests.conformance.documents import EXTENSIONS, OB, V2, Document

#: No document takes more hashes than it has blank nodes and mentions of them, and these for what ties.
MOST_HASHES = 30_000
#: Far more than any credential names or brings by its types.
MOST_CONTEXTS = 200


class Counting:
    """SHA-256 that counts how often it is asked."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, content: bytes) -> Any:
        self.calls += 1
        return hashlib.sha256(content)


def outcome(content: Document | bytes) -> tuple[str, int]:
    """What becomes of a document on the way of a stranger's badge: a refusal's code or `accepted`, and the hashes."""
    counting = Counting()
    try:
        document = strict_json.parse(content if isinstance(content, bytes) else json.dumps(content).encode())
        jsonld.canonicalize(document, digest=counting)
    except TooComplexError:
        return "too_complex", counting.calls
    except (JsonError, JsonLdError) as error:
        return error.code, counting.calls
    except UnknownContextError:
        return "unknown_context", counting.calls
    return "accepted", counting.calls


@pytest.mark.parametrize("size", range(4, 21))
def test_a_clique_costs_no_more_than_is_allowed(size: int) -> None:
    said, hashes = outcome(hostile.clique(size))
    assert said == ("accepted" if size < 6 else "too_complex")
    assert hashes <= MOST_HASHES


@pytest.mark.parametrize("size", range(4, 13))
def test_two_rows_of_siblings_are_too_complex(size: int) -> None:
    said, hashes = outcome(hostile.siblings(size))
    assert (said, hashes <= MOST_HASHES) == ("too_complex", True)


@pytest.mark.parametrize(("width", "depth"), [(6, 2), (7, 2), (3, 3), (4, 3), (5, 3), (4, 4), (3, 5), (2, 8), (2, 12)])
def test_objects_alike_within_objects_alike_are_too_complex(width: int, depth: int) -> None:
    """No blank node is named in them; four hundred bytes are enough to keep other implementations busy."""
    said, hashes = outcome(hostile.nested_alike(width, depth))
    assert (said, hashes <= MOST_HASHES) == ("too_complex", True)


@pytest.mark.parametrize(("size", "shared"), [(6, 500), (7, 1_900), (5, 2_500)])
def test_nodes_that_tie_and_mention_thousands_are_too_complex(size: int, shared: int) -> None:
    said, hashes = outcome(hostile.heavy_clique(size, shared))
    assert (said, hashes <= MOST_HASHES) == ("too_complex", True)


@pytest.mark.parametrize("size", [10, 30, 40, 100, 300])
def test_a_ring_costs_no_more_than_is_allowed(size: int) -> None:
    said, hashes = outcome(hostile.ring(size))
    assert said == ("accepted" if size < 40 else "too_complex")
    assert hashes <= MOST_HASHES


@pytest.mark.parametrize("size", [1_000, 3_000])
def test_a_long_ring_is_too_complex(size: int) -> None:
    assert outcome(hostile.ring(size))[0] == "too_complex"


@pytest.mark.parametrize("count", [60, 400, 1_000])
def test_many_that_are_alike_pass_at_a_cost_that_grows_with_them(count: int) -> None:
    said, hashes = outcome(hostile.alike(count))
    assert said == "accepted"
    assert hashes < 4 * count


def test_more_that_are_alike_are_too_complex() -> None:
    assert outcome(hostile.alike(2_000))[0] == "too_complex"


def test_without_the_budget_the_same_graph_costs_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: it is the budget that stops it."""
    monkeypatch.setattr(rdfc, "MAX_HASH_CALLS", 10**9)
    monkeypatch.setattr(rdfc, "MAX_ORDERS", 10**9)
    said, hashes = outcome(hostile.ring(120))
    assert said == "accepted"
    assert hashes > MOST_HASHES


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (lambda: hostile.text(10_000_000), "too_large"),
        (lambda: hostile.text(1_048_000), "accepted"),
        (lambda: hostile.members(100_000), "too_large"),
        (lambda: hostile.members(60_000), "undefined_term"),
        (lambda: hostile.items(100_000, 0), "too_complex"),
        (lambda: hostile.items(100_000, "x"), "too_complex"),
        (lambda: hostile.items(100_000, None), "too_complex"),
        (lambda: hostile.items(100_000, {}), "too_complex"),
        (lambda: hostile.statements(19_999), "accepted"),
        (lambda: hostile.statements(20_000), "too_complex"),
        (lambda: hostile.blank_nodes(6_000), "accepted"),
        (lambda: hostile.blank_nodes(12_000), "too_complex"),
        (lambda: hostile.added_terms(2_000), "accepted"),
        (lambda: hostile.contexts_inside(50), "accepted"),
        (lambda: hostile.contexts_inside(1_000), "too_many_contexts"),
        (lambda: hostile.inline_contexts(1_000), "too_many_contexts"),
        (lambda: hostile.kinds(1_000), "too_many_types"),
    ],
    ids=[
        *("10-MB", "1-MB", "100000-members", "60000-members", "100000-alike", "100000-texts", "100000-nulls"),
        *("100000-objects", "20000-statements", "20001-statements", "6000-blank", "12000-blank", "2000-terms"),
        *("50-contexts-inside", "1000-contexts-inside", "1000-contexts", "1000-types"),
    ],
)
def test_what_is_much_is_refused_by_its_size_or_taken(content: Callable[[], Document | bytes], code: str) -> None:
    said, hashes = outcome(content())
    assert said == code
    assert hashes <= MOST_HASHES


@pytest.mark.parametrize("kind", hostile.NESTINGS)
def test_ten_thousand_levels_are_too_deep(kind: str) -> None:
    before, behind = hostile.NESTINGS[kind]
    assert outcome(hostile.nested(before, behind, 10_000)) == ("too_deep", 0)


@pytest.mark.parametrize("kind", ["arrays", "objects", "lists"])
def test_what_was_not_read_by_us_is_not_deeper_either(kind: str) -> None:
    """The walk has its own bound: not every caller gives it what our reader read."""
    opened: dict[str, Callable[[Any], Any]] = {
        "arrays": lambda held: [held],
        "objects": lambda held: {"endorsement": held},
        "lists": lambda held: {"@list": [held]},
    }
    held: Any = {}
    for _ in range(5_000):
        held = opened[kind](held)
    with pytest.raises(JsonLdError):
        jsonld.quads({**hostile.statements(1), "endorsement": held})


@pytest.mark.parametrize("make", [hostile.pinned_contexts, hostile.inline_contexts, hostile.kinds])
def test_a_thousand_contexts_or_types_in_a_row_are_not_each_processed(
    make: Callable[[int], Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    processed = []
    process = pyld.JsonLdProcessor._process_context

    def counting(*arguments: Any, **named: Any) -> Any:
        processed.append(1)
        return process(*arguments, **named)

    monkeypatch.setattr(pyld.JsonLdProcessor, "_process_context", counting)
    outcome(make(1_000))
    assert len(processed) <= MOST_CONTEXTS


def test_a_verification_says_what_was_too_much() -> None:
    signed = signed_documents.of_suite(signed_documents.SUITES[0], signed_documents.badge(1))
    for added in (hostile.clique(8), hostile.siblings(6), hostile.nested_alike(5, 3), hostile.statements(20_000)):
        named = {name: held for name, held in added.items() if name in ("evidence", "name", "endorsement")}
        results = signed_documents.results({**signed, **named})
        assert [(one.outcome, one.code) for one in results] == [("refused", "too_complex")]


def test_a_label_of_a_blank_node_is_read_once_through() -> None:
    """A pattern that went back over it took half an hour for a label of half a mebibyte."""
    with pytest.raises(JsonLdError, match="invalid_iri"):
        jsonld.canonicalize({"@context": V2, "id": "_:" + "a" * 500_000 + "!", "type": "VerifiableCredential"})


def test_a_proof_names_few_others_before_it() -> None:
    """Each is signed over again."""
    signed = signed_documents.of_suite(signed_documents.SUITES[0], signed_documents.badge(1))
    first, *_ = signed["proof"]
    again = {**first, "previousProof": ["urn:a"] * 300}
    results = signed_documents.results({**signed, "proof": [{**first, "id": "urn:a"}, again]})
    assert results[1].code == "too_many_proofs"


@pytest.mark.timeout(20)
def test_a_node_in_very_many_places_is_read_in_time_that_grows_with_them() -> None:
    """Merged anew for each of its mentions, this took hours."""
    places = [{"id": "urn:a", f"m{number}": "x"} for number in range(10_000)]
    subject = {"id": "urn:s", "achievement": places, "identifier": ["urn:a"] * 10_000}
    assert shape.facts({"credentialSubject": subject}).achievement is None


def test_types_in_ever_other_company_leave_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each set of types makes a context of its own: a child that kept them all ran out of memory after a few files."""
    monkeypatch.setattr(vocabulary, "_MOST_REACHED", 20)
    monkeypatch.setattr(vocabulary, "_reached", {})
    monkeypatch.setattr(vocabulary, "_kept", {})
    monkeypatch.setattr(vocabulary, "_MOST_KEPT", 5)
    kinds = ("Achievement", "Address", "Alignment", "Evidence", "Image", "Profile", "Related")
    companies = [list(company) for count in (1, 2, 3) for company in combinations(kinds, count)]
    subjects = [{"id": f"urn:x:{at}", "type": company} for at, company in enumerate(companies)]
    made = {"@context": [V2, OB], "id": "urn:x:a", "type": ["VerifiableCredential"], "credentialSubject": subjects}
    for document in (made, {**made, "@context": [V2, OB, EXTENSIONS]}, made):
        assert jsonld.canonicalize(document) == pyld_oracle.canonicalize(document)
        assert len(vocabulary._reached) <= 20 < len(companies)
        assert len(vocabulary._kept) <= 5
