"""What a time zone is called, one way on pages and in letters."""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import get_timezone_name


def zone_name(at: datetime, zone: str, language: str) -> str:
    """`Central Time`, summer and winter alike: people know their zone, and not which half of the year is standard."""
    if zone == "UTC":
        return zone
    locale = Locale.parse(language, sep="-")
    return get_timezone_name(at.astimezone(ZoneInfo(zone)), width="long", zone_variant="generic", locale=locale)
