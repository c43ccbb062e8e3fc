"""An award and its first credential, as they are stored and answered. Pure."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from shared.contracts import AwardAnswer, AwardState, AwardVisibility, Revocation


class AwardChangedError(Exception):
    """This award id was asked for with another request; `request_sha256` is the first one's. Nothing was changed."""

    def __init__(self, request_sha256: str) -> None:
        super().__init__(request_sha256)
        self.request_sha256 = request_sha256


class AwardInProgressError(Exception):
    """Somebody is signing this award just now."""


class AwardExistsError(Exception):
    """The achievement was awarded for this enrollment under another id: `award_id`."""

    def __init__(self, award_id: UUID) -> None:
        super().__init__(award_id)
        self.award_id = award_id


class AwardErasedError(Exception):
    """The award was erased for good; nothing can be asked for under it any more."""


class AwardRow(msgspec.Struct, frozen=True, kw_only=True):
    """An award with what is known of its first credential."""

    id: UUID
    issuer_id: UUID
    state: AwardState
    revision: int
    request_sha256: str | None
    revoked_at: datetime | None
    revocation_reason: str | None
    credential_id: UUID | None
    issued_at: datetime | None
    signed_sha256: str | None
    visibility: AwardVisibility
    erased_at: datetime | None

    @property
    def is_erased(self) -> bool:
        """Whether nothing is left of it but that it was."""
        return self.erased_at is not None


class Reservation(msgspec.Struct, frozen=True, kw_only=True):
    """All that goes into a credential beside the request, frozen before it is signed."""

    credential_id: UUID
    award_id: UUID
    issuer_id: UUID
    subject_id: str
    status_list_id: UUID
    status_index: int
    key_id: str
    jwt_key_id: str
    valid_from: datetime
    lease: UUID


class SignedCredential(msgspec.Struct, frozen=True, kw_only=True):
    """A credential in both its forms, as text; `sha256` is that of the JSON."""

    json: str
    jwt: str
    sha256: str


class PutResult(msgspec.Struct, frozen=True, kw_only=True):
    """What an award is now, and whether this call made it."""

    answer: AwardAnswer
    is_new: bool


Reason = Literal["first"]


def answer_of(row: AwardRow, *, public_url: str) -> AwardAnswer:
    """The award as both services speak of it."""
    revocation = None
    if row.revoked_at is not None and row.revocation_reason is not None:
        revocation = Revocation(reason=row.revocation_reason, revoked_at=row.revoked_at)
    is_signed = row.issued_at is not None
    return AwardAnswer(
        award_id=row.id,
        revision=row.revision,
        state=row.state,
        request_sha256=row.request_sha256,
        credential_id=row.credential_id if is_signed else None,
        badge_url=f"{public_url}/badges/{row.id}",
        issued_at=row.issued_at,
        signed_sha256=row.signed_sha256,
        revocation=revocation,
        visibility=row.visibility,
        is_erased=row.is_erased,
    )
