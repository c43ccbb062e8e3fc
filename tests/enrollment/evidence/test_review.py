"""Evidence from hand to hand: who may see, hand in and review it, what is returned and handed in again."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest

from shared.postgres import Pool
from tests.enrollment.cast import Cast, Part, asked, cast, make_instructor, playing, told
from tests.enrollment.visitors import Served

ACCEPTED = {"decision": "accepted"}
RETURNED = {"decision": "returned", "comment": "Please name the school."}


@pytest.fixture
async def scene(enrollment_pool: Pool) -> Cast:
    """A cohort with its cast, where nothing is handed in."""
    return await cast(enrollment_pool)


async def hand_in(
    session: aiohttp.ClientSession, scene: Cast, *, evidence_id: UUID | None = None, module: int = 0, **more: Any
) -> tuple[int, Any]:
    body = {"module_id": str(scene.module_ids[module]), **(more or {"text": "What I learned"})}
    return await asked(session, "PUT", scene.hand_in(evidence_id or uuid4()), json=body)


async def handed_in(served: Served, pool: Pool, scene: Cast, **more: Any) -> str:
    """The id of what the participant handed in just now."""
    async with playing(served, pool, scene, "participant") as session:
        status, found = await hand_in(session, scene, **more)
    assert status == 200, found
    identifier: str = found["id"]
    return identifier


async def review(session: aiohttp.ClientSession, evidence_id: str, said: dict[str, Any]) -> tuple[int, Any]:
    return await asked(session, "PUT", f"/api/evidence/{evidence_id}/review", json=said)


def kind_of(problem: Any) -> str:
    return str(problem["type"]).removeprefix("/problems/")


@pytest.mark.parametrize(
    ("part", "reading", "reviewing", "submitting"),
    [
        ("administrator", 200, 200, 404),
        ("coordinator", 200, 200, 404),
        ("instructor", 200, 200, 404),
        ("another cohort's instructor", 404, 404, 404),
        ("participant", 200, 404, 200),
        ("another participant", 404, 404, 404),
        ("another organization's administrator", 404, 404, 404),
        ("nobody", 401, 401, 401),
    ],
)
async def test_who_reads_reviews_and_hands_in(
    served: Served, enrollment_pool: Pool, scene: Cast, part: Part, reading: int, reviewing: int, submitting: int
) -> None:
    evidence_id = await handed_in(served, enrollment_pool, scene)
    async with playing(served, enrollment_pool, scene, "participant") as session:
        query = {"module_id": str(scene.module_ids[1]), "file_name": "a.txt", "attested": "true"}
        status, file = await asked(session, "PUT", f"{scene.hand_in(uuid4())}/file", params=query, data=b"bytes")
        assert status == 200
    await enrollment_pool.execute("UPDATE evidence SET state = 'returned', reviewed_by = $2, reviewed_at = now(),"
        " comment = 'Again' WHERE id = $1", UUID(file["id"]), scene.people["coordinator"][1])  # fmt: skip
    async with playing(served, enrollment_pool, scene, part) as session:
        for path in (
            f"/api/enrollments/{scene.enrollment_id}/evidence",
            f"/api/evidence/{evidence_id}",
            f"/api/evidence/{file['id']}/file",
        ):
            async with session.get(path) as answer:
                assert answer.status == reading, path
        assert (await asked(session, "GET", f"/api/cohorts/{scene.cohort_id}/evidence"))[0] == reviewing
        assert (await review(session, evidence_id, ACCEPTED))[0] == reviewing
        assert (await hand_in(session, scene, module=1))[0] == submitting
        path = f"{scene.hand_in(uuid4())}/file"
        status, _ = await asked(session, "PUT", path, params=query, data=b"more")
        assert status == (409 if submitting == 200 else submitting)
    pieces = await enrollment_pool.fetch("SELECT state FROM evidence WHERE enrollment_id = $1", scene.enrollment_id)
    states = sorted(row["state"] for row in pieces)
    assert states == sorted(
        ["accepted" if reviewing == 200 else "submitted", "returned"] + ["submitted"] * (submitting == 200)
    )


async def test_handing_in_the_same_again_changes_nothing(served: Served, enrollment_pool: Pool, scene: Cast) -> None:
    identifier = uuid4()
    async with playing(served, enrollment_pool, scene, "participant") as session:
        answers = await asyncio.gather(
            *(hand_in(session, scene, evidence_id=identifier, text="The same") for _ in range(10))
        )
        assert {status for status, _ in answers} == {200}
        assert all(found == answers[0][1] for _, found in answers)
        others: list[dict[str, Any]] = [{"text": "Another"}, {"link": "https://example.org/"}]
        for other in others:
            status, problem = await hand_in(session, scene, evidence_id=identifier, **other)
            assert (status, kind_of(problem)) == (409, "evidence-exists")
        status, problem = await hand_in(session, scene, evidence_id=identifier, module=1, text="The same")
        assert (status, kind_of(problem)) == (409, "evidence-exists")


async def test_one_piece_counts_for_a_module(served: Served, enrollment_pool: Pool, scene: Cast) -> None:
    async with playing(served, enrollment_pool, scene, "participant") as session:
        answers = await asyncio.gather(*(hand_in(session, scene, text=f"Number {n}") for n in range(8)))
        (first,) = [found for status, found in answers if status == 200]
        refused = [found for status, found in answers if status == 409]
        assert len(refused) == 7
        assert {(kind_of(one), one["evidence_id"]) for one in refused} == {("evidence-stands", first["id"])}
        assert (await hand_in(session, scene, module=1))[0] == 200


async def test_id_of_another_persons_evidence_is_taken(served: Served, enrollment_pool: Pool, scene: Cast) -> None:
    evidence_id = await handed_in(served, enrollment_pool, scene)
    foreign = await cast(enrollment_pool)
    for theirs, part in ((scene, "another participant"), (foreign, "participant")):
        body = {"module_id": str(theirs.module_ids[0]), "text": "What I learned"}
        enrollment_id = theirs.enrollment_ids[1 if theirs is scene else 0]
        async with playing(served, enrollment_pool, theirs, part) as session:  # type: ignore[arg-type]  # both are parts
            path = f"/api/enrollments/{enrollment_id}/evidence/{evidence_id}"
            status, problem = await asked(session, "PUT", path, json=body)
        assert (status, kind_of(problem)) == (409, "evidence-exists")
        assert "What I learned" not in str(problem)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({"text": "x" * 20_000}, 200, id="the longest text"),
        pytest.param({"text": "x" * 20_001}, 400, id="one letter more"),
        pytest.param({"text": " \n"}, 422, id="nothing but space"),
        pytest.param({"text": "a\x00b"}, 422, id="NUL, which the database cannot hold"),
        pytest.param({"text": "a", "link": "https://example.org/"}, 422, id="both"),
        pytest.param({"file": "a"}, 400, id="a field that is none"),
        pytest.param({"link": "https://example.org/" + "x" * 1_980}, 200, id="the longest link"),
        pytest.param({"link": "https://example.org/" + "x" * 1_981}, 400, id="a letter too long"),
        pytest.param({"link": "javascript:alert(1)"}, 422, id="a script"),
        pytest.param({"link": "data:text/html,x"}, 422, id="data"),
        pytest.param({"link": "//example.org/"}, 422, id="no scheme"),
        pytest.param({"link": "https:///path"}, 422, id="no host"),
        pytest.param({"link": "https://[::1"}, 422, id="half an address"),
        pytest.param({"link": "https://example.org/\n"}, 422, id="a line break"),
        pytest.param({"link": "https://example.org/\u202efdp"}, 422, id="a change of direction"),
    ],
)
async def test_what_may_be_handed_in(
    served: Served, enrollment_pool: Pool, scene: Cast, body: dict[str, Any], status: int
) -> None:
    async with playing(served, enrollment_pool, scene, "participant") as session:
        assert (await hand_in(session, scene, **body))[0] == status


async def test_module_of_another_curriculum_is_refused(served: Served, enrollment_pool: Pool, scene: Cast) -> None:
    foreign = await cast(enrollment_pool)
    async with playing(served, enrollment_pool, scene, "participant") as session:
        for module_id in (foreign.module_ids[0], uuid4()):
            status, problem = await hand_in(session, scene, text="x", module_id=str(module_id))
            assert (status, problem["errors"][0]["field"]) == (422, "module_id")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE enrollment SET place = 'none', seat_id = NULL, outcome = 'withdrawn' WHERE cohort_id = $1",
        "UPDATE enrollment SET place = 'offered', offer_expires_at = now() WHERE cohort_id = $1",
        "UPDATE cohort SET state = 'cancelled' WHERE id = $1",
    ],
)
async def test_without_a_seat_in_a_cohort_that_takes_place_nothing_is_handed_in(
    served: Served, enrollment_pool: Pool, scene: Cast, change: str
) -> None:
    evidence_id = await handed_in(served, enrollment_pool, scene)
    await enrollment_pool.execute(change, scene.cohort_id)
    async with playing(served, enrollment_pool, scene, "participant") as session:
        status, problem = await hand_in(session, scene, module=1)
        assert (status, kind_of(problem)) == (409, "not-taking-part")
        # what was handed in before is still theirs to read
        assert (await asked(session, "GET", f"/api/evidence/{evidence_id}"))[0] == 200


async def test_returned_evidence_is_told_and_handed_in_again(
    served: Served, enrollment_pool: Pool, scene: Cast
) -> None:
    first = await handed_in(served, enrollment_pool, scene, text="A draft")
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        for _ in range(3):
            status, found = await review(session, first, RETURNED)
            assert (status, found["state"], found["comment"]) == (200, "returned", RETURNED["comment"])
    second = await handed_in(served, enrollment_pool, scene, text="The whole")
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        status, problem = await review(session, first, ACCEPTED)
        assert (status, kind_of(problem), problem["state"]) == (409, "already-reviewed", "returned")
        for _ in range(2):
            assert (await review(session, second, ACCEPTED))[0] == 200
        status, listed = await asked(session, "GET", f"/api/enrollments/{scene.enrollment_id}/evidence")
        assert [(one["id"], one["state"]) for one in listed["items"]] == [(first, "returned"), (second, "accepted")]
    kinds = [(kind, data["evidence_id"]) for kind, data in await told(enrollment_pool, scene.organization_id)]
    assert kinds == [("evidence.returned", first), ("evidence.accepted", second)]
    assert [one["subject"] for one in await letters_to(served, enrollment_pool, scene)] == [
        "Please hand in again: Module 1"
    ]


async def letters_to(served: Served, pool: Pool, scene: Cast) -> list[dict[str, Any]]:
    """The e-mails to the participant, once the first has come."""
    organization_id, person_id = scene.people["participant"]
    recipient = await pool.fetchval("SELECT email FROM person WHERE id = $1", person_id)
    async with asyncio.timeout(20):
        while not (
            found := await pool.fetch(
                "SELECT subject, body FROM mailbox_message WHERE organization_id = $1 AND recipient = $2",
                organization_id, recipient,
            )
        ):  # fmt: skip
            await asyncio.sleep(0.05)
    return [dict(row) for row in found]


async def test_letter_says_what_is_missing_and_where_to_go(served: Served, enrollment_pool: Pool, scene: Cast) -> None:
    evidence_id = await handed_in(served, enrollment_pool, scene)
    async with playing(served, enrollment_pool, scene, "coordinator") as session:
        assert (await review(session, evidence_id, RETURNED))[0] == 200
    (letter,) = await letters_to(served, enrollment_pool, scene)
    assert RETURNED["comment"] in letter["body"]
    assert f"/learning/{scene.enrollment_id}/evidence/{scene.module_ids[0]}" in letter["body"]


async def test_accepted_evidence_can_be_returned_until_completion_is_decided(
    served: Served, enrollment_pool: Pool, scene: Cast
) -> None:
    evidence_id = await handed_in(served, enrollment_pool, scene)
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        for said in (ACCEPTED, {**ACCEPTED, "comment": "Well done."}):
            assert (await review(session, evidence_id, said))[0] == 200
        await enrollment_pool.execute("UPDATE enrollment SET outcome = 'completed' WHERE id = $1", scene.enrollment_id)
        status, problem = await review(session, evidence_id, RETURNED)
        assert (status, kind_of(problem)) == (409, "already-reviewed")
        await enrollment_pool.execute("UPDATE enrollment SET outcome = 'none' WHERE id = $1", scene.enrollment_id)
        assert (await review(session, evidence_id, RETURNED))[0] == 200


async def test_two_reviewers_at_once_do_not_both_decide(served: Served, enrollment_pool: Pool, scene: Cast) -> None:
    evidence_id = await handed_in(served, enrollment_pool, scene)
    says = [{"decision": "returned", "comment": f"Reason {n}"} for n in range(8)]
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        answers = await asyncio.gather(*(review(session, evidence_id, one) for one in says))
    assert sorted(status for status, _ in answers) == [200] + [409] * 7
    assert len(await told(enrollment_pool, scene.organization_id)) == 1


async def test_nobody_reviews_their_own_evidence(served: Served, enrollment_pool: Pool, scene: Cast) -> None:
    evidence_id = await handed_in(served, enrollment_pool, scene)
    await make_instructor(enrollment_pool, scene.organization_id, scene.cohort_id, scene.people["participant"][1])
    async with playing(served, enrollment_pool, scene, "participant") as session:
        status, problem = await review(session, evidence_id, ACCEPTED)
    assert (status, kind_of(problem)) == (409, "self-review")


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"decision": "returned"}, 422),
        ({"decision": "returned", "comment": "  "}, 422),
        ({"decision": "accepted", "comment": "a\x00b"}, 422),
        ({"decision": "returned", "comment": "x" * 4_001}, 400),
        ({"decision": "submitted"}, 400),
    ],
)
async def test_review_that_says_nothing_is_refused(
    served: Served, enrollment_pool: Pool, scene: Cast, said: dict[str, Any], status: int
) -> None:
    evidence_id = await handed_in(served, enrollment_pool, scene)
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        assert (await review(session, evidence_id, said))[0] == status
        assert (await asked(session, "GET", f"/api/evidence/{evidence_id}"))[1]["state"] == "submitted"


async def test_queue_has_the_longest_waiting_first_page_by_page(
    served: Served, enrollment_pool: Pool, scene: Cast
) -> None:
    expected = [await handed_in(served, enrollment_pool, scene, module=module) for module in (0, 1)]
    async with playing(served, enrollment_pool, scene, "another participant") as session:
        path = f"/api/enrollments/{scene.enrollment_ids[1]}/evidence/{uuid4()}"
        body = {"module_id": str(scene.module_ids[0]), "link": "https://example.org/mine"}
        expected.append((await asked(session, "PUT", path, json=body))[1]["id"])
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        path, found, query = f"/api/cohorts/{scene.cohort_id}/evidence", [], {"limit": "2"}
        while True:
            _, page = await asked(session, "GET", path, params=query)
            found += [one["id"] for one in page["items"]]
            if page["next"] is None:
                break
            query["after"] = page["next"]
        assert found == expected
        await review(session, expected[1], ACCEPTED)
        assert len((await asked(session, "GET", path))[1]["items"]) == 2
        _, accepted = await asked(session, "GET", path, params={"state": "accepted"})
        assert [one["id"] for one in accepted["items"]] == [expected[1]]
