"""Plots as SVG: pure functions from numbers to markup. Each has a title and a description, and a table beside it.

Colors, dark ones too, come from `plots.css` by class; what runs from the right is mirrored here. A value that is None
is not known: nothing is drawn for it.
"""

from collections.abc import Sequence

import msgspec
from markupsafe import Markup, escape

#: The width that all is laid out in; a page scales it to the room there is.
WIDTH = 360
_BAR, _ROW, _HEAD = 14, 46, 8
_HEIGHT, _BASE, _TOP = 120, 30, 22
_LONGEST_LABEL = 44


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """A bar: how much of a whole, both from 0 on; `said` tells the value in words at its end."""

    label: str
    value: float | None
    whole: float
    said: str


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column; `said` stands above it."""

    label: str
    value: float | None
    said: str


def bars(identifier: str, title: str, description: str, rows: Sequence[Bar], *, rtl: bool = False) -> Markup:
    """Bars below each other, each of its whole, all wholes to one scale; `identifier` is the page's only one."""
    greatest = max((one.whole for one in rows), default=0) or 1
    parts = []
    for number, one in enumerate(rows):
        top = _HEAD + number * _ROW
        parts += [
            _text(_short(one.label), 0, top + 14, "start", rtl, "plot-label"),
            _text(one.said, WIDTH, top + 14, "end", rtl, "plot-value"),
            _rect(0, top + 22, one.whole / greatest * WIDTH, _BAR, "plot-whole", rtl),
        ]
        if one.value is not None:
            parts.append(_rect(0, top + 22, one.value / greatest * WIDTH, _BAR, "plot-part", rtl))
    return _svg(identifier, title, description, _HEAD + len(rows) * _ROW, parts)


def columns(
    identifier: str, title: str, description: str, rows: Sequence[Column], *, top: float | None = None,
    rtl: bool = False,
) -> Markup:  # fmt: skip
    """Columns beside each other on one base, up to `top` or the greatest value."""
    greatest = top or max((one.value or 0 for one in rows), default=0) or 1
    step = WIDTH / max(len(rows), 1)
    parts = [_line(_TOP + _HEIGHT)]
    for number, one in enumerate(rows):
        middle = (number + 0.5) * step
        height = 0.0 if one.value is None else min(one.value / greatest, 1) * _HEIGHT
        if one.value is not None:
            parts.append(_rect(middle - step * 0.3, _TOP + _HEIGHT - height, step * 0.6, height, "plot-part", rtl))
        parts.append(_text(one.said, middle, _TOP + _HEIGHT - height - 6, "middle", rtl, "plot-value"))
        parts.append(_text(_short(one.label), middle, _TOP + _HEIGHT + 18, "middle", rtl, "plot-label"))
    return _svg(identifier, title, description, _TOP + _HEIGHT + _BASE, parts)


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1] + "…"


def _svg(identifier: str, title: str, description: str, height: float, parts: Sequence[Markup]) -> Markup:
    return Markup(
        '<svg class="plot" role="img" aria-labelledby="{0}-title {0}-description" viewBox="0 0 {1} {2}" '
        'width="{1}" height="{2}" focusable="false"><title id="{0}-title">{3}</title>'
        '<desc id="{0}-description">{4}</desc>{5}</svg>'
    ).format(identifier, WIDTH, _number(height), title, description, Markup("").join(parts))


def _rect(x: float, y: float, width: float, height: float, kind: str, rtl: bool) -> Markup:
    start = WIDTH - x - width if rtl else x
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="2"/>').format(
        kind, _number(start), _number(y), _number(max(width, 0)), _number(max(height, 0))
    )


def _line(y: float) -> Markup:
    return Markup('<path class="plot-base" d="M0 {0}H{1}"/>').format(_number(y), WIDTH)


def _text(words: str, x: float, y: float, anchor: str, rtl: bool, kind: str) -> Markup:
    # The direction is the page's, so that `start` is where a line of it begins; the words keep their own order.
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="{}" direction="{}">\u2068{}\u2069</text>').format(
        kind, _number(WIDTH - x if rtl else x), _number(y), anchor, "rtl" if rtl else "ltr", escape(words)
    )


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
