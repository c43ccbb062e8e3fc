"""Verbs of evaluations: write what a program asks, hand answers in."""

from collections.abc import Mapping
from uuid import UUID, uuid4

from services.enrollment.evaluations import store
from services.enrollment.evaluations.model import (
    About,
    AlreadyTurnedInError,
    Form,
    Holder,
    NotOpenError,
    Subject,
    answers_of,
)
from services.enrollment.house import House
from services.enrollment.journal import actions as journal
from shared.postgres import transaction
from shared.problems import NotFoundError


async def write(
    house: House, organization_id: UUID, program_id: UUID, asked: Mapping[About, tuple[str, ...]], *,
    by: UUID | None = None,
) -> None:  # fmt: skip
    """Ask these questions from now on; a form with the same questions stays as it is. NotFoundError."""
    async with transaction(house.pool) as connection:
        if not await store.lock_program(connection, organization_id, program_id):
            raise NotFoundError
        known = await store.forms(connection, organization_id, program_id)
        for about, questions in asked.items():
            before = known.get(about)
            if questions == (before.questions if before is not None else ()):
                continue
            version = 1 if before is None else before.version + 1
            form = Form(id=uuid4(), version=version, about=about, questions=questions)
            await store.insert_form(connection, organization_id, program_id, form, at=house.clock())
            await journal.note_change(
                connection, organization_id, by, "evaluation.write", "program", program_id,
                about=about, version=str(version),
            )  # fmt: skip


async def turn_in(house: House, holder: Holder, subject: Subject, given: Mapping[str, str]) -> None:
    """Hand answers in, once; InvalidInputError, NotOpenError, AlreadyTurnedInError."""
    if holder.place != "seated" or not subject.is_open(house.clock()):
        raise NotOpenError
    answers = answers_of(subject.form, given)
    async with transaction(house.pool) as connection:
        if not await store.turn_in(connection, holder, subject, answers):
            raise AlreadyTurnedInError
