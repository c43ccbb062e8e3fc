"""A rubric for a module, and how tests give it to one."""

from typing import Any
from uuid import UUID

from shared.postgres import Pool

RUBRIC: dict[str, Any] = {
    "criteria": [
        {
            "id": "clarity",
            "name": "Clarity",
            "levels": [
                {"id": "beginning", "name": "Beginning", "points": 1, "description": "The reader has to guess."},
                {"id": "clear", "name": "Clear", "points": 3},
            ],
        },
        {
            "id": "practice",
            "name": "Practice",
            "levels": [{"id": "named", "name": "Named"}, {"id": "tried", "name": "Tried", "description": "At school."}],
        },
    ]
}
WHOLE = {"clarity": "clear", "practice": "tried"}


async def give_rubric(pool: Pool, module_id: UUID, rubric: Any = RUBRIC) -> None:
    """Judge what is handed in for the module by this rubric."""
    await pool.execute("UPDATE module SET rubric = $2 WHERE id = $1", module_id, rubric)
