"""Somebody to be erased."""

from uuid import uuid4

import pytest

from shared.postgres import Pool
from tests.enrollment.cast import asked, cast, playing
from tests.enrollment.learning.test_pages import sent
from tests.enrollment.retention.traces import Marked
from tests.enrollment.visitors import Served, slug_of


@pytest.fixture
async def marked(served: Served, enrollment_pool: Pool) -> Marked:
    """The participant handed in a text and a file, shows themselves in the directory, and has a badge."""
    scene, word = await cast(enrollment_pool), f"canary{uuid4().hex}"
    found = Marked(scene, word, await slug_of(enrollment_pool, scene.organization_id))
    await enrollment_pool.execute(
        "UPDATE person SET name = $2, email = $2 || '@example.org' WHERE id = $1", found.person_id, word
    )
    async with playing(served, enrollment_pool, scene, "participant") as participant:
        text = {"module_id": str(scene.module_ids[0]), "text": f"By {word}"}
        assert (await asked(participant, "PUT", scene.hand_in(uuid4()), json=text))[0] == 200
        query = {"module_id": str(scene.module_ids[1]), "file_name": f"{word}.txt", "attested": "true"}
        file = scene.hand_in(uuid4()) + "/file"
        assert (await asked(participant, "PUT", file, params=query, data=f"File of {word}".encode()))[0] == 200
        entry = {"seen_by": "organization", "about": f"I am {word}", "shows_email": "yes"}
        assert (await sent(participant, f"/{found.slug}/directory/entry", **entry))[0] == 200
    return found
