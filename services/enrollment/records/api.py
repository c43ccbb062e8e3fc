"""The JSON of records: what the issuer role tells."""

from typing import Annotated
from uuid import UUID

from litestar import put
from litestar.exceptions import HTTPException
from litestar.params import Parameter
from litestar.types import ControllerRouterHandler

from services.enrollment.house import House
from services.enrollment.records import actions
from shared.contracts import OUTCOMES_WRITE
from shared.records import RecordAnswer
from shared.tokens import Caller


@put(
    "/records/{record_id:uuid}/outcome",
    opt={"scope": OUTCOMES_WRITE},
    summary="Say what became of a record (the issuer role only)",
)
async def take_outcome(
    house: House, caller: Caller, record_id: Annotated[UUID, Parameter()], data: RecordAnswer
) -> RecordAnswer:
    """Take over who opened a record; a revision not above the known one is ignored."""
    if data.record_id != record_id:
        raise HTTPException(status_code=400, detail="the body is about another record")
    await actions.take_outcome(house, caller.organization, data)
    return data


ROUTES: list[ControllerRouterHandler] = [take_outcome]
