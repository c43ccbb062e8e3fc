"""Tables that can be read on a phone: each cell knows what its column is called, and that it is a cell."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

_TAG = re.compile(r"<(tr|th|td)(?=[\s>])")
_ROLES = {"th": "rowheader", "td": "cell"}


def labelled(rows: str, columns: Sequence[str | Mapping[str, Any]]) -> Markup:
    """The rows of a table with its columns' words at each cell; `rows` is HTML, a column as the macro `table` takes it.

    The styles lay rows out as lists on a phone, and would take the roles of a table's parts away with that.
    """
    words = [_words(column) for column in columns]
    place = 0

    def told(tag: re.Match[str]) -> str:
        nonlocal place
        if tag[1] == "tr":
            place = 0
            return '<tr role="row"'
        label = words[place] if place < len(words) else ""
        place += 1
        return f'<{tag[1]} role="{_ROLES[tag[1]]}"' + (f' data-label="{label}"' if label else "")

    return Markup(_TAG.sub(told, str(rows)))  # noqa: S704  # HTML before, and what is added is escaped


def _words(column: str | Mapping[str, Any]) -> str:
    """What a column is called, in an attribute; nothing for the one that ticks."""
    if isinstance(column, str):
        return str(escape(column.striptags() if isinstance(column, Markup) else column))
    return "" if column.get("class") == "tick" else _words(column["words"])
