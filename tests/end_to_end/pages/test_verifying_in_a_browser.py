"""Verifying in a browser: a file chosen or dropped, text pasted, JavaScript on or off; a stranger's file never runs."""

import json
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, expect

from tests.credentials.badges import Issued, download
from tests.end_to_end.pages.browsers import PHONE, Watched
from tests.end_to_end.pages.scenes.scene import ARABIC, HEBREW, LONG, Scenes

Way = Callable[[Page, Scenes, str, bytes], Awaitable[None]]
#: What a hostile SVG may try; the badge in it is a genuine one.
_HOSTILE = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0" onload="alert(1)">'
    "<openbadges:credential><![CDATA[{text}]]></openbadges:credential><script>alert(2)</script>"
    '<image href="x" onerror="alert(3)"/></svg>'
)


async def heading(page: Page) -> str:
    """What the verdict says."""
    await page.wait_for_selector("#verdict-heading")
    return (await page.inner_text("#verdict-heading")).strip()


async def choose(page: Page, scenes: Scenes, name: str, content: bytes) -> None:
    """Choose a file and press the button."""
    await page.goto(f"{scenes.public_url}/verify")
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    await page.set_input_files("#file", file)  # type: ignore[arg-type]  # a FilePayload, which it does not export
    await page.get_by_role("button", name="Verify this badge").click()


async def drop(page: Page, scenes: Scenes, name: str, content: bytes) -> None:
    """Drop a file on the zone."""
    await page.goto(f"{scenes.public_url}/verify")
    transfer = await page.evaluate_handle(
        """([name, bytes]) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([new Uint8Array(bytes)], name));
          return transfer;
        }""",
        [name, list(content)],
    )
    for event in ("dragenter", "dragover", "drop"):
        await page.dispatch_event(".drop", event, {"dataTransfer": transfer})


async def files_of(scenes: Scenes, badge: Issued, *endings: str) -> dict[str, bytes]:
    """The badge's files by their names."""
    return {f"badge.{one}": await download(f"{scenes.badge_page(badge)}.{one}") for one in endings}


async def test_a_chosen_file_is_verified(scenes: Scenes, watched: Watched) -> None:
    for name, content in (await files_of(scenes, scenes.badge, "png", "svg", "pdf", "jwt", "json")).items():
        await choose(watched.page, scenes, name, content)
        assert await heading(watched.page) == "This badge is genuine", name
    await expect(watched.page.locator("#verdict")).to_be_focused()


async def test_a_dropped_file_is_verified_at_once(scenes: Scenes, watched: Watched) -> None:
    for name, content in (await files_of(scenes, scenes.revoked, "png", "json")).items():
        await drop(watched.page, scenes, name, content)
        assert await heading(watched.page) == "This badge was revoked", name


async def test_a_file_is_verified_without_javascript(scenes: Scenes, unscripted: Watched) -> None:
    page = unscripted.page
    for name, content in (await files_of(scenes, scenes.badge, "png")).items():
        await choose(page, scenes, name, content)
    assert await heading(page) == "This badge is genuine"
    await expect(page.get_by_role("button", name="Print")).to_have_count(0)


async def test_pasted_text_is_verified_without_javascript(scenes: Scenes, unscripted: Watched) -> None:
    page = unscripted.page
    await page.goto(f"{scenes.public_url}/verify")
    await page.fill("#text", scenes.forged)
    await page.get_by_role("button", name="Verify this badge").click()
    assert await heading(page) == "This is not a genuine badge"
    await expect(page.locator("main")).to_contain_text("None of this is proven.")


async def test_a_badge_is_verified_from_its_page_with_the_keyboard(scenes: Scenes, watched: Watched) -> None:
    page = watched.page
    await page.goto(scenes.badge_page(scenes.badge))
    await page.get_by_role("button", name="Verify this badge").focus()
    await page.keyboard.press("Enter")
    assert await heading(page) == "This badge is genuine"
    await page.locator("summary").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("details").get_by_role("listitem")).to_have_count(8)
    await watched.show(width=PHONE, dark=True)
    assert await watched.violations() == []
    assert await watched.overflowing() == []


async def test_nothing_to_verify_is_said_above_the_form(scenes: Scenes, watched: Watched) -> None:
    page = watched.page
    await page.goto(f"{scenes.public_url}/verify")
    await page.get_by_role("button", name="Verify this badge").click()
    await expect(page.locator(".error-summary")).to_be_focused()
    await page.locator(".error-summary a").click()
    await expect(page.locator("#file")).to_be_focused()


@pytest.mark.parametrize("way", [choose, drop])
async def test_a_strangers_svg_never_runs(way: Way, scenes: Scenes, watched: Watched) -> None:
    content = _HOSTILE.replace("{text}", scenes.badge.text).encode()
    await way(watched.page, scenes, "badge.svg", content)
    await heading(watched.page)
    assert watched.dialogs == []
    assert watched.complaints == []


async def test_the_same_svg_would_run_where_nothing_holds_it_back(scenes: Scenes, watched: Watched) -> None:
    await watched.page.set_content(_HOSTILE.replace("{text}", ""))
    assert watched.dialogs != []


async def test_what_a_stranger_writes_into_a_badge_is_text(scenes: Scenes, watched: Watched) -> None:
    document = json.loads(scenes.unknown_issuer)
    document["credentialSubject"]["achievement"]["name"] = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    document["issuer"]["name"] = "</code><script>alert(3)</script>"
    await choose(watched.page, scenes, "badge.json", json.dumps(document).encode())
    assert await heading(watched.page) == "This is not a genuine badge"
    await expect(watched.page.locator("main")).to_contain_text("<img src=x")
    assert (watched.dialogs, watched.complaints) == ([], [])


async def test_names_in_other_scripts_are_isolated_and_long_ones_wrap(scenes: Scenes, watched: Watched) -> None:
    page = watched.page
    await watched.show(width=PHONE, dark=False)
    await page.goto(scenes.badge_page(scenes.badge))
    name = page.locator("dd bdi", has_text=HEBREW)
    assert await name.evaluate("(one) => getComputedStyle(one).direction") == "rtl"
    await page.goto(scenes.badge_page(scenes.revoked))
    long_name = page.locator("dd bdi", has_text=LONG)
    await expect(long_name).to_contain_text(ARABIC)
    assert await long_name.evaluate("(one) => one.getClientRects().length") > 1
    assert await watched.overflowing() == []
