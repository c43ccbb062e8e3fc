"""Verbs of forms: ask something else, keep what somebody answered, give a consent and take it back."""

from datetime import datetime
from uuid import UUID

import msgspec

from services.enrollment.forms import drafting, store
from services.enrollment.forms.model import Answers, Form, FormChangedError, Given, checked_fields
from services.enrollment.forms.store import Holder
from services.enrollment.house import House
from services.enrollment.journal import actions as journal
from services.enrollment.people import actions as people
from services.enrollment.people.model import Viewer
from services.enrollment.people.secrets import actions as secrets
from shared.postgres import Connection, transaction
from shared.problems import InvalidInputError, NotFoundError


async def write(house: House, viewer: Viewer, program_id: UUID, wanted: Form, *, based_on: int) -> Form:
    """Ask this from now on, as the version behind `based_on`; the same again is no other version.

    NotFoundError, FormChangedError, InvalidInputError.
    """
    organization_id = viewer.organization_id
    async with transaction(house.pool) as connection:
        if viewer.person_id is None or not await store.lock_program(connection, organization_id, program_id):
            raise NotFoundError
        known = await store.form_of(connection, organization_id, program_id)
        if known is not None and _asks(known) == _asks(wanted):
            return known
        newest = 0 if known is None else known.version
        if based_on != newest:
            raise FormChangedError(newest)
        if wrong := drafting.clashes(wanted, await store.asked(connection, organization_id, program_id)):
            raise InvalidInputError(*wrong)
        before = {one.key: one for one in known.consents} if known is not None else {}
        consents = []
        for one in wanted.consents:
            held = before.get(one.key)
            is_same = held is not None and held.texts == one.texts
            version = (
                held.version
                if held is not None and is_same
                else await store.insert_texts(connection, organization_id, program_id, one)
            )
            consents.append(msgspec.structs.replace(one, version=version))
        form = Form(version=newest + 1, fields=wanted.fields, consents=tuple(consents))
        await store.insert_form(connection, organization_id, program_id, form, by=viewer.person_id, now=house.clock())
        await journal.note_change(
            connection,
            organization_id,
            viewer.person_id,
            "form.write",
            "program",
            program_id,
            version=str(form.version),
        )
        return form


def _asks(form: Form) -> object:
    return form.fields, tuple(msgspec.structs.replace(one, version=0) for one in form.consents)


async def keep(
    house: House,
    connection: Connection,
    organization_id: UUID,
    enrollment_id: UUID,
    person_id: UUID,
    answers: Answers,
    *,
    is_owner: bool,
    now: datetime,
) -> None:
    """Keep what was answered with an enrollment; only its owner changes what is kept private already."""
    await store.put_filled(connection, organization_id, enrollment_id, answers.version)
    await store.put_answers(connection, organization_id, enrollment_id, answers)
    keys = [one.key for one in answers.consents]
    await store.take_back_others(connection, organization_id, enrollment_id, keys, now=now)
    for given in answers.consents:
        await store.give(connection, organization_id, enrollment_id, given, now=now)
    said = {field: value for field, value in answers.private.items() if value}
    await secrets.keep(
        connection, organization_id, person_id, said, sealing_key=house.sealing_key, overwrites=is_owner, now=now
    )


async def change(house: House, viewer: Viewer, holder: Holder, form: Form, values: dict[str, str]) -> None:
    """Change one's own answers, private ones too. InvalidInputError; NotFoundError where one was merged meanwhile."""
    answers = checked_fields(form, values)
    async with transaction(house.pool) as connection:
        await people.acting(connection, viewer)
        await store.begin_filled(connection, viewer.organization_id, holder.enrollment_id, form.version)
        await store.put_answers(connection, viewer.organization_id, holder.enrollment_id, answers)
        await secrets.keep(
            connection,
            viewer.organization_id,
            holder.person_id,
            answers.private,
            sealing_key=house.sealing_key,
            overwrites=True,
            now=house.clock(),
        )


async def consent(
    house: House, viewer: Viewer, holder: Holder, form: Form, key: str, *, is_given: bool, language: str
) -> None:
    """Give a consent that the form asks for, or take it back; again changes nothing. NotFoundError."""
    asked = next((one for one in form.consents if one.key == key), None)
    if asked is None:
        raise NotFoundError
    organization_id, now = viewer.organization_id, house.clock()
    async with transaction(house.pool) as connection:
        await store.begin_filled(connection, organization_id, holder.enrollment_id, form.version)
        if is_given:
            given = Given(key=key, version=asked.version, language=asked.said_in(language)[0])
            await store.give(connection, organization_id, holder.enrollment_id, given, now=now)
        else:
            await store.take_back(connection, organization_id, holder.enrollment_id, key, now=now)
