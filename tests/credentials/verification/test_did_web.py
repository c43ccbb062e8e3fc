"""A did:web issuer's badge is judged by the keys that its own document lists, whatever else names or carries a key."""

import copy
import json
import string
from base64 import urlsafe_b64encode
from typing import Any, Literal

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.credentials.awards.model import SignedCredential
from services.credentials.proofs import data_integrity, did, multikey
from services.credentials.verification import examination, judgment
from services.credentials.verification.case import Case, Examination, FetchedDocument, Judgment
from services.credentials.verification.model import Check, State, state_of
from services.credentials.verification.sentences import check
from tests.credentials.badges import Forger
from tests.credentials.web_issuer import NOW, WebIssuer, fetched

Form = Literal["json", "jwt"]
FORMS: tuple[Form, Form] = ("json", "jwt")
KNOWN = check("trust", "passed", "issuer_known", "Example")
UNREACHABLE = "its server cannot be reached"


class Judged(msgspec.Struct, frozen=True):
    """What a badge amounts to for somebody who knows the issuer."""

    state: State
    checks: tuple[Check, ...]

    def __getitem__(self, name: str) -> str:
        """The code of a check."""
        return next(one.code for one in self.checks if one.name == name)


def judged(content: str | bytes, answers: tuple[FetchedDocument, ...], **known: str | None) -> Judged:
    """Opened and judged as the children of the verifier do."""
    opened = msgspec.json.decode(
        examination.examine(content if isinstance(content, bytes) else content.encode()), type=Examination
    )
    checks = list(opened.checks)
    if opened.payload is not None and opened.form is not None:
        case = Case(payload=opened.payload, form=opened.form, fetched=answers, now=NOW, **known)
        checks += [*msgspec.json.decode(judgment.judge(msgspec.json.encode(case)), type=Judgment).checks, KNOWN]
    return Judged(state_of(checks), tuple(checks))


@pytest.fixture(scope="module")
def issuer() -> WebIssuer:
    return WebIssuer()


@pytest.fixture(scope="module")
def badge(issuer: WebIssuer) -> SignedCredential:
    return issuer.badge()


def form_of(badge: SignedCredential, form: Form) -> str:
    return badge.json if form == "json" else badge.jwt


@pytest.mark.parametrize("form", FORMS)
def test_it_is_genuine_where_the_document_lists_the_keys(
    issuer: WebIssuer, badge: SignedCredential, form: Form
) -> None:
    found = judged(form_of(badge, form), issuer.answers(issuer.document()))
    assert found.state == "genuine", found
    assert [one.outcome for one in found.checks] == ["passed"] * 8


@pytest.mark.parametrize("form", FORMS)
def test_a_document_may_hold_its_keys_where_it_lists_them_or_name_them_in_short(
    issuer: WebIssuer, badge: SignedCredential, form: Form
) -> None:
    """DID Core 1.0, sections 3.2.2 and 5.3."""
    embedding, short = copy.deepcopy(issuer.document()), copy.deepcopy(issuer.document())
    embedding["assertionMethod"] = embedding.pop("verificationMethod")
    short["assertionMethod"] = [one.removeprefix(issuer.did) for one in short["assertionMethod"]]
    for one in short["verificationMethod"]:
        one["id"] = one["id"].removeprefix(issuer.did)
    for document in (embedding, short):
        assert judged(form_of(badge, form), issuer.answers(document)).state == "genuine"


def in_form(issuer: WebIssuer, form: str) -> dict[str, Any]:
    """The issuer's document, with the key of its proofs in another form than as a multikey."""
    document = copy.deepcopy(issuer.document())
    method = document["verificationMethod"][0]
    raw = multikey.decode(method.pop("publicKeyMultibase")).public_bytes_raw()
    match form:
        case "JsonWebKey":
            public: Any = {"kty": "OKP", "crv": "Ed25519", "x": urlsafe_b64encode(raw).rstrip(b"=").decode()}
            return {**document, "verificationMethod": [{**method, "type": form, "publicKeyJwk": public}]}
        case "of small order":
            public = {"kty": "OKP", "crv": "Ed25519", "x": urlsafe_b64encode(b"\1" + bytes(31)).rstrip(b"=").decode()}
            return {**document, "verificationMethod": [{**method, "type": form, "publicKeyJwk": public}]}
        case _:
            text = multikey.base58_encode(raw).removeprefix("z")
            return {**document, "verificationMethod": [{**method, "type": form, "publicKeyBase58": text}]}


