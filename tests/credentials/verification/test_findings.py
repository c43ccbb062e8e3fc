"""What the data model's rules find in a badge is told; what leaves in doubt what the badge says is held against it."""

import copy
import json
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from services.credentials.proofs import contexts, strict_json
from services.credentials.verification import examination, findings, judgment, status
from services.credentials.verification.case import Case, Examination, Judgment
from services.credentials.verification.command import main
from services.credentials.verification.model import Check, State, state_of
from services.credentials.verification.sentences import check
from tests.conformance import data_model_cases as fixtures
from tests.conformance.data_model_cases.case import SRI
from tests.conformance.documents import Shapes
from tests.credentials.badges import Document, Forger, Issued, codes, issue, verdict_of
from tests.credentials.callers import Caller
from tests.credentials.web_issuer import NOW, WebIssuer

PEERS: dict[str, Document] = json.loads(
    (Path(__file__).parents[2] / "conformance" / "vectors" / "peers.json").read_text()
)
FORGER = Forger()
KNOWN = check("trust", "passed", "issuer_known", "Example")
NEWER: Document = strict_json.parse(WebIssuer().badge().json.encode())
NEWER["credentialSubject"]["id"] = "did:example:subject"
OLDER: Document = {
    "@context": [contexts.CREDENTIALS_V1, NEWER["@context"][1], contexts.DATA_INTEGRITY_V2],
    "id": "urn:uuid:1",
    "type": NEWER["type"],
    "issuer": NEWER["issuer"],
    "issuanceDate": "2026-01-01T00:00:00Z",
    "credentialSubject": {**NEWER["credentialSubject"], "achievement": dict(NEWER["credentialSubject"]["achievement"])},
}
PLAIN, ENVELOPE, TYPE = "VerifiableCredential", "EnvelopedVerifiableCredential", "envelope.type"
REFUSED = [one for one in fixtures.CASES if one.code and one.kind in ("newer", "older")]

#: The rules whose faults may be held against a badge: it cannot be read without these members, or what they say is in
#: doubt. Whatever the others find is told, and no more.
HELD_AGAINST_IT = {
    "context",
    "credential_type",
    "credential_id",
    "issuer",
    "credential_subject",
    "valid_from",
    "valid_until",
    "issuance_date",
    "expiration_date",
    "related_resource_pinned",
    "enveloped_credential",
}


def in_a_badge(case: fixtures.Case) -> Document:
    """The fault of a fixture in a badge that is good otherwise."""
    if case.rule == "enveloped_credential":
        return case.document
    base, badge = fixtures.BASES[case.kind], NEWER if case.kind == "newer" else OLDER
    changed = {name: value for name, value in case.document.items() if name not in base or base[name] != value}
    if isinstance(changed.get("type"), list) and "VerifiableCredential" in changed["type"]:
        changed["type"] = [*changed["type"], "OpenBadgeCredential"]
    kept = {name: value for name, value in badge.items() if name in case.document or name not in base}
    return {**kept, **changed}


def judged(content: bytes) -> tuple[State, dict[str, Check]]:
    """What a file of a did:key's badge amounts to for somebody who knows the issuer."""
    opened = msgspec.json.decode(examination.examine(content), type=Examination)
    checks = list(opened.checks)
    if opened.payload is not None and opened.form is not None:
        case = Case(payload=opened.payload, form=opened.form, fetched=(), now=NOW)
        checks += [*msgspec.json.decode(judgment.judge(msgspec.json.encode(case)), type=Judgment).checks, KNOWN]
    return state_of(checks), {one.name: one for one in checks}


def as_bytes(document: Document) -> bytes:
    return json.dumps(document).encode()


@pytest.mark.parametrize("case", REFUSED, ids=[f"{one.rule}-{one.kind}-{one.code}" for one in REFUSED])
def test_every_fault_is_told_with_its_rule_path_and_clause(case: fixtures.Case) -> None:
    found = findings.check_shape(in_a_badge(case))
    told = [(one.rule, one.code, one.where) for one in found.notes if one.code != "not_fetched"]
    if told:
        assert told == [(case.rule, case.code, case.where)]
        assert all(case.where in one.sentence and one.clause for one in found.notes if one.code != "not_fetched")
    else:
        assert (found.code, case.where in found.sentence, found.clause[:13]) == (case.code, True, "VC Data Model")


def test_few_faults_are_held_against_a_badge() -> None:
    held = {one.rule for one in REFUSED if findings.check_shape(in_a_badge(one)).outcome != "passed"}
    assert held == HELD_AGAINST_IT


