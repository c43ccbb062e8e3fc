"""The design system's colors can be read in both schemes, and its rules run from the start of a line to its end."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.enrollment.programs.pages.accent import DARK, LIGHT, stylesheet
from shared.colors import LEAST_FOR_LINES, LEAST_FOR_TEXT, accent_on, contrast
from shared.pages.rendering import STATIC

SHEETS = sorted(STATIC.glob("*.css"))
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_PROPERTY = re.compile(r"--([\w-]+): (#[0-9a-f]{6});")
#: Text of the first may stand on the second, wherever no rule says both together.
TEXT = [
    *((ink, ground) for ink in ("ink", "ink-soft", "link") for ground in ("paper", "ground", "accent-soft")),
    *(("ink", f"{tone}-soft") for tone in ("good", "warn", "bad")),
    *((tone, ground) for tone in ("good", "warn", "bad", "accent") for ground in ("paper", "ground", f"{tone}-soft")),
    *(("link", f"{tone}-soft") for tone in ("good", "warn", "bad")),
    ("on-accent", "accent"),
    ("paper", "bad"),
]
#: Borders of what can be pressed or filled in.
LINES = [("line", "paper"), ("line", "ground"), ("accent", "paper"), ("accent", "ground")]
#: Physical directions, which stay where they are when a page runs from the right.
PHYSICAL = re.compile(
    r"(?:^|[;{\s])(?:(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right)[\w-]*|left|right"
    r"|border-(?:top|bottom)-(?:left|right)-radius)\s*:"
    r"|(?:text-align|float|clear)\s*:\s*(?:left|right)\b"
)


def schemes() -> Iterator[tuple[str, dict[str, str]]]:
    """The colors by name, light and dark: what the dark set does not name stays as it is."""
    css = (STATIC / "laurel.css").read_text(encoding="utf-8")
    start, _, rest = css.partition("@media (prefers-color-scheme: dark) {")
    light = dict(_PROPERTY.findall(start))
    yield "light", light
    yield "dark", {**light, **dict(_PROPERTY.findall(rest.partition("}")[0]))}


def together() -> set[tuple[str, str]]:
    """Each pair that a rule of a sheet sets as text and ground."""
    found = set()
    for sheet in SHEETS:
        for _, body in _RULE.findall(sheet.read_text(encoding="utf-8")):
            ink = re.search(r"(?:^|[;\s])color: var\(--([\w-]+)\)", body)
            ground = re.search(r"background(?:-color)?: var\(--([\w-]+)\)", body)
            if ink and ground:
                found.add((ink[1], ground[1]))
    return found


@pytest.mark.parametrize(("scheme", "colors"), [*schemes()])
def test_text_can_be_read_on_its_ground(scheme: str, colors: dict[str, str]) -> None:
    pairs = {*TEXT, *together()}
    assert ("on-accent", "accent") in together(), "the rules are found"
    measured = {pair: round(contrast(colors[pair[0]], colors[pair[1]]), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in measured.items() if ratio < LEAST_FOR_TEXT} == {}, scheme


@pytest.mark.parametrize(("scheme", "colors"), [*schemes()])
def test_lines_of_what_can_be_used_are_seen(scheme: str, colors: dict[str, str]) -> None:
    measured = {pair: round(contrast(colors[pair[0]], colors[pair[1]]), 2) for pair in LINES}
    assert {pair: ratio for pair, ratio in measured.items() if ratio < LEAST_FOR_LINES} == {}, scheme
    # The focus has two rings, of which one is always seen.
    for ground in ("paper", "ground"):
        rings = [contrast(colors[ring], colors[ground]) for ring in ("focus", "ink")]
        assert max(rings) >= LEAST_FOR_LINES, scheme


def test_contrast_is_what_the_guidelines_say() -> None:
    assert contrast("#000000", "#ffffff") == 21
    # The gray that is said to pass, and the next that does not.
    assert contrast("#767676", "#ffffff") >= LEAST_FOR_TEXT > contrast("#777777", "#ffffff")


@pytest.mark.parametrize("color", ["#1f5c4d", "#ffffff", "#000000", "#ffe600", "#ff0000", "#0000ff", "#808080"])
def test_a_programs_color_is_moved_until_it_can_be_read(color: str) -> None:
    for grounds, ink in ((LIGHT, "#1b2422"), (DARK, "#e9efec")):
        found = accent_on(color, grounds)
        for ground in (*grounds, found.soft, found.on_accent):
            assert contrast(found.accent, ground) >= LEAST_FOR_TEXT
        assert contrast(ink, found.soft) >= LEAST_FOR_TEXT


def test_a_programs_sheet_knows_the_grounds_of_the_design_system() -> None:
    for (_, colors), grounds in zip(schemes(), (LIGHT, DARK), strict=True):
        assert (colors["paper"], colors["ground"]) == grounds
    assert stylesheet("#1f5c4d").startswith(":root { --accent: #1f5c4d; --on-accent: #ffffff;")


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda one: str(one.name))
def test_rules_are_by_the_direction_of_the_text(sheet: Path) -> None:
    css = sheet.read_text(encoding="utf-8")
    assert [found.group().strip() for found in PHYSICAL.finditer(css)] == []


@pytest.mark.parametrize(
    "rule", ["a{left: 0}", "a { margin-left: 1px; }", "a { text-align: right; }", "a { float:left }"]
)
def test_a_rule_by_the_side_of_the_window_would_be_found(rule: str) -> None:
    assert PHYSICAL.search(rule)
    assert not PHYSICAL.search("a { margin-inline-start: 1px; text-align: start; inset-inline-start: 0; }")