@pytest.mark.parametrize(
    ("form", "state"),
    [
        ("JsonWebKey", "genuine"),
        # What is listed in a form that is not known here is no forgery for it.
        ("Ed25519VerificationKey2018", "undecided"),
        ("of small order", "not_genuine"),
    ],
)
def test_a_document_may_list_the_key_of_a_proof_in_another_form(
    issuer: WebIssuer, badge: SignedCredential, form: str, state: State
) -> None:
    """W3C vc-di-eddsa, section 2.1.1."""
    assert judged(badge.json, issuer.answers(in_form(issuer, form))).state == state


@pytest.mark.parametrize("form", FORMS)
def test_it_is_revoked_where_the_list_says_so(issuer: WebIssuer, badge: SignedCredential, form: Form) -> None:
    own = (*issuer.answers(issuer.document())[:2], fetched(issuer.list_address, issuer.status_list(7)))
    assert judged(form_of(badge, form), own).state == "revoked"
    others = (*issuer.answers(issuer.document())[:2], fetched(issuer.list_address, issuer.status_list(6, 8)))
    assert judged(form_of(badge, form), others).state == "genuine"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("answer", "code"), [(UNREACHABLE, "document_unavailable"), (b"<html>", "document_unreadable")]
)
def test_nothing_is_known_while_the_document_cannot_be_had(
    issuer: WebIssuer, badge: SignedCredential, form: Form, answer: object, code: str
) -> None:
    found = judged(form_of(badge, form), issuer.answers(answer))
    assert (found.state, found["proof"], found["issuer"]) == ("undecided", "verified", code)


def changed(issuer: WebIssuer, how: str) -> dict[str, Any]:
    """The issuer's document, with something about its keys changed."""
    document = copy.deepcopy(issuer.document())
    match how:
        case "lists other keys":
            return did.document(issuer.did, [Forger().private.public_key()])
        case "lists them, but not for assertions":
            document["authentication"] = document.pop("assertionMethod")
        case "names them for assertions without saying what they are":
            document["verificationMethod"] = []
        case "is about another":
            document["id"] = did.did_web("https://badges.example", issuer.list_id)
        case "has withdrawn them":
            for one in document["verificationMethod"]:
                one["revoked"] = "2026-01-01T00:00:00Z"
        case "has handed them to another":
            for one in document["verificationMethod"]:
                one["controller"] = "did:web:other.example"
    return document


@pytest.mark.parametrize(
    ("how", "codes"),
    [
        ("lists other keys", ("key_not_listed", "key_not_listed")),
        ("lists them, but not for assertions", ("key_not_listed", "key_not_listed")),
        ("names them for assertions without saying what they are", ("key_not_listed", "key_not_listed")),
        ("is about another", ("document_of_another", "document_of_another")),
        # A JWT is looked up by its key, and a key that does not count is as one that is not there.
        ("has withdrawn them", ("key_withdrawn", "key_not_listed")),
        ("has handed them to another", ("key_of_another", "key_not_listed")),
    ],
)
def test_it_is_not_genuine_where_the_document(
    issuer: WebIssuer, badge: SignedCredential, how: str, codes: tuple[str, str]
) -> None:
    answers = issuer.answers(changed(issuer, how))
    for form, code in zip(FORMS, codes, strict=True):
        found = judged(form_of(badge, form), answers)
        assert (found.state, found["proof"], found["issuer"]) == ("not_genuine", "verified", code)


def test_a_token_is_not_the_issuers_for_its_key_standing_somewhere(issuer: WebIssuer, badge: SignedCredential) -> None:
    """The document lists the key of the proof alone; that of the JWT is published, and signed it, and is nobody's."""
    document = did.document(issuer.did, [Forger().private.public_key()])
    proof_method = issuer.document()["verificationMethod"][0]
    document["verificationMethod"].append(proof_method)
    document["assertionMethod"].append(proof_method["id"])
    answers = issuer.answers(document)
    assert judged(badge.json, answers).state == "genuine"
    found = judged(badge.jwt, answers)
    assert (found.state, found["proof"], found["issuer"]) == ("not_genuine", "verified", "key_not_listed")


