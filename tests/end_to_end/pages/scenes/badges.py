"""Pages of badges and of verifying them."""

import hashlib

from playwright.async_api import Page

from tests.end_to_end.pages.scenes.scene import Open, Scenes


async def verify_text(page: Page, public: str, text: str) -> None:
    """Paste a badge's text and send it."""
    await page.goto(f"{public}/verify")
    await page.fill("#text", text)
    await page.click("main button[type=submit]")
    await page.wait_for_selector("#verdict")


async def _verify_nothing(page: Page, public: str) -> None:
    await page.goto(f"{public}/verify")
    await page.click("main button[type=submit]")
    await page.wait_for_selector(".error-summary")


async def _open_to_share(page: Page, scenes: Scenes) -> None:
    """Open all that the page has to share a badge with, and copy its link."""
    await page.goto(scenes.badge_page(scenes.badge))
    for summary in await page.locator("#share ~ details summary").all():
        await summary.click()
    # Without script the link is there to be copied by hand.
    if await page.locator("[data-copy=link]").is_visible():
        await page.click("[data-copy=link]")
        await page.wait_for_function("document.getElementById('copied').textContent !== ''")


async def _open_record(page: Page, scenes: Scenes) -> None:
    await page.goto(scenes.more["record"])
    await page.click("main button[type=submit]")
    await page.wait_for_selector(".facts")


def _log_page(scenes: Scenes) -> str:
    sha256 = hashlib.sha256(scenes.badge.text.encode()).hexdigest()
    return f"{scenes.public_url}/issuers/{scenes.badge.organization}/log?sha256={sha256}"


def _keys_page(scenes: Scenes) -> str:
    return f"{scenes.public_url}/issuers/{scenes.badge.organization}/history"


PAGES: dict[str, Open] = {
    "badge": lambda page, scenes: page.goto(scenes.badge_page(scenes.badge)),
    "badge-shared": lambda page, scenes: _open_to_share(page, scenes),
    "badge-revoked": lambda page, scenes: page.goto(scenes.badge_page(scenes.revoked)),
    "achievement": lambda page, scenes: page.goto(scenes.achievement_page),
    "record-cover": lambda page, scenes: page.goto(scenes.more["record"]),
    "record": _open_record,
    "log": lambda page, scenes: page.goto(_log_page(scenes)),
    "verify": lambda page, scenes: page.goto(f"{scenes.public_url}/verify"),
    "keys": lambda page, scenes: page.goto(_keys_page(scenes)),
    "verify-nothing": lambda page, scenes: _verify_nothing(page, scenes.public_url),
    "genuine": lambda page, scenes: verify_text(page, scenes.public_url, scenes.badge.text),
    "unknown-issuer": lambda page, scenes: verify_text(page, scenes.public_url, scenes.unknown_issuer),
    "not-genuine": lambda page, scenes: verify_text(page, scenes.public_url, scenes.forged),
    "revoked": lambda page, scenes: verify_text(page, scenes.public_url, scenes.revoked.text),
    "undecided": lambda page, scenes: verify_text(page, scenes.public_url, scenes.undecided),
}
