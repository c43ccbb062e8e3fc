"""What a cohort's places should be, said a second time in the plainest Python: the oracle of the stateful test."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.enrollment.admission.model import Admission, Rules

#: The region of each of the people, and nobody else's.
REGIONS = {
    "ana": "North", "ben": "North", "cyd": "North", "dov": "South", "eve": "South",
    "fay": "South", "gus": None, "hal": None, "ida": "North", "jon": "South",
}  # fmt: skip


@dataclass
class Town:
    """What all halls share: the time, who is a member, and every letter that should have been written."""

    now: datetime
    members: set[str] = field(default_factory=set)
    letters: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Hall:
    """One cohort: who sits, to whom a seat is offered until when, who stands in line, and why others left."""

    name: str
    town: Town
    seats: int
    state: str = "open"
    rules: Rules = field(default_factory=Rules)
    seated: set[str] = field(default_factory=set)
    offered: dict[str, datetime] = field(default_factory=dict)
    line: list[str] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)
    chosen: set[str] = field(default_factory=set)
    #: whom each code brought, as they are now
    invited: dict[str, str] = field(default_factory=dict)
    told_again: dict[str, datetime] = field(default_factory=dict)
    #: those whose region the cohort knows
    regions: dict[str, str | None] = field(default_factory=dict)

    @property
    def free(self) -> int:
        """How many seats nobody holds."""
        return self.seats - len(self.seated) - len(self.offered)

    @property
    def holders(self) -> list[str]:
        """Who holds a seat, or is offered one."""
        return [*self.seated, *self.offered]

    @property
    def policy(self) -> Admission:
        """Whom the cohort admits."""
        return self.rules.admission

    def has(self, who: str) -> bool:
        """Whether somebody has a place."""
        return who in self.seated or who in self.offered or who in self.line

    def is_silent(self) -> bool:
        """Whether the form tells no place."""
        until = self.policy.members_until
        return self.policy.selects or (until is not None and self.town.now < until)

    def may_sit(self, who: str) -> bool:
        """Whether the rules let somebody who waits have a seat, were one free."""
        region = self.regions.get(who)
        if region is not None and region in self.policy.quotas:
            sitting = [one for one in (*self.seated, *self.offered) if self.regions.get(one) == region]
            if len(sitting) >= self.policy.quotas[region]:
                return False
        if who in self.chosen:
            return True
        if self.policy.selects or (self.policy.needs_code and who not in self.invited):
            return False
        until = self.policy.members_until
        return until is None or self.town.now >= until or who in self.town.members

    def write(self, who: str, subject: str) -> None:
        """Note a letter that should be written."""
        self.town.letters.append((who, subject % self.name))

    def drop(self, who: str, because: str) -> None:
        """Somebody loses their place."""
        self.seated.discard(who)
        self.offered.pop(who, None)
        if who in self.line:
            self.line.remove(who)
        self.left[who] = because

    def queue(self, who: str, *, region: str | None) -> None:
        """Somebody stands at the line's end."""
        self.line.append(who)
        self.left.pop(who, None)
        self.chosen.discard(who)
        self.regions[who] = region

    def rest(self, *, newcomers: frozenset[str] = frozenset()) -> None:
        """What happens by itself: offers end, then seats go to the first in line who may sit, one after another."""
        for who, until in [*self.offered.items()]:
            if until <= self.town.now:
                self.drop(who, "offer expired")
                self.write(who, "The offer of a seat in %s has ended")
        if self.state not in ("open", "running"):
            return
        while self.free > 0 and (fit := [one for one in self.line if self.may_sit(one)]):
            who = fit[0]
            self.line.remove(who)
            if who in newcomers:
                self.seated.add(who)
            elif self.rules.offer_hours is None:
                self.seated.add(who)
                self.write(who, "You have a seat in %s")
            else:
                self.offered[who] = self.town.now + timedelta(hours=self.rules.offer_hours)
                self.write(who, "A seat in %s is held for you: please answer")
