"""What an organization may be called, and that whatever is stored here is taken by the issuer too."""

from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from services.enrollment.organizations import actions
from services.enrollment.organizations.model import Organization, issuer_profile, problems_of, tidied
from shared.contracts import IssuerProfile, canonical
from shared.postgres import Pool, transaction
from shared.problems import InvalidInputError

ORGANIZATION = Organization(
    id=UUID(int=1),
    slug="example",
    name="Example Association",
    url="https://association.example/about",
    description="What we do.",
    time_zone="America/Chicago",
    language="en",
    is_demonstration=False,
)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "x" * 301}, "name"),
        ({"name": "\u200b"}, "name"),
        ({"name": "Associ\u202eation"}, "name"),
        ({"name": "A\ud800"}, "name"),
        ({"url": "https://"}, "url"),
        ({"url": "https://a.example/ b"}, "url"),
        ({"url": "https://a.example\n"}, "url"),
        ({"url": 'https://a.example/"><script>'}, "url"),
        ({"url": "https://a.example/" + "x" * 2_000}, "url"),
        ({"description": "x" * 10_001}, "description"),
        ({"slug": "example\n"}, "slug"),
    ],
)
def test_what_the_issuer_would_refuse_is_refused_here(change: dict[str, Any], field: str) -> None:
    wanted = tidied(msgspec.structs.replace(ORGANIZATION, **change))
    assert [name for name, _ in problems_of(wanted)] == [field]


@pytest.mark.parametrize("description", [None, "", " \n", "What we do."])
def test_what_is_taken_here_is_what_the_issuer_takes(description: str | None) -> None:
    wanted = tidied(msgspec.structs.replace(ORGANIZATION, name=" Example \n Association ", description=description))
    assert problems_of(wanted) == []
    assert wanted.name == "Example Association"
    sent = msgspec.json.decode(canonical(issuer_profile(wanted)), type=IssuerProfile)
    assert sent.description == ("What we do." if description == "What we do." else None)


async def test_an_organization_that_the_issuer_would_refuse_is_not_begun(enrollment_pool: Pool) -> None:
    wanted = msgspec.structs.replace(ORGANIZATION, id=uuid4(), slug=f"o-{uuid4().hex}", description="x" * 10_001)
    async with transaction(enrollment_pool) as connection:
        with pytest.raises(InvalidInputError):
            await actions.create(connection, wanted)
        assert await connection.fetchval("SELECT count(*) FROM outbox WHERE key = $1", wanted.id) == 0
