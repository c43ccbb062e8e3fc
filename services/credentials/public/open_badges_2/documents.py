"""A badge, what it is awarded for and who awards, as hosted Open Badges 2.0. Pure.

Nothing of the holder is told that tells who they are: the recipient is the random id of the credential's subject. A
hash of an e-mail address would be personal data, and enrollment gives out no address to hash.
"""

from datetime import UTC, datetime

import msgspec

from services.credentials.keys.model import Issuer
from services.credentials.proofs.strict_json import JsonObject
from services.credentials.public.model import Achievement, Badge
from shared.contracts import EvidenceClaim

CONTEXT = "https://w3id.org/openbadges/v2"


class _Subject(msgspec.Struct):
    id: str


class _Signed(msgspec.Struct):
    credentialSubject: _Subject  # noqa: N815  # the member's name


def assertion(badge: Badge, *, public_url: str) -> JsonObject:
    """The badge of one person; of a revoked one only that it is, and why (Open Badges 2.0, "Verification")."""
    url = f"{public_url}/ob2/assertions/{badge.award_id}"
    if badge.revoked_at is not None:
        found: JsonObject = {"@context": CONTEXT, "type": "Assertion", "id": url, "revoked": True}
        return {**found, "revocationReason": badge.revocation_reason} if badge.revocation_reason else found
    request = badge.request
    subject = msgspec.json.decode(badge.signed_json, type=_Signed).credentialSubject
    found = {
        "@context": CONTEXT,
        "type": "Assertion",
        "id": url,
        "recipient": {"type": "id", "hashed": False, "identity": subject.id},
        "badge": _badge_address(request.achievement_id, request.achievement_version, public_url=public_url),
        "verification": {"type": "HostedBadge"},
        "issuedOn": _moment(request.awarded_at),
    }
    if request.evidence:
        found["evidence"] = [_evidence(one) for one in request.evidence]
    return found


def badge_class(found: Achievement, *, public_url: str) -> JsonObject:
    """What is awarded."""
    content = found.content
    described = f"{public_url}/achievements/{found.id}/versions/{found.version}"
    made: JsonObject = {
        "@context": CONTEXT,
        "type": "BadgeClass",
        "id": _badge_address(found.id, found.version, public_url=public_url),
        "@language": content.language,
        "version": str(found.version),
        "name": content.name,
        "description": content.description,
        "image": f"{described}/image.png",
        "criteria": {"id": described, "narrative": content.criteria},
        "issuer": _issuer_address(found.issuer, public_url=public_url),
    }
    if content.tags:
        made["tags"] = list(content.tags)
    if content.alignments:
        made["alignment"] = [{"targetName": one.target_name, "targetUrl": one.target_url} for one in content.alignments]
    return made


def issuer_profile(found: Issuer, *, public_url: str) -> JsonObject:
    """Who awards; badges hosted elsewhere are none of theirs."""
    url = _issuer_address(found, public_url=public_url)
    made: JsonObject = {
        "@context": CONTEXT,
        "type": "Issuer",
        "id": url,
        "name": found.name,
        "url": found.url,
        "verification": {"startsWith": f"{public_url}/ob2/assertions/"},
    }
    if found.description:
        made["description"] = found.description
    return made


def _badge_address(achievement_id: object, version: int, *, public_url: str) -> str:
    return f"{public_url}/ob2/badges/{achievement_id}/versions/{version}"


def _issuer_address(found: Issuer, *, public_url: str) -> str:
    return f"{public_url}/ob2/issuers/{found.id}"


def _evidence(claim: EvidenceClaim) -> JsonObject:
    return {
        "type": "Evidence",
        "name": claim.module_name,
        "genre": claim.genre,
        "description": f"Accepted on {claim.accepted_on.isoformat()}",
    }


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
