"""The JSON API of records, for enrollment."""

from uuid import UUID

from litestar import Response, put

from services.credentials.issuer.house import House
from services.credentials.records import actions
from shared.records import RECORDS_WRITE, RecordAnswer, RecordRequest, RecordWithdrawal
from shared.tokens import Caller


@put(
    "/records/{record_id:uuid}",
    opt={"scope": RECORDS_WRITE, "statuses": {201: "The record was signed now"}},
    summary="Sign a record for one recipient",
)
async def put_record(house: House, caller: Caller, record_id: UUID, data: RecordRequest) -> Response[RecordAnswer]:
    """Sign a transcript: 201, then 200 for the same request, 422 for another; 410 once it is withdrawn."""
    answer, is_new = await actions.put(house.record_desk, caller.organization, record_id, data)
    return Response(answer, status_code=201 if is_new else 200)


@put("/records/{record_id:uuid}/withdrawal", opt={"scope": RECORDS_WRITE}, summary="Close a record's link for good")
async def put_withdrawal(house: House, caller: Caller, record_id: UUID, data: RecordWithdrawal) -> RecordAnswer:
    """Withdraw; also a record that has not come yet, which then never shows anything."""
    return await actions.withdraw(house.record_desk, caller.organization, record_id, data)


ROUTES = [put_record, put_withdrawal]
