"""What a stipend is: asked for by who completed, prepared by one of the staff and approved by another, then paid."""

import re
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from shared.problems import InvalidInputError

MOST_CENTS = 1_000_000_00
MOST_BUDGET_CENTS = 1_000_000_000_00
MOST_PLAN_LETTERS = 4_000
MOST_REASON_LETTERS = 1_000
MOST_LINE_LETTERS = 200
#: Dollars as people write them: 450, 450.5, $1,250.00, and 450,50 where a comma stands before cents.
_DOLLARS = re.compile(r"\$?\s*(?:(\d{1,3}(?:,\d{3})+|\d{1,12})(?:\.(\d{1,2}))?|(\d{1,12}),(\d{2}))")
#: A Social Security or individual taxpayer number.
_TAX_NUMBER = re.compile(r"(?<!\d)\d{3}[- ]\d{2}[- ]\d{4}(?!\d)")

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


class StipendChangedError(Exception):
    """It was prepared anew, otherwise than who approves it has seen; nothing was changed."""


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
    cohort_id: UUID
    cohort_name: str
    #: of the enrollment: a completion may be taken back after somebody has applied
    outcome: str
    state: State
    plan: str
    asked_cents: int
    applied_at: datetime
    budget_id: UUID | None
    amount_cents: int | None
    prepared_by: UUID | None
    prepared_by_name: str | None
    approved_by: UUID | None
    approved_by_name: str | None
    approved_at: datetime | None
    paid_reference: str | None
    paid_at: datetime | None
    declined_because: str | None


class Application(msgspec.Struct, frozen=True):
    """What the person plans, and how much they ask for, in cents."""

    plan: str
    cents: int


class Offer(msgspec.Struct, frozen=True):
    """Out of which budget, and how much, in cents."""

    budget_id: UUID
    cents: int


class BudgetPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A budget as it is written, in cents."""

    id: UUID
    program_id: UUID
    funding_source_id: UUID
    year: int
    amount_cents: int


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


class Program(msgspec.Struct, frozen=True):
    """A program that budgets may be of."""

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


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """An enrollment that a stipend may be for: whose, of what, and how it ended."""

    enrollment_id: UUID
    person_id: UUID
    outcome: str
    cohort_name: str


class Entered(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the ledger in words: for whom, out of what, by whom."""

    id: UUID
    kind: Literal["committed", "released", "paid"]
    cents: int
    at: datetime
    reference: str | None
    person_name: str
    program_name: str
    source_name: str
    budget_year: int
    by_name: str | None


def problems_of_text(field: str, text: str, *, most: int, empty: str) -> list[tuple[str, str]]:
    """What keeps a text from being stored, as (field, sentence) pairs; `empty` is what to say where there is none."""
    if not text.strip():
        return [(field, empty)]
    if len(text) > most:
        return [(field, "This is too long; shorten it.")]
    if _TAX_NUMBER.search(text):
        return [(field, "This looks like a Social Security or tax number. Take it out: Laurel must not hold it.")]
    return []


def problems_of(wish: Application) -> list[tuple[str, str]]:
    """What keeps an application from being stored, as (field, sentence) pairs."""
    return problems_of_text("plan", wish.plan, most=MOST_PLAN_LETTERS, empty="Say what the stipend is for.")


def cents_of(field: str, dollars: str, *, least: int = 1, most: int = MOST_CENTS) -> int:
    """An amount as people write it, in cents; InvalidInputError names `field`."""
    found = _DOLLARS.fullmatch(dollars.strip())
    if found is None:
        raise InvalidInputError((field, "Enter an amount in dollars, such as 450 or 450.50."))
    whole, part = (found[1], found[2]) if found[1] else (found[3], found[4])
    cents = int(whole.replace(",", "")) * 100 + int((part or "").ljust(2, "0"))
    if cents < least:
        raise InvalidInputError((field, "Enter an amount above zero."))
    if cents > most:
        raise InvalidInputError((field, "This is more than can be given at once."))
    return cents


def check_follows(state: State, wanted: State) -> None:
    """StipendStateError where `wanted` does not follow `state`."""
    if wanted not in TRANSITIONS[state]:
        raise StipendStateError(state)
