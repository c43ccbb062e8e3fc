"""The conformance server on presentations: whom they are for, who signed them, and the credentials in them."""

from typing import Any

import pytest

from services.credentials.proofs import contexts
from tests.conformance.server import problems
from tests.conformance.server.examples import accept_examples
from tests.conformance.suite_client import (
    EXAMPLES,
    NOW,
    OTHER,
    SERVER,
    V2,
    Suite,
    credential,
    kinds,
    plain,
    presentation,
    spoilt,
)


def test_a_presentation_is_verified_for_its_domain_and_challenge(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    # To sign what holds a credential of the examples' context, this process must know it too.
    monkeypatch.setattr(contexts, "PINNED", contexts.PINNED)
    accept_examples()
    shown = presentation(suite.issued(credential()), suite.issued(plain()))

    assert suite.verify_presentation(shown, domain="suite.example", challenge="c-1")[0] == 200
    assert suite.verify_presentation(shown, checks=[])[0] == 200


def test_a_presentation_for_somebody_else_is_refused(suite: Suite) -> None:
    shown = presentation(suite.issued(plain()))

    for options, kind in [
        ({"domain": "other.example", "challenge": "c-1"}, problems.DOMAIN),
        ({"domain": "suite.example", "challenge": "c-2"}, problems.CHALLENGE),
    ]:
        status, body = suite.verify_presentation(shown, **options)
        assert (status, kinds(body)) == (400, {kind})


@pytest.mark.parametrize("domain", ["suite.example", ["suite.example"], ["suite.example", "other.example"]])
def test_a_domain_stands_for_a_set_of_one(suite: Suite, domain: Any) -> None:
    """W3C Data Integrity 1.0, section 4.4."""
    shown = presentation(domain=domain)

    assert suite.verify_presentation(shown, domain="suite.example")[0] == (400 if len(domain) == 2 else 200)


def test_an_envelope_that_is_none_is_refused_in_an_older_presentation_too(suite: Suite) -> None:
    for envelope in ({"type": "EnvelopedVerifiableCredential"}, {"type": ["EnvelopedVerifiableCredential"], "id": 5}):
        status, body = suite.verify_presentation(
            spoilt(presentation(), **{"@context": [contexts.CREDENTIALS_V1], "verifiableCredential": [envelope]})
        )
        assert (status, kinds(body)) == (400, {problems.MALFORMED})


def test_a_presentation_is_signed_for_authentication(suite: Suite) -> None:
    unsigned = {"@context": [V2], "type": ["VerifiablePresentation"], "holder": OTHER.did}

    status, body = suite.verify_presentation(OTHER.signed(unsigned, created=NOW))

    assert (status, kinds(body)) == (400, {problems.VERIFICATION})
    assert kinds(suite.verify_presentation(unsigned)[1]) == {problems.VERIFICATION}


def test_a_changed_presentation_was_tampered_with(suite: Suite) -> None:
    shown = presentation(id="urn:uuid:3f1c3f4e-41a2-4a34-8b32-1a5b2f9d7f10")

    status, body = suite.verify_presentation(spoilt(shown, id="urn:uuid:00000000-41a2-4a34-8b32-1a5b2f9d7f10"))

    assert (status, kinds(body)) == (400, {problems.TAMPERED})


def test_every_credential_in_a_presentation_must_stand(suite: Suite) -> None:
    good = suite.issued(plain())
    bad = spoilt(suite.issued(plain(id="urn:uuid:1")), validFrom="2024-07-01T19:23:24Z")

    status, body = suite.verify_presentation(presentation(good, bad))

    assert (status, kinds(body)) == (400, {problems.TAMPERED})
    assert [one["detail"] for one in body["problemDetails"]] == ["verifiableCredential[1].proof: signature_wrong"]


def test_a_holders_own_credential_is_secured_by_the_presentation(suite: Suite) -> None:
    own = plain(issuer=OTHER.did)

    assert suite.verify_presentation(presentation(own))[0] == 200
    for shown in (presentation(own, holder=None), presentation(own, holder="did:example:acme"), presentation(plain())):
        status, body = suite.verify_presentation(shown)
        assert (status, kinds(body)) == (400, {problems.MALFORMED})


def test_the_holder_signs_the_presentation(suite: Suite) -> None:
    status, body = suite.verify_presentation(presentation(holder=SERVER.did))

    assert (status, kinds(body)) == (400, {problems.VERIFICATION})


@pytest.mark.parametrize(
    "changes",
    [{"@context": [EXAMPLES]}, {"type": ["NonconformingDocument"]}, {"holder": {}}, {"verifiableCredential": ["x"]}],
)
def test_a_presentation_that_breaks_a_rule_is_refused(suite: Suite, changes: dict[str, Any]) -> None:
    status, body = suite.verify_presentation(spoilt(presentation(), **changes))

    assert (status, kinds(body)) == (400, {problems.MALFORMED})
