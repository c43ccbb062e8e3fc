"""The rotating code that a room shows, by which those who are there check themselves in. Pure."""

import base64
import hmac
from datetime import datetime, timedelta
from uuid import UUID

from services.enrollment.attendance.model import CheckInClosedError, Session

#: A code is shown for so long, and is good for as long again: time to point a phone at it.
WINDOW = timedelta(seconds=30)
#: How often the page that shows it asks for the next.
REFRESH_SECONDS = 20
#: Who opened the page with a good code has so long to press its button.
PASS_LIFETIME = timedelta(minutes=3)
#: Check-in opens so long before the session.
_BEFORE = timedelta(minutes=30)
#: Who checks in so long after the start was there from the start: phones come out late.
GRACE = timedelta(minutes=10)
_CODE_BYTES = 9


def code_at(sealing_key: bytes, session_id: UUID, now: datetime) -> str:
    """The session's code in the window that `now` lies in."""
    return _code(sealing_key, session_id, _window(now))


def is_code(sealing_key: bytes, session_id: UUID, text: str, *, now: datetime) -> bool:
    """Whether it is the session's code of this window or of the one before."""
    good = [_code(sealing_key, session_id, _window(now) - back) for back in (0, 1)]
    return any(hmac.compare_digest(one.encode(), text.encode()) for one in good)


def opens_at(session: Session) -> datetime:
    """When one can check in; until the session's end."""
    return session.starts_at - _BEFORE


def is_open(session: Session, *, now: datetime) -> bool:
    """Whether one can check in now."""
    return opens_at(session) <= now < session.ends_at


def check_open(session: Session, *, now: datetime) -> None:
    """CheckInClosedError unless one can check in now."""
    if not is_open(session, now=now):
        raise CheckInClosedError(opens_at(session), session.ends_at)


def arrival(session: Session, *, now: datetime) -> datetime | None:
    """When somebody who checks in now arrived; None for with the others."""
    return None if now <= session.starts_at + GRACE else now


def _window(now: datetime) -> int:
    return int(now.timestamp() // WINDOW.total_seconds())


def _code(sealing_key: bytes, session_id: UUID, window: int) -> str:
    digest = hmac.digest(sealing_key, b"check-in" + session_id.bytes + window.to_bytes(8), "sha256")
    return base64.urlsafe_b64encode(digest[:_CODE_BYTES]).decode()
