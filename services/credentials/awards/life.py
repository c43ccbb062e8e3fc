"""The one table of an award's life: what each event does in each state, or why it does nothing. Pure."""

from datetime import datetime
from typing import Literal

from services.credentials.awards.model import (
    AwardErasedError,
    AwardExpiredError,
    AwardInProgressError,
    AwardNotIssuedError,
    AwardRevokedError,
    AwardRow,
)
from shared.problems import NotFoundError

#: `changing`: signed, and a correction, a renewal or a new signature is being made; `erased and revoked`: erased, and
#: revoked before or after.
State = Literal[
    "absent", "pending", "issued", "changing", "expired", "revoked", "erased", "erased and revoked"
]  # fmt: skip
#: `sign`: what was reserved is signed and stored; the others are what is asked for.
Event = Literal["award", "correct", "renew", "re-sign", "copy", "sign", "revoke", "show", "erase"]
Refusal = Literal["unknown", "not issued yet", "in progress", "is expired", "is revoked", "is erased"]

_REFUSED: dict[Refusal, type[Exception]] = {
    "unknown": NotFoundError,
    "not issued yet": AwardNotIssuedError,
    "in progress": AwardInProgressError,
    "is expired": AwardExpiredError,
    "is revoked": AwardRevokedError,
    "is erased": AwardErasedError,
}

#: The state after the event. The same state again: what is there is answered, or signed again from what was frozen.
TABLE: dict[State, dict[Event, State | Refusal]] = {
    "absent": {
        "award": "pending",
        "correct": "unknown",
        "renew": "unknown",
        "re-sign": "unknown",
        "copy": "unknown",
        "sign": "unknown",
        "revoke": "revoked",
        "show": "unknown",
        "erase": "erased",
    },
    "pending": {
        "award": "pending",
        "correct": "not issued yet",
        "renew": "not issued yet",
        "re-sign": "not issued yet",
        "copy": "not issued yet",
        "sign": "issued",
        "revoke": "revoked",
        "show": "pending",
        "erase": "erased",
    },
    "issued": {
        "award": "issued",
        "correct": "changing",
        "renew": "changing",
        "re-sign": "changing",
        "copy": "issued",
        "sign": "issued",
        "revoke": "revoked",
        "show": "issued",
        "erase": "erased",
    },
    "changing": {
        "award": "changing",
        "correct": "in progress",
        "renew": "in progress",
        "re-sign": "in progress",
        "copy": "in progress",
        "sign": "issued",
        "revoke": "revoked",
        "show": "changing",
        "erase": "erased",
    },
    "expired": {
        "award": "expired",
        "correct": "is expired",
        "renew": "changing",
        "re-sign": "is expired",
        "copy": "is expired",
        "sign": "expired",
        "revoke": "revoked",
        "show": "expired",
        "erase": "erased",
    },
    "revoked": {
        "award": "revoked",
        "correct": "revoked",
        "renew": "revoked",
        "re-sign": "revoked",
        "copy": "is revoked",
        "sign": "revoked",
        "revoke": "revoked",
        "show": "revoked",
        "erase": "erased and revoked",
    },
    "erased": {
        "award": "is erased",
        "correct": "is erased",
        "renew": "is erased",
        "re-sign": "is erased",
        "copy": "is erased",
        "sign": "is erased",
        "revoke": "erased and revoked",
        "show": "is erased",
        "erase": "erased",
    },
    "erased and revoked": {
        "award": "is erased",
        "correct": "is erased",
        "renew": "is erased",
        "re-sign": "is erased",
        "copy": "is erased",
        "sign": "is erased",
        "revoke": "erased and revoked",
        "show": "is erased",
        "erase": "erased and revoked",
    },
}


def state_of(row: AwardRow | None, *, now: datetime) -> State:
    """The state of an award; None is one that has not come."""
    if row is None:
        return "absent"
    if row.is_erased:
        return "erased and revoked" if row.state == "revoked" else "erased"
    if row.state != "issued":
        return row.state
    if row.is_changing:
        return "changing"
    return "expired" if row.valid_until is not None and row.valid_until <= now else "issued"


def after(state: State, event: Event) -> State:
    """The state that an event leads to; the exception of its refusal where it may not be."""
    found = TABLE[state][event]
    if found in TABLE:
        return found
    raise _REFUSED[found]  # type: ignore[index]  # what is no state is a refusal
