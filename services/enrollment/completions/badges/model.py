"""A badge as staff change it: what it says, what would be corrected, in words; and until when it is valid. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from services.enrollment.completions.model import CohortFrame, Standing
from services.enrollment.notices.model import Addressee
from shared.contracts import CORRECTED, AwardRequest, Correction, EvidenceClaim, RevocationCategory, RuleFinding
from shared.words import N_

ChangeKind = Literal["correction", "renewal"]


class BadgeNotInForceError(Exception):
    """The badge is not signed yet, was revoked or erased, or has expired where it has to be in force."""


class BadgeChangingError(Exception):
    """A change of the badge is under way; wait until it is signed."""


class NothingChangedError(Exception):
    """The badge says all of it already."""


class ChangeExistsError(Exception):
    """This id was used for another change."""


class Badge(msgspec.Struct, frozen=True, kw_only=True):
    """A badge with what it says once the change that is under way is made."""

    award_id: UUID
    organization_id: UUID
    enrollment_id: UUID
    cohort_id: UUID
    person_id: UUID
    person_name: str
    state: Literal["requested", "issued", "revoked"]
    #: None once erased.
    says: AwardRequest | None
    valid_until: datetime | None
    badge_url: str | None
    revocation_reason: str | None
    revocation_category: RevocationCategory | None
    revocation_note: str | None
    #: The change that the issuer has not made yet.
    pending: ChangeKind | None

    def may_change(self, *, now: datetime, kind: ChangeKind) -> bool:
        """Whether it may be corrected, or renewed: an expired one is renewed first."""
        is_over = self.valid_until is not None and self.valid_until <= now
        return (
            self.state == "issued"
            and self.says is not None
            and self.revocation_reason is None
            and not (is_over and kind == "correction")
        )


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a badge should say; what is unset stays. `modules` are those whose accepted evidence it names."""

    holder_name: str | UnsetType | None = UNSET
    credit_minutes: int | UnsetType = UNSET
    modules: frozenset[UUID] | UnsetType = UNSET


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a badge before and after, as a page shows it; None is nothing."""

    member: str
    before: Any
    after: Any


class ChangeRow(msgspec.Struct, frozen=True, kw_only=True):
    """A change that was asked for."""

    award_id: UUID
    kind: ChangeKind
    members: tuple[str, ...]


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """A change that was asked for, and whether the issuer has made it, or never will."""

    kind: ChangeKind
    members: tuple[str, ...]
    asked_by_name: str
    asked_at: datetime
    is_done: bool
    is_refused: bool
    #: What the issuer's rules found; nothing where something else kept it from being made.
    refusal: tuple[RuleFinding, ...]


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """A badge whose end comes, and whom to tell."""

    organization_id: UUID
    organization_name: str
    organization_slug: str
    cohort_name: str
    time_zone: str
    person_name: str
    addressee: Addressee
    badge_url: str
    valid_until: datetime
    days: int


#: What each part is called to its holder.
PARTS: dict[str, str] = {
    "holder_name": N_("your name"),
    "credit_minutes": N_("the hours"),
    "evidence": N_("the evidence"),
    "valid_until": N_("until when it is valid"),
}
CATEGORIES: dict[RevocationCategory, str] = {
    "issued-in-error": N_("It was issued in error"),
    "requirements-not-met": N_("What it takes was not met after all"),
    "superseded": N_("Something else took its place"),
    "misconduct": N_("Misconduct"),
    "other": N_("Another reason"),
}


def correction(badge: Badge, wish: Wish, standing: Standing, cohort: CohortFrame, *, at: datetime) -> Correction:
    """What the issuer is asked to correct; NothingChangedError where the badge says it already."""
    assert badge.says is not None
    wanted: dict[str, Any] = {"holder_name": wish.holder_name, "credit_minutes": wish.credit_minutes}
    if not isinstance(wish.modules, UnsetType):
        wanted["evidence"] = claims(badge.says, wish.modules, standing, cohort)
    given = {name: one for name, one in wanted.items() if one is not UNSET and one != getattr(badge.says, name)}
    if not given:
        raise NothingChangedError
    return Correction(corrected_at=at.replace(microsecond=0), **given)


def claims(
    says: AwardRequest, modules: frozenset[UUID], standing: Standing, cohort: CohortFrame
) -> tuple[EvidenceClaim, ...]:
    """The claims of the modules chosen: as the badge has them, else as they were accepted since."""
    known = {one.module_name: one for one in says.evidence}
    accepted = {one.module_id: one for one in standing.evidence}
    found = []
    for module in cohort.modules:
        if module.id not in modules:
            continue
        if module.name in known:
            found.append(known[module.name])
        elif (one := accepted.get(module.id)) is not None:
            found.append(EvidenceClaim(module_name=module.name, genre=one.genre, accepted_on=one.accepted_on))
    return tuple(found)


def claimable(says: AwardRequest, standing: Standing, cohort: CohortFrame) -> dict[UUID, str]:
    """The modules that the badge may name, in order: those it names, and those whose evidence is accepted."""
    known = {one.module_name for one in says.evidence}
    accepted = {one.module_id for one in standing.evidence}
    return {one.id: one.name for one in cohort.modules if one.name in known or one.id in accepted}


def differences(says: AwardRequest, wanted: AwardRequest) -> list[Difference]:
    """In what two badges differ, part by part; evidence by the names of its modules."""

    def shown(request: AwardRequest, member: str) -> Any:
        value = getattr(request, member)
        return [one.module_name for one in value] if member == "evidence" else value

    return [
        Difference(member=one, before=shown(says, one), after=shown(wanted, one))
        for one in CORRECTED
        if getattr(says, one) != getattr(wanted, one)
    ]


def members_of(found: Sequence[Difference]) -> tuple[str, ...]:
    """Their names."""
    return tuple(one.member for one in found)
