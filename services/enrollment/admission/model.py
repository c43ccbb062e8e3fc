"""Who may be given a seat: the rules of a cohort, and who of a line they admit now. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

#: How a seat goes to somebody who waits: theirs at once, or offered until a deadline, which they accept or let pass.
Vacancy = Literal["at once", "offer"]

MOST_OFFER_HOURS = 720
MOST_QUOTAS = 50
LONGEST_REGION = 80
MOST_USES = 10_000
_SHORTEST_CODE, _LONGEST_CODE = 4, 40
_CODE_LETTERS = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")


class InvitationExistsError(Exception):
    """The cohort has an invitation with this code, or the id is another's."""


class InvitationUsedError(Exception):
    """People enrolled by this invitation (`uses`), so it cannot allow fewer."""

    def __init__(self, uses: int) -> None:
        super().__init__(uses)
        self.uses = uses


class Admission(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a cohort asks before a seat is given; by default nothing but the order of the line.

    Whom staff selected is asked for neither membership nor a code, but counts in the region's quota.
    """

    #: Until then only members are given seats.
    members_until: datetime | None = None
    needs_code: bool = False
    #: Whether staff choose who is given a seat.
    selects: bool = False
    #: At most so many of a region hold a seat.
    quotas: dict[str, int] = {}

    def is_open(self) -> bool:
        """Whether nothing is asked at all."""
        return self == Admission()

    def keeps_silent(self, *, now: datetime) -> bool:
        """Whether the form says only that the wish came in: more would tell strangers who is a member or chosen."""
        return self.selects or self._is_for_members(now=now)

    def admits(self, one: "Waiting", *, now: datetime) -> bool:
        """Whether somebody may be given a seat now, as far as it depends on them alone."""
        if one.is_selected:
            return True
        is_fit = one.is_member or not self._is_for_members(now=now)
        return is_fit and not self.selects and (one.is_invited or not self.needs_code)

    def _is_for_members(self, *, now: datetime) -> bool:
        return self.members_until is not None and now < self.members_until


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """How a cohort gives its seats: whom it admits, and how a seat goes to somebody who waits."""

    admission: Admission = msgspec.field(default_factory=Admission)
    vacancy: Vacancy = "at once"
    #: How long an offer stands; exactly where seats are offered.
    offer_hours: int | None = None


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who wants a seat, and what the rules ask about them."""

    id: UUID
    region: str | None = None
    is_member: bool = False
    is_invited: bool = False
    is_selected: bool = False


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """A code by which people may enroll, so many times and so long."""

    id: UUID
    cohort_id: UUID
    code: str
    uses: int
    most_uses: int
    expires_at: datetime | None

    def is_open(self, *, now: datetime) -> bool:
        """Whether somebody may still enroll by it."""
        return self.uses < self.most_uses and (self.expires_at is None or now < self.expires_at)


def admissible(
    waiting: Sequence[Waiting], *, free: int, held: Mapping[str, int], policy: Admission, now: datetime
) -> list[UUID]:
    """Who of a line, given in its order, is given one of `free` seats; `held` is how many of a region hold one."""
    chosen: list[UUID] = []
    taken = dict(held)
    for one in waiting:
        if len(chosen) == free:
            break
        if not policy.admits(one, now=now):
            continue
        if one.region is not None and one.region in policy.quotas:
            if taken.get(one.region, 0) >= policy.quotas[one.region]:
                continue
            taken[one.region] = taken.get(one.region, 0) + 1
        chosen.append(one.id)
    return chosen


def next_clock(policy: Admission, *, first_offer_ends_at: datetime | None, now: datetime) -> datetime | None:
    """When a cohort's seats must be looked at again though nobody asks."""
    moments = [first_offer_ends_at, policy.members_until]
    return min((one for one in moments if one is not None and one > now), default=None)


def typed_code(text: str) -> str | None:
    """A code as it is compared; None for a text that can be none."""
    cleaned = "".join(text.upper().split()).replace("-", "")
    fits = _SHORTEST_CODE <= len(cleaned) <= _LONGEST_CODE and _CODE_LETTERS.issuperset(cleaned)
    return cleaned if fits else None


def problems_of(rules: Rules) -> list[tuple[str, str]]:
    """What keeps the rules from being set, as (field, sentence) pairs."""
    found = []
    if (rules.vacancy == "offer") != (rules.offer_hours is not None):
        found.append(("offer_hours", "Say for how many hours an offer stands, where seats are offered."))
    elif rules.offer_hours is not None and not 1 <= rules.offer_hours <= MOST_OFFER_HOURS:
        found.append(("offer_hours", "An offer stands for 1 to 720 hours, which is 30 days."))
    quotas = rules.admission.quotas
    if len(quotas) > MOST_QUOTAS or any(
        number < 0 or region.strip() != region or not 1 <= len(region) <= LONGEST_REGION
        for region, number in quotas.items()
    ):
        found.append(("quotas", "Name at most 50 regions, each with how many of its people may hold a seat."))
    return found
