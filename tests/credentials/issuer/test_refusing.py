"""What the rules refuse is told with rule, place and advice, and nothing of it is kept."""

from typing import Any
from uuid import uuid4

import msgspec
import pytest

from services.credentials.rules.book import BY_ID
from shared.contracts import NOT_SIGNABLE, NotSignable
from shared.postgres import Pool
from tests.credentials.callers import Answer, Caller, award_request


def refusals(answer: Answer) -> list[tuple[str, str]]:
    assert answer.status == 422
    problem = msgspec.convert(answer.body, NotSignable)
    assert problem.type == NOT_SIGNABLE
    return [(one.rule, one.where) for one in problem.findings]


@pytest.mark.parametrize(
    ("changed", "rule", "where"),
    [
        ({"holder_name": "Test User"}, "recipient-name", "credentialSubject.identifier[0].identityHash"),
        ({"holder_name": "zoe@example.org"}, "private-data", "credentialSubject.identifier[0].identityHash"),
        ({"credit_minutes": 721}, "hours", "credentialSubject.creditsEarned"),
        ({"region": "{{region}}"}, "no-placeholders", "credentialSubject.narrative"),
    ],
)
async def test_what_is_refused_is_named_and_may_be_mended(
    issuer: Caller, issuer_pool: Pool, changed: dict[str, Any], rule: str, where: str
) -> None:
    organization, achievement = await issuer.begin()
    award_id, wrong = uuid4(), award_request(achievement, **changed)
    answer = await issuer.put_award(organization, award_id, wrong)
    assert refusals(answer) == [(rule, where)]
    assert answer.body["rule"] == rule
    assert answer.body["findings"][0]["advice"] == BY_ID[rule].advice
    assert "zoe" not in str(answer.body)
    assert await issuer_pool.fetchval("SELECT count(*) FROM award WHERE id = $1", award_id) == 0
    assert await issuer_pool.fetchval("SELECT sum(taken) FROM status_list WHERE issuer_id = $1", organization) in (
        None,
        0,
    )

    mended = award_request(achievement, enrollment_id=wrong.enrollment_id)
    assert (await issuer.put_award(organization, award_id, mended)).status == 201
    # Kept now, it is what it is.
    assert (await issuer.put_award(organization, award_id, wrong)).status == 422
