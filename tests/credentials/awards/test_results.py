"""Results of a rubric in the signed badge, on its page and its certificate; a badge without any keeps its bytes."""

import hashlib
import json
import shutil
import subprocess
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from services.credentials.awards.document import Inputs, document
from services.credentials.awards.model import Reservation
from services.credentials.keys.model import Issuer
from services.credentials.proofs import jsonld
from shared import contracts
from shared.contracts import AchievementVersion, ResultClaim, ResultDescription, ResultLevel
from tests import second_way
from tests.conformance import pyld_oracle
from tests.conftest import require
from tests.credentials.badges import download, verdict_of
from tests.credentials.callers import ACHIEVEMENT, Caller, award_request

#: Of the document below, before badges could tell results.
BEFORE = "fdbf293595829558f3fcf145d142b71f78555845d525e0a567eee3cca10dc4b0"
DESCRIBED = msgspec.structs.replace(
    ACHIEVEMENT,
    result_descriptions=(
        ResultDescription(
            id="clarity",
            name="Clarity \u05d1",
            levels=(
                ResultLevel(id="beginning", name="Beginning", points=1, description="The reader has to guess."),
                ResultLevel(id="clear", name="Clear", points=3),
            ),
        ),
        ResultDescription(id="score", name="Score", result_type="RawScore"),
    ),
)
CLAIMS = (
    ResultClaim(description_id="clarity", level_id="clear"),
    ResultClaim(description_id="score", value="17 of 20"),
)


def built(achievement: AchievementVersion, **changed: Any) -> dict[str, Any]:
    """A document in which everything is fixed."""
    reserved = Reservation(
        credential_id=UUID(int=2),
        award_id=UUID(int=3),
        issuer_id=UUID(int=1),
        subject_id=f"urn:uuid:{UUID(int=4)}",
        status_list_id=UUID(int=6),
        status_index=7,
        key_id="",
        jwt_key_id="",
        valid_from=datetime(2026, 1, 1, tzinfo=UTC),
        lease=UUID(int=8),
    )
    issuer = Issuer(
        id=UUID(int=1),
        did="did:web:issuer.example",
        name="Example Association",
        url="https://issuer.example",
        description=None,
        is_demonstration=True,
    )
    request = award_request(UUID(int=5), enrollment_id=UUID(int=9), **changed)
    return document(
        Inputs(
            reservation=reserved,
            request=request,
            achievement=achievement,
            issuer=issuer,
            public_url="https://public.example",
        )
    )


def test_a_badge_without_results_has_the_bytes_that_it_always_had() -> None:
    plain, described = built(ACHIEVEMENT), built(DESCRIBED, results=CLAIMS)
    # Badges said nothing of where the current one is had then.
    for one in (plain, described):
        del one["refreshService"]
    assert hashlib.sha256(msgspec.json.encode(plain)).hexdigest() == BEFORE
    assert hashlib.sha256(msgspec.json.encode(described)).hexdigest() != BEFORE


def test_results_are_said_in_the_words_of_open_badges() -> None:
    found = built(DESCRIBED, results=CLAIMS)["credentialSubject"]
    url = found["achievement"]["id"]
    assert found["result"] == [
        {
            "type": ["Result"],
            "resultDescription": f"{url}#result/clarity",
            "achievedLevel": f"{url}#result/clarity/clear",
        },
        {"type": ["Result"], "resultDescription": f"{url}#result/score", "value": "17 of 20"},
    ]
    clarity, score = found["achievement"]["resultDescription"]
    assert clarity == {
        "id": f"{url}#result/clarity",
        "type": ["ResultDescription"],
        "name": "Clarity \u05d1",
        "resultType": "RubricCriterionLevel",
        "valueMax": "3",
        "rubricCriterionLevel": [
            {
                "id": f"{url}#result/clarity/beginning",
                "type": ["RubricCriterionLevel"],
                "name": "Beginning",
                "description": "The reader has to guess.",
                "points": "1",
            },
            {
                "id": f"{url}#result/clarity/clear",
                "type": ["RubricCriterionLevel"],
                "name": "Clear",
                "points": "3",
            },
        ],
    }
    assert (score["resultType"], "rubricCriterionLevel" in score) == ("RawScore", False)


