"""The staff's page of what a cohort's people answered, and the opening of a private field, which is noted."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post

from services.enrollment.forms import store
from services.enrollment.forms.model import Consent, Field
from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page
from services.enrollment.people import store as people
from services.enrollment.people.model import Viewer
from services.enrollment.people.secrets import actions as secrets
from services.enrollment.people.secrets import store as secret_store
from shared.problems import NotFoundError

_ON_A_PAGE = 50


@get("/{slug:str}/staff/cohorts/{cohort_id:uuid}/answers", opt={"policy": "answer.read"}, include_in_schema=False)
async def read(
    house: House,
    request: Request[Any, Any, Any],
    organization: Organization,
    viewer: Viewer,
    cohort_id: UUID,
    after: UUID | None = None,
) -> Response[str]:
    """What everybody with a place answered and consented to; of what is private, only that it is there."""
    cohort = await store.cohort(house.pool, viewer.organization_id, cohort_id)
    if cohort is None or viewer.person_id is None:
        raise NotFoundError
    rows = await store.rows(house.pool, viewer.organization_id, cohort_id, after=after, most=_ON_A_PAGE + 1)
    fields: dict[str, Field] = {}
    consents: dict[str, Consent] = {}
    for form in await store.forms_of_cohort(house.pool, viewer.organization_id, cohort_id):
        for field in form.fields:
            fields.setdefault(field.key, field)
        for consent in form.consents:
            consents.setdefault(consent.key, consent)
    return page(
        house,
        "cohort_answers.html",
        organization=organization,
        viewer=viewer,
        cohort=cohort,
        rows=rows[:_ON_A_PAGE],
        fields=list(fields.values()),
        consents=list(consents.values()),
        may_open=await secret_store.fields_read_by(house.pool, viewer.organization_id, viewer.person_id),
        query=dict(request.query_params),
        next=rows[_ON_A_PAGE - 1].id if len(rows) > _ON_A_PAGE else None,
    )


@post(
    "/{slug:str}/staff/people/{person_id:uuid}/private/{field:str}",
    opt={"policy": "secret.read"},
    include_in_schema=False,
    status_code=200,
)
async def open_private(
    house: House, organization: Organization, viewer: Viewer, person_id: UUID, field: str
) -> Response[str]:
    """One private field of somebody, for whoever may read the field; a POST, since opening it is noted."""
    value = await secrets.open_secret(house, viewer, person_id, field)
    person = await people.person(house.pool, viewer.organization_id, person_id)
    labels = await store.private_fields(house.pool, viewer.organization_id)
    if person is None:
        raise NotFoundError
    answer = page(
        house,
        "private_field.html",
        organization=organization,
        viewer=viewer,
        person=person,
        label=labels.get(field, field),
        value=value,
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


ROUTES = [read, open_private]
