"""The certificate: one page, made to be printed and framed, that carries the signed credential as an attached file."""

from collections.abc import Callable
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape

import jinja2
import msgspec
import segno
from babel import Locale
from babel.dates import format_date, format_interval
from babel.units import format_unit
from markupsafe import Markup

from services.credentials.public.drawing import artwork
from services.credentials.public.drawing.lettering import ELLIPSIS, families, is_right_to_left, plain, shortened, width
from services.credentials.public.drawing.papers import Paper
from shared.colors import contrast, mixed
from shared.documents import Attachment, DocumentPool, PageOverflowError, Picture

CREDENTIAL = "credential.json"
MEDIA_TYPE = "application/vc"
#: Width and height in millimetres.
PAPERS: dict[Paper, tuple[float, float]] = {"letter": (279.4, 215.9), "a4": (297.0, 210.0)}
#: Sizes of text, and shares of the longest texts, until all fit on one page: the last are for letters wider than words.
_ATTEMPTS = ((1.0, 1.0), (0.88, 1.0), (0.76, 1.0), (0.76, 0.4), (0.76, 0.12))
_TEMPLATES = Path(__file__).parent / "templates"
_GOLD = "#a97a1f"
_INK = "#1b2422"
#: Text in the accent's color must read on white; a lighter accent is darkened until it does (WCAG 2.2, 1.4.3).
_LEAST_CONTRAST = 4.5

#: Of results and of topics; a certificate that listed more would be a transcript.
_MOST_RESULTS = 8
_MOST_TOPICS = 8

Translate = Callable[[str], str]


class CertificateContent(msgspec.Struct, frozen=True, kw_only=True):
    """All that a certificate shows; texts are shown as given, on one line each, whatever they hold."""

    program_name: str
    level_name: str
    achievement_name: str
    #: None where the holder withheld it.
    holder_name: str | None
    description: str
    credit_minutes: int
    activity_start: date
    activity_end: date
    awarded_on: date
    cohort_name: str
    region: str
    issuer_name: str
    is_demonstration: bool
    #: Address of the badge's page.
    badge_url: str
    #: When the credential was signed: the date of the file, so that equal content gives equal bytes.
    issued_at: datetime
    accent: str = "#1f5c4d"
    language: str = "en"
    #: Each as what was looked at and what was found.
    results: tuple[tuple[str, str], ...] = ()
    #: What the sessions were about.
    topics: tuple[str, ...] = ()
    #: The provider of record, and its number where an authority gave one.
    provider_name: str = ""
    provider_number: str = ""
    paper: Paper = "letter"


async def render(
    pool: DocumentPool, content: CertificateContent, credential: str, *, translate: Translate = str
) -> bytes:
    """The certificate as PDF/A-3a with `credential`, the signed JSON, attached; the errors are those of the pool.

    Equal arguments give equal bytes. Long texts are set smaller, and only beyond reason cut, with an ellipsis.
    """
    attachment = Attachment(
        name=CREDENTIAL,
        media_type=MEDIA_TYPE,
        content=credential.encode(),
        description=translate("The signed Open Badges credential that this certificate shows"),
        relationship="Data",
    )
    for scale, share in _ATTEMPTS:
        try:
            return await pool.render(
                html(content, translate=translate, scale=scale, share=share),
                created=content.issued_at,
                attachments=[attachment],
                pictures=pictures(content, translate),
                max_pages=1,
            )
        except PageOverflowError as error:
            overflow = error
    raise overflow


def html(content: CertificateContent, *, translate: Translate = str, scale: float = 1.0, share: float = 1.0) -> str:
    """The page; `scale` shrinks all sizes of text, `share` what may be shown of the longest texts."""

    def brief(text: str, widest: float) -> str:
        return shortened(plain(text, longest=1_000), widest * share)

    locale = Locale.parse(content.language, sep="-")
    paper_width, paper_height = PAPERS[content.paper]
    achievement = brief(content.achievement_name, 110)
    holder = brief(content.holder_name or "", 100)
    accent = readable(content.accent)
    return (
        environment_of(translate)
        .get_template("certificate.html")
        .render(
            lang=content.language,
            dir=locale.text_direction,
            accent=accent,
            gold=_GOLD,
            ink=_INK,
            scale=scale,
            paper_width=paper_width,
            paper_height=paper_height,
            program=brief(content.program_name, 70),
            level=brief(content.level_name, 40),
            achievement=achievement,
            achievement_size=fitted(achievement, largest=25, least=13, room=490),
            holder=holder or None,
            holder_size=fitted(holder, largest=46, least=15, room=520),
            description=brief(content.description, 250),
            hours=format_unit(content.credit_minutes / 60, "hour", length="long", locale=locale),
            dates=span(content.activity_start, content.activity_end, locale),
            awarded_on=format_date(content.awarded_on, "long", locale=locale),
            cohort=brief(content.cohort_name, 36),
            region=brief(content.region, 24),
            results=_results(content, brief),
            topics=_topics(content, brief),
            issuer=brief(content.issuer_name, 60),
            provider=_provider(content, brief),
            is_demonstration=content.is_demonstration,
            url=content.badge_url,
        )
    )


