"""From an award's request and its frozen inputs to the Open Badges 3.0 credential, unsigned. Pure."""

from collections.abc import Hashable
from datetime import UTC, date, datetime
from uuid import UUID

import msgspec
from msgspec import UnsetType

from services.credentials.awards import results
from services.credentials.awards.model import Reservation
from services.credentials.keys.model import Issuer
from services.credentials.proofs import contexts
from services.credentials.proofs.strict_json import JsonObject
from services.credentials.proofs.template import Path
from services.credentials.status_lists import model as status_lists
from shared.contracts import AchievementVersion, Alignment, AwardRequest, EvidenceClaim, RelatedAchievement

_SCHEMA = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"


class Inputs(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a credential is made of; the same inputs make the same document."""

    reservation: Reservation
    request: AwardRequest
    achievement: AchievementVersion
    issuer: Issuer
    public_url: str


def document(inputs: Inputs) -> JsonObject:
    """The credential without its proof; empty members are left out."""
    reserved, request = inputs.reservation, inputs.request
    found: JsonObject = {
        "@context": [contexts.CREDENTIALS_V2, contexts.OPEN_BADGES, contexts.EXTENSIONS],
        "id": f"{inputs.public_url}/credentials/{reserved.credential_id}",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": inputs.achievement.name,
        "issuer": _profile(inputs.issuer),
        "validFrom": _moment(reserved.valid_from),
        "awardedDate": _moment(request.awarded_at),
        "credentialSubject": _subject(inputs),
        "credentialStatus": status_lists.entry(
            reserved.status_list_id, reserved.status_index, public_url=inputs.public_url
        ),
        "credentialSchema": [{"id": _SCHEMA, "type": "1EdTechJsonSchemaValidator2019"}],
        # By this credential's own id: who has its file learns no address of its page from it.
        "refreshService": {
            "id": f"{inputs.public_url}/credentials/{reserved.credential_id}/refresh",
            "type": "1EdTechCredentialRefresh",
        },
    }
    if reserved.valid_until is not None:
        found["validUntil"] = _moment(reserved.valid_until)
    if request.evidence:
        found["evidence"] = [_evidence(one) for one in request.evidence]
    return found


def shape(inputs: Inputs) -> Hashable:
    """What else than the values at `varying` the document depends on: equal shapes differ nowhere else."""
    request, issuer = inputs.request, inputs.issuer
    return (
        inputs.public_url,
        (issuer.did, issuer.name, issuer.url, issuer.description),
        (request.achievement_id, request.achievement_version, inputs.achievement),
        (request.holder_name is None, len(request.evidence), request.credit_minutes % 60 == 0),
        inputs.reservation.valid_until is None,
        results.shape(request),
    )


def varying(inputs: Inputs) -> tuple[Path, ...]:
    """The places of the values that differ between badges of one shape."""
    subject = ("id", "activityStartDate", "activityEndDate", "creditsEarned", "narrative")
    found: list[Path] = [("id",), ("validFrom",), ("awardedDate",)]
    found += [("credentialSubject", name) for name in subject]
    if inputs.reservation.valid_until is not None:
        found.append(("validUntil",))
    if inputs.request.holder_name is not None:
        found.append(("credentialSubject", "identifier", 0, "identityHash"))
    found.append(("refreshService", "id"))
    found += [("credentialStatus", name) for name in ("id", "statusListIndex", "statusListCredential")]
    found += results.varying(inputs.request)
    for number in range(len(inputs.request.evidence)):
        found += [("evidence", number, name) for name in ("name", "genre", "description")]
    return tuple(found)


def achievement_address(achievement_id: UUID, version: int, *, public_url: str) -> str:
    """Where a version of an achievement is described."""
    return f"{public_url}/achievements/{achievement_id}/versions/{version}"


def _profile(issuer: Issuer) -> JsonObject:
    profile: JsonObject = {"id": issuer.did, "type": ["Profile"], "name": issuer.name, "url": issuer.url}
    if issuer.description:
        profile["description"] = issuer.description
    return profile


def _subject(inputs: Inputs) -> JsonObject:
    request = inputs.request
    subject: JsonObject = {
        "id": inputs.reservation.subject_id,
        "type": ["AchievementSubject"],
        "activityStartDate": _day(request.activity_start),
        "activityEndDate": _day(request.activity_end),
        "creditsEarned": _hours(request.credit_minutes),
        "narrative": f"{request.cohort_name}, {request.region}",
        "achievement": achievement(
            inputs.achievement, request.achievement_id, request.achievement_version, public_url=inputs.public_url
        ),
    }
    if claims := results.claimed(request):
        url = achievement_address(request.achievement_id, request.achievement_version, public_url=inputs.public_url)
        subject["result"] = [results.result(one, url) for one in claims]
    # A name goes in only by the person's choice; `type` is one string here, and nothing else is allowed beside these.
    if request.holder_name is not None:
        subject["identifier"] = [
            {
                "type": "IdentityObject",
                "hashed": False,
                "identityHash": request.holder_name,
                "identityType": "name",
            }
        ]
    return subject


def achievement(content: AchievementVersion, achievement_id: UUID, version: int, *, public_url: str) -> JsonObject:
    """An `Achievement` of Open Badges 3.0, as badges carry it."""
    url = achievement_address(achievement_id, version, public_url=public_url)
    caption = content.name if isinstance(content.picture, UnsetType) else content.picture.caption
    found: JsonObject = {
        "id": url,
        "type": ["Achievement"],
        "achievementType": content.achievement_type,
        "name": content.name,
        "description": content.description,
        "criteria": {"id": url, "narrative": content.criteria},
        "image": {"id": f"{url}/image.png", "type": "Image", "caption": caption},
        "inLanguage": content.language,
        "version": str(version),
    }
    if content.credit_minutes_available is not None:
        found["creditsAvailable"] = _hours(content.credit_minutes_available)
    if content.tags:
        found["tag"] = list(content.tags)
    if content.alignments:
        found["alignment"] = [_alignment(one) for one in content.alignments]
    if not isinstance(content.related, UnsetType):
        found["related"] = [_related(one, public_url=public_url) for one in content.related]
    if descriptions := results.described(content):
        found["resultDescription"] = [results.description(one, url) for one in descriptions]
    return found


def _alignment(one: Alignment) -> JsonObject:
    members = {
        "targetCode": one.target_code,
        "targetDescription": one.target_description,
        "targetFramework": one.target_framework,
        "targetType": one.target_type,
    }
    told = {name: value for name, value in members.items() if not isinstance(value, UnsetType)}
    return {"type": ["Alignment"], "targetName": one.target_name, "targetUrl": one.target_url, **told}


def _related(one: RelatedAchievement, *, public_url: str) -> JsonObject:
    url = achievement_address(one.achievement_id, one.version, public_url=public_url)
    return {"id": url, "type": ["Related"], "version": str(one.version)}


def _evidence(claim: EvidenceClaim) -> JsonObject:
    return {
        "type": ["Evidence"],
        "name": claim.module_name,
        "genre": claim.genre,
        "description": f"Accepted on {claim.accepted_on.isoformat()}",
    }


def _hours(minutes: int) -> int | float:
    """Hours; a whole number as an int, so that both ways to write it in JSON canonicalize alike."""
    hours = minutes / 60
    return int(hours) if hours.is_integer() else round(hours, 4)


def _moment(moment: datetime) -> str:
    # Not strftime, which writes years before 1000 with fewer than four digits.
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _day(day: date) -> str:
    """A day as the dateTimeStamp that Open Badges wants."""
    return f"{day.isoformat()}T00:00:00Z"
