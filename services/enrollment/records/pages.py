"""The pages of one's own records: what was sent, the form to send one, what it will say, and withdrawing it."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from services.enrollment.house import House
from services.enrollment.notices.model import read_by
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import chosen, headers_of_download, page, typed
from services.enrollment.people.model import Viewer, normalized_email
from services.enrollment.records import actions, store, transcript
from services.enrollment.records.model import (
    CONSENT,
    DAYS,
    MOST_A_DAY,
    Achieved,
    NothingToSendError,
    Sending,
    TooManyRecordsError,
)
from shared.pages.rendering import LANGUAGE, LANGUAGES, translations
from shared.problems import InvalidInputError, NotFoundError
from shared.records import DAYS as USUAL_DAYS
from shared.words import N_, said

_HOME = "/{slug:str}/learning/records"
_READ, _SEND = {"policy": "record.read"}, {"policy": "record.send"}
_LONGEST_NAME = 200
_CHOOSE = N_("Choose at least one cohort that you completed.")
_AGREE = N_("Tick the box if you agree; without it nothing is sent.")


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """What was typed into the form, and what of it was wrong."""

    sending: Sending | None = None
    values: dict[str, str] = {}
    enrollment_ids: tuple[UUID, ...] = ()
    errors: dict[str, str] = {}


@get(_HOME, opt=_READ, include_in_schema=False)
async def read(house: House, organization: Organization, viewer: Viewer, done: str = "") -> Response[str]:
    """What one sent, to whom, and when it was opened."""
    person_id = _own(viewer)
    return page(
        house,
        "records_home.html",
        organization=organization,
        viewer=viewer,
        records=await store.sent(house.pool, organization.id, person_id),
        can_send=bool(await store.all_achieved(house.pool, organization, person_id)),
        now=house.clock(),
        done=done if done in ("sent", "withdrawn") else "",
    )


@get(f"{_HOME}/transcript.pdf", opt=_READ, include_in_schema=False)
async def read_transcript(house: House, organization: Organization, viewer: Viewer) -> Response[bytes]:
    """One's own transcript, for oneself."""
    everything = await store.all_achieved(house.pool, organization, _own(viewer))
    if not everything:
        raise NothingToSendError
    language = read_by(LANGUAGE.get() or organization.language)
    document = await transcript.render(house.documents, organization, viewer.name, everything, language=language)
    return Response(document, media_type="application/pdf", headers=headers_of_download("transcript.pdf"))


@get(f"{_HOME}/new", opt=_SEND, include_in_schema=False)
async def new(house: House, organization: Organization, viewer: Viewer) -> Response[str]:
    """The form: to whom, and what."""
    everything = await store.all_achieved(house.pool, organization, _own(viewer))
    return _form(house, organization, viewer, everything, Typed(enrollment_ids=_ids(everything)))


@post(f"{_HOME}/preview", opt=_SEND, status_code=200, include_in_schema=False)
async def preview(
    house: House, organization: Organization, viewer: Viewer, request: Request[Any, Any, Any]
) -> Response[str]:
    """What the record will say, and to whom, before anything is sent."""
    everything = await store.all_achieved(house.pool, organization, _own(viewer))
    found = await _read_form(request, everything)
    if found.sending is None:
        return _form(house, organization, viewer, everything, found)
    return _preview(house, organization, viewer, everything, found)


@post(_HOME, opt=_SEND, include_in_schema=False)
async def send(
    house: House, organization: Organization, viewer: Viewer, request: Request[Any, Any, Any]
) -> Response[Any]:
    """Send it, by the consent that was given with what it says in sight."""
    everything = await store.all_achieved(house.pool, organization, _own(viewer))
    found = await _read_form(request, everything)
    if found.sending is None:
        return _form(house, organization, viewer, everything, found)
    if not found.values.get("consent"):
        refused = msgspec.structs.replace(found, errors={"consent": _AGREE})
        return _preview(house, organization, viewer, everything, refused)
    try:
        await actions.send(
            house,
            viewer,
            organization,
            found.sending,
            language=found.values["language"],
            consent=translations(read_by(LANGUAGE.get() or organization.language)).gettext(CONSENT),
        )
    except TooManyRecordsError:
        sentence = said("You sent %(most)s records within a day. Wait until tomorrow.", most=MOST_A_DAY)
        refused = msgspec.structs.replace(found, errors={"recipient_email": sentence})
        return _form(house, organization, viewer, everything, refused, status=429)
    except NothingToSendError:
        refused = msgspec.structs.replace(found, errors={"enrollments": _CHOOSE})
        return _form(house, organization, viewer, everything, refused)
    return Redirect(f"/{organization.slug}/learning/records?done=sent", status_code=303)


