"""What a route answers to those whom it does not concern, and how to ask it."""

from collections.abc import Callable
from typing import Any

import msgspec

from tests.enrollment.lines.world import World

#: What the outsiders are answered, in their order.
STAFF = (404, 403, 403, 403, 401)
CONCERNED = (404, 404, 404, 404, 401)
#: The other participant is in the same cohort.
COHORT = (404, 404, 200, 404, 401)
#: An id under which another organization keeps something: taken, without a word on what it is.
TAKEN = (409, 403, 403, 403, 401)
#: For anybody of the organization, and for those who look at its own pages.
SHOWN = (404, 200, 200, 200, 404)
#: At the address of another organization there is nothing, whoever asks.
NOWHERE = (404, 404, 404, 404, 404)
#: A page for those who signed in, at the address of another organization, and at the object's own (`Line.home`).
AWAY = (404, 401, 401, 401, 401)
STAFF_AT_HOME = (401, 403, 403, 403, 401)
CONCERNED_AT_HOME = (401, 404, 404, 404, 401)

PERSON = {"name": "Mallory", "email": "mallory@example.org"}

Body = Callable[[World], dict[str, Any]]


class Line(msgspec.Struct, frozen=True):
    """What a route answers the outsiders, and how to ask it."""

    #: in the order of OUTSIDERS; of a page, at the address of the other organization
    statuses: tuple[int, ...]
    json: Body | None = None
    form: Body | None = None
    query: Body | None = None
    #: of a page for those who signed in: the same at the address of the object's own organization
    home: tuple[int, ...] | None = None
    #: what the organization's own administrator is answered, where it is a GET
    administrator: int = 200
