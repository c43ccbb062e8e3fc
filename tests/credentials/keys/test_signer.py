"""The signer's door: one permit, one document, once, by the keys that were examined."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest

from services.credentials.keys.model import Forms, Keys
from services.credentials.keys.signer import Signer
from services.credentials.proofs import data_integrity, multikey
from services.credentials.rules import book
from services.credentials.rules.model import PermitError
from services.credentials.rules.permit import Permit
from tests.credentials.web_issuer import NOW, WebIssuer


@pytest.fixture(scope="module")
def issuer() -> WebIssuer:
    return WebIssuer()


def permitted(issuer: WebIssuer) -> tuple[Permit, dict[str, Any]]:
    draft = issuer.draft(issuer.inputs())
    return book.examine(draft), draft.document


def refused(issuer: WebIssuer, permit: Permit, document: dict[str, Any], keys: Keys | None = None) -> str:
    with pytest.raises(PermitError) as caught:
        issuer.signer.sign(permit, document, keys or issuer.keys)
    return caught.value.reason


def test_a_permit_gives_the_document_in_its_forms_once(issuer: WebIssuer) -> None:
    permit, document = permitted(issuer)
    forms = issuer.signer.sign(permit, document, issuer.keys)
    signed = msgspec.json.decode(forms.content)
    assert {name: value for name, value in signed.items() if name != "proof"} == document
    assert forms.content == msgspec.json.encode(signed)
    results = data_integrity.verify(signed, resolve=lambda _: multikey.decode(issuer.proof_key.key.id), now=NOW)
    assert [one.outcome for one in results] == ["verified"]
    assert forms.jwt is not None
    assert refused(issuer, permit, document) == "spent"


def test_a_permit_is_for_one_document(issuer: WebIssuer) -> None:
    permit, document = permitted(issuer)
    assert refused(issuer, permit, {**document, "name": "Another"}) == "another_document"
    # The wrong try spent it: who guesses has one guess.
    assert refused(issuer, permit, document) == "spent"


def test_a_document_changed_after_it_was_examined_is_another(issuer: WebIssuer) -> None:
    permit, document = permitted(issuer)
    document["credentialSubject"]["creditsEarned"] = 100
    assert refused(issuer, permit, document) == "another_document"


def test_a_permit_is_for_the_keys_that_were_examined(issuer: WebIssuer) -> None:
    other = WebIssuer(has_rs256=False)
    for keys in (other.keys, Keys(proof=issuer.proof_key, jwt=other.proof_key)):
        permit, document = permitted(issuer)
        assert refused(issuer, permit, document, keys) == "another_key"


def test_of_many_at_once_one_spends_it(issuer: WebIssuer) -> None:
    permit, document = permitted(issuer)

    def attempt(_: int) -> Forms | str:
        try:
            return issuer.signer.sign(permit, document, issuer.keys)
        except PermitError as error:
            return error.reason

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(attempt, range(32)))
    assert sum(isinstance(one, Forms) for one in outcomes) == 1
    assert outcomes.count("spent") == 31


def test_a_permit_is_made_by_the_rules_and_cannot_be_doubled(issuer: WebIssuer) -> None:
    permit, _ = permitted(issuer)
    with pytest.raises(PermitError):
        Permit(object(), issuer.draft(issuer.inputs()), b"{}")
    for double in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            double(permit)


def test_the_door_gives_no_function_that_signs(issuer: WebIssuer) -> None:
    assert {name for name in vars(Signer) if not name.startswith("_")} == {"sign"}
    assert not hasattr(issuer.custody, "signer")
