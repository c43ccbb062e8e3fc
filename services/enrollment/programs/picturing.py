"""The picture of a badge that staff upload: brought to the issuer at once, which looks into it and says what it is."""

import hashlib
from typing import Any
from uuid import UUID

from litestar import Request
from litestar.datastructures import UploadFile
from msgspec import UNSET, UnsetType

from services.enrollment.house import House
from services.enrollment.issuer_client import IssuerClient, RefusedError
from shared import contracts
from shared.contracts import AchievementVersion, Picture
from shared.outbox import NotSentError
from shared.pages.sheets import Sheet
from shared.words import N_

MOST_BYTES = 1024 * 1024
#: Of the whole form: a photo that is too large is told so on the page, which keeps what was typed.
MOST_SENT = 16 * MOST_BYTES
_MEDIA_TYPE = {True: "image/png", False: "image/svg+xml"}


async def picture(
    house: House,
    request: Request[Any, Any, Any],
    organization_id: UUID,
    sheet: Sheet,
    before: AchievementVersion | None,
) -> Picture | UnsetType:
    """The picture that a level's form asks for; what does not fit is noted on the sheet."""
    file = (await request.form()).get("picture")
    content = await file.read(MOST_BYTES + 1) if isinstance(file, UploadFile) else b""
    known = UNSET if before is None else before.picture
    if sheet.is_ticked("picture_gone"):
        return UNSET
    if not content and isinstance(known, UnsetType):
        return UNSET
    caption = sheet.line("picture_caption", missing=N_("Say in words what the picture shows."))
    if len(content) > MOST_BYTES:
        sheet.wrong("picture", N_("The file is larger than 1 megabyte. Choose a smaller one."))
    if sheet.errors:
        return known
    if not content:
        assert not isinstance(known, UnsetType)
        return Picture(sha256=known.sha256, caption=caption)
    digest = hashlib.sha256(content).hexdigest()
    try:
        await IssuerClient(house).put(
            f"/images/{digest}",
            content,
            scope=contracts.ACHIEVEMENTS_WRITE,
            organization_id=organization_id,
            media_type=_MEDIA_TYPE[content.startswith(b"\x89PNG")],
        )
    except RefusedError:
        sheet.wrong("picture", N_("This is no picture for a badge. Choose a PNG or SVG of 128 to 4,096 pixels a side."))
    except NotSentError:
        sheet.wrong("picture", N_("The picture cannot be taken just now. Nothing was saved; try again in a minute."))
    return Picture(sha256=digest, caption=caption)
