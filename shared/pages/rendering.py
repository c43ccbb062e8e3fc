"""Renders pages: Jinja templates in one environment, texts from the catalog, dates by locale with their time zone."""

import hashlib
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import jinja2
from babel import Locale, negotiate_locale
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_decimal
from babel.support import NullTranslations
from litestar import Request, Response, get
from litestar.enums import MediaType
from markupsafe import Markup

from shared.pages import catalogs
from shared.pages.phones import labelled
from shared.pages.times import zone_name
from shared.paths import HERE
from shared.problems import NotFoundError
from shared.web import OPEN
from shared.words import in_words_of

_HERE = Path(__file__).parent
STATIC = _HERE / "static"
#: Languages that have a catalog; the first is that of the texts in the code.
LANGUAGES = ("en", "es")
#: How each calls itself.
NAMES = {"en": "English", "es": "Español"}
#: Remembers the language that somebody chose; no secret, and read before anybody is known.
LANGUAGE_COOKIE = "laurel_language"
#: What the reader of this request wishes, where a guard found it out.
LANGUAGE: ContextVar[str | None] = ContextVar("language", default=None)
_DAYS = {"es": "EEEE d 'de' MMMM 'de' y"}
_MOMENTS = {"es": "d 'de' MMMM 'de' y, HH:mm"}
_MEDIA_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


def translations(language: str) -> NullTranslations:
    """The texts of a language."""
    return NullTranslations() if language == LANGUAGES[0] else catalogs.translations(language)


def wished(*wishes: str | None) -> str | None:
    """The best of our languages for the first wish that has one; a wish is a tag or an Accept-Language header."""
    for wish in wishes:
        wanted = [part.split(";")[0].strip() for part in (wish or "")[:200].split(",")]
        if (found := negotiate_locale(wanted, LANGUAGES, sep="-")) is not None:
            return str(found)
    return None


def negotiate(accept_language: str | None) -> str:
    """The best of our languages for an Accept-Language header."""
    return wished(accept_language) or LANGUAGES[0]


def language_of(request: Request[Any, Any, Any]) -> str:
    """The language that a reader chose, else the best of ours for their browser."""
    return wished(request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language")) or LANGUAGES[0]


class Pages:
    """The templates of a service together with the shared ones."""

    def __init__(self, folders: Sequence[Path], *, names: Mapping[str, Any] | None = None) -> None:
        """`folders` are searched in order, then the shared templates; `names` are given to every template."""
        loader = jinja2.FileSystemLoader([*folders, _HERE / "templates"])
        self._environments = {language: _environment(loader, language) for language in LANGUAGES}
        for environment in self._environments.values():
            environment.globals.update(names or {})

    def html(self, template: str, *, language: str = LANGUAGES[0], **context: Any) -> str:
        """The page's HTML."""
        locale = Locale.parse(language, sep="-")
        return (
            self._environments[language]
            .get_template(template)
            .render(lang=language, dir=locale.text_direction, page_path=HERE.get(), languages=NAMES, **context)
        )

    def page(self, template: str, *, status: int = 200, language: str = LANGUAGES[0], **context: Any) -> Response[str]:
        """The page as a response that no cache keeps."""
        return Response(
            self.html(template, language=language, **context),
            status_code=status,
            media_type=MediaType.HTML,
            headers={"Cache-Control": "no-store", "Content-Language": language},
        )


def _environment(loader: jinja2.BaseLoader, language: str) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=loader,
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    texts = translations(language)
    environment.install_gettext_translations(texts, newstyle=True)  # type: ignore[attr-defined]  # the i18n extension adds it
    locale = Locale.parse(language, sep="-")

    def day(value: date) -> str:
        """`Saturday 18 September 2021`."""
        return format_date(value, _DAYS.get(language, "EEEE d MMMM y"), locale=locale)

    def short_day(value: date) -> str:
        """`18 Sept 2021`."""
        return format_date(value, "d MMM y", locale=locale)

    def hours(start: datetime, end: datetime, zone: str) -> str:
        """`9:00 AM to 12:00 PM Central Time`; the zone is always named."""
        where = ZoneInfo(zone)
        first = format_time(start.astimezone(where), "short", locale=locale)
        last = format_time(end.astimezone(where), "short", locale=locale)
        return f"{first}–{last} {zone_name(start, zone, language)}"

    def moment(value: datetime, zone: str = "UTC") -> str:
        """`23 November 2026, 14:05 UTC`."""
        local = value.astimezone(ZoneInfo(zone))
        at = format_datetime(local, _MOMENTS.get(language, "d MMMM y, HH:mm"), locale=locale)
        return f"{at} {zone_name(value, zone, language)}"

    def local_day(value: datetime, zone: str) -> str:
        return day(value.astimezone(ZoneInfo(zone)).date())

    def number(value: float) -> str:
        return format_decimal(value, locale=locale)

    def told(sentence: str) -> str:
        """A sentence from pure code in the page's language."""
        return in_words_of(texts, sentence)

    environment.filters.update(
        isolated=isolated, day=day, short_day=short_day, hours=hours, moment=moment, local_day=local_day, number=number,
        told=told, labelled=labelled,
    )  # fmt: skip
    environment.globals.update(asset=asset, with_query=with_query)
    return environment


def isolated(name: str) -> Markup:
    """A name as HTML whose direction does not disturb the sentence around it."""
    return Markup("<bdi>{}</bdi>").format(name)


def with_query(query: Mapping[str, Any], **changes: Any) -> str:
    """`?sort=name&mode=virtual`: the query with some parts changed, and without those that are empty."""
    held = {key: value for key, value in {**query, **changes}.items() if value not in (None, "", False)}
    return f"?{urlencode(held, doseq=True)}"


@cache
def asset(name: str) -> str:
    """The address of a static file, with a part of its hash so that a new version is a new address."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


@get("/static/{name:str}", include_in_schema=False, opt=OPEN)
async def static(name: str) -> Response[bytes]:
    """A file of the design system."""
    known = {path.name: path for path in STATIC.iterdir()}
    if name not in known:
        raise NotFoundError
    return Response(
        known[name].read_bytes(),
        media_type=_MEDIA_TYPES[known[name].suffix],
        headers={"Cache-Control": "public, max-age=31536000, immutable"},
    )