@get(f"{_HOME}/{{record_id:uuid}}/withdraw", opt=_SEND, include_in_schema=False)
async def ask_withdraw(house: House, organization: Organization, viewer: Viewer, record_id: UUID) -> Response[str]:
    """Ask once whether the link is to be closed."""
    found = await store.one(house.pool, organization.id, _own(viewer), record_id)
    if found is None:
        raise NotFoundError
    return page(house, "records_withdraw.html", organization=organization, viewer=viewer, record=found)


@post(f"{_HOME}/{{record_id:uuid}}/withdraw", opt=_SEND, include_in_schema=False)
async def withdraw(house: House, organization: Organization, viewer: Viewer, record_id: UUID) -> Redirect:
    """Close the link for good."""
    await actions.withdraw(house, viewer, record_id)
    return Redirect(f"/{organization.slug}/learning/records?done=withdrawn", status_code=303)


def _own(viewer: Viewer) -> UUID:
    if viewer.person_id is None:
        raise NotFoundError
    return viewer.person_id


def _ids(found: list[Achieved]) -> tuple[UUID, ...]:
    return tuple(one.enrollment_id for one in found)


async def _read_form(request: Request[Any, Any, Any], everything: list[Achieved]) -> Typed:
    """What the form says; without `sending` where something of it is wrong."""
    values, errors = await typed(request), dict[str, str]()
    ids = tuple(one for one in await chosen(request, "enrollments") if one in _ids(everything))
    name = " ".join(values.get("recipient_name", "").split())
    if not 2 <= len(name) <= _LONGEST_NAME or not name.isprintable():
        errors["recipient_name"] = N_("Name the organization that the record is for.")
    email = ""
    try:
        email = normalized_email(values.get("recipient_email", "")[:500])
    except InvalidInputError as error:
        errors["recipient_email"] = error.errors[0][1]
    if not ids:
        errors["enrollments"] = _CHOOSE
    days = next((one for one in DAYS if str(one) == values.get("days")), USUAL_DAYS)
    values["language"] = values.get("language", "") if values.get("language") in LANGUAGES else LANGUAGES[0]
    sending = Sending(recipient_name=name, recipient_email=email, enrollment_ids=ids, days=days)
    return Typed(sending=None if errors else sending, values=values, enrollment_ids=ids, errors=errors)


def _form(
    house: House,
    organization: Organization,
    viewer: Viewer,
    everything: list[Achieved],
    found: Typed,
    *,
    status: int = 422,
) -> Response[str]:
    return page(
        house,
        "records_new.html",
        status=status if found.errors else 200,
        organization=organization,
        viewer=viewer,
        everything=everything,
        chosen=found.enrollment_ids,
        values={
            "recipient_name": "",
            "recipient_email": "",
            "days": str(USUAL_DAYS),
            "language": viewer.language or organization.language,
            **found.values,
        },
        errors=found.errors,
        days=DAYS,
    )


def _preview(
    house: House, organization: Organization, viewer: Viewer, everything: list[Achieved], found: Typed
) -> Response[str]:
    assert found.sending is not None
    entries = [one.entry for one in everything if one.enrollment_id in found.enrollment_ids]
    return page(
        house,
        "records_preview.html",
        status=422 if found.errors else 200,
        organization=organization,
        viewer=viewer,
        sending=found.sending,
        entries=entries,
        record_language=found.values["language"],
        consent=CONSENT,
        errors=found.errors,
    )


ROUTES: list[ControllerRouterHandler] = [read, read_transcript, new, preview, send, ask_withdraw, withdraw]
