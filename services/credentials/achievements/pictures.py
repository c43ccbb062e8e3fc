"""What becomes of an uploaded picture: checked, drawn anew, freed of all that is no picture. In a limited child only.

A PNG is decoded and written again; an SVG passes Cloudflare's filter, and what is left of it is drawn once. Either way
what is kept was made here, square, and small enough for a page.
"""

import base64
import re
from io import BytesIO
from xml.etree import ElementTree
from xml.etree.ElementTree import ParseError

import msgspec
import resvg_py
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from PIL import Image, UnidentifiedImageError
from py_svg_hush import filter_svg

from services.credentials.achievements.model import CleanPicture, PictureRefusal

#: The sides of what is kept, in pixels.
SIDE = 512
_LEAST_SIDE, _MOST_SIDE = 128, 4096
#: A page that shows the picture stays within its budget.
_MOST_KEPT = 128 * 1024
_COLORS = 256
_SVG = "http://www.w3.org/2000/svg"
_REFERENCES = ("href", "{http://www.w3.org/1999/xlink}href")
#: CSS that names anything but a part of the picture or what stands in it.
_REACHES_OUT = re.compile(r"""url\((?!\s*['"]?(?:\#|data:image/))|://|@import""", re.IGNORECASE)
_DATA = {"image": ["png", "jpeg"]}
_MOST_ELEMENTS, _MOST_DEPTH = 20_000, 128


class _RefusedError(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def clean(payload: bytes) -> bytes:
    """A CleanPicture of an uploaded PNG or SVG, or a PictureRefusal, as msgpack."""
    try:
        made: CleanPicture | PictureRefusal = _clean_svg(payload) if _is_xml(payload) else _clean_png(payload)
    except _RefusedError as error:
        made = PictureRefusal(code=error.code)
    return msgspec.msgpack.encode(made)


def wrapped(png: bytes) -> bytes:
    """A PNG as the only thing in an SVG of the same size."""
    data = base64.b64encode(png).decode()
    return (
        f'<svg xmlns="{_SVG}" viewBox="0 0 {SIDE} {SIDE}" width="{SIDE}" height="{SIDE}">'
        f'<image width="{SIDE}" height="{SIDE}" href="data:image/png;base64,{data}"/></svg>'
    ).encode()


def _is_xml(payload: bytes) -> bool:
    return payload.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _clean_png(payload: bytes) -> CleanPicture:
    try:
        with Image.open(BytesIO(payload), formats=["PNG"]) as found:
            if not all(_LEAST_SIDE <= side <= _MOST_SIDE for side in found.size):
                raise _RefusedError("size")
            png = _written(found.convert("RGBA"))
    except Image.DecompressionBombError:
        raise _RefusedError("size") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise _RefusedError("broken") from None
    return CleanPicture(png=png, svg=wrapped(png))


def _clean_svg(payload: bytes) -> CleanPicture:
    try:
        # Before the filter, which knows document types: entities are refused, never resolved.
        root = fromstring(payload, forbid_dtd=True)
        if root.tag != f"{{{_SVG}}}svg":
            raise _RefusedError("broken")
        _check_size(root)
        root = fromstring(filter_svg(payload, _DATA), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, RecursionError):
        raise _RefusedError("broken") from None
    for one in root.iter():
        # The filter leaves paths of the same host, which would be asked of whoever shows the picture.
        for name, value in list(one.attrib.items()):
            is_reference = name in _REFERENCES and not value.startswith(("#", "data:image/"))
            if is_reference or (name not in _REFERENCES and _REACHES_OUT.search(value)):
                del one.attrib[name]
        if one.tag == f"{{{_SVG}}}style" and _REACHES_OUT.search(one.text or ""):
            one.text = ""
    width, height = _sides(root)
    root.set("width", str(SIDE))
    root.set("height", str(SIDE))
    root.set("viewBox", root.get("viewBox") or f"0 0 {width:g} {height:g}")
    ElementTree.register_namespace("", _SVG)
    svg: bytes = ElementTree.tostring(root, encoding="utf-8")
    try:
        drawn = resvg_py.svg_to_bytes(svg_string=svg.decode(), width=SIDE, height=SIDE)
    except ValueError:
        raise _RefusedError("broken") from None
    with Image.open(BytesIO(drawn)) as found:
        picture = found.convert("RGBA")
        return CleanPicture(png=_written(picture), svg=svg)


def _check_size(root: ElementTree.Element) -> None:
    """No more elements, and none deeper, than a picture needs: the filter indents what it writes."""
    level, elements = [root], 0
    for _ in range(_MOST_DEPTH):
        elements += len(level)
        if elements > _MOST_ELEMENTS:
            raise _RefusedError("complex")
        level = [below for one in level for below in one]
        if not level:
            return
    raise _RefusedError("complex")


def _sides(root: ElementTree.Element) -> tuple[float, float]:
    box = (root.get("viewBox") or "").replace(",", " ").split()
    texts = box[2:] if len(box) == 4 else [root.get("width", ""), root.get("height", "")]
    try:
        width, height = (float(one.removesuffix("px")) for one in texts)
    except ValueError:
        raise _RefusedError("size") from None
    if not (0 < width < 1e6 and 0 < height < 1e6):
        raise _RefusedError("size")
    return width, height


def _written(picture: Image.Image) -> bytes:
    """A square PNG of no more than SIDE pixels a side, transparent around a picture that is not square."""
    if picture.getbbox() is None:
        raise _RefusedError("empty")
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    square = Image.new("RGBA", (SIDE, SIDE))
    square.paste(picture, ((SIDE - picture.width) // 2, (SIDE - picture.height) // 2))
    png = _png(square)
    return png if len(png) <= _MOST_KEPT else _png(square.quantize(_COLORS, Image.Quantize.FASTOCTREE))


def _png(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
