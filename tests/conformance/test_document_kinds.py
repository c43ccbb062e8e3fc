"""Documents of every kind around a badge mean what other implementations say they mean, or are refused."""

import json
import random
from typing import Any

import pytest

from services.credentials.proofs import jsonld, rdfc
from services.credentials.proofs.jsonld import JsonLdError
from tests.conformance import fuzzing, oxigraph_oracle, pyld_oracle, signed_documents
from tests.conformance.document_kinds import Kinds
from tests.conformance.documents import OB, V2, Document

KINDS = tuple(Kinds(0).makers)
#: PyLD alone counts a statement of a node about itself twice, so of these it is asked for the statements only.
_SELF_REFERENCES = "blank_nodes"
#: pyoxigraph alone counts the name of a graph once for each node in it.
#: Of its types each brings a context, which pyoxigraph reads otherwise where it matters.
_TWO_CONTEXTS = "older_status_list"
_GRAPHS = ("presentation", "transcript")


@pytest.mark.parametrize("rounds", [24, pytest.param(400, marks=[pytest.mark.long, pytest.mark.timeout(1800)])])
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_the_same_canonical_form_everywhere(kind: str, rounds: int) -> None:
    by_itself = 0
    for seed in range(rounds):
        made = Kinds(seed).makers[kind]()
        found = _canonical(made)
        if found is None:
            continue
        if kind != _SELF_REFERENCES:
            assert pyld_oracle.canonicalize(made) == found, f"PyLD, seed {seed}"
        if kind not in _GRAPHS:
            assert oxigraph_oracle.of_pyld(made) == found, f"PyLD's statements, seed {seed}"
            assert fuzzing.is_misread_by_pyoxigraph(made) or oxigraph_oracle.of_itself(made) == found, seed
        by_itself += not fuzzing.is_misread_by_pyoxigraph(made) and oxigraph_oracle.of_itself(made) == found
    assert by_itself > rounds / 6 or kind == _TWO_CONTEXTS


def _canonical(made: Document) -> bytes | None:
    """The canonical form; None where a random address met that of the document, which is refused."""
    try:
        return jsonld.canonicalize(made)
    except JsonLdError as error:
        if error.code == "split_node":
            return None
        raise


def test_every_kind_is_signed_in_full() -> None:
    """The control: a text changed anywhere in a document of any kind changes what is signed, or is refused."""
    for kind in KINDS:
        made = Kinds(1).makers[kind]()
        before = jsonld.canonicalize(made)
        for path in signed_documents.leaves(made):
            held = signed_documents.at(made, path)
            # Keys of a language map are no texts; a blank node's name says nothing.
            if not isinstance(held, str) or held.startswith("_:"):
                continue
            other = signed_documents.with_value(made, path, f"{held}x")
            try:
                assert jsonld.canonicalize(other) != before, (kind, path)
            except JsonLdError:
                continue


def named(**members: Any) -> Document:
    return {"@context": [V2, OB], "id": "urn:x:y", **members}


@pytest.mark.parametrize("tag", ["de-CH", "EN", "zh-Hant"])
def test_language_tags_are_compared_without_regard_to_case(tag: str) -> None:
    """RDF 1.2 Concepts, section 3.3; PyLD, pyoxigraph and jsonld.js sign the lower case."""
    made = named(name={"@value": "x", "@language": tag})
    assert jsonld.canonicalize(made) == pyld_oracle.canonicalize(made) == oxigraph_oracle.of_itself(made)
    assert jsonld.canonicalize(made) == jsonld.canonicalize(named(name={"@value": "x", "@language": tag.lower()}))


@pytest.mark.parametrize("character", ["\ufffe", "\uffff"])
def test_what_is_no_character_is_escaped_or_refused(character: str) -> None:
    """RDF 1.2 N-Quads, section 3.1: what XML 1.1 has no Char for is written as `\\uXXXX`."""
    made = named(name=character)
    try:
        found = jsonld.canonicalize(made)
    except JsonLdError:
        return
    assert found == oxigraph_oracle.of_itself(made)


@pytest.mark.parametrize("number", ["7", "7.0", "70E-1", "7.5", "-0.25", "1e3"])
def test_a_text_where_a_double_is_wanted_is_signed_as_the_number(number: str) -> None:
    """So PyLD and jsonld.js have it; pyoxigraph keeps the text."""
    weight = {"@id": "https://own.example/weight", "@type": "http://www.w3.org/2001/XMLSchema#double"}
    made = {**named(weight=number), "@context": [V2, {"weight": weight}]}
    assert jsonld.canonicalize(made) == pyld_oracle.canonicalize(made)
    value = float(number)
    as_number = {**made, "weight": int(value) if value.is_integer() else value}
    assert jsonld.canonicalize(made) == jsonld.canonicalize(as_number)


@pytest.mark.parametrize("seed", [0, 38, 86, 222])
def test_a_node_that_speaks_of_itself_is_hashed_as_two_others_hash_it(seed: int) -> None:
    """Found by random changes: of such nodes PyLD has other labels; pyoxigraph and rdf-canonize have ours."""
    made = Kinds(seed).with_blank_nodes()
    assert jsonld.canonicalize(made) == oxigraph_oracle.of_itself(made)
    nodes = [{"id": "_:a", "jti": ["_:a", "_:b"]}, {"id": "_:b", "jti": ["_:b"]}]
    looped = named(type="VerifiableCredential", evidence=nodes)
    assert jsonld.canonicalize(looped) == oxigraph_oracle.of_itself(looped)


def test_a_graphs_name_is_counted_in_every_statement() -> None:
    """Found by random changes: two nodes alike in two graphs; PyLD and rdf-canonize have our labels."""
    made = Kinds(136).presentation()
    assert jsonld.canonicalize(made) == pyld_oracle.canonicalize(made) != oxigraph_oracle.of_pyld(made)


def test_the_order_of_statements_and_the_names_of_blank_nodes_change_nothing() -> None:
    chance = random.Random(1)
    for seed in range(60):
        quads = jsonld.quads(Kinds(seed).any())
        before = rdfc.canonicalize(quads)
        labels = {term for quad in quads for term in quad if term.startswith("_:")}
        names = dict(zip(sorted(labels), chance.sample(range(10**6), len(labels)), strict=True))
        renamed = [tuple(f"_:r{names[term]}" if term in names else term for term in quad) for quad in quads]
        chance.shuffle(renamed)
        assert rdfc.canonicalize(renamed) == before, seed  # type: ignore[arg-type]  # four texts each


def test_json_inside_a_document_is_signed_as_json() -> None:
    schema = {"b": [1, 2.5, None], "a": {"@context": "x", "\u20ac": "\x7f\u2028"}, "@type": "y"}
    made = named(type="JsonSchema", jsonSchema=schema)
    found = jsonld.canonicalize(made)
    assert found == oxigraph_oracle.of_itself(made) == pyld_oracle.canonicalize(made)
    assert json.dumps(json.dumps({"@type": "y"})[1:-1])[1:-1].encode().replace(b": ", b":") in found
