"""The OpenAPI document is true: what it cannot know of itself is added, and null characters are nobody's 500."""

from typing import Any
from uuid import uuid4

import aiohttp

from shared.postgres import Pool
from tests.credentials.callers import PROFILE, Caller
from tests.enrollment.visitors import Served, add_person, browser, fresh_email, sign_in_at_once

PROBLEM = "application/problem+json"


async def document(url: str) -> dict[str, Any]:
    async with aiohttp.ClientSession() as http, http.get(f"{url}/schema/openapi.json") as answer:
        assert answer.status == 200
        found: dict[str, Any] = await answer.json(content_type=None)
        return found


async def test_every_operation_names_its_problem_and_who_may_call_it(served: Served, public: str) -> None:
    for url in (served.url, public):
        paths = (await document(url))["paths"]
        assert len(paths) >= 9
        for path, operations in paths.items():
            for method, operation in operations.items():
                assert PROBLEM in operation["responses"]["default"]["content"], (method, path)
                assert "security" in operation, (method, path)


async def test_files_are_documented_as_files(served: Served, public: str) -> None:
    badge = (await document(public))["paths"]["/badges/{name}"]["get"]
    assert {"application/vc", "application/vc+jwt", "image/png", "application/pdf"} <= set(
        badge["responses"]["200"]["content"]
    )
    upload = (await document(served.url))["paths"]["/api/enrollments/{enrollment_id}/evidence/{evidence_id}/file"]
    assert "application/octet-stream" in upload["put"]["requestBody"]["content"]


async def test_messages_that_refuse_unknown_members_say_so(served: Served, issuer: Caller) -> None:
    schemas = (await document(served.url))["components"]["schemas"]
    assert next(one for name, one in schemas.items() if name.endswith("ProgramBody"))["additionalProperties"] is False
    schemas = (await document(issuer.url))["components"]["schemas"]
    assert schemas["IssuerProfile"]["additionalProperties"] is False
    organization = uuid4()
    token = issuer.token("issuers.write", organization)
    answer = await issuer.call("PUT", f"/issuers/{organization}", token, {**vars_of(PROFILE), "more": 1})
    assert answer.status == 400


async def test_a_null_character_is_refused_and_nothing_is_changed(
    served: Served, enrollment_pool: Pool, organization: Any
) -> None:
    person = await add_person(enrollment_pool, organization, fresh_email(), "administrator")
    async with browser(served) as staff:
        await sign_in_at_once(staff, enrollment_pool, organization, person)
        body = {"slug": "p", "name": "A\0B", "description": "C"}
        async with staff.put(f"/api/programs/{uuid4()}", json=body) as answer:
            assert answer.status == 422
            assert (await answer.json(content_type=None))["type"] == "/problems/text-not-storable"


def vars_of(profile: Any) -> dict[str, Any]:
    return {name: getattr(profile, name) for name in profile.__struct_fields__}
