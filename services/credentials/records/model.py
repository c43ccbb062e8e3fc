"""A record as it is stored and answered. Pure."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from shared.records import RecordAnswer, RecordOpening

Form = Literal["page", "pdf", "json"]


class RecordChangedError(Exception):
    """This record id was asked for with another request; nothing was changed."""


class RecordOverError(Exception):
    """The link has expired, or its holder withdrew it; `is_withdrawn` says which. What it showed is gone."""

    def __init__(self, *, is_withdrawn: bool) -> None:
        super().__init__(is_withdrawn)
        self.is_withdrawn = is_withdrawn


class RecordRow(msgspec.Struct, frozen=True, kw_only=True):
    """A record with what was frozen for its signature."""

    id: UUID
    issuer_id: UUID
    revision: int
    request: bytes | None
    request_sha256: str | None
    subject_id: str | None
    key_id: str | None
    expires_at: datetime | None
    #: When it was reserved: the date of its signature.
    created_at: datetime
    signed_json: str | None
    signed_sha256: str | None
    issued_at: datetime | None
    withdrawn_at: datetime | None
    emptied_at: datetime | None

    @property
    def is_signed(self) -> bool:
        """Whether nothing is left to sign: it was, or is over."""
        return self.issued_at is not None or self.withdrawn_at is not None or self.emptied_at is not None


def answer_of(row: RecordRow, openings: tuple[RecordOpening, ...]) -> RecordAnswer:
    """The record as both services speak of it."""
    state: Literal["pending", "issued", "withdrawn"] = "pending" if row.issued_at is None else "issued"
    return RecordAnswer(
        record_id=row.id,
        revision=row.revision,
        state="withdrawn" if row.withdrawn_at is not None else state,
        signed_sha256=row.signed_sha256,
        openings=openings,
    )
