"""What a stranger's own context may not do: each of these signed alike and could be read otherwise, or grew."""

import copy
from typing import Any

import pytest

from services.credentials.proofs import jsonld, vocabulary
from services.credentials.proofs.jsonld import JsonLdError
from tests.conformance import pyld_oracle
from tests.conformance.test_engine_against_oracles import BADGE

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def badge(inline: Any, **members: Any) -> dict[str, Any]:
    made = copy.deepcopy(BADGE)
    made["@context"] = [*made["@context"], inline]
    made["credentialSubject"] |= members
    return made


@pytest.mark.parametrize(
    "inline",
    [
        pytest.param({"grade": f"{RDF}type"}, id="a second name for type"),
        pytest.param({"grade": {"@id": f"{RDF}first", "@type": "@id"}}, id="the parts of a list"),
        pytest.param({"grade": "_:grade"}, id="a blank node for a property"),
        pytest.param({"grade": "http://own.example/a>b"}, id="an end of an IRI"),
        pytest.param({"grade": "http://own.example/a\n"}, id="a line break"),
        pytest.param({"grade": "http://own.example/\ud800"}, id="half a character in an address"),
        pytest.param({"gra\ud800de": "http://own.example/g"}, id="half a character in a name"),
        pytest.param({"grade": {"@id": "http://own.example/g", "@type": f"{RDF}langString"}}, id="a language unsaid"),
        pytest.param({"grade": {"@id": "http://own.example/g", "@type": "http://a b"}}, id="a datatype that is none"),
        pytest.param(
            {"grade": {"@id": "http://own.example/g", "@type": "@json", "@container": "@list"}}, id="lists of JSON"
        ),
        pytest.param(
            {"grade": {"@id": "http://own.example/g", "@container": ["@graph", "@id"]}}, id="graphs by their ids"
        ),
    ],
)
def test_a_context_of_ones_own_brings_nothing_that_is_read_in_two_ways(inline: dict[str, Any]) -> None:
    (name,) = inline
    with pytest.raises(JsonLdError, match="inline_context"):
        jsonld.canonicalize(badge(inline, **{name: "x"}))


def test_a_node_is_not_named_in_a_short_form() -> None:
    """It would be signed as the node that the long form names, and be taken for another by who reads the text."""
    made = badge({"mine": "https://example.org/"})
    made["issuer"]["id"] = "mine:i"
    with pytest.raises(JsonLdError, match="compact_iri"):
        jsonld.canonicalize(made)


@pytest.mark.parametrize("text", ["inf", "-inf", "nan", "1e400"])
def test_a_double_that_is_none_is_refused(text: str) -> None:
    weight = {"@id": "http://own.example/weight", "@type": "http://www.w3.org/2001/XMLSchema#double"}
    with pytest.raises(JsonLdError, match="not_a_number"):
        jsonld.canonicalize(badge({"weight": weight}, weight=text))


@pytest.mark.parametrize("value", [5, True, 7.5])
def test_a_number_where_a_string_is_wanted_is_a_plain_literal(value: float) -> None:
    weight = {"@id": "http://own.example/weight", "@type": "http://www.w3.org/2001/XMLSchema#string"}
    made = badge({"weight": weight}, weight=value)
    assert jsonld.canonicalize(made) == pyld_oracle.canonicalize(made)


def test_nothing_of_a_strangers_context_is_kept() -> None:
    jsonld.canonicalize(badge({"first": "http://own.example/first"}, first="x"))
    before = len(vocabulary._RESOLVED), len(vocabulary._kept)
    for number in range(20):
        name = f"own{number}"
        jsonld.canonicalize(badge({name: f"http://own.example/{number}"}, **{name: "x"}))
    assert (len(vocabulary._RESOLVED), len(vocabulary._kept)) == before


@pytest.mark.parametrize("held", [{"@value": None}, {"@value": None, "@type": "@json"}, {"@list": None}])
def test_a_list_is_not_written_as_nothing(held: dict[str, Any]) -> None:
    """Found by random changes: of a null here implementations make no list, an empty one, or one of nothing."""
    steps = {"@id": "http://own.example/steps", "@container": "@list"}
    with pytest.raises(JsonLdError, match="unsupported_keyword"):
        jsonld.canonicalize(badge({"steps": steps}, steps=held))
