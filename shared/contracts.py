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


class Revocation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`PUT /awards/{award_id}/revocation`: final. `reason` is public."""

    reason: Line
    revoked_at: Moment


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


AwardState = Literal["pending", "issued", "revoked"]


class AwardAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an award: the answer to PUT and GET of it, and `PUT /awards/{id}/outcome` to enrollment.

    `revision` grows with every change of the award; a receiver ignores one not above what it has.
    """

    award_id: UUID
    revision: int
    state: AwardState
    #: SHA-256 of the canonical bytes that were asked for; None for a revocation that came before its award.
    request_sha256: Sha256 | None
    credential_id: UUID | None
    badge_url: str
    issued_at: datetime | None
    #: SHA-256 of the signed JSON.
    signed_sha256: Sha256 | None
    revocation: Revocation | None
    visibility: AwardVisibility = "private"
    is_erased: bool = False


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
AWARDS_SHOW = "awards.show"
AWARDS_ERASE = "awards.erase"
OUTCOMES_WRITE = "outcomes.write"
EVENTS_READ = "events.read"
WEBHOOKS_WRITE = "webhooks.write"

#: The client ids of the two services.
ENROLLMENT = "enrollment"
ISSUER = "issuer"


def canonical(message: msgspec.Struct) -> bytes:
    """The one encoding of a message whose hash is compared: JSON, members in the order of their declaration."""
    return msgspec.json.encode(message)


def sha256(payload: bytes) -> str:
    """The SHA-256 of canonical bytes, as hex."""
    return hashlib.sha256(payload).hexdigest()
