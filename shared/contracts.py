"""The messages between the two services, as both sides read them. Times are UTC; ids are UUIDs; strings are bounded."""

import hashlib
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

#: The end of a text, in Python as in JSON Schema: Python's `$` alone lets a final line break through.
END = r"$(?!\n)"
Line = Annotated[str, Meta(min_length=1, max_length=300)]
Text = Annotated[str, Meta(min_length=1, max_length=10_000)]
Address = Annotated[
    str, Meta(min_length=1, max_length=2_000, pattern=rf"^https?://[^\s\"<>/?#][^\s\"<>\x00-\x1f\x7f]*{END}")
]
Language = Annotated[str, Meta(max_length=60, pattern=rf"^[a-z]{{2,3}}(-[A-Za-z0-9]{{2,8}})*{END}")]
Color = Annotated[str, Meta(pattern=rf"^#[0-9a-f]{{6}}{END}")]
#: Of one session, and of all that one badge counts.
MOST_MINUTES = 600_000
#: Of one badge or record.
MOST_TOPICS = 60
Minutes = Annotated[int, Meta(ge=0, le=MOST_MINUTES)]
Moment = Annotated[datetime, Meta(tz=True)]
Sha256 = Annotated[str, Meta(pattern=rf"^[0-9a-f]{{64}}{END}")]
#: Names something within one message, such as a criterion of a rubric: a UUID or a short word, part of an address.
Key = Annotated[str, Meta(max_length=40, pattern=rf"^[a-z0-9]+(-[a-z0-9]+)*{END}")]

# A member that came later is unset where it is not given, never null or empty: what was hashed before keeps its bytes.


class IssuerProfile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`PUT /issuers/{organization_id}`: who awards. The issuer's id is the organization's."""

    name: Line
    url: Address
    description: Text | None = None
    #: A demonstration is named as one wherever it shows.
    is_demonstration: bool = False


class IssuerAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The issuer as it stands: its DID."""

    did: str


class Alignment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A statement of a framework that the achievement meets: CASE, CTDL, ESCO or another (Open Badges 3.0, B.2)."""

    target_name: Line
    target_url: Address
    target_type: (
        Literal[
            "ceasn:Competency",
            "ceterms:Credential",
            "CFItem",
            "CFRubric",
            "CFRubricCriterion",
            "CFRubricCriterionLevel",
            "CTDL",
        ]
        | UnsetType
    ) = UNSET
    target_code: Line | UnsetType = UNSET
    target_framework: Line | UnsetType = UNSET
    target_description: Text | UnsetType = UNSET


class Picture(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A picture that `PUT /images/{sha256}` brought; `caption` says in words what it shows."""

    sha256: Sha256
    caption: Line


class PictureAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to `PUT /images/{sha256}`: the picture is kept."""

    sha256: Sha256


class RelatedAchievement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An achievement of the same issuer that this one builds on, such as that of the level before."""

    achievement_id: UUID
    version: Annotated[int, Meta(ge=1, le=2**31 - 1)]


class ResultLevel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A level of a rubric's criterion (Open Badges 3.0, RubricCriterionLevel)."""

    id: Key
    name: Line
    description: Text | None = None
    points: Annotated[int, Meta(ge=0, le=1_000)] | None = None


