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


class PictureRefusedError(Exception):
    """An uploaded file is no picture that can be kept; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class UnknownPictureError(Exception):
    """The version names a picture that was not uploaded (yet)."""


class CleanPicture(msgspec.Struct, frozen=True, kw_only=True, tag="clean"):
    """An uploaded picture in both forms that badges come in, made anew."""

    png: bytes
    svg: bytes


class PictureRefusal(msgspec.Struct, frozen=True, kw_only=True, tag="refused"):
    """Why an uploaded picture is not kept: `broken`, `size`, `complex` or `empty`."""

    code: str


class KeptPicture(msgspec.Struct, frozen=True, kw_only=True):
    """Where the two forms of a picture are kept."""

    png_id: UUID
    svg_id: UUID
