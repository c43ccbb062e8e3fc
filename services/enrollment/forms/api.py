"""The JSON of forms: staff write what a program asks, anybody who may enroll reads it."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, put
from litestar.types import ControllerRouterHandler
from msgspec import Meta

from services.enrollment.forms import actions, drafting, store
from services.enrollment.forms.model import (
    LONGEST_BODY,
    LONGEST_CHOICE,
    LONGEST_HINT,
    LONGEST_KEY,
    LONGEST_LABEL,
    MOST_CHOICES,
    MOST_CONSENTS,
    MOST_FIELDS,
    Consent,
    Field,
    Form,
    Kind,
)
from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.people.model import Viewer
from shared.contracts import END
from shared.pages.rendering import LANGUAGES
from shared.problems import InvalidInputError, NotFoundError

_Key = Annotated[str, Meta(max_length=LONGEST_KEY, pattern=rf"^[a-z0-9]+(-[a-z0-9]+)*{END}")]
_Label = Annotated[str, Meta(min_length=1, max_length=LONGEST_LABEL)]
_Language = Annotated[str, Meta(pattern=rf"^({'|'.join(LANGUAGES)}){END}")]


class FieldBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question."""

    key: _Key
    label: _Label
    kind: Kind
    hint: Annotated[str, Meta(max_length=LONGEST_HINT)] = ""
    required: bool = False
    choices: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=LONGEST_CHOICE)], ...], Meta(max_length=MOST_CHOICES)
    ] = ()


class ConsentBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A consent, and its words by language; other words become its next version."""

    key: _Key
    label: _Label
    required: bool = False
    texts: Annotated[dict[_Language, Annotated[str, Meta(min_length=1, max_length=LONGEST_BODY)]], Meta(min_length=1)]


class FormBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a program is to ask; `based_on` is the version that it changes, 0 for the first."""

    based_on: Annotated[int, Meta(ge=0, le=1_000_000)]
    fields: Annotated[list[FieldBody], Meta(max_length=MOST_FIELDS)]
    consents: Annotated[list[ConsentBody], Meta(max_length=MOST_CONSENTS)] = []


@put("/api/programs/{program_id:uuid}/form", opt={"policy": "form.write"}, summary="Write what a program asks")
async def write(house: House, viewer: Viewer, program_id: UUID, data: FormBody) -> Form:
    """Ask this of whoever enrolls from now on: the next version. The same as before changes nothing."""
    fields = tuple(Field(**msgspec.structs.asdict(one)) for one in data.fields)
    consents = tuple(Consent(version=0, **msgspec.structs.asdict(one)) for one in data.consents)
    errors = [(f"fields.{one.key}.{part}", sentence) for one in fields for part, sentence in drafting.flaws(one)]
    errors += [
        (f"consents.{one.key}.{part}", sentence)
        for one in consents
        for part, sentence in drafting.flaws_of_consent(one)
    ]
    if errors:
        raise InvalidInputError(*errors)
    form = Form(version=0, fields=fields, consents=consents)
    return await actions.write(house, viewer, program_id, form, based_on=data.based_on)


@get("/api/{slug:str}/programs/{program_id:uuid}/form", opt={"policy": "form.read"}, summary="See what a program asks")
async def read(house: House, organization: Organization, program_id: UUID) -> Form:
    """What whoever enrolls in a cohort of the program is asked now."""
    found = await store.form_of(house.pool, organization.id, program_id)
    if found is None:
        raise NotFoundError
    return found


ROUTES: list[ControllerRouterHandler] = [write, read]
