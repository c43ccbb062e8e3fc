"""What a badge is aligned with, as staff write it: a line each, `name | address | code | framework`. Pure."""

from msgspec import UNSET, UnsetType

from shared.contracts import Alignment
from shared.pages.sheets import Sheet
from shared.words import said

_MOST = 60
_LONGEST = 300
_PARTS = 4


def read(sheet: Sheet, field: str) -> tuple[Alignment, ...]:
    """The alignments of a field's lines; what does not fit is noted on the sheet."""
    text = sheet.text(field, missing=None, most=20_000)
    found = []
    lines = [one.strip() for one in text.splitlines() if one.strip()]
    for number, line in enumerate(lines, start=1):
        parts = [one.strip() for one in line.split("|")]
        address = parts[1] if len(parts) > 1 else ""
        is_short = all(len(one) <= _LONGEST for one in parts)
        if not parts[0] or not address.startswith("https://") or " " in address or len(parts) > _PARTS or not is_short:
            sheet.wrong(
                field, said("Write line %(number)s as: name | https address | code | framework.", number=number)
            )
            return ()
        code, framework = (*parts[2:], "", "")[:2]
        found.append(
            Alignment(
                target_name=parts[0],
                target_url=address,
                target_code=code or UNSET,
                target_framework=framework or UNSET,
            )
        )
    if len(found) > _MOST:
        sheet.wrong(field, said("Use at most %(most)s lines.", most=_MOST))
    return tuple(found[:_MOST])


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
