"""The published vectors of the specifications, step by step, byte for byte."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pyld.nquads import parse_nquads

from services.credentials.proofs import contexts, data_integrity, jsonld, multikey, rdfc
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
    document, proof = jsonld.canonicalize(unsigned), jsonld.canonicalize(configuration)
    assert document.decode() == (EDDSA / "canonDocDataInt.txt").read_text()
    assert proof.decode() == (EDDSA / "proofCanonDataInt.txt").read_text()
    assert hashlib.sha256(document).hexdigest() == (EDDSA / "docHashDataInt.txt").read_text().strip()
    assert hashlib.sha256(proof).hexdigest() == (EDDSA / "proofHashDataInt.txt").read_text().strip()
    options = {name: value for name, value in configuration.items() if name != "@context"}
    data = data_integrity.hash_data(unsigned, options)
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

    results = data_integrity.verify(signed, resolve=resolve, now=datetime(2026, 1, 1, tzinfo=UTC))
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


#: Tests of the suite that are not passed as they stand, each with the reason.
BEYOND_THE_BUDGET = {"test044c", "test045c", "test046c"}  # high complexity: refused as such, no badge is like it
KNOWN = {
    "test060c": "PyLD's N-Quads reader does not undo \\u escapes; ours reads JSON-LD only",
    "test075c": "names SHA-384, which no cryptosuite of ours uses",
}


@pytest.mark.parametrize("entry", suite("rdfc:RDFC10EvalTest"))
def test_the_canonicalization_suite(entry: dict[str, Any]) -> None:
    name = entry["id"].lstrip("#")
    dataset = parse_nquads((RDFC / entry["action"]).read_text())
    if name in BEYOND_THE_BUDGET:
        with pytest.raises(rdfc.TooComplexError):
            rdfc.canonicalize(dataset)
        return
    is_passed = rdfc.canonicalize(dataset) == (RDFC / entry["result"]).read_bytes()
    assert is_passed != (name in KNOWN)


@pytest.mark.parametrize("entry", suite("rdfc:RDFC10NegativeEvalTest"))
def test_the_suites_poison_graph_is_too_complex(entry: dict[str, Any]) -> None:
    with pytest.raises(rdfc.TooComplexError):
        rdfc.canonicalize(parse_nquads((RDFC / entry["action"]).read_text()))
