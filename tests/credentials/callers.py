"""How the tests call the issuer role: with tokens that they mint, and requests that they build."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import msgspec
from litestar import get

from shared import contracts
from shared.contracts import (
    AchievementVersion,
    AwardAnswer,
    AwardRequest,
    AwardVisibility,
    Correction,
    Erasure,
    EvidenceClaim,
    IssuerProfile,
    Renewal,
    Revocation,
    Visibility,
    WalletCopy,
)
from shared.tokens import Grant, ServiceKey
from shared.web import OPEN, Observation, Web, application

PROFILE = IssuerProfile(name="Example Association", url="https://association.example", is_demonstration=True)
ACHIEVEMENT = AchievementVersion(
    name="Level One: Self Exposure",
    description="Took part in a Level One cohort.",
    criteria="At least 3 of 4 sessions, and evidence for every topic.",
    achievement_type="MicroCredential",
    program_name="Leaders for Just Schools",
    level_name="Level One",
    credit_minutes_available=720,
    tags=("equity", "schools"),
)


def key_server(key: ServiceKey) -> Observation:
    """An application that publishes a token key, as a service does."""

    @get("/.well-known/jwks.json", opt=OPEN)
    async def jwks() -> dict[str, list[dict[str, str]]]:
        """The key."""
        return key.jwks()

    return application(Web(name="keys", routes=[jwks], problems={}))


def award_request(achievement_id: UUID, **changed: Any) -> AwardRequest:
    """A decision about a new enrollment."""
    request = AwardRequest(
        enrollment_id=uuid4(),
        achievement_id=achievement_id,
        achievement_version=1,
        holder_name="Zoë Ŵyn \u05e9\u05e8\u05d4",
        credit_minutes=570,
        activity_start=date(2021, 9, 18),
        activity_end=date(2022, 4, 23),
        awarded_at=datetime(2026, 11, 1, 12, tzinfo=UTC),
        cohort_name="North 1",
        region="North",
        evidence=(EvidenceClaim(module_name="Implicit Bias", genre="text", accepted_on=date(2022, 1, 8)),),
    )
    return msgspec.structs.replace(request, **changed)


class Answer(msgspec.Struct, frozen=True):
    """A response: its status, header fields and JSON."""

    status: int
    headers: dict[str, str]
    body: Any

    @property
    def award(self) -> AwardAnswer:
        """The body as what became of an award."""
        return msgspec.convert(self.body, AwardAnswer)


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who calls the issuer role at `url` with tokens of `issuer`."""

    url: str
    issuer: str
    key: ServiceKey
    key_encryption_key: str

    def token(self, scope: str, organization: UUID, **changed: Any) -> str:
        """A token for one scope of one organization."""
        grant = Grant(
            issuer=self.issuer,
            client=contracts.ENROLLMENT,
            audience=self.url,
            scope=scope,
            organization=organization,
        )
        now = datetime.now(UTC) - timedelta(seconds=changed.pop("seconds_ago", 0))
        return self.key.mint(msgspec.structs.replace(grant, **changed), now=now)

    async def call(self, method: str, path: str, token: str | None, body: object = None) -> Answer:
        """One request over HTTP."""
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        data = None if body is None else msgspec.json.encode(body)
        async with (
            aiohttp.ClientSession() as http,
            http.request(method, f"{self.url}{path}", data=data, headers=headers) as answer,
        ):
            raw = await answer.read()
            return Answer(answer.status, dict(answer.headers), msgspec.json.decode(raw) if raw else None)

    async def begin(self, organization: UUID | None = None) -> tuple[UUID, UUID]:
        """An organization with its issuer and an achievement."""
        organization, achievement = organization or uuid4(), uuid4()
        made = await self.call(
            "PUT", f"/issuers/{organization}", self.token(contracts.ISSUERS_WRITE, organization), PROFILE
        )
        assert made.status == 200, made
        put = await self.call(
            "PUT",
            f"/achievements/{achievement}/versions/1",
            self.token(contracts.ACHIEVEMENTS_WRITE, organization),
            ACHIEVEMENT,
        )
        assert put.status == 201, put
        return organization, achievement

    async def put_award(self, organization: UUID, award_id: UUID, request: AwardRequest) -> Answer:
        """Ask for an award."""
        return await self.call("PUT", f"/awards/{award_id}", self.token(contracts.AWARDS_WRITE, organization), request)

    async def revoke(self, organization: UUID, award_id: UUID, reason: str = "Awarded by mistake") -> Answer:
        """Revoke an award."""
        revocation = Revocation(reason=reason, revoked_at=datetime.now(UTC).replace(microsecond=0))
        return await self.call(
            "PUT",
            f"/awards/{award_id}/revocation",
            self.token(contracts.AWARDS_REVOKE, organization),
            revocation,
        )

    async def correct(
        self, organization: UUID, award_id: UUID, correction_id: UUID | None = None, **changed: Any
    ) -> Answer:
        """Correct what a badge says."""
        correction = Correction(corrected_at=datetime(2026, 11, 20, tzinfo=UTC), **changed)
        token = self.token(contracts.AWARDS_CORRECT, organization)
        return await self.call("PUT", f"/awards/{award_id}/corrections/{correction_id or uuid4()}", token, correction)

    async def renew(self, organization: UUID, award_id: UUID, renewal_id: UUID | None = None, **changed: Any) -> Answer:
        """Renew a badge."""
        renewal = Renewal(renewed_at=datetime(2026, 11, 20, tzinfo=UTC), **changed)
        token = self.token(contracts.AWARDS_RENEW, organization)
        return await self.call("PUT", f"/awards/{award_id}/renewals/{renewal_id or uuid4()}", token, renewal)

    async def challenge(self, organization: UUID, award_id: UUID, copy_id: UUID) -> Answer:
        """Ask for what a wallet has to sign."""
        token = self.token(contracts.AWARDS_COPY, organization)
        return await self.call("PUT", f"/awards/{award_id}/copies/{copy_id}/challenge", token)

    async def copy(self, organization: UUID, award_id: UUID, copy_id: UUID, wanted: WalletCopy) -> Answer:
        """Ask for a wallet's copy."""
        token = self.token(contracts.AWARDS_COPY, organization)
        return await self.call("PUT", f"/awards/{award_id}/copies/{copy_id}", token, wanted)

    async def show(self, organization: UUID, award_id: UUID, visibility: AwardVisibility, revision: int) -> Answer:
        """Say who comes upon a badge."""
        wanted = Visibility(visibility=visibility, revision=revision, changed_at=datetime.now(UTC))
        token = self.token(contracts.AWARDS_SHOW, organization)
        return await self.call("PUT", f"/awards/{award_id}/visibility", token, wanted)

    async def erase(self, organization: UUID, award_id: UUID) -> Answer:
        """Erase an award."""
        token = self.token(contracts.AWARDS_ERASE, organization)
        return await self.call("PUT", f"/awards/{award_id}/erasure", token, Erasure(erased_at=datetime.now(UTC)))
