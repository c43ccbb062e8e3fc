"""The pages of badges from elsewhere: whoever has one shows the file, staff accept or decline it."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import Parameter
from litestar.response import Redirect

from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page
from services.enrollment.people.model import Viewer
from services.enrollment.programs import claiming, store_claims
from services.enrollment.programs.model import ClaimDecidedError, VerifierAwayError
from shared.words import N_, said

_Short = Annotated[str, Parameter(max_length=60)]
_AWAY = N_("The file cannot be checked right now. Nothing was kept; try again in a few minutes.")


@get("/{slug:str}/learning/level-badge", opt={"policy": "level.claim"}, include_in_schema=False)
async def read(
    house: House, organization: Organization, viewer: Viewer, level: _Short = "", done: _Short = ""
) -> Response[str]:
    """The form that takes a badge from elsewhere, and what became of those brought before."""
    return await _page(house, organization, viewer, level, done=done)


@post(
    "/{slug:str}/learning/level-badge",
    opt={"policy": "level.claim"},
    include_in_schema=False,
    request_max_body_size=claiming.MOST_BYTES + 64 * 1024,
)
async def show(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer
) -> Response[Any]:
    """Verify a file; a badge in force waits for staff, anything else is not kept."""
    form = await request.form()
    level, file = str(form.get("level", "")), form.get("file")
    content = await file.read(claiming.MOST_BYTES + 1) if isinstance(file, UploadFile) else b""
    known = {str(one.id): one.id for one in await store_claims.required_levels(house.pool, organization.id)}
    errors: dict[str, str] = {}
    if level not in known:
        errors["level"] = N_("Choose one of these.")
    if not content.strip():
        errors["file"] = N_("Choose the file of the badge.")
    if len(content) > claiming.MOST_BYTES:
        errors["file"] = said("A badge's file has at most %(most)s MB.", most=claiming.MOST_BYTES // 1024**2)
    if errors:
        return await _page(house, organization, viewer, level, status=422, errors=errors)
    try:
        seen = await claiming.look_at(house, content)
    except VerifierAwayError:
        return await _page(house, organization, viewer, level, status=503, errors={"file": _AWAY})
    if not seen.is_authentic:
        return await _page(house, organization, viewer, level, status=422, errors={"file": seen.sentence})
    await claiming.claim(house, viewer, known[level], seen)
    return Redirect(f"/{organization.slug}/learning/level-badge?done=waiting", status_code=303)


async def _page(
    house: House, organization: Organization, viewer: Viewer, level: str, *, status: int = 200, done: str = "",
    errors: dict[str, str] | None = None,
) -> Response[str]:  # fmt: skip
    assert viewer.person_id is not None
    return page(
        house,
        "programs_claim.html",
        status=status,
        organization=organization,
        viewer=viewer,
        levels=await store_claims.required_levels(house.pool, organization.id),
        claims=await store_claims.own_claims(house.pool, organization.id, viewer.person_id),
        level=level,
        done=done,
        errors=errors or {},
    )


@get("/{slug:str}/staff/level-badges", opt={"policy": "level.decide"}, include_in_schema=False)
async def waiting(house: House, organization: Organization, viewer: Viewer, done: _Short = "") -> Response[str]:
    """The badges from elsewhere that wait for a decision."""
    found = await store_claims.waiting_claims(house.pool, organization.id)
    return page(
        house, "programs_claims.html", organization=organization, viewer=viewer, claims=found, done=done, errors={}
    )


@post("/{slug:str}/staff/level-badges/{claim_id:uuid}", opt={"policy": "level.decide"}, include_in_schema=False)
async def decide(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer, claim_id: UUID
) -> Response[Any]:
    """Accept or decline one."""
    accepts = (await request.form()).get("decision") == "accepted"
    try:
        await claiming.decide(house, viewer, claim_id, accepts=accepts)
    except ClaimDecidedError:
        found = await store_claims.waiting_claims(house.pool, organization.id)
        errors = {"claims": N_("It was decided already, or it is your own. Nothing was changed.")}
        return page(
            house, "programs_claims.html", status=409, organization=organization, viewer=viewer, claims=found,
            done="", errors=errors,
        )  # fmt: skip
    return Redirect(f"/{organization.slug}/staff/level-badges?done=decided", status_code=303)


ROUTES = [read, show, waiting, decide]
