"""What adding an address needs to know. Pure."""

from datetime import timedelta
from uuid import UUID

import msgspec

WISH_LIFETIME = timedelta(days=1)
MOST_ADDRESSES = 10
#: Letters that one person may have sent to addresses in an hour.
MOST_WISHES = 5


class TooManyWishesError(Exception):
    """Enough letters were sent for one hour."""


class WishOverError(Exception):
    """The link was used, has expired, was sent for somebody else, or never was."""


class AddressTakenError(Exception):
    """The address belongs to another record; whoever says so was mailed there, so they may know."""


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """One of somebody's addresses."""

    email: str
    #: Whether it is the one that we write to.
    is_first: bool


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """An address that somebody wants to add."""

    person_id: UUID
    email: str