def test_a_token_cannot_be_checked_while_its_key_cannot_be_had(issuer: WebIssuer, badge: SignedCredential) -> None:
    document, _, status = issuer.answers(issuer.document())
    found = judged(badge.jwt, (document, fetched(issuer.jwk_address, UNREACHABLE), status))
    assert (found.state, found["proof"]) == ("undecided", "key_unavailable")


def test_another_key_at_the_tokens_address_does_not_fit(issuer: WebIssuer, badge: SignedCredential) -> None:
    document, _, status = issuer.answers(issuer.document())
    another = issuer.custody.make_rs256(issuer.id).key.public_jwk
    found = judged(badge.jwt, (document, fetched(issuer.jwk_address, another), status))
    assert (found.state, found["proof"], found["issuer"]) == ("not_genuine", "signature_wrong", "key_not_listed")


def test_a_forger_who_names_a_key_below_the_issuers_did_is_found_out(
    issuer: WebIssuer, badge: SignedCredential
) -> None:
    forger = Forger()
    method = did.verification_method(issuer.did, forger.private.public_key())
    forged = json.dumps(forger.sign(json.loads(badge.json), method=method))
    found = judged(forged, issuer.answers(issuer.document()))
    assert (found.state, found["proof"], found["issuer"]) == ("not_genuine", "verified", "key_not_listed")
    assert judged(forged, issuer.answers(UNREACHABLE)).state == "undecided"


def test_a_did_in_letters_that_look_alike_has_no_address() -> None:
    """The sign of the unit kelvin is a `k` in lower case."""
    assert did.did_web_address("did:web:Kept.example") == "https://Kept.example/.well-known/did.json"
    with pytest.raises(did.DidError, match="malformed_did"):
        did.did_web_address("did:web:\u212aept.example")


def test_a_list_that_a_forger_signed_says_nothing(issuer: WebIssuer, badge: SignedCredential) -> None:
    forger = Forger()
    unsigned = {name: value for name, value in issuer.status_list().items() if name != "proof"}
    forged = data_integrity.create(
        unsigned,
        sign=forger.private.sign,
        verification_method=did.verification_method(issuer.did, forger.private.public_key()),
        created=NOW,
    )
    answers = (*issuer.answers(issuer.document())[:2], fetched(issuer.list_address, forged))
    found = judged(badge.json, answers)
    assert (found.state, found["status"]) == ("undecided", "list_unproven")


def test_a_token_under_the_dids_own_ed25519_key_is_genuine_too() -> None:
    issuer = WebIssuer(has_rs256=False)
    assert judged(issuer.badge().jwt, issuer.answers(issuer.document())).state == "genuine"
    assert judged(issuer.badge().jwt, issuer.answers(changed(issuer, "lists other keys"))).state == "not_genuine"


ISSUER = WebIssuer(has_rs256=False)
STORED = ISSUER.badge()
ANSWERS = ISSUER.answers(ISSUER.document())


def test_what_is_flipped_below_is_genuine_before() -> None:
    assert [judged(form_of(STORED, form), ANSWERS).state for form in FORMS] == ["genuine"] * 2


#: Most keep a JSON what it is, so that it is the signature which has to notice.
LETTERS = st.sampled_from(string.ascii_letters.encode() + string.digits.encode()) | st.integers(0, 255)


@settings(max_examples=400, deadline=None)
@given(place=st.integers(0, 2**20), letter=LETTERS, form=st.sampled_from(FORMS))
def test_with_any_byte_changed_it_is_never_genuine(place: int, letter: int, form: Form) -> None:
    content = bytearray(form_of(STORED, form).encode())
    assume(content[place % len(content)] != letter)
    content[place % len(content)] = letter
    assert judged(bytes(content), ANSWERS).state in ("not_genuine", "undecided")
