"""Who somebody is: people, their roles, and the viewer that a request is answered for."""

import hashlib
from typing import Literal
from uuid import UUID

import msgspec

#: Roles that hold for the whole organization; instructors and participants have theirs from a cohort.
Role = Literal["administrator", "coordinator"]

#: The organization of somebody who is signed in nowhere: no row has it.
NOWHERE = UUID(int=0)


class Viewer(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a request is answered for; `person_id` is None for somebody who is not signed in."""

    organization_id: UUID
    person_id: UUID | None
    roles: frozenset[Role] = frozenset()
    name: str = ""


ANONYMOUS = Viewer(organization_id=NOWHERE, person_id=None)


def token_sha256(token: str) -> bytes:
    """What is stored of a sign-in link's or session's token."""
    return hashlib.sha256(token.encode()).digest()


def cookie_name(own_url: str) -> str:
    """The session cookie's name: with https, browsers hold `__Host-` to this host, path / and Secure."""
    return "__Host-laurel_session" if own_url.startswith("https://") else "laurel_session"
