"""What a stipend is: asked for by who completed, prepared by one of the staff and approved by another, then paid."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

State = Literal["applied", "prepared", "approved", "paid", "declined"]

#: From a state to those that may follow it; an application may be written again until somebody has prepared it.
TRANSITIONS: dict[State, frozenset[State]] = {
    "applied": frozenset({"applied", "prepared", "declined"}),
    "prepared": frozenset({"prepared", "approved", "declined"}),
    "approved": frozenset({"paid", "declined"}),
    "paid": frozenset(),
    "declined": frozenset(),
}


class NotCompletedError(Exception):
    """A stipend is for an enrollment that was completed, and this one was not."""


class StipendStateError(Exception):
    """What is asked for does not follow the stipend's state."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.state = state


class OwnStipendError(Exception):
    """Nobody prepares, approves, pays or declines a stipend of their own."""


class SecondPersonError(Exception):
    """Who prepared a stipend cannot approve it."""


class BudgetExceededError(Exception):
    """The budget has not that much left; nothing was changed."""

    def __init__(self, budget_id: UUID) -> None:
        super().__init__(budget_id)
        self.budget_id = budget_id


class WrongBudgetError(Exception):
    """The budget is of another program than the enrollment."""


class BudgetTakenError(Exception):
    """The program has a budget from this source for this year already."""


class SourceTakenError(Exception):
    """Another funding source has this name."""


class Stipend(msgspec.Struct, frozen=True, kw_only=True):
    """One stipend with the person it is for; amounts in cents."""

    id: UUID
    enrollment_id: UUID
    person_id: UUID
    person_name: str
    program_id: UUID
    cohort_name: str
    state: State
    plan: str
    asked_cents: int
    applied_at: datetime
    budget_id: UUID | None
    amount_cents: int | None
    prepared_by: UUID | None
    approved_by: UUID | None
    approved_at: datetime | None
    paid_reference: str | None
    paid_at: datetime | None
    declined_because: str | None


class Application(msgspec.Struct, frozen=True):
    """What the person plans, and how much they ask for, in cents."""

    plan: str
    cents: int


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """What a program may give out of one source in a year, in cents."""

    id: UUID
    program_id: UUID
    program_name: str
    funding_source_id: UUID
    source_name: str
    year: int
    amount_cents: int
    committed_cents: int

    @property
    def left_cents(self) -> int:
        """What can still be approved."""
        return self.amount_cents - self.committed_cents


class Source(msgspec.Struct, frozen=True):
    """Where money comes from."""

    id: UUID
    name: str


class Total(msgspec.Struct, frozen=True, kw_only=True):
    """What one person was paid in a calendar year of the organization, in cents."""

    person_id: UUID
    person_name: str
    year: int
    paid_cents: int
    payments: int


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the ledger."""

    id: UUID
    budget_id: UUID
    stipend_id: UUID
    kind: Literal["committed", "released", "paid"]
    cents: int
    at: datetime
    by_person: UUID
    reference: str | None


def check_follows(state: State, wanted: State) -> None:
    """StipendStateError where `wanted` does not follow `state`."""
    if wanted not in TRANSITIONS[state]:
        raise StipendStateError(state)
