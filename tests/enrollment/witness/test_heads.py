"""Heads of the issuer's log wait to be compared, those of each organization in turn."""

from uuid import UUID

from services.enrollment.witness import store
from services.enrollment.witness.model import TakenHead
from shared.clock import system_clock
from shared.postgres import Pool
from tests.builders import build


async def test_a_log_that_gives_no_answer_keeps_no_other_from_being_compared(enrollment_pool: Pool) -> None:
    await enrollment_pool.execute("DELETE FROM log_head")
    owners: list[UUID] = []
    async with enrollment_pool.acquire() as connection:
        for _ in range(2):
            built = await build(connection, people=0, ask_issuer=False)  # type: ignore[arg-type]  # the pool's proxy
            owners.append(built.organization_id)
    silent, other = sorted(owners)
    for organization_id, sizes in ((silent, range(5, 1, -1)), (other, range(7, 8))):
        for size in sizes:
            head = TakenHead(
                organization_id=organization_id, size=size, root=b"root", checkpoint="note", told_at=system_clock()
            )
            await store.insert(enrollment_pool, head)
    waiting = await store.unchecked(enrollment_pool, most=3)
    assert [(one.organization_id, one.size) for one in waiting] == [(silent, 2), (other, 7), (silent, 3)]
    assert len(await store.unchecked(enrollment_pool, most=10)) == 5
