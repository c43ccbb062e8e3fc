"""Plots: each says what it shows, mirrors itself, draws nothing for what is not known, and has no style of its own."""

import re
from xml.etree import ElementTree as ET

import pytest

from shared.pages.plots import WIDTH, Bar, Column, bars, columns

_SVG = "{http://www.w3.org/2000/svg}"
ROWS = [
    Bar(label="<script>&", value=5, whole=10, said="5 of 10"),
    Bar(label="\u0644\u064a\u0644\u0649", value=None, whole=20, said="not known yet"),
]


def drawn(text: str) -> ET.Element:
    # Not the markup's own `replace`, which escapes what it puts in.
    return ET.fromstring(str.replace(text, "<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))  # noqa: S314  # our own


def rects(svg: ET.Element, kind: str) -> list[tuple[float, float]]:
    """Where each begins, and its width."""
    return [
        (float(one.attrib["x"]), float(one.attrib["width"]))
        for one in svg.iter(f"{_SVG}rect")
        if one.attrib["class"] == kind
    ]


def test_bars_are_to_one_scale_and_what_is_not_known_has_none() -> None:
    svg = drawn(bars("p", "Seats", "One: 5", ROWS))
    assert rects(svg, "plot-whole") == [(0, WIDTH / 2), (0, WIDTH)]
    assert rects(svg, "plot-part") == [(0, WIDTH / 4)]
    assert next(svg.iter(f"{_SVG}text")).text == "\u2068<script>&\u2069"


def test_from_right_to_left_they_begin_at_the_right() -> None:
    svg = drawn(bars("p", "Seats", "One: 5", ROWS, rtl=True))
    assert rects(svg, "plot-whole") == [(WIDTH / 2, WIDTH / 2), (0, WIDTH)]
    label = next(svg.iter(f"{_SVG}text"))
    assert (label.attrib["x"], label.attrib["text-anchor"], label.attrib["direction"]) == (str(WIDTH), "start", "rtl")


def test_columns_stand_on_their_base_up_to_the_top() -> None:
    rows = [Column(label="Sep", value=1.5, said="100%"), Column(label="Oct", value=None, said="?")]
    for rtl in (False, True):
        [(x, width)] = rects(drawn(columns("p", "A", "B", rows, top=1, rtl=rtl)), "plot-part")
        assert (x + width / 2 > WIDTH / 2) is rtl


@pytest.mark.parametrize(
    "svg", [bars("p", "A & B", "C", ROWS), columns("p", "A & B", "C", []), bars("p", "A & B", "C", [])]
)
def test_each_is_named_and_has_its_size(svg: str) -> None:
    found = drawn(svg)
    named = found.attrib["aria-labelledby"].split()
    assert [one.text for one in found.iter() if one.attrib.get("id") in named] == ["A & B", "C"]
    assert {"viewBox", "width", "height"} <= found.attrib.keys()
    assert not re.search(r"style|nan|inf", svg)
