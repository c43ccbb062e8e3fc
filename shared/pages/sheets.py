"""Reads what somebody typed into a form, field by field, and remembers every field that does not fit. Pure.

The values stay as typed, so that the page can show them again beside what is wrong with them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from shared.contracts import Address, Color, Language
from shared.names import is_legible, one_line
from shared.problems import InvalidInputError
from shared.words import N_, said

Key = TypeVar("Key", bound=str)
_MOST_FIELDS = 2_000
_MOST_CHARACTERS = 20_000
_SHAPES: dict[str, Any] = {"address": Address, "color": Color, "language": Language}


class Sheet:
    """A form's values, and what is wrong with them as {field: sentence}."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        """InvalidInputError for a form that no page of ours sends."""
        # What a form leaves out reads as empty, in the templates too.
        self.values = defaultdict(str, {key: value for key, value in values.items() if isinstance(value, str)})
        if len(self.values) > _MOST_FIELDS or any(len(one) > _MOST_CHARACTERS for one in self.values.values()):
            raise InvalidInputError(("form", N_("This is more than the form takes.")))
        self.errors: dict[str, str] = {}

    def check(self) -> None:
        """InvalidInputError with everything that does not fit."""
        if self.errors:
            raise InvalidInputError(*self.errors.items())

    def wrong(self, name: str, sentence: str) -> None:
        """Remember that a field does not fit; the first thing said of it counts."""
        self.errors.setdefault(name, sentence)

    def raw(self, name: str) -> str:
        """What was typed, trimmed; empty where nothing was."""
        return self.values.get(name, "").strip()

    def is_ticked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return bool(self.raw(name))

    def line(self, name: str, *, missing: str | None = N_("Fill this in."), most: int = 200) -> str:
        """One line that can be read; empty is wrong unless `missing` is None."""
        text = one_line(self.raw(name))
        if not text:
            if missing is not None:
                self.wrong(name, missing)
        elif len(text) > most:
            self.wrong(name, said("Use at most %(most)s characters.", most=most))
        elif not is_legible(text):
            self.wrong(name, N_("Use letters that can be seen."))
        return text

    def text(self, name: str, *, missing: str | None = N_("Fill this in."), most: int = 5_000) -> str:
        """Lines of text."""
        text = self.raw(name).replace("\r\n", "\n")
        if not text and missing is not None:
            self.wrong(name, missing)
        if len(text) > most:
            self.wrong(name, said("Use at most %(most)s characters.", most=most))
        if any(ord(one) < 32 and one not in "\n\t" for one in text):
            self.wrong(name, N_("Use letters that can be seen."))
        return text

    def day(self, name: str, *, missing: str | None = N_("Choose a day.")) -> date | None:
        """A date as date fields send it."""
        text = self.raw(name)
        if not text:
            if missing is not None:
                self.wrong(name, missing)
            return None
        try:
            found = date.fromisoformat(text)
        except ValueError:
            found = date.min
        if not 1971 <= found.year < 2199:
            self.wrong(name, N_("Give a day as year-month-day, such as 2026-10-03."))
            return None
        return found

    def hour(self, name: str, *, missing: str = N_("Choose a time.")) -> time | None:
        """A time of day as time fields send it."""
        text = self.raw(name)
        if not text:
            self.wrong(name, missing)
            return None
        try:
            return time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)
        except ValueError:
            self.wrong(name, N_("Give a time as hours and minutes, such as 09:00."))
            return None

    def number(self, name: str, *, least: int, most: int) -> int:
        """A whole number."""
        text = self.raw(name)
        if not (text.isascii() and text.isdigit() and len(text) < 9 and least <= int(text) <= most):
            self.wrong(name, said("Give a whole number from %(least)s to %(most)s.", least=least, most=most))
            return least
        return int(text)

    def choice(self, name: str, allowed: Iterable[Key]) -> Key | None:
        """One of the values that the page offers."""
        for one in allowed:
            if one == self.raw(name):
                return one
        self.wrong(name, N_("Choose one of these."))
        return None

    def shaped(self, name: str, shape: str, sentence: str) -> str | None:
        """A value of the shape `address`, `color` or `language`; None where nothing was typed."""
        text = self.raw(name)
        if not text:
            return None
        try:
            return str(msgspec.convert(text, _SHAPES[shape]))
        except msgspec.ValidationError:
            self.wrong(name, sentence)
            return None

    def moment(self, name: str, zone: str) -> datetime | None:
        """A local date and time of a zone, as `datetime-local` fields send it; None where nothing was typed."""
        text = self.raw(name)
        if not text:
            return None
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            found = datetime.min  # noqa: DTZ901
        if not 1971 <= found.year < 2199:
            self.wrong(name, N_("Give a day and a time, such as 2026-10-03 09:00."))
            return None
        return found.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def local(moment: datetime | None, zone: str) -> str:
    """A moment as `datetime-local` fields take it."""
    return "" if moment is None else moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")
