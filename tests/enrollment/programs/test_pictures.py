"""Staff upload a badge's picture with the level's form: what does not work is said there, and nothing typed is lost."""

from uuid import UUID

import aiohttp
import pytest

from services.enrollment.programs.picturing import MOST_BYTES
from shared.postgres import Pool
from tests.enrollment.forms_of_pages import form_to
from tests.enrollment.programs.test_pages import see, version
from tests.enrollment.staff import plan, signed_in
from tests.enrollment.visitors import Served, slug_of

TYPED = {
    "badge_name": "First", "badge_description": "Took part.", "badge_criteria": "Attend.", "picture_caption": "A tree",
}  # fmt: skip


@pytest.mark.parametrize(
    ("size", "sentence"),
    [
        (MOST_BYTES + 1, "The file is larger than 1 megabyte."),
        (12 * MOST_BYTES, "The file is larger than 1 megabyte."),
        # No issuer runs here.
        (100, "The picture cannot be taken just now. Nothing was saved"),
    ],
)
async def test_a_picture_that_is_not_taken_is_told_in_the_form(
    served: Served, enrollment_pool: Pool, organization: UUID, size: int, sentence: str
) -> None:
    slug = await slug_of(enrollment_pool, organization)
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff)
        path = f"/{slug}/staff/programs/{planned.program_id}/levels/{planned.level_id}"
        form = form_to((await see(staff, path))[1], str(planned.level_id))
        data = aiohttp.FormData()
        for name, value in {**form.fields, **TYPED}.items():
            if name != "picture":
                data.add_field(name, value)
        data.add_field("picture", b"\x89PNG" + bytes(size), filename="photo.png", content_type="image/png")
        before = await version(enrollment_pool, planned.level_id)
        async with staff.post(path, data=data) as answer:
            status, text = answer.status, await answer.text()
        assert (status, sentence in text, 'value="A tree"' in text) == (422, True, True)
        assert await version(enrollment_pool, planned.level_id) == before
