"""Badges derived again from what was frozen: the same bytes, whatever the issuer says of itself today."""

from uuid import UUID, uuid4

import msgspec

from services.credentials.awards.rederiving import Derived, derive_again
from services.credentials.issuer import reissue_command
from shared import contracts
from shared.contracts import canonical
from shared.postgres import Pool
from tests.credentials.callers import PROFILE, Caller, award_request


async def derived(pool: Pool, public_url: str, *wanted: UUID) -> dict[UUID, Derived]:
    """What became of these credentials."""
    found = [one async for one in derive_again(pool, most=None, public_url=public_url)]
    return {one.credential_id: one for one in found if one.credential_id in wanted}


async def award(issuer: Caller, organization: UUID, achievement: UUID) -> UUID:
    """A badge's id."""
    answer = await issuer.put_award(organization, uuid4(), award_request(achievement))
    assert answer.status == 201, answer
    credential_id = answer.award.credential_id
    assert credential_id is not None
    return credential_id


async def test_a_badge_is_derived_again_after_its_issuer_calls_itself_otherwise(
    issuer: Caller, public: str, issuer_pool: Pool
) -> None:
    organization, achievement = await issuer.begin()
    one = await award(issuer, organization, achievement)
    renamed = msgspec.structs.replace(PROFILE, name="Renamed Association", url="https://renamed.example")
    token = issuer.token(contracts.ISSUERS_WRITE, organization)
    assert (await issuer.call("PUT", f"/issuers/{organization}", token, renamed)).status == 200
    other = await award(issuer, organization, achievement)
    found = await derived(issuer_pool, "https://elsewhere.example", one, other)
    assert found == {each: Derived(credential_id=each, faults=(), is_frozen=True) for each in (one, other)}, (
        "the address was frozen, too"
    )


async def test_what_was_changed_in_the_database_is_named(issuer: Caller, public: str, issuer_pool: Pool) -> None:
    organization, achievement = await issuer.begin()
    ids = [await award(issuer, organization, achievement) for _ in range(5)]
    request, date, text, token, old = ids
    changed = canonical(award_request(achievement, holder_name="Somebody Else"))
    await issuer_pool.execute("UPDATE credential SET request = $2 WHERE id = $1", request, changed)
    await issuer_pool.execute("UPDATE credential SET valid_from = valid_from + interval '1 day' WHERE id = $1", date)
    await issuer_pool.execute(
        "UPDATE credential SET signed_json = replace(signed_json, 'North 1', 'South 1') WHERE id = $1", text
    )
    await issuer_pool.execute("UPDATE credential SET signed_jwt = signed_jwt || 'A' WHERE id = $1", token)
    await issuer_pool.execute("UPDATE credential SET profile = NULL WHERE id = $1", old)
    found = await derived(issuer_pool, public, *ids)
    # The database is shared with other tests, which may look at every badge.
    await issuer_pool.execute("UPDATE credential SET erased_at = now(), signed_json = NULL, signed_jwt = NULL,"
        " signed_sha256 = NULL, request = NULL, ask_sha256 = NULL WHERE id = ANY ($1)", ids)  # fmt: skip
    assert {each: found[each].faults for each in ids} == {
        request: ("document",),
        date: ("document",),
        text: ("document", "proof", "token", "sha256"),
        token: ("token",),
        old: (),
    }
    assert [found[each].is_frozen for each in ids] == [True, True, True, True, False]


async def test_a_sample_is_as_large_as_asked_and_each_badge_comes_once(
    issuer: Caller, public: str, issuer_pool: Pool
) -> None:
    organization, achievement = await issuer.begin()
    for _ in range(3):
        await award(issuer, organization, achievement)
    total: int = await issuer_pool.fetchval(
        "SELECT count(*) FROM credential WHERE issued_at IS NOT NULL AND erased_at IS NULL"
    )
    for most in (1, 2, total, total + 10):
        ids = [one.credential_id async for one in derive_again(issuer_pool, most=most, public_url=public)]
        assert len(ids) == len(set(ids)) == min(most, total)


def test_the_command_looks_at_a_thousand_a_number_or_all() -> None:
    asked = [reissue_command.parse(["--check", *more]) for more in ([], ["--sample", "5"], ["--all"])]
    assert asked == [1_000, 5, None]
