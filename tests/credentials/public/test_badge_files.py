"""The files of a badge over HTTP: every form carries the same signed credential."""

import pytest

from services.credentials.containers import detect
from services.credentials.containers.model import Form
from tests.credentials.badges import download, issue
from tests.credentials.callers import Caller


@pytest.fixture(params=["Siân Wynn", "សុខា ចាន់ដារា", "فاطمة الزهراء"])
def name(request: pytest.FixtureRequest) -> str:
    """A holder's name."""
    return str(request.param)


async def test_every_file_of_a_badge_carries_the_signed_json_byte_for_byte(
    issuer: Caller, public: str, name: str
) -> None:
    badge = await issue(issuer, public, holder_name=name)
    for form in ("png", "svg", "pdf"):
        file = await download(f"{public}/badges/{badge.award_id}.{form}")
        unpacked = detect.unpack(file)
        assert (unpacked.kind, unpacked.form, unpacked.payload) == (form, "json", badge.text)


async def test_the_same_file_is_downloaded_twice(issuer: Caller, public: str) -> None:
    badge = await issue(issuer, public)
    for form in ("png", "svg", "pdf"):
        url = f"{public}/badges/{badge.award_id}.{form}"
        assert await download(url) == await download(url)


@pytest.mark.parametrize("form", ["json", "jwt"])
async def test_the_bare_forms_are_told_by_their_content(issuer: Caller, public: str, form: Form) -> None:
    badge = await issue(issuer, public)
    unpacked = detect.unpack(await download(f"{public}/badges/{badge.award_id}.{form}"))
    assert unpacked.form == form
    assert unpacked.payload == (badge.text if form == "json" else badge.jwt)
