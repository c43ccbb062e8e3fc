"""Heads of the issuer's log as we were told them, and what is wrong with two of them. Pure."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

#: `rewritten`: the larger tree does not begin with the smaller one; `cut`: the log is smaller than a head it signed.
AlarmKind = Literal["rewritten", "cut"]


class TakenHead(msgspec.Struct, frozen=True, kw_only=True):
    """A head that the issuer told us, with the note it signed."""

    organization_id: UUID
    size: int
    root: bytes
    checkpoint: str
    told_at: datetime


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """Two signed heads that contradict each other."""

    kind: AlarmKind
    older: str
    newer: str
    raised_at: datetime