@pytest.mark.parametrize(
    ("member", "value", "outcome"),
    [
        ("@context", [*NEWER["@context"], 7], "failed"),
        ("@context", NEWER["@context"][0], "passed"),
        ("id", "no-address", "passed"),
        ("type", [*NEWER["type"], "two words"], "passed"),
        ("validFrom", "2026-01-01", "failed"),
        ("validFrom", "2026-01-01T00:00Z", "passed"),
        ("validUntil", "2020-01-01T00:00:00Z", "passed"),
        ("relatedResource", {"id": contexts.CREDENTIALS_V2, "digestSRI": SRI}, "unknown"),
        ("relatedResource", {"id": "https://a.example/", "digestSRI": "md5-AAAA"}, "passed"),
    ],
)
def test_what_leaves_clear_what_a_badge_says_is_not_held_against_it(member: str, value: Any, outcome: str) -> None:
    found = findings.check_shape({**NEWER, member: value})
    assert (found.outcome, found.code != "open_badge") == (outcome, True)


@pytest.mark.parametrize(
    ("end", "state", "code"),
    [("2126-01-01T00:00:00Z", "undecided", "period_reversed"), ("2024-01-01T00:00:00Z", "expired", "expired")],
)
def test_a_badge_that_ends_before_it_begins_is_never_to_come(end: str, state: str, code: str) -> None:
    badge = FORGER.reissue(NEWER, validFrom="2126-01-02T00:00:00Z", validUntil=end)
    found, checks = judged(as_bytes(badge))
    assert (found, checks["validity"].code) == (state, code)
    assert [(one.code, one.where) for one in checks["shape"].notes] == [("ends_before_it_starts", "validUntil")]


def test_a_vocabulary_of_another_edition_cannot_be_decided() -> None:
    badge = FORGER.reissue(NEWER, relatedResource=[{"id": contexts.CREDENTIALS_V2, "digestSRI": SRI}])
    state, checks = judged(as_bytes(badge))
    assert (state, checks["shape"].code) == ("undecided", "not_the_pinned_context")
    tampered = {**badge, "name": "Another"}
    assert judged(as_bytes(tampered))[0] == "not_genuine"


def test_files_that_a_badge_states_digests_of_are_said_not_to_be_fetched() -> None:
    badge = FORGER.reissue(NEWER, relatedResource=[{"id": "https://a.example/file", "digestSRI": SRI}])
    state, checks = judged(as_bytes(badge))
    assert (state, checks["shape"].code) == ("genuine", "open_badge")
    assert [one.code for one in checks["shape"].notes] == ["not_fetched"]


@pytest.mark.parametrize("zone", ["", "Z"])
def test_a_date_without_a_time_zone_is_one_of_utc(zone: str) -> None:
    dates = {"validFrom": f"2026-01-01T00:00:00{zone}", "validUntil": f"2026-11-02T09:00:00{zone}"}
    state, checks = judged(as_bytes(FORGER.reissue(NEWER, **dates)))
    assert (state, checks["validity"].code) == ("expired", "expired")
    assert [one.code for one in checks["shape"].notes] == ([] if zone else ["zone_missing"] * 2)


def test_an_older_badge_with_faults_is_as_genuine() -> None:
    evidence = [{"id": "https://a.example/", "narrative": "Seen"}, {"type": ["Evidence"], "name": "Seen"}]
    state, checks = judged(as_bytes(FORGER.reissue(OLDER, evidence=evidence)))
    assert (state, checks["shape"].code) == ("genuine", "open_badge_with_faults")
    assert [(one.where, one.clause) for one in checks["shape"].notes] == [
        ("evidence[0].type", "VC Data Model 1.1, section 5.7"),
    ]


@pytest.mark.parametrize("name", PEERS)
def test_nothing_is_said_of_what_a_peer_signed(name: str) -> None:
    found = findings.check_shape(PEERS[name])
    assert (found.code, found.notes) == ("open_badge", ())


def test_nothing_is_said_of_what_we_sign() -> None:
    for has_rs256 in (True, False):
        issuer = WebIssuer(has_rs256=has_rs256)
        for content in (issuer.badge().json, issuer.badge().jwt):
            opened = msgspec.json.decode(examination.examine(content.encode()), type=Examination)
            assert [(one.code, one.notes) for one in opened.checks[2:]] == [("open_badge", ())]


def test_notes_are_bounded() -> None:
    embedded = [{"evidence": [5] * 50}] * 500
    record = {**NEWER, "credentialSubject": {**NEWER["credentialSubject"], "verifiableCredential": embedded}}
    found = findings.check_shape(record)
    assert len(found.notes) == 100
    assert found.notes[0].code == "not_all_read"


# -- envelopes and records


def enveloped(held: str, **changes: Any) -> Document:
    return {"@context": [contexts.CREDENTIALS_V2], "type": "EnvelopedVerifiableCredential", "id": held, **changes}


