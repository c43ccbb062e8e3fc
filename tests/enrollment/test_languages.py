"""Which language a page is in: the reader's own, the chosen, the browser's, the organization's; also of problems."""

from typing import Any
from uuid import UUID

import aiohttp
import pytest
from litestar import Request, post
from litestar.testing import create_async_test_client

from services.enrollment.pages import PAGES, chosen
from shared.postgres import Pool
from shared.problems import InvalidInputError
from tests.enrollment.staff import signed_in
from tests.enrollment.visitors import Served, browser


async def said(session: aiohttp.ClientSession, path: str, **headers: str) -> tuple[str, str]:
    """The page's language and text."""
    async with session.get(path, headers={"Accept": "text/html", **headers}) as answer:
        return answer.headers["Content-Language"], await answer.text()


@pytest.fixture
async def slug(enrollment_pool: Pool, organization: UUID) -> str:
    found = await enrollment_pool.fetchval("SELECT slug FROM organization WHERE id = $1", organization)
    assert isinstance(found, str)
    return found


async def test_a_stranger_reads_it_as_the_browser_wishes(served: Served, slug: str) -> None:
    async with browser(served) as anybody:
        language, text = await said(anybody, f"/{slug}", **{"Accept-Language": "fr, es-MX;q=0.9, en;q=0.5"})
        assert language == "es"
        assert 'lang="es"' in text
        assert "Iniciar sesión" in text
        # The next request in the same connection starts anew.
        language, text = await said(anybody, f"/{slug}")
        assert language == "en"
        assert "Sign in" in text
        language, _ = await said(anybody, f"/{slug}", Cookie="laurel_language=es", **{"Accept-Language": "en"})
        assert language == "es"


async def test_an_organization_speaks_to_whoever_wishes_nothing(
    served: Served, enrollment_pool: Pool, organization: UUID, slug: str
) -> None:
    await enrollment_pool.execute("UPDATE organization SET language = 'es-US' WHERE id = $1", organization)
    async with browser(served) as anybody:
        assert (await said(anybody, f"/{slug}"))[0] == "es"
        assert (await said(anybody, f"/{slug}", **{"Accept-Language": "en"}))[0] == "en"


async def test_a_person_reads_it_in_their_own(
    served: Served, enrollment_pool: Pool, organization: UUID, slug: str
) -> None:
    async with signed_in(served, enrollment_pool, organization) as somebody:
        await enrollment_pool.execute("UPDATE person SET language = 'es' WHERE organization_id = $1", organization)
        language, text = await said(somebody, f"/{slug}", **{"Accept-Language": "en"})
        assert language == "es"
        assert "Mi formación" in text
        assert "Personal" not in text


async def test_a_stranger_chooses_in_the_footer_and_stays_on_the_page(served: Served, slug: str) -> None:
    async with browser(served) as anybody:
        text = (await said(anybody, f"/{slug}?region=North%20%26%20South"))[1]
        assert f'name="return_path" value="/{slug}?region=North%20%26%20South"' in text
        form = {"language": "es", "return_path": f"/{slug}?region=North"}
        async with anybody.post("/language", data=form) as answer:
            assert answer.status == 200
            assert str(answer.url).endswith(f"/{slug}?region=North")
            assert answer.headers["Content-Language"] == "es"
        assert (await said(anybody, f"/{slug}/sign-in", **{"Accept-Language": "en"}))[0] == "es"


async def test_a_signed_in_persons_choice_is_kept_with_them(
    served: Served, enrollment_pool: Pool, organization: UUID, slug: str
) -> None:
    language = "SELECT language FROM person WHERE organization_id = $1"
    async with signed_in(served, enrollment_pool, organization, "coordinator") as somebody:
        form = {"language": "es", "return_path": f"/{slug}/learning"}
        async with somebody.post("/language", data=form, headers={"Sec-Fetch-Site": "cross-site"}) as answer:
            assert answer.status == 403
        assert await enrollment_pool.fetchval(language, organization) == "en"
        async with somebody.post("/language", data=form) as answer:
            assert answer.headers["Content-Language"] == "es"
        assert await enrollment_pool.fetchval(language, organization) == "es"


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("//elsewhere.example/x", "/"),
        ("https://elsewhere.example", "/"),
        ("/{slug}/sign-in?return_path=%2F{slug}", "/{slug}/sign-in?return_path=%2F{slug}"),
        # Where only forms lead, the page above.
        ("/sign-out", "/"),
        ("/{slug}/sign-in/sent", "/{slug}/sign-in/sent"),
        ("/{slug}/cohorts/no-id/no/such/page", "/{slug}"),
    ],
)  # fmt: skip
async def test_choosing_leads_to_a_page_of_this_site(served: Served, slug: str, wanted: str, reached: str) -> None:
    async with browser(served) as anybody:
        form = {"language": "es", "return_path": wanted.format(slug=slug)}
        async with anybody.post("/language", data=form, allow_redirects=False) as answer:
            assert answer.status == 303
            assert answer.headers["Location"] == reached.format(slug=slug)


async def test_a_language_that_there_is_not_is_refused(served: Served) -> None:
    async with browser(served) as anybody:
        form = {"language": "tlh", "return_path": "/"}
        async with anybody.post("/language", data=form, allow_redirects=False) as answer:
            assert answer.status == 422
            assert "Set-Cookie" not in answer.headers


async def test_a_problem_is_said_in_it_too(served: Served, slug: str) -> None:
    async with browser(served) as anybody:
        for path in (f"/{slug}/cohorts/{UUID(int=5)}", "/no/such/place/at/all"):
            language, text = await said(anybody, path, **{"Accept-Language": "es"})
            assert language == "es"
            assert "Ir a la primera página" in text


def test_the_frames_show_only_what_the_viewer_may_use() -> None:
    organization = {"slug": "o", "name": "O", "is_demonstration": False}
    cohort = {"id": "c", "name": "Cohort", "state": "open"}
    shown: dict[str, str] = {}
    for who, roles in (("administrator", {"administrator"}), ("coordinator", {"coordinator"}), ("instructor", set())):
        shown[who] = PAGES.html(
            "staff_cohort.html",
            organization=organization, cohort=cohort, verify_url="/v", viewer={"person_id": 1, "roles": roles},
        )  # fmt: skip
    assert "/o/staff/journal" in shown["administrator"]
    assert "/o/staff/journal" not in shown["coordinator"]
    assert "/o/staff/cohorts/c/places" in shown["coordinator"]
    assert "/o/staff" not in shown["instructor"]
    assert "/o/teach/cohorts/c/review" in shown["instructor"]
    for text in shown.values():
        assert text.count('aria-label="Cohort"') == 1
        assert "Open for sign-up" in text


@post("/", status_code=200)
async def tick(request: Request[Any, Any, Any]) -> list[str]:
    """What was ticked, or the field that is wrong."""
    try:
        return [str(one) for one in await chosen(request, "chosen")]
    except InvalidInputError as error:
        return [field for field, _ in error.errors]


async def test_ticked_boxes_are_ids_each_once() -> None:
    one, two = str(UUID(int=1)), str(UUID(int=2))
    many = [str(UUID(int=number)) for number in range(1001)]
    async with create_async_test_client([tick]) as client:
        for ticked, expected in (
            ([], []), ([one], [one]), ([two, one, two], [two, one]),
            (["x"], ["chosen"]), ([one, ""], ["chosen"]), (many, ["chosen"]), (many[1:], many[1:]),
        ):  # fmt: skip
            answer = await client.post("/", data={"chosen": ticked, "other": "x"})
            assert answer.json() == expected
