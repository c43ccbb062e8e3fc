"""The SQL of the files that a person handed in, for their own download."""

from uuid import UUID

import msgspec

from shared.postgres import Connection, Pool

Reader = Connection | Pool

FILES = """
SELECT v.file_id AS id, v.file_name AS name FROM evidence v JOIN enrollment e ON e.id = v.enrollment_id
WHERE e.organization_id = $1 AND e.person_id = $2 AND v.file_id IS NOT NULL ORDER BY v.submitted_at, v.id
"""


class OwnFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that somebody handed in."""

    id: UUID
    name: str


async def files_of(connection: Reader, organization_id: UUID, person_id: UUID) -> list[OwnFile]:
    """The files that somebody handed in, the oldest first."""
    return [msgspec.convert(dict(row), OwnFile) for row in await connection.fetch(FILES, organization_id, person_id)]
