"""What a role lets somebody do, a wish to give one, and who stands how. Pure."""

from datetime import datetime
from typing import get_args
from uuid import UUID

import msgspec

from services.enrollment.people.model import Role, normalized_email
from shared.pages.rendering import LANGUAGES
from shared.problems import InvalidInputError
from shared.words import N_

ROLES: tuple[Role, ...] = get_args(Role)
NAMES: dict[Role, str] = {"administrator": N_("Administrator"), "coordinator": N_("Coordinator")}
#: What each may do, as a sentence of its own.
MEANINGS: dict[Role, str] = {
    "administrator": N_(
        "Does everything that coordinators do, and besides gives roles, decides who opens private answers, sets"
        " budgets, erases people, places legal holds and reads the log."
    ),
    "coordinator": N_(
        "Sees and changes all programs, cohorts, people, evidence, completions and stipends, and downloads tables."
    ),
}


class OwnRoleError(Exception):
    """Nobody gives a role to themselves."""


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """A role for whoever has a normalized address; `name` and `language` are for somebody who is new."""

    email: str
    role: Role
    name: str = ""
    language: str = LANGUAGES[0]


class Worker(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody with roles in the whole organization."""

    id: UUID
    name: str
    email: str
    roles: tuple[Role, ...]
    since: datetime
    #: how many private questions of others they may open
    opens: int


class Teacher(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who teaches cohorts, whatever other roles they have."""

    id: UUID
    name: str
    email: str
    cohorts: int


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of somebody before their roles are changed."""

    id: UUID
    name: str
    email: str
    roles: tuple[Role, ...]
    opens: int
    teaches: int
    #: administrators besides them
    others: int


def role_of(text: str) -> Role:
    """The role of this key; InvalidInputError where there is none."""
    for role in ROLES:
        if text == role:
            return role
    raise InvalidInputError(("role", N_("Choose a role.")))


def wish_of(*, email: str, role: str, name: str, language: str) -> Wish:
    """A wish as it was typed; InvalidInputError names every field that does not fit."""
    errors: list[tuple[str, str]] = []
    address, chosen = "", ROLES[0]
    try:
        address = normalized_email(email)
    except InvalidInputError as error:
        errors += error.errors
    try:
        chosen = role_of(role)
    except InvalidInputError as error:
        errors += error.errors
    if errors:
        raise InvalidInputError(*errors)
    known = language if language in LANGUAGES else LANGUAGES[0]
    return Wish(email=address, role=chosen, name=name, language=known)
