"""Objects of services, not people: a person's session reaches none of them."""

from typing import Any

OF_SERVICES: dict[str, dict[str, Any] | None] = {
    "PUT /awards/{award_id:uuid}/outcome": {},
    "PUT /records/{record_id:uuid}/outcome": {},
    "PUT /api/webhook-endpoints/{endpoint_id:uuid}": {"url": "https://consumer.example/hook"},
    "DELETE /api/webhook-endpoints/{endpoint_id:uuid}": None,
    "GET /api/events": None,
}
