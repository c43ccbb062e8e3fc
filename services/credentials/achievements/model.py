"""A version of an achievement. Pure."""

from datetime import datetime
from uuid import UUID

import msgspec

from shared.contracts import AchievementVersion


class VersionChangedError(Exception):
    """This version exists with other content; give the change a new number. `content_sha256` is the existing one's."""

    def __init__(self, content_sha256: str) -> None:
        super().__init__(content_sha256)
        self.content_sha256 = content_sha256


class UnknownAchievementError(Exception):
    """The issuer has no such version of the achievement (yet)."""


class StoredVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A version as it was put."""

    achievement_id: UUID
    version: int
    issuer_id: UUID
    content: AchievementVersion
    content_sha256: str
    created_at: datetime
