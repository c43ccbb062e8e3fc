"""pyoxigraph as a second opinion: it canonicalizes, and reads JSON-LD itself or takes the statements that PyLD reads.

PyLD's own canonicalization counts a statement of a node about itself twice, so it serves here for reading only. In
turn pyoxigraph counts the name of a graph once for a node, in however many of its statements it stands; rdf-canonize,
PyLD and RDFC-1.0 (section 4.8.3, step 3) count every one.
"""

import json
from collections.abc import Mapping
from typing import Any

import pyoxigraph
from pyld import jsonld as pyld
from pyld.context_resolver import ContextResolver

from services.credentials.proofs import contexts
from tests.conformance import pyld_oracle
from tests.conformance.pyld_oracle import RefusedError

#: Terms whose values are JSON as it stands: what looks like a context there is none.
_AS_JSON = frozenset({"jsonSchema", "jwk", "_sd", "raw", "unheard"})


def of_pyld(document: Mapping[str, Any]) -> bytes:
    """The canonical form of the statements that PyLD reads; RefusedError where it would drop something."""
    options = {"base": "", "documentLoader": contexts.load, "contextResolver": ContextResolver({}, contexts.load)}
    processor = pyld.JsonLdProcessor(on_property_dropped=pyld_oracle._refuse)
    try:
        expanded = processor.expand(document, options)
        pyld_oracle._check(expanded)
        nquads: str = processor.to_rdf(
            expanded, {**options, "format": "application/n-quads", "rdfDirection": "i18n-datatype"}
        )
    except pyld.JsonLdError as error:
        raise RefusedError(str(error)[:200]) from None
    return canonical(nquads.encode(), pyoxigraph.RdfFormat.N_QUADS)


def of_itself(document: Mapping[str, Any]) -> bytes:
    """The canonical form as pyoxigraph alone makes it; RefusedError where it cannot read the document."""
    return canonical(json.dumps(_inlined(document)).encode(), pyoxigraph.RdfFormat.JSON_LD)


def canonical(content: bytes, form: pyoxigraph.RdfFormat) -> bytes:
    """The canonical N-Quads of a serialized dataset."""
    try:
        dataset = pyoxigraph.Dataset(pyoxigraph.parse(content, format=form))
    except (SyntaxError, ValueError) as error:
        raise RefusedError(str(error)[:200]) from None
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    return "".join(sorted(f"{quad} .\n" for quad in dataset)).encode()


def _inlined(value: Any) -> Any:
    """A document with each context in place of its address, nested ones too, since pyoxigraph fetches none."""
    if isinstance(value, list):
        return [_inlined(one) for one in value]
    if not isinstance(value, Mapping):
        return value
    return {
        name: _loaded(held) if name == "@context" else held if name in _AS_JSON else _inlined(held)
        for name, held in value.items()
    }


def _loaded(named: Any) -> Any:
    flat: list[Any] = []
    for one in named if isinstance(named, list) else [named]:
        if isinstance(one, str):
            found = contexts.document(one)["@context"]
            flat += found if isinstance(found, list) else [found]
        else:
            flat.append(one)
    return flat