class ResultDescription(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A result that badges of the achievement may tell; `id` and those of its levels become parts of its address."""

    id: Key
    name: Line
    result_type: Literal["RubricCriterionLevel", "RubricScore", "RawScore", "Percent", "Result"] = (
        "RubricCriterionLevel"
    )
    levels: Annotated[tuple[ResultLevel, ...], Meta(max_length=20)] = ()


class AchievementVersion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`PUT /achievements/{id}/versions/{n}`: what is awarded. A version never changes: same content 200, other 409."""

    name: Line
    description: Text
    criteria: Text
    achievement_type: Literal["MicroCredential", "Badge", "Certificate", "CertificateOfCompletion", "Course"]
    language: Language = "en"
    #: What the certificate and the badge image show beside the name.
    program_name: Line
    level_name: Line
    accent: Color = "#1f5c4d"
    credit_minutes_available: Minutes | None = None
    tags: Annotated[tuple[Line, ...], Meta(max_length=20)] = ()
    alignments: Annotated[tuple[Alignment, ...], Meta(max_length=60)] = ()
    result_descriptions: Annotated[tuple[ResultDescription, ...], Meta(min_length=1, max_length=60)] | UnsetType = UNSET
    #: Drawn from the program's color where there is none.
    picture: Picture | UnsetType = UNSET
    related: Annotated[tuple[RelatedAchievement, ...], Meta(min_length=1, max_length=20)] | UnsetType = UNSET

    def __post_init__(self) -> None:
        """ValueError, to a reader a malformed message, where two results or two levels of one have the same id."""
        described = () if isinstance(self.result_descriptions, UnsetType) else self.result_descriptions
        for names in ([one.id for one in described], *([level.id for level in one.levels] for one in described)):
            if len(set(names)) < len(names):
                raise ValueError("each result, and each level of one, has an id of its own")


class EvidenceClaim(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A topic module whose evidence was accepted: what it was, never the evidence itself."""

    module_name: Line
    genre: Literal["text", "link", "file"]
    accepted_on: date


class ResultClaim(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was achieved of a result that the achievement version describes: a level of it, a value, or both."""

    description_id: Key
    level_id: Key | None = None
    value: Line | None = None


class Provider(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The provider of record, as an authority for professional development knows it."""

    name: Line
    number: Line | None = None


class AwardRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`PUT /awards/{award_id}`: the decision that a person earned an achievement; its canonical bytes never change."""

    enrollment_id: UUID
    achievement_id: UUID
    achievement_version: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    #: Shown on badge and certificate; None where the person withheld it.
    holder_name: Line | None
    credit_minutes: Minutes
    activity_start: date
    activity_end: date
    #: When completion was decided.
    awarded_at: Moment
    cohort_name: Line
    region: Line
    evidence: Annotated[tuple[EvidenceClaim, ...], Meta(max_length=60)] = ()
    results: Annotated[tuple[ResultClaim, ...], Meta(min_length=1, max_length=60)] | UnsetType = UNSET
    provider: Provider | UnsetType = UNSET
    #: What the sessions were about, for the certificate.
    topics: Annotated[tuple[Line, ...], Meta(min_length=1, max_length=MOST_TOPICS)] | UnsetType = UNSET
    #: Where the level's badges are valid for a time only.
    valid_until: Moment | UnsetType = UNSET


RevocationCategory = Literal["issued-in-error", "superseded", "requirements-not-met", "misconduct", "other"]


class RuleFinding(msgspec.Struct, frozen=True, kw_only=True):
    """A rule of issuance that refused a badge: which, at which member, and what to do, as a sentence."""

    rule: Annotated[str, Meta(max_length=60)]
    where: Annotated[str, Meta(max_length=300)]
    advice: Annotated[str, Meta(max_length=300)]


class NotSignable(msgspec.Struct, frozen=True, kw_only=True):
    """The problem `not-signable`: nothing was signed, and nothing was kept of a new award."""

    type: str
    findings: Annotated[tuple[RuleFinding, ...], Meta(max_length=60)] = ()


#: The `type` of that problem.
NOT_SIGNABLE = "/problems/not-signable"


class Revocation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`PUT /awards/{award_id}/revocation`: final. `reason` and `category` are public; no answer tells `note`."""

    reason: Line
    revoked_at: Moment
    category: RevocationCategory | UnsetType = UNSET
    note: Text | UnsetType = UNSET


class Correction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`PUT /awards/{award_id}/corrections/{correction_id}`: what the badge says from now on; what is unset stays.

    The link stays too, and the day of the award; the badge before is revoked as replaced by the new one.
    """

    corrected_at: Moment
    #: None withholds the name.
    holder_name: Line | UnsetType | None = UNSET
    credit_minutes: Minutes | UnsetType = UNSET
    activity_start: date | UnsetType = UNSET
    activity_end: date | UnsetType = UNSET
    evidence: Annotated[tuple[EvidenceClaim, ...], Meta(max_length=60)] | UnsetType = UNSET
    results: Annotated[tuple[ResultClaim, ...], Meta(min_length=1, max_length=60)] | UnsetType = UNSET


class Renewal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`PUT /awards/{award_id}/renewals/{renewal_id}`: the same badge for a further time; unset means without an end."""

    renewed_at: Moment
    valid_until: Moment | UnsetType = UNSET


Did = Annotated[str, Meta(min_length=8, max_length=600, pattern=rf"^did:[a-z0-9]+:[A-Za-z0-9._:%-]+{END}")]


class WalletChallenge(msgspec.Struct, frozen=True, kw_only=True):
    """`PUT /awards/{award_id}/copies/{copy_id}/challenge`: what the wallet signs, for whom, and until when."""

    challenge: str
    audience: str
    expires_at: datetime


class WalletCopy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`PUT /awards/{award_id}/copies/{copy_id}`: a copy of the badge for the wallet that holds the key of `did`.

    `proof` is a compact JWS of OpenID4VCI's type `openid4vci-proof+jwt`: `nonce` is the challenge, `aud` its audience.
    """

    did: Did
    proof: Annotated[str, Meta(min_length=20, max_length=4_000, pattern=rf"^[A-Za-z0-9_.-]+{END}")]


class WalletCopyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The copy: a credential of its own beside the award's, with the same standing."""

    copy_id: UUID
    award_id: UUID
    credential_id: UUID
    credential_url: str
    did: str
    valid_until: datetime | None
    #: SHA-256 of the signed JSON.
    signed_sha256: Sha256


AwardVisibility = Literal["private", "published", "withdrawn"]


class Visibility(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`PUT /awards/{award_id}/visibility`: who comes upon the badge; a revision not above the last is ignored.

    Private is for whoever has the address, published also for search engines, withdrawn for nobody.
    """

    visibility: AwardVisibility
    revision: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    changed_at: Moment


class Erasure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`PUT /awards/{award_id}/erasure`: final. The badge is gone (410), the bit of its status list stays as it was."""

    erased_at: Moment


class LogState(msgspec.Struct, frozen=True, kw_only=True):
    """The issuer's log as an outcome was sent: its newest head, and where the award's credential stands in it.

    `checkpoint` is a C2SP checkpoint, `key` the verifier key that signed it.
    """

    checkpoint: Annotated[str, Meta(max_length=16_384)]
    key: Annotated[str, Meta(max_length=2_000)]
    position: Annotated[int, Meta(ge=0)] | UnsetType = UNSET


AwardState = Literal["pending", "issued", "revoked"]
#: Why a credential of an award was signed.
CredentialReason = Literal["first", "correction", "renewal", "re-signed", "copy"]


class AwardAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an award: the answer to PUT and GET of it, and `PUT /awards/{id}/outcome` to enrollment.

    `revision` grows with every change of the award; a receiver ignores one not above what it has.
    """

    award_id: UUID
    revision: int
    state: AwardState
    #: SHA-256 of the canonical bytes that were asked for; None for a revocation that came before its award.
    request_sha256: Sha256 | None
    #: The current credential, as are the reason and the times below.
    credential_id: UUID | None
    badge_url: str
    issued_at: datetime | None
    #: SHA-256 of the signed JSON.
    signed_sha256: Sha256 | None
    revocation: Revocation | None
    visibility: AwardVisibility = "private"
    is_erased: bool = False
    reason: CredentialReason | UnsetType = UNSET
    #: The correction or renewal that it came of.
    change_id: UUID | UnsetType = UNSET
    valid_until: datetime | UnsetType = UNSET
    #: Only in outcomes, once the issuer's log has a head.
    log: LogState | UnsetType = UNSET


class AwardPage(msgspec.Struct, frozen=True, kw_only=True):
    """`GET /awards?after=CURSOR&limit=N`: the organization's awards by id; `next` is None on the last page."""

    awards: list[AwardAnswer]
    next: UUID | None


#: Scopes of service tokens: one per action.
ISSUERS_WRITE = "issuers.write"
ACHIEVEMENTS_WRITE = "achievements.write"
AWARDS_WRITE = "awards.write"
AWARDS_READ = "awards.read"
AWARDS_REVOKE = "awards.revoke"
AWARDS_CORRECT = "awards.correct"
AWARDS_RENEW = "awards.renew"
AWARDS_COPY = "awards.copy"
AWARDS_SHOW = "awards.show"
AWARDS_ERASE = "awards.erase"
OUTCOMES_WRITE = "outcomes.write"
EVENTS_READ = "events.read"
WEBHOOKS_WRITE = "webhooks.write"

#: The client ids of the two services.
ENROLLMENT = "enrollment"
ISSUER = "issuer"


#: The members of a request that a correction may change.
CORRECTED = ("holder_name", "credit_minutes", "activity_start", "activity_end", "evidence", "results")


def corrected(request: AwardRequest, correction: Correction) -> AwardRequest:
    """The request as it holds with the correction: what both services take the badge to say."""
    given = {name: value for name in CORRECTED if (value := getattr(correction, name)) is not UNSET}
    return msgspec.structs.replace(request, **given)


def canonical(message: msgspec.Struct) -> bytes:
    """The one encoding of a message whose hash is compared: JSON, members in the order of their declaration."""
    return msgspec.json.encode(message)


def sha256(payload: bytes) -> str:
    """The SHA-256 of canonical bytes, as hex."""
    return hashlib.sha256(payload).hexdigest()
