"""The default image of a badge: a laurel wreath round a disc that bears the achievement's name. Drawn by code. Pure."""

import math
from collections.abc import Iterator
from itertools import product
from xml.sax.saxutils import escape

import msgspec

from services.credentials.public.drawing.lettering import (
    ELLIPSIS,
    families,
    is_right_to_left,
    plain,
    shortened,
    width,
    wrapped,
    writes_no_spaces,
)
from shared.colors import mixed, on_color
from shared.documents import DocumentPool

SIDE = 512
PNG_PIXELS = 512
_CENTER = SIDE / 2
_WREATH = 204.0
_DISC = 170.0
#: The name stands a little above the disc's middle, for the issuer may take two lines below it.
_NAME_MIDDLE = _CENTER - 8
_NAME_HEIGHT = 160.0
_LEAST_NAME = 16
#: Below this size a word is broken rather than set smaller still.
_LEAST_WHOLE = 24
_MOST_LINES = 8
_GOLD = "#c08a24"
_PALE_GOLD = "#f1dca7"
_RIBBON = "#8a1c12"


class Lettering(msgspec.Struct, frozen=True):
    """Lines of one size, with the baseline of the first and the distance to the next."""

    lines: tuple[str, ...]
    size: float
    baseline: float
    leading: float


def svg(
    achievement_name: str, level_or_program: str, accent: str, issuer_name: str, *, demonstration: str = ""
) -> bytes:
    """The badge as a self-contained SVG of 512 x 512 units; `accent` is `#rrggbb`.

    `demonstration` is the word on a ribbon across the foot, for issuers that award nothing real.
    """
    name, above, below, ribbon = (
        plain(one) for one in (achievement_name, level_or_program, issuer_name, demonstration)
    )
    title = escape(name)
    description = escape(". ".join(one for one in (above, below, ribbon) if one))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" width="{SIDE}" height="{SIDE}" '
        'role="img" aria-labelledby="title desc">',
        f'<title id="title">{title}</title><desc id="desc">{description}</desc>',
        "<defs>"
        f'<radialGradient id="disc" cx="0.5" cy="0.32" r="0.8">'
        f'<stop offset="0" stop-color="{mixed(accent, "#ffffff", 0.14)}"/><stop offset="1" stop-color="{accent}"/>'
        "</radialGradient></defs>",
        *wreath(accent),
        f'<circle cx="{_CENTER:g}" cy="{_CENTER:g}" r="{_DISC:g}" fill="url(#disc)"/>',
        f'<circle cx="{_CENTER:g}" cy="{_CENTER:g}" r="{_DISC - 9:g}" fill="none" stroke="{_PALE_GOLD}" '
        'stroke-opacity="0.75" stroke-width="2"/>',
        f'<g text-anchor="middle" fill="{on_color(accent)}">',
        *_lettered(name, above, below),
        "</g>",
        *_ribboned(ribbon),
        "</svg>",
    ]
    return "".join(parts).encode()


async def png(pool: DocumentPool, drawn: bytes) -> bytes:
    """An SVG of `svg` as a PNG of 512 x 512 pixels, transparent round the wreath; drawn in a child of the pool."""
    return await pool.png(drawn, size=PNG_PIXELS)


def mark(accent: str) -> bytes:
    """The wreath round a check mark: an issuer's mark where it has none of its own."""
    body = "".join(wreath(accent))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="14 14 484 484" width="484" height="484">{body}'
        f'<path d="M178 262l54 56 104-116" fill="none" stroke="{_GOLD}" stroke-width="34" stroke-linecap="round" '
        'stroke-linejoin="round"/></svg>'
    ).encode()


def sprig(accent: str, berry: str) -> Iterator[str]:
    """A twig of laurel for the upper left corner of a frame, in millimetres from the corner."""
    yield '<rect x="-1" y="-1" width="17" height="17" fill="#ffffff"/>'
    yield f'<path d="M3 3L15 15" stroke="{accent}" stroke-width="0.6" stroke-linecap="round"/>'
    for number in range(4):
        at = 4 + number * 3
        for lean in (-38, 38):
            yield _placed_leaf(at, at, 45 + lean, 5.4 - number * 0.5, accent)
    yield _placed_leaf(14.5, 14.5, 45, 4, accent)
    yield f'<circle cx="3" cy="3" r="1" fill="{berry}"/>'


