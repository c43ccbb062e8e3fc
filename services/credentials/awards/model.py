"""An award and its credentials, as they are stored and answered. Pure."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import UNSET

from shared.contracts import (
    AwardAnswer,
    AwardRequest,
    AwardState,
    AwardVisibility,
    CredentialReason,
    Revocation,
    RevocationCategory,
)


class AwardChangedError(Exception):
    """This id was asked for with another request; `request_sha256` is the first one's. Nothing was changed."""

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


class AwardNotIssuedError(Exception):
    """The award has no signed badge yet, so nothing of it can be changed or copied."""


class AwardRevokedError(Exception):
    """The award is revoked, so no copy of its badge is given."""


class AwardExpiredError(Exception):
    """The badge has expired: renew it first."""


class AwardRow(msgspec.Struct, frozen=True, kw_only=True):
    """An award with what is known of its current credential: signed, and not replaced."""

    id: UUID
    issuer_id: UUID
    state: AwardState
    revision: int
    request_sha256: str | None
    revoked_at: datetime | None
    revocation_reason: str | None
    revocation_category: RevocationCategory | None
    #: None while nothing is signed
    credential_id: UUID | None
    reason: CredentialReason | None
    ask_id: UUID | None
    valid_from: datetime | None
    valid_until: datetime | None
    issued_at: datetime | None
    signed_sha256: str | None
    #: Whether a correction, a renewal or a new signature is being made.
    is_changing: bool
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
    valid_until: datetime | None = None
    lease: UUID


class Order(Reservation, frozen=True, kw_only=True):
    """One credential of an award's series as it was reserved: why, under which id, for which request."""

    reason: CredentialReason
    number: int
    ask_id: UUID
    ask_sha256: str
    request: AwardRequest


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A credential as it was asked for. `ask_sha256` is None once erased."""

    credential_id: UUID
    award_id: UUID
    reason: CredentialReason
    ask_sha256: str | None
    is_issued: bool
    is_abandoned: bool


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A signed credential in force, which a new one of its award replaces."""

    credential_id: UUID
    request: AwardRequest
    valid_until: datetime | None


class Replacement(msgspec.Struct, frozen=True, kw_only=True):
    """The signed statement that `credential_id` was replaced, and what changed."""

    credential_id: UUID
    changes: tuple[str, ...]
    key_id: str
    json: str


class CopyRow(msgspec.Struct, frozen=True, kw_only=True):
    """A signed copy for a wallet."""

    copy_id: UUID
    award_id: UUID
    credential_id: UUID
    did: str
    valid_until: datetime | None
    signed_sha256: str


class Challenge(msgspec.Struct, frozen=True, kw_only=True):
    """What a wallet has to sign to get its copy."""

    award_id: UUID
    challenge: str
    expires_at: datetime
    used_at: datetime | None


class SignedCredential(msgspec.Struct, frozen=True, kw_only=True):
    """A credential in both its forms, as text; `sha256` is that of the JSON."""

    json: str
    jwt: str
    sha256: str


class PutResult(msgspec.Struct, frozen=True, kw_only=True):
    """What an award is now, and whether this call made it."""

    answer: AwardAnswer
    is_new: bool


def answer_of(row: AwardRow, *, public_url: str) -> AwardAnswer:
    """The award as both services speak of it."""
    revocation = None
    if row.revoked_at is not None and row.revocation_reason is not None:
        revocation = Revocation(
            reason=row.revocation_reason,
            revoked_at=row.revoked_at,
            category=row.revocation_category or UNSET,
        )
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
        reason=row.reason or UNSET,
        change_id=row.ask_id or UNSET if row.reason in ("correction", "renewal") else UNSET,
        valid_until=row.valid_until or UNSET,
    )
