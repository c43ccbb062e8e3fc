"""What a badge is aligned with, as staff write it: a line each, `name | address | code | framework`. Pure."""

from collections.abc import Iterable

import msgspec
from msgspec import UNSET, UnsetType

from shared.contracts import Alignment
from shared.pages.sheets import Sheet
from shared.words import said

_MOST = 60
_LONGEST = 300
_PARTS = 4


def read(sheet: Sheet, field: str, *, before: Iterable[Alignment] = ()) -> tuple[Alignment, ...]:
    """The alignments of a field's lines; what does not fit is noted on the sheet.

    A line that stands as it was written of one `before` is that one, with what no line says of it.
    """
    known = {written((one,)): one for one in before}
    text = sheet.text(field, missing=None, most=20_000)
    found = []
    lines = [one.strip() for one in text.splitlines() if one.strip()]
    for number, line in enumerate(lines, start=1):
        one = known.get(line) or _alignment(line)
        if one is None:
            sheet.wrong(
                field, said("Write line %(number)s as: name | https address | code | framework.", number=number)
            )
            return ()
        found.append(one)
    if len(found) > _MOST:
        sheet.wrong(field, said("Use at most %(most)s lines.", most=_MOST))
    return tuple(found[:_MOST])


def _alignment(line: str) -> Alignment | None:
    """What a line says; None where the issuer would not take it."""
    parts = [one.strip() for one in line.split("|")]
    address = parts[1] if len(parts) > 1 else ""
    if not address.startswith("https://") or len(parts) > _PARTS or any(len(one) > _LONGEST for one in parts):
        return None
    code, framework = (*parts[2:], "", "")[:2]
    one = Alignment(
        target_name=parts[0], target_url=address, target_code=code or UNSET, target_framework=framework or UNSET
    )
    try:
        return msgspec.convert(msgspec.to_builtins(one), Alignment)
    except msgspec.ValidationError:
        return None


def written(alignments: tuple[Alignment, ...]) -> str:
    """The alignments as staff write them."""
    return "\n".join(" | ".join(_parts(one)) for one in alignments)


def _parts(one: Alignment) -> list[str]:
    parts = [one.target_name, one.target_url, *(_text(value) for value in (one.target_code, one.target_framework))]
    while not parts[-1]:
        parts.pop()
    return parts


def _text(value: str | UnsetType) -> str:
    return "" if isinstance(value, UnsetType) else value
