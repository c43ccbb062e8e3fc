"""One's own answers and consents: seen and changed, what is private too."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.response import Redirect

from services.enrollment.forms import actions, store
from services.enrollment.forms.model import Form
from services.enrollment.forms.store import ConsentGiven, Holder
from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page, typed
from services.enrollment.people.access import require
from services.enrollment.people.model import Viewer
from services.enrollment.people.secrets import actions as secrets
from shared.pages.rendering import LANGUAGE, LANGUAGES
from shared.problems import InvalidInputError, NotFoundError

_PATH = "/{slug:str}/learning/{enrollment_id:uuid}/answers"


@get(_PATH, opt={"policy": "answer.own"}, include_in_schema=False)
async def read(
    house: House, organization: Organization, viewer: Viewer, enrollment_id: UUID, done: str = ""
) -> Response[str]:
    """What one answered when one enrolled, ready to be changed; and one's consents."""
    holder = await _holder(house, viewer, enrollment_id)
    return await _page(house, organization, viewer, holder, await _form(house, viewer, holder), done=done)


@post(_PATH, opt={"policy": "answer.own"}, include_in_schema=False)
async def write(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer, enrollment_id: UUID
) -> Response[Any]:
    """Change one's answers; or give a consent, or take it back."""
    holder = await _holder(house, viewer, enrollment_id)
    form = await _form(house, viewer, holder)
    if form is None:
        raise NotFoundError
    given = await typed(request)
    done = "saved"
    if "consent" in given:
        is_given = given.get("verb") == "give"
        done = "given" if is_given else "withdrawn"
        await actions.consent(
            house, viewer, holder, form, given["consent"], is_given=is_given, language=LANGUAGE.get() or LANGUAGES[0]
        )
    else:
        try:
            await actions.change(house, viewer, holder, form, given)
        except InvalidInputError as error:
            errors = dict(error.errors)
            return await _page(house, organization, viewer, holder, form, status=422, errors=errors, values=given)
    return Redirect(f"/{organization.slug}/learning/{enrollment_id}/answers?done={done}", status_code=303)


async def _holder(house: House, viewer: Viewer, enrollment_id: UUID) -> Holder:
    found = await store.holder(house.pool, viewer.organization_id, enrollment_id)
    if found is None:
        raise NotFoundError
    require(viewer, "answer.own", owns=found.person_id == viewer.person_id)
    return found


async def _form(house: House, viewer: Viewer, holder: Holder) -> Form | None:
    """The form that somebody filled in; where they were never asked, as from a list of names, what is asked now."""
    organization_id = viewer.organization_id
    filled = await store.form_of_enrollment(house.pool, organization_id, holder.enrollment_id)
    return filled or await store.form_of_cohort(house.pool, organization_id, holder.cohort_id)


async def _page(
    house: House,
    organization: Organization,
    viewer: Viewer,
    holder: Holder,
    form: Form | None,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    values: dict[str, str] | None = None,
    done: str = "",
) -> Response[str]:
    organization_id, enrollment_id = viewer.organization_id, holder.enrollment_id
    if values is None and form is not None:
        kept = await store.answers(house.pool, organization_id, enrollment_id)
        own = await secrets.own_secrets(house.pool, organization_id, holder.person_id, sealing_key=house.sealing_key)
        values = {f"answer-{one.key}": (own if one.kind == "private" else kept).get(one.key, "") for one in form.fields}
    latest: dict[str, ConsentGiven] = {
        one.key: one for one in await store.consents(house.pool, organization_id, enrollment_id)
    }
    answer = page(
        house,
        "own_answers.html",
        status=status,
        organization=organization,
        viewer=viewer,
        holder=holder,
        form=form,
        values=values or {},
        latest=latest,
        errors=errors or {},
        done=done if done in ("saved", "given", "withdrawn") else "",
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


ROUTES = [read, write]
