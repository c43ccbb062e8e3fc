"""A time zone has one name, everywhere and all year."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.pages.rendering import Pages
from shared.pages.times import zone_name

ROOT = Path(__file__).parents[2]
SUMMER, WINTER = datetime(2026, 7, 1, 17, tzinfo=UTC), datetime(2026, 12, 1, 17, tzinfo=UTC)


@pytest.mark.parametrize(("language", "name"), [("en", "Central Time"), ("es", "hora central")])
def test_a_zone_is_called_the_same_by_every_filter_in_summer_and_winter(
    tmp_path: Path, language: str, name: str
) -> None:
    (tmp_path / "page.html").write_text('{{ at | moment("America/Chicago") }}|{{ at | hours(at, "America/Chicago") }}')
    pages = Pages([tmp_path])
    for at in (SUMMER, WINTER):
        assert zone_name(at, "America/Chicago", language) == name
        shown = pages.html("page.html", language=language, at=at).split("|")
        assert [one.endswith(f" {name}") for one in shown] == [True, True], shown


def test_utc_stays_utc() -> None:
    assert [zone_name(WINTER, "UTC", language) for language in ("en", "es")] == ["UTC", "UTC"]


def test_nobody_names_a_zone_by_themselves() -> None:
    """Babel's own names, or `%Z`, would say standard and daylight."""
    found = [
        path.relative_to(ROOT).as_posix()
        for folder in ("services", "shared")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"get_timezone_name|%Z|tzname\(", path.read_text(encoding="utf-8"))
    ]
    assert found == ["shared/pages/times.py"]
