"""Colors as `#rrggbb`: mixing, contrast, and the shades of an accent that text can be read on and in. Pure."""

import colorsys

import msgspec

#: What WCAG 2.2 asks of text (1.4.3), and of borders and icons (1.4.11).
LEAST_FOR_TEXT, LEAST_FOR_LINES = 4.5, 3.0
INK, WHITE = "#1b2422", "#ffffff"
_MIDDLE, _STEPS = "#777777", 40


def mixed(color: str, other: str, share: float) -> str:
    """`color` with a share of `other`."""
    pairs = zip(_channels(color), _channels(other), strict=True)
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in pairs)


def luminance(color: str) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2)."""
    red, green, blue = (
        value / 12.92 if (value := channel / 255) <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for channel in _channels(color)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, two: str) -> float:
    """Contrast ratio of two colors, 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def on_color(ground: str) -> str:
    """White or near-black, whichever reads better on `ground`."""
    return max(WHITE, INK, key=lambda ink: contrast(ink, ground))


class Accent(msgspec.Struct, frozen=True):
    """An accent with the text on it, and the soft ground that it can be read on."""

    accent: str
    on_accent: str
    soft: str


def accent_on(color: str, grounds: tuple[str, ...]) -> Accent:
    """`color`, made lighter or darker, in its own hue, until it can be read on all grounds and text on it."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(channel / 255 for channel in _channels(color)))
    end = 1.0 if luminance(grounds[0]) < luminance(_MIDDLE) else 0.0
    found = _accent(color, grounds)
    for step in range(1, _STEPS + 1):
        if min(contrast(found.accent, one) for one in (*grounds, found.soft, found.on_accent)) >= LEAST_FOR_TEXT:
            break
        shade = colorsys.hls_to_rgb(hue, lightness + (end - lightness) * step / _STEPS, saturation)
        found = _accent("#" + "".join(f"{round(channel * 255):02x}" for channel in shade), grounds)
    return found


def _accent(shade: str, grounds: tuple[str, ...]) -> Accent:
    return Accent(accent=shade, on_accent=on_color(shade), soft=mixed(grounds[0], shade, 0.1))


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
