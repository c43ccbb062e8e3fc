"""The published vectors of the specifications, step by step, byte for byte."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from services.credentials.proofs import contexts, data_integrity, jsonld, literals, multikey, rdfc
from services.credentials.proofs.rdfc import Quad
from services.credentials.proofs.strict_json import parse
from tests.conftest import require

VECTORS = Path(__file__).parents[3] / "shared" / "vectors"
EDDSA, GUIDE, RDFC = VECTORS / "vc-di-eddsa", VECTORS / "ob3-guide", VECTORS / "rdfc10"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"


@pytest.fixture(autouse=True)
def published() -> None:
    require(VECTORS.is_dir(), "the folder of published vectors beside the project")


@pytest.fixture
def examples_context(monkeypatch: pytest.MonkeyPatch) -> None:
    """The context that only the specification's example uses."""
    content = (EDDSA / "credentials-examples-v2.json").read_bytes()
    pins = {
        **contexts.PINNED,
        EXAMPLES: (str(EDDSA / "credentials-examples-v2.json"), hashlib.sha256(content).hexdigest()),
    }
    monkeypatch.setattr(contexts, "PINNED", pins)


def read(folder: Path, name: str) -> dict[str, Any]:
    return parse((folder / name).read_bytes())


@pytest.mark.usefixtures("examples_context")
def test_every_step_of_the_eddsa_example() -> None:
    unsigned, configuration = read(EDDSA, "unsigned.json"), read(EDDSA, "proofConfigDataInt.json")
    document, proof = (jsonld.canonicalize(one, allows_vocab=True) for one in (unsigned, configuration))
    assert document.decode() == (EDDSA / "canonDocDataInt.txt").read_text()
    assert proof.decode() == (EDDSA / "proofCanonDataInt.txt").read_text()
    assert hashlib.sha256(document).hexdigest() == (EDDSA / "docHashDataInt.txt").read_text().strip()
    assert hashlib.sha256(proof).hexdigest() == (EDDSA / "proofHashDataInt.txt").read_text().strip()
    options = {name: value for name, value in configuration.items() if name != "@context"}
    data = data_integrity.hash_data(unsigned, options, allows_vocab=True)
    assert data.hex() == (EDDSA / "combinedHashDataInt.txt").read_text().strip()
    pair = read(EDDSA, "keyPair.json")
    private = Ed25519PrivateKey.from_private_bytes(multikey.base58_decode(pair["privateKeyMultibase"])[2:])
    assert multikey.encode(private.public_key()) == pair["publicKeyMultibase"]
    assert private.sign(data).hex() == (EDDSA / "sigHexDataInt.txt").read_text().strip()
    assert multikey.base58_encode(private.sign(data)) == (EDDSA / "sigBTC58DataInt.txt").read_text().strip()


@pytest.mark.usefixtures("examples_context")
@pytest.mark.parametrize("folder", [EDDSA, GUIDE], ids=["vc-di-eddsa", "ob3-guide"])
def test_the_signed_examples_verify(folder: Path) -> None:
    signed = read(folder, "signedDataInt.json" if folder == EDDSA else "signed.json")

    def resolve(method: str) -> Ed25519PublicKey:
        return multikey.decode(method.partition("#")[2])

    results = data_integrity.verify(
        signed, resolve=resolve, now=datetime(2026, 1, 1, tzinfo=UTC), allows_vocab=folder == EDDSA
    )
    assert [one.code for one in results] == ["verified"]


def test_the_guides_badge_has_the_published_canonical_forms() -> None:
    signed = read(GUIDE, "signed.json")
    proof = signed.pop("proof")
    options = {**(proof[0] if isinstance(proof, list) else proof), "@context": signed["@context"]}
    del options["proofValue"]
    assert jsonld.canonicalize(signed) == (GUIDE / "document-canon.txt").read_bytes()
    assert jsonld.canonicalize(options) == (GUIDE / "proof-canon.txt").read_bytes()


def suite(kind: str) -> list[Any]:
    if not RDFC.is_dir():
        return []
    entries = json.loads((RDFC / "manifest.jsonld").read_text())["entries"]
    return [pytest.param(one, id=one["id"].lstrip("#")) for one in entries if one["type"] == kind]


def quads_of(name: str) -> list[Quad]:
    """A dataset of the suite, read by another implementation's parser."""
    content = (RDFC / name).read_bytes()
    return [
        (_term(one.subject), _term(one.predicate), _term(one.object), _term(one.graph_name))
        for one in pyoxigraph.parse(content, format=pyoxigraph.RdfFormat.N_QUADS)
    ]


def _term(one: object) -> str:
    match one:
        case pyoxigraph.NamedNode():
            return f"<{one.value}>"
        case pyoxigraph.BlankNode():
            return f"_:{one.value}"
        case pyoxigraph.Literal():
            text = literals.quoted(one.value)
            if one.language is not None:
                return f"{text}@{one.language}"
            return text if one.datatype.value.endswith("XMLSchema#string") else f"{text}^^<{one.datatype.value}>"
        case _:
            return ""


@pytest.mark.parametrize("entry", suite("rdfc:RDFC10EvalTest"))
def test_the_canonicalization_suite(entry: dict[str, Any]) -> None:
    digest = hashlib.sha384 if entry.get("hashAlgorithm") == "SHA384" else hashlib.sha256
    found = rdfc.Canonicalization(quads_of(entry["action"]), digest=digest).text()
    assert found == (RDFC / entry["result"]).read_text()


@pytest.mark.parametrize("entry", suite("rdfc:RDFC10MapTest"))
def test_the_suites_maps_of_labels(entry: dict[str, Any]) -> None:
    digest = hashlib.sha384 if entry.get("hashAlgorithm") == "SHA384" else hashlib.sha256
    quads = quads_of(entry["action"])
    issued = rdfc.Canonicalization(quads, digest=digest).issued
    expected = json.loads((RDFC / entry["result"]).read_text())
    assert {label.removeprefix("_:"): name.removeprefix("_:") for label, name in issued.items()} == expected


@pytest.mark.parametrize("entry", suite("rdfc:RDFC10NegativeEvalTest"))
def test_the_suites_poison_graph_is_too_complex(entry: dict[str, Any]) -> None:
    with pytest.raises(rdfc.TooComplexError):
        rdfc.canonicalize(quads_of(entry["action"]))


def test_the_suite_is_whole() -> None:
    assert sum(len(suite(f"rdfc:RDFC10{kind}Test")) for kind in ("Eval", "Map", "NegativeEval")) == 86