def _results(content: CertificateContent, brief: Callable[[str, float], str]) -> list[tuple[str, str]]:
    """As many results as a certificate has room for; the badge's page has all."""
    room = 44 if len(content.results) <= 4 else 30
    return [(brief(name, room), brief(found, room)) for name, found in content.results[:_MOST_RESULTS]]


def _topics(content: CertificateContent, brief: Callable[[str, float], str]) -> list[str]:
    """Topics as far as they have room; an ellipsis for the others."""
    told = [brief(one, 34) for one in content.topics[:_MOST_TOPICS]]
    return told if len(content.topics) <= _MOST_TOPICS else [*told, ELLIPSIS]


def _provider(content: CertificateContent, brief: Callable[[str, float], str]) -> tuple[str, str] | None:
    """The provider of record and its number; None where there is nothing to say beside who issued."""
    if not content.provider_name or (content.provider_name == content.issuer_name and not content.provider_number):
        return None
    return brief(content.provider_name, 40), brief(content.provider_number, 16)


def fitted(text: str, *, largest: float, least: float, room: float) -> float:
    """The size in points at which `text` takes about one line of `room` points, within limits; below, it wraps."""
    return round(max(least, min(largest, room / max(width(text), 1.0))), 1)


def readable(accent: str) -> str:
    """`accent`, darkened until text of its color reads on white."""
    for step in range(11):
        darker = mixed(accent, _INK, step / 10)
        if contrast(darker, "#ffffff") >= _LEAST_CONTRAST:
            return darker
    return _INK


def span(start: date, end: date, locale: Locale) -> str:
    """From one day to another, or the one day."""
    if start == end:
        return str(format_date(start, "long", locale=locale))
    return str(format_interval(start, end, skeleton="yMMMMd", locale=locale))


def pictures(content: CertificateContent, translate: Translate) -> list[Picture]:
    """What the page names as `picture:NAME`."""
    watermark = translate("Demonstration") if content.is_demonstration else ""
    drawn = {
        "code": _code(content.badge_url),
        "mark": artwork.mark(content.accent),
        "ground": _ground(content.paper, readable(content.accent), watermark),
    }
    return [Picture(name=name, media_type="image/svg+xml", content=picture) for name, picture in drawn.items()]


def _code(url: str) -> bytes:
    out = BytesIO()
    segno.make_qr(url, error="m").save(out, kind="svg", border=2, dark=_INK, xmldecl=False, svgns=True)
    return out.getvalue()


def _ground(paper: Paper, accent: str, watermark: str) -> bytes:
    """The frame behind the text: a band of the accent, a fine line of gold, laurel at the corners, a word across."""
    wide, high = PAPERS[paper]
    corner = "".join(artwork.sprig(accent, _GOLD))
    corners = "".join(
        f'<g transform="translate({x:g} {y:g}) scale({across} {down})">{corner}</g>'
        for x, y, across, down in (
            (8, 8, 1, 1),
            (wide - 8, 8, -1, 1),
            (8, high - 8, 1, -1),
            (wide - 8, high - 8, -1, -1),
        )
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:g} {high:g}" '
        f'width="{wide:g}mm" height="{high:g}mm">'
        f'<rect x="8" y="8" width="{wide - 16:g}" height="{high - 16:g}" fill="none" stroke="{accent}" '
        f'stroke-width="1.1"/>'
        f'<rect x="10.4" y="10.4" width="{wide - 20.8:g}" height="{high - 20.8:g}" fill="none" stroke="{_GOLD}" '
        f'stroke-width="0.3"/>{corners}{_across(watermark, wide, high)}</svg>'
    ).encode()


def _across(word: str, wide: float, high: float) -> str:
    """A pale word from corner to corner."""
    if not word:
        return ""
    size = min(40.0, 0.85 * wide / width(word))
    return (
        f'<text x="{wide / 2:g}" y="{high / 2 + size / 3:.1f}" text-anchor="middle" font-size="{size:.1f}" '
        f'font-weight="700" font-family="{escape(families(word))}" fill="#fbf1ef" '
        f'transform="rotate(-24 {wide / 2:g} {high / 2:g})">{escape(word)}</text>'
    )


def environment_of(translate: Translate) -> jinja2.Environment:
    """The templates of documents in one language."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def text(message: str, **values: object) -> Markup:
        """The translation with its values escaped."""
        return Markup(translate(message)) % values  # noqa: S704  # messages are ours; Markup escapes the values

    environment.globals["_"] = text
    environment.filters["isolated"] = _isolated
    return environment


def _isolated(text: str) -> Markup:
    """Text of unknown direction, kept from rearranging its surroundings."""
    way = "rtl" if is_right_to_left(text) else "ltr"
    return Markup('<bdi dir="%s">%s</bdi>') % (way, text)