def test_every_fact_of_a_result_is_signed_and_read_alike_by_another_engine() -> None:
    found = built(DESCRIBED, results=CLAIMS)
    canonical = jsonld.canonicalize(found)
    assert canonical == pyld_oracle.canonicalize(found)
    url = found["credentialSubject"]["achievement"]["id"]
    for fact in ("17 of 20", f'"{url}#result/clarity/clear"', "The reader has to guess.", '"3"'):
        assert fact in canonical.decode()


async def awarding(issuer: Caller, content: AchievementVersion) -> tuple[UUID, UUID]:
    """An issuer, and an achievement with this content."""
    organization, _ = await issuer.begin()
    achievement = uuid4()
    token = issuer.token(contracts.ACHIEVEMENTS_WRITE, organization)
    assert (await issuer.call("PUT", f"/achievements/{achievement}/versions/1", token, content)).status == 201
    return organization, achievement


async def test_a_badge_tells_results_in_its_file_on_its_page_and_on_its_certificate(
    issuer: Caller, public: str
) -> None:
    organization, achievement = await awarding(issuer, DESCRIBED)
    award_id = uuid4()
    request = award_request(achievement, results=CLAIMS)
    answer = await issuer.put_award(organization, award_id, request)
    assert answer.status == 201, answer
    assert (await issuer.put_award(organization, award_id, request)).body == answer.body
    text = await download(f"{public}/badges/{award_id}.json")
    assert second_way.has_good_proof(json.loads(text))
    assert [one["type"] for one in json.loads(text)["credentialSubject"]["result"]] == [["Result"], ["Result"]]
    assert (await verdict_of(public, text))["state"] == "genuine"
    page = (await download(f"{public}/badges/{award_id}", accept="text/html")).decode()
    assert "<dt><bdi>Clarity \u05d1</bdi></dt><dd><bdi>Clear, 3/3</bdi></dd>" in page
    assert "17 of 20" in page
    described = (await download(f"{public}/achievements/{achievement}/versions/1", accept="text/html")).decode()
    assert 'id="result/clarity/clear"' in described
    assert "Score: 17 of 20" in text_of(await download(f"{public}/badges/{award_id}.pdf"))


def text_of(document: bytes) -> str:
    """What a reader copies from a PDF, in one line."""
    require(shutil.which("pdftotext") is not None, "pdftotext")
    run = subprocess.run(["pdftotext", "-", "-"], input=document, capture_output=True, check=True)
    return " ".join(run.stdout.decode().split())


@pytest.mark.parametrize(
    "claims",
    [
        (ResultClaim(description_id="grammar", level_id="clear"),),
        (ResultClaim(description_id="clarity", level_id="perfect"),),
        (ResultClaim(description_id="clarity"),),
        (ResultClaim(description_id="score", value="1"), ResultClaim(description_id="score", value="2")),
    ],
    ids=["no such result", "no such level", "nothing", "twice"],
)
async def test_a_result_that_the_achievement_does_not_describe_is_not_signed(
    issuer: Caller, claims: tuple[ResultClaim, ...]
) -> None:
    organization, achievement = await awarding(issuer, DESCRIBED)
    award_id = uuid4()
    answer = await issuer.put_award(organization, award_id, award_request(achievement, results=claims))
    assert (answer.status, answer.body["errors"][0]["field"]) == (422, "results")
    # nothing was stored: the right request under the same id is signed
    assert (await issuer.put_award(organization, award_id, award_request(achievement, results=CLAIMS))).status == 201


async def test_two_results_of_one_name_are_refused(issuer: Caller) -> None:
    organization, _ = await issuer.begin()
    body = msgspec.to_builtins(DESCRIBED)
    body["result_descriptions"] = [body["result_descriptions"][0]] * 2
    token = issuer.token(contracts.ACHIEVEMENTS_WRITE, organization)
    answer = await issuer.call("PUT", f"/achievements/{uuid4()}/versions/1", token, body)
    assert answer.status == 400