def wreath(accent: str) -> Iterator[str]:
    """Two branches of laurel from the foot to the crown, mirror images, in a square of 512 units."""
    leaf, shade = accent, mixed(accent, "#ffffff", 0.28)
    branch = "".join(_branch(leaf, shade))
    yield f"<g>{branch}</g>"
    yield f'<g transform="translate({SIDE} 0) scale(-1 1)">{branch}</g>'
    # The tie where the stems cross.
    foot = _CENTER + _WREATH
    yield (
        f'<path d="M{_CENTER - 26:g} {foot + 17:g}Q{_CENTER:g} {foot + 2:g} {_CENTER + 26:g} {foot - 13:g}'
        f'M{_CENTER + 26:g} {foot + 17:g}Q{_CENTER:g} {foot + 2:g} {_CENTER - 26:g} {foot - 13:g}" '
        f'fill="none" stroke="{leaf}" stroke-width="4.5" stroke-linecap="round"/>'
        f'<circle cx="{_CENTER:g}" cy="{foot + 2:g}" r="8.5" fill="{_GOLD}"/>'
    )


def _branch(leaf: str, shade: str) -> Iterator[str]:
    """The left branch: a stem along the circle, leaves outward and inward by turns, berries between them."""
    start, end = math.radians(97), math.radians(252)
    x1, y1 = _on_circle(_WREATH, start)
    x2, y2 = _on_circle(_WREATH, end)
    yield (
        f'<path d="M{x1:.1f} {y1:.1f}A{_WREATH:g} {_WREATH:g} 0 0 1 {x2:.1f} {y2:.1f}" fill="none" '
        f'stroke="{leaf}" stroke-width="4" stroke-linecap="round"/>'
    )
    pairs = 12
    for number in range(pairs):
        along = number / (pairs - 1)
        angle = start + (end - start) * (0.045 + 0.925 * along)
        length = 52 - 16 * along
        yield _leaf(angle, _WREATH, lean=34, length=length, color=leaf)
        yield _leaf(angle + 0.055, _WREATH, lean=-30, length=length * 0.86, color=shade)
        if number % 2 == 1 and number < pairs - 1:
            x, y = _on_circle(_WREATH + 15, angle + 0.125)
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.6" fill="{_GOLD}"/>'
    yield _leaf(end, _WREATH, lean=4, length=38, color=leaf)


def _leaf(angle: float, radius: float, *, lean: float, length: float, color: str) -> str:
    """A pointed leaf that grows along the circle, leaning `lean` degrees outward (inward where negative)."""
    x, y = _on_circle(radius, angle)
    return _placed_leaf(x, y, math.degrees(angle) + 90 - lean, length, color)


def _placed_leaf(x: float, y: float, turn: float, length: float, color: str) -> str:
    half = length * 0.21
    outline = (
        f"M0 0C{length * 0.22:.1f} {-half * 1.35:.1f} {length * 0.66:.1f} {-half * 1.25:.1f} {length:.2f} 0"
        f"C{length * 0.66:.1f} {half * 1.25:.1f} {length * 0.22:.1f} {half * 1.35:.1f} 0 0Z"
    )
    return f'<path transform="translate({x:.1f} {y:.1f}) rotate({turn:.1f})" d="{outline}" fill="{color}"/>'


def _on_circle(radius: float, angle: float) -> tuple[float, float]:
    return _CENTER + radius * math.cos(angle), _CENTER + radius * math.sin(angle)


def _lettered(name: str, above: str, below: str) -> Iterator[str]:
    """The name as large as the disc allows, the level above it, the issuer below in one line or two."""
    main = _fitted_name(name)
    bottom = main.baseline + main.leading * (len(main.lines) - 1) + main.size * 0.3
    if above:
        yield _text(_small(above, baseline=main.baseline - main.size - 14, largest=22, most_lines=1), weight=500)
    yield _text(main, weight=700)
    if below:
        yield (
            f'<path d="M{_CENTER - 26:g} {bottom + 13:.1f}h52" stroke="{_PALE_GOLD}" stroke-width="2.5" '
            'stroke-linecap="round"/>'
        )
        yield _text(_small(below, baseline=bottom + 38, largest=19, most_lines=2), weight=400)


