"""A badge as the public role reads it. Pure."""

from datetime import datetime
from uuid import UUID

import msgspec

from services.credentials.awards import results
from services.credentials.keys.model import Issuer
from shared.contracts import AchievementVersion, AwardRequest


class NotIssuedYetError(Exception):
    """The badge is being made; try again in a moment."""


class BadgeErasedError(Exception):
    """The badge was erased, for good."""


class BadgeWithdrawnError(Exception):
    """The holder took the badge from view; it may come back."""


class NothingToVerifyError(Exception):
    """Neither a file nor a text came with the request."""


class FileTooLargeError(Exception):
    """The file is larger than `most_bytes`."""

    def __init__(self, most_bytes: int) -> None:
        super().__init__(most_bytes)
        self.most_bytes = most_bytes


class Badge(msgspec.Struct, frozen=True, kw_only=True):
    """A credential with its award, achievement and issuer: all that its page, files and certificate show."""

    award_id: UUID
    credential_id: UUID
    issuer: Issuer
    request: AwardRequest
    achievement: AchievementVersion
    signed_json: str
    signed_jwt: str
    issued_at: datetime
    revoked_at: datetime | None
    revocation_reason: str | None
    valid_until: datetime | None
    #: The newer credential of its award; None while it is the current one, or a copy beside that.
    replaced_by: UUID | None
    #: In what the newer one differs, as `awards.changes.WORDS` names it.
    changes: tuple[str, ...]
    #: Whether search engines may list its page.
    is_published: bool

    @property
    def results(self) -> list[tuple[str, str]]:
        """What the holder achieved of each result that is told: its name, and the level or value."""
        return list(results.told(self.request, self.achievement))


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a credential that was signed here, also of one that is not shown any more."""

    award_id: UUID
    issuer_did: str
    is_shown: bool
    revoked_at: datetime | None
    revocation_reason: str | None
    is_replaced: bool


class Achievement(msgspec.Struct, frozen=True, kw_only=True):
    """One version of an achievement, with its issuer."""

    id: UUID
    version: int
    issuer: Issuer
    content: AchievementVersion
