"""What an address carries sealed, so that nobody can make it up: an offer, or what the form said."""

import base64
import binascii
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import msgspec

from services.enrollment.enrollments.letters import Letterhead
from shared.problems import NotFoundError
from shared.sealing import SealError, seal, unseal

_Sealed = TypeVar("_Sealed", bound=msgspec.Struct)
_OFFER = "offer of a seat"


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One offer of a seat: when it ends tells it from a later one to the same person."""

    enrollment_id: UUID
    expires_at: datetime


def sealed(content: msgspec.Struct, *, sealing_key: bytes, belongs_to: str) -> str:
    """`content` as a part of an address."""
    token = seal(sealing_key, msgspec.json.encode(content), belongs_to=belongs_to)
    return base64.urlsafe_b64encode(token).decode().rstrip("=")


def opened(token: str, kind: type[_Sealed], *, sealing_key: bytes, belongs_to: str) -> _Sealed:
    """What an address carries. NotFoundError where it was not made here for this."""
    try:
        whole = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(unseal(sealing_key, whole, belongs_to=belongs_to), type=kind)
    except (binascii.Error, ValueError, SealError):
        raise NotFoundError from None


def offer_url(head: Letterhead, enrollment_id: UUID, expires_at: datetime, *, sealing_key: bytes) -> str:
    """The page that answers an offer: whoever has its address has read the letter."""
    offer = Offer(enrollment_id=enrollment_id, expires_at=expires_at)
    token = sealed(offer, sealing_key=sealing_key, belongs_to=_OFFER)
    return f"{head.own_url}/{head.organization.slug}/offers/{token}"


def opened_offer(token: str, *, sealing_key: bytes) -> Offer:
    """The offer that a page's address carries. NotFoundError."""
    return opened(token, Offer, sealing_key=sealing_key, belongs_to=_OFFER)