def _fitted_name(name: str) -> Lettering:
    """In the largest size at which its lines fit; where even the least is too large, the end is cut.

    A smaller size is better than a word broken in two, except in scripts that write no spaces.
    """
    longest = max(width(word) for word in name.split(" "))
    for may_break, sizes in ((False, range(50, _LEAST_WHOLE, -2)), (True, range(50, _LEAST_NAME, -2))):
        for size, share in product(sizes, (1.0, 0.9, 0.8)):
            room = 2 * _chord(0) * share / size
            if longest > room and not may_break and not writes_no_spaces(name):
                continue
            lettering = _centered(wrapped(name, room), size)
            if _fits(lettering):
                return lettering
    lines = wrapped(name, 2 * _chord(70) / _LEAST_NAME)
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], lines[_MOST_LINES - 1][:-1].rstrip() + ELLIPSIS]
    return _centered(lines, _LEAST_NAME)


def _centered(lines: list[str], size: float) -> Lettering:
    leading = size * 1.22
    return Lettering(tuple(lines), size, _NAME_MIDDLE + size * 0.34 - leading * (len(lines) - 1) / 2, leading)


def _fits(lettering: Lettering) -> bool:
    """Whether each line fits its chord of the disc, with room above and below for the small lines."""
    if lettering.leading * (len(lettering.lines) - 1) + lettering.size > _NAME_HEIGHT:
        return False
    for number, line in enumerate(lettering.lines):
        baseline = lettering.baseline + number * lettering.leading
        farthest = max(abs(baseline - lettering.size * 0.8 - _CENTER), abs(baseline + lettering.size * 0.25 - _CENTER))
        if width(line) * lettering.size > 2 * _chord(farthest):
            return False
    return True


def _small(text: str, *, baseline: float, largest: float, most_lines: int) -> Lettering:
    """One or two small lines from a height of the disc: smaller where the text is long, then cut."""
    for size in (largest, largest - 2, largest - 4, largest - 6):
        leading = size * 1.2
        rooms = [2 * _chord(abs(baseline + leading * at + size * 0.2 - _CENTER)) / size for at in range(2)]
        if width(text) <= rooms[0]:
            return Lettering((text,), size, baseline, leading)
        first = wrapped(text, rooms[0], evenly=False)[0]
        rest = text[len(first) :].strip()
        if most_lines > 1 and width(rest) <= rooms[1]:
            return Lettering((first, rest), size, baseline, leading)
    return Lettering((shortened(text, rooms[0]),), size, baseline, leading)


def _ribboned(word: str) -> Iterator[str]:
    """A ribbon across the foot of the wreath."""
    if not word:
        return
    word = shortened(word, 15.0)
    half, top, size = 26 + width(word) * 26 / 2, 430, 26.0
    left, right = _CENTER - half, _CENTER + half
    for edge, way in ((left, -1), (right, 1)):
        yield (
            f'<path d="M{edge - way * 20:.1f} {top + 12}h{way * 50}l{-way * 13} 25l{way * 13} 25h{-way * 50}z" '
            f'fill="{mixed(_RIBBON, "#000000", 0.35)}"/>'
        )
    yield f'<rect x="{left:.1f}" y="{top}" width="{2 * half:.1f}" height="52" rx="3" fill="{_RIBBON}"/>'
    lettering = Lettering((word,), size, top + 35, 0)
    yield f'<g text-anchor="middle" fill="#ffffff">{_text(lettering, weight=700)}</g>'


def _chord(distance: float) -> float:
    """Half the width that text may take at a distance from the disc's middle."""
    inner = _DISC - 20
    return math.sqrt(max(inner**2 - distance**2, 400.0))


def _text(lettering: Lettering, *, weight: int) -> str:
    return "".join(
        f'<text x="{_CENTER:g}" y="{lettering.baseline + number * lettering.leading:.1f}" '
        f'font-family="{escape(families(line))}" font-size="{lettering.size:.1f}" font-weight="{weight}" '
        f'direction="{"rtl" if is_right_to_left(line) else "ltr"}">{escape(_directed(line))}</text>'
        for number, line in enumerate(lettering.lines)
    )


def _directed(line: str) -> str:
    """With an embedding that says the direction again, since resvg knows the attribute `direction` not."""
    return f"\u202b{line}\u202c" if is_right_to_left(line) else line
