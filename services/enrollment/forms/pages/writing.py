"""The staff's page that writes what a program asks of whoever enrolls, and shows it as they will see it."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.response import Redirect

from services.enrollment.forms import actions, store
from services.enrollment.forms.drafting import Draft, draft_from, draft_of, form_from
from services.enrollment.forms.model import STARTER, Form, FormChangedError
from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page, typed
from services.enrollment.people.model import Viewer
from shared.pages.rendering import LANGUAGES
from shared.problems import InvalidInputError, NotFoundError
from shared.words import N_

_PATH = "/{slug:str}/staff/programs/{program_id:uuid}/form"
_CHANGED = N_(
    "Somebody else changed this form meanwhile. Yours is kept below; save again to put it in place of theirs."
)


@get(_PATH, opt={"policy": "form.write"}, include_in_schema=False)
async def read(
    house: House, organization: Organization, viewer: Viewer, program_id: UUID, done: bool = False
) -> Response[str]:
    """What a program asks now, ready to be changed."""
    known = await store.form_of(house.pool, viewer.organization_id, program_id)
    return await _page(house, organization, viewer, program_id, draft_of(known), known=known, done=done)


@post(_PATH, opt={"policy": "form.write"}, include_in_schema=False)
async def write(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer, program_id: UUID
) -> Response[Any]:
    """Ask this from now on; or look at it first; or take over what educators are usually asked, to change it."""
    given = await typed(request)
    known = await store.form_of(house.pool, viewer.organization_id, program_id)
    if given.get("verb") == "begin":
        return await _page(house, organization, viewer, program_id, draft_of(STARTER), known=known, shown=STARTER)
    draft = draft_from(given)
    version = given.get("version", "")[:9]
    try:
        form = form_from(draft, await store.asked(house.pool, viewer.organization_id, program_id))
        if given.get("verb") == "preview":
            return await _page(house, organization, viewer, program_id, draft, known=known, shown=form)
        await actions.write(house, viewer, program_id, form, based_on=int(version) if version.isdecimal() else -1)
    except InvalidInputError as error:
        errors = dict(error.errors)
        return await _page(house, organization, viewer, program_id, draft, known=known, status=422, errors=errors)
    except FormChangedError:
        known = await store.form_of(house.pool, viewer.organization_id, program_id)
        errors = {"questions": _CHANGED}
        return await _page(house, organization, viewer, program_id, draft, known=known, status=409, errors=errors)
    return Redirect(f"/{organization.slug}/staff/programs/{program_id}/form?done=true", status_code=303)


async def _page(
    house: House,
    organization: Organization,
    viewer: Viewer,
    program_id: UUID,
    draft: Draft,
    *,
    known: Form | None,
    shown: Form | None = None,
    status: int = 200,
    errors: dict[str, str] | None = None,
    done: bool = False,
) -> Response[str]:
    name = await store.program(house.pool, viewer.organization_id, program_id)
    if name is None:
        raise NotFoundError
    return page(
        house,
        "program_form.html",
        status=status,
        organization=organization,
        viewer=viewer,
        program_id=program_id,
        program_name=name,
        draft=draft,
        known=known,
        shown=shown,
        tongues=LANGUAGES,
        errors=errors or {},
        done=done,
    )


ROUTES = [read, write]