def test_the_faults_of_an_envelope_are_told_and_the_badge_inside_is_judged() -> None:
    token = WebIssuer().badge().jwt
    for changes, notes in (({}, []), ({"@context": []}, ["envelope.@context"]), ({"type": [PLAIN, ENVELOPE]}, [TYPE])):
        opened = msgspec.json.decode(
            examination.examine(as_bytes(enveloped(f"data:application/vc+jwt,{token}", **changes))), type=Examination
        )
        assert [one.where for one in opened.checks[2].notes] == notes
        assert (opened.checks[2].outcome, opened.payload is None) == ("passed", False)


def test_an_envelope_that_cannot_be_opened_is_not_called_false() -> None:
    for held in ("data:application/vc+sd-jwt,a.b.c~", "data:application/vc+cose;base64,AAAA"):
        state, checks = judged(as_bytes(enveloped(held)))
        assert (state, checks["shape"].code) == ("undecided", "envelope_unsupported")


def test_an_envelope_without_a_credential_is_none() -> None:
    signed = FORGER.reissue({**NEWER, "type": [*NEWER["type"], ENVELOPE]})
    for document in (enveloped("https://a.example/"), signed):
        state, checks = judged(as_bytes(document))
        assert (state, checks["shape"].code) == ("not_genuine", "envelope_empty")


UNSIGNED = {name: one for name, one in NEWER.items() if name not in ("proof", "credentialStatus")}


def record(**changes: Any) -> Document:
    """A learner record of the forger's, with a badge in it that has a fault."""
    made = copy.deepcopy(Shapes(1).transcript())
    made["issuer"]["id"] = FORGER.did
    made["credentialSubject"]["verifiableCredential"] = [{**UNSIGNED, "evidence": [{"name": "Seen"}]}]
    return FORGER.sign({**made, "validFrom": "2026-01-01T00:00:00Z", **changes})


def test_a_learner_record_is_not_called_false_and_what_is_off_inside_is_told() -> None:
    state, checks = judged(as_bytes(record()))
    shaped = checks["shape"]
    assert (state, shaped.code, checks["proof"].code) == ("undecided", "learner_record", "verified")
    assert [one.where for one in shaped.notes] == ["credentialSubject.verifiableCredential[0].evidence[0].type"]


def test_a_changed_learner_record_is_false() -> None:
    assert judged(as_bytes({**record(), "name": "Another"}))[0] == "not_genuine"
    assert judged(as_bytes(record(validFrom="yesterday")))[0] == "not_genuine"


@pytest.mark.parametrize("size", [2, 0, True, "1"])
def test_a_status_of_several_bits_is_not_read_as_one(size: Any) -> None:
    issuer = WebIssuer()
    entry = {**strict_json.parse(issuer.badge().json.encode())["credentialStatus"], "statusSize": size}
    case = Case(payload="", form="json", fetched=issuer.answers(issuer.document()), now=NOW)
    found = status.check_status(case, {"issuer": issuer.did, "credentialStatus": entry})
    assert (found.outcome, found.code) == ("unknown", "status_unsupported")
    found = status.check_status(case, {"issuer": issuer.did, "credentialStatus": {**entry, "statusSize": 1}})
    assert (found.outcome, found.code) == ("passed", "not_revoked")


# -- where people and programs read it


@pytest.fixture(scope="module")
async def issued(issuer: Caller, public: str) -> Issued:
    return await issue(issuer, public)


async def test_the_answer_and_the_page_tell_the_faults(issued: Issued, public: str) -> None:
    content = as_bytes(FORGER.reissue(issued.document, evidence=[{"name": "Seen"}]))
    found = await verdict_of(public, content)
    assert (found["state"], codes(found)["shape"]) == ("genuine_issuer_unknown", "open_badge_with_faults")
    (told,) = found["checks"][2]["notes"]
    assert told == {
        "rule": "evidence",
        "code": "member_missing",
        "where": "evidence[0].type",
        "sentence": "The member evidence[0].type is missing.",
        "clause": "VC Data Model 2.0, section 5.6",
    }
    headers = {"Accept": "text/html", "Content-Type": "application/octet-stream"}
    async with aiohttp.ClientSession() as http, http.post(f"{public}/verify", data=content, headers=headers) as answer:
        page = await answer.text()
    assert told["sentence"] in page
    assert told["clause"] in page


async def test_a_badge_without_faults_says_nothing_of_them(issued: Issued, public: str) -> None:
    found = await verdict_of(public, issued.text.encode())
    assert (codes(found)["shape"], "notes" in found["checks"][2]) == ("open_badge", False)


def test_the_command_tells_the_faults(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    badge = tmp_path / "badge.json"
    badge.write_bytes(as_bytes(FORGER.reissue(NEWER, evidence=[{"name": "Seen"}])))
    assert main([str(badge)]) == 4
    assert "- The member evidence[0].type is missing. (VC Data Model 2.0, section 5.6)" in capsys.readouterr().out
