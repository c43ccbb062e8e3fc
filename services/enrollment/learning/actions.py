"""Verbs of one's own learning: choose who comes upon a badge, take one's data away."""

import asyncio
import tempfile
import zipfile
from collections.abc import AsyncIterator
from typing import IO, Any
from uuid import UUID

import msgspec

from services.enrollment.completions import store_personal as completions
from services.enrollment.completions.actions import VISIBILITY
from services.enrollment.evidence.store_personal import OwnFile
from services.enrollment.house import House
from services.enrollment.journal import actions as journal
from services.enrollment.people.model import Viewer
from shared import outbox
from shared.contracts import AwardVisibility, Visibility, canonical
from shared.postgres import transaction
from shared.problems import NotFoundError
from shared.storage import FileLostError

_CHUNK = 256 * 1024
#: What is larger waits on disk.
_MOST_IN_MEMORY = 4 * 1024 * 1024


async def show(house: House, viewer: Viewer, award_id: UUID, wanted: AwardVisibility) -> None:
    """Choose who comes upon one's own badge; the same again changes nothing. NotFoundError."""
    if viewer.person_id is None:
        raise NotFoundError
    now = house.clock()
    async with transaction(house.pool) as connection:
        held = await completions.lock_own(connection, viewer.organization_id, award_id, viewer.person_id)
        if held is None or held.is_erased:
            raise NotFoundError
        if held.visibility == wanted:
            return
        revision = held.revision + 1
        await completions.set_visibility(connection, award_id, wanted, revision)
        await outbox.put(
            connection,
            organization_id=viewer.organization_id,
            topic=VISIBILITY,
            key=award_id,
            payload=canonical(Visibility(visibility=wanted, revision=revision, changed_at=now.replace(microsecond=0))),
        )


async def note_download(house: House, viewer: Viewer) -> None:
    """Note in the journal, before the first byte, that somebody takes their data away."""
    await journal.note(
        house.pool,
        organization_id=viewer.organization_id,
        person_id=viewer.person_id,
        action="data.download",
        object_kind="person",
        object_id=viewer.person_id,
    )


async def archive(house: House, data: dict[str, Any], files: list[OwnFile]) -> AsyncIterator[bytes]:
    """A ZIP with `data.json` and each file, in chunks; a file that was lost is named in it."""
    with tempfile.SpooledTemporaryFile(max_size=_MOST_IN_MEMORY) as held:
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as whole:
            text = msgspec.json.format(msgspec.json.encode(data), indent=2)
            await asyncio.to_thread(whole.writestr, "data.json", text)
            for number, file in enumerate(files, 1):
                await _add(house, whole, f"evidence/{number:03d} {file.name.replace('/', '_')}", file)
        await asyncio.to_thread(held.seek, 0)
        while chunk := await asyncio.to_thread(_read, held):
            yield chunk


def _read(held: IO[bytes]) -> bytes:
    return held.read(_CHUNK)


async def _add(house: House, whole: zipfile.ZipFile, name: str, file: OwnFile) -> None:
    chunks = house.storage.read(file.id)
    try:
        first = await anext(chunks, b"")
    except FileLostError:
        whole.writestr(f"{name} (lost)", b"")
        return
    with whole.open(name, "w") as entry:
        await asyncio.to_thread(entry.write, first)
        async for chunk in chunks:
            await asyncio.to_thread(entry.write, chunk)
