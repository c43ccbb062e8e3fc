"""The directory of who wants to be found, one's own entry in it, and what programs offer to read."""

from typing import Annotated, Any, cast, get_args
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler
from msgspec import Meta

from services.enrollment.directory import store
from services.enrollment.directory.model import MOST_ABOUT, OwnEntry, Resource, SeenBy
from services.enrollment.house import House
from services.enrollment.journal import actions as journal
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page
from services.enrollment.people.model import Viewer
from shared.postgres import transaction
from shared.problems import InvalidInputError, NotFoundError
from shared.words import said

_Short = Annotated[str, Meta(max_length=2_000)]
_UrlEncoded = Body(media_type=RequestEncodingType.URL_ENCODED)
_MOST_ON_A_PAGE = 50
_LONGEST_TITLE = 200


class EntryForm(msgspec.Struct, frozen=True):
    """What one wants to show, and to whom; `nobody` takes one out."""

    seen_by: _Short = ""
    about: _Short = ""
    shows_region: _Short = ""
    shows_level: _Short = ""
    shows_email: _Short = ""


class ResourceForm(msgspec.Struct, frozen=True):
    """Something to read, as staff add it."""

    id: _Short = ""
    program_id: _Short = ""
    title: _Short = ""
    about: _Short = ""
    link: _Short = ""


def _own(viewer: Viewer) -> UUID:
    if viewer.person_id is None:
        raise NotFoundError
    return viewer.person_id


@get("/{slug:str}/directory", opt={"policy": "directory.read"}, include_in_schema=False)
async def read(
    house: House, organization: Organization, viewer: Viewer, region: str = "", after: UUID | None = None
) -> Response[str]:
    """Whom one may find, each with only what they chose to show."""
    person_id = _own(viewer)
    found = await store.listed(
        house.pool, organization.id, person_id, region=region or None, after=after, most=_MOST_ON_A_PAGE + 1
    )
    shown = found[:_MOST_ON_A_PAGE]
    return page(
        house,
        "directory.html",
        organization=organization,
        viewer=viewer,
        people=shown,
        next=shown[-1].person_id if len(found) > _MOST_ON_A_PAGE else None,
        query={"region": region, "after": after},
        regions=await store.regions(house.pool, organization.id),
        entry=await store.entry(house.pool, organization.id, person_id),
    )


@get("/{slug:str}/directory/entry", opt={"policy": "directory.write"}, include_in_schema=False)
async def read_entry(house: House, organization: Organization, viewer: Viewer) -> Response[str]:
    """One's own entry, to change it."""
    found = await store.entry(house.pool, organization.id, _own(viewer))
    return _entry(house, organization, viewer, found)


@post("/{slug:str}/directory/entry", opt={"policy": "directory.write"}, include_in_schema=False)
async def write_entry(
    house: House, organization: Organization, viewer: Viewer, data: Annotated[EntryForm, _UrlEncoded]
) -> Response[Any]:
    """Write one's own entry, or take it out."""
    errors: dict[str, str] = {}
    wanted = _wanted(data)
    if wanted is None and data.seen_by != "nobody":
        errors["seen_by"] = said("Choose who may find you.")
    if wanted is not None and len(wanted.about or "") > MOST_ABOUT:
        errors["about"] = said("Write at most %(most)s letters about yourself.", most=MOST_ABOUT)
    if errors:
        return _entry(house, organization, viewer, wanted, errors=errors)
    if wanted is None:
        await store.delete_entry(house.pool, organization.id, _own(viewer))
    else:
        await store.put_entry(house.pool, organization.id, _own(viewer), wanted, now=house.clock())
    return Redirect(f"/{organization.slug}/directory", status_code=303)


def _wanted(data: EntryForm) -> OwnEntry | None:
    if data.seen_by not in get_args(SeenBy):
        return None
    return OwnEntry(
        seen_by=cast("SeenBy", data.seen_by),
        about=data.about.replace("\r\n", "\n").strip() or None,
        shows_region=bool(data.shows_region),
        shows_level=bool(data.shows_level),
        shows_email=bool(data.shows_email),
    )


def _entry(
    house: House,
    organization: Organization,
    viewer: Viewer,
    entry: OwnEntry | None,
    *,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    return page(
        house,
        "directory_entry.html",
        status=422 if errors else 200,
        organization=organization,
        viewer=viewer,
        entry=entry,
        errors=errors or {},
    )


@get("/{slug:str}/resources", opt={"policy": "directory.read"}, include_in_schema=False)
async def read_resources(house: House, organization: Organization, viewer: Viewer) -> Response[str]:
    """What the programs that one takes part in offer to read; staff add to it."""
    return await _resources(house, organization, viewer, ResourceForm(id=str(uuid4())))


@post("/{slug:str}/resources", opt={"policy": "resource.write"}, include_in_schema=False)
async def add_resource(
    house: House, organization: Organization, viewer: Viewer, data: Annotated[ResourceForm, _UrlEncoded]
) -> Response[Any]:
    """Add something to read."""
    programs = await store.programs(house.pool, organization.id, _own(viewer), all_of_them=True)
    try:
        wanted = _resource(data, {str(one.id) for one in programs})
    except InvalidInputError as error:
        return await _resources(house, organization, viewer, data, errors=dict(error.errors))
    async with transaction(house.pool) as connection:
        await store.insert_resource(connection, organization.id, wanted, now=house.clock())
        await journal.note_change(
            connection, organization.id, viewer.person_id, "resource.add", "resource", wanted.id,
            program_id=str(wanted.program_id),
        )  # fmt: skip
    return Redirect(f"/{organization.slug}/resources", status_code=303)


@post("/{slug:str}/resources/{resource_id:uuid}/removal", opt={"policy": "resource.write"}, include_in_schema=False)
async def remove_resource(house: House, organization: Organization, viewer: Viewer, resource_id: UUID) -> Response[Any]:
    """Take something to read away."""
    async with transaction(house.pool) as connection:
        if not await store.delete_resource(connection, viewer.organization_id, resource_id):
            raise NotFoundError
        await journal.note_change(
            connection, viewer.organization_id, viewer.person_id, "resource.remove", "resource", resource_id
        )
    return Redirect(f"/{organization.slug}/resources", status_code=303)


def _resource(data: ResourceForm, programs: set[str]) -> Resource:
    """What the form says; InvalidInputError with every field that is wrong."""
    title, link, about = data.title.strip(), data.link.strip(), data.about.replace("\r\n", "\n").strip()
    errors: list[tuple[str, str]] = []
    if data.program_id not in programs:
        errors.append(("program_id", said("Choose one of the programs.")))
    if not 0 < len(title) <= _LONGEST_TITLE:
        errors.append(("title", said("Give a title of at most %(most)s letters.", most=_LONGEST_TITLE)))
    if not _is_address(link):
        errors.append(("link", said("Give an address that begins with https:// or http://.")))
    if len(about) > MOST_ABOUT:
        errors.append(("about", said("Write at most %(most)s letters.", most=MOST_ABOUT)))
    try:
        identifier = UUID(data.id)
    except ValueError:
        identifier = uuid4()
    if errors:
        raise InvalidInputError(*errors)
    return Resource(id=identifier, program_id=UUID(data.program_id), title=title, about=about or None, link=link)


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and text.isprintable() and " " not in text
    except ValueError:
        return False


async def _resources(
    house: House, organization: Organization, viewer: Viewer, values: ResourceForm,
    *, errors: dict[str, str] | None = None,
) -> Response[str]:  # fmt: skip
    is_staff = bool(viewer.roles)
    return page(
        house,
        "resources.html",
        status=422 if errors else 200,
        organization=organization,
        viewer=viewer,
        values=values,
        errors=errors or {},
        programs=await store.programs(house.pool, organization.id, _own(viewer), all_of_them=is_staff),
        is_staff=is_staff,
    )


ROUTES: list[ControllerRouterHandler] = [
    read,
    read_entry,
    write_entry,
    read_resources,
    add_resource,
    remove_resource,
]
