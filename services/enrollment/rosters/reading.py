"""Reads a roster, a CSV or XLSX file of people: which columns it has, and what is the matter with each row.

Pure, and run in a child: nothing of a stranger's file is parsed anywhere else.
"""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from itertools import islice

import msgspec
from python_calamine import CalamineError, CalamineWorkbook

from services.enrollment.admission.typos import suggestion
from services.enrollment.people.model import normalized_email
from services.enrollment.rosters.columns import columns_of, headings_of
from services.enrollment.rosters.model import (
    LONGEST_CELL,
    MOST_COLUMNS,
    MOST_READ,
    MOST_ROWS,
    Columns,
    Flaw,
    Problem,
    Question,
    Reading,
    Row,
)
from shared.names import is_legible, one_line
from shared.problems import InvalidInputError
from shared.uploads import text_of

#: An XLSX file is a ZIP of XML: more than this in it is no list of people. What lies about it meets the child's limits.
_MOST_INSIDE, _MOST_PARTS = 64 * 1024 * 1024, 1_000
_FIRST_ROWS = 5
_LONGEST_NAME, _LONGEST_REGION = 200, 80
#: A row of the file, with how the file counts it.
_Line = tuple[int, list[str]]


def read(payload: bytes) -> bytes:
    """The Reading, as JSON, of a Question in MessagePack."""
    question = msgspec.msgpack.decode(payload, type=Question)
    return msgspec.json.encode(reading_of(question.content, columns=question.columns))


def reading_of(content: bytes, *, columns: Columns | None = None) -> Reading:
    """What a file says, with the columns that are recognized or with these."""
    is_zip = content.startswith(b"PK")
    found = _of_workbook(content) if is_zip else _of_text(content)
    if isinstance(found, str):
        return Reading(problem=found)
    lines = [one for one in found if any(one[1])]
    place, headings = headings_of([cells for _, cells in lines[:20]])
    body = lines[place:]
    if not body:
        return Reading(problem="no rows")
    if len(body) > MOST_READ:
        return Reading(problem="too many rows")
    chosen = columns_of(headings, [cells for _, cells in body[:50]]) if columns is None else columns
    return Reading(
        headings=tuple(headings),
        first_rows=tuple(tuple(_padded(cells, len(headings))) for _, cells in body[:_FIRST_ROWS]),
        columns=chosen,
        rows=tuple(_rows(body, chosen)) if "email" in chosen else (),
    )


def _of_workbook(content: bytes) -> list[_Line] | Problem:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            inside = parts.infolist()
        if len(inside) > _MOST_PARTS or sum(part.file_size for part in inside) > _MOST_INSIDE:
            return "too large inside"
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            first = sheet.start[0] if sheet.start is not None else 0
            lines = [
                (number, [_text_of(cell) for cell in cells[:MOST_COLUMNS]])
                for number, cells in enumerate(islice(sheet.iter_rows(), MOST_READ + 50), first + 1)
            ]
            if any(any(cells) for _, cells in lines):
                return lines
    except (zipfile.BadZipFile, CalamineError, ValueError, OSError, NotImplementedError):
        return "not a workbook"
    return "no rows"


def _text_of(cell: object) -> str:
    """A cell as somebody sees it: a spreadsheet keeps every number as a fraction."""
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    return one_line(text)[:LONGEST_CELL]


def _of_text(content: bytes) -> list[_Line] | Problem:
    text = text_of(content)
    if text is None:
        return "not text"
    try:
        return _parsed(text, _delimiter(text))
    except csv.Error:
        return "not text"


def _delimiter(text: str) -> str:
    """What parts the cells: the sign by which most columns are recognized, or by which the rows are widest."""
    head = "\n".join(text.splitlines()[:20])

    def fits(delimiter: str) -> tuple[int, int]:
        rows = [cells for _, cells in _parsed(head, delimiter)]
        place, headings = headings_of(rows)
        return len(columns_of(headings, rows[place:])), min((len(cells) for cells in rows if any(cells)), default=0)

    return max(",;\t|", key=fits)


def _parsed(text: str, delimiter: str) -> list[_Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    found: list[_Line] = []
    before = 0
    for cells in reader:
        # A cell may hold line breaks, so that a row is more than one line: a row counts as its first.
        found.append((before + 1, [one_line(cell)[:LONGEST_CELL] for cell in cells[:MOST_COLUMNS]]))
        before = reader.line_num
        if len(found) > MOST_READ + 50:
            break
    return found


def _padded(cells: Sequence[str], width: int) -> list[str]:
    return [*cells[:width], *([""] * (width - len(cells)))]


def _rows(lines: Sequence[_Line], columns: Columns) -> Iterator[Row]:
    """The rows with their flaws; a double is a double of the first row with the address that can be taken."""
    first_of: dict[str, int] = {}
    good = 0
    for number, cells in lines:
        said = {part: cells[place] if place < len(cells) else "" for part, place in columns.items()}
        name = said.get("name") or f"{said.get('first', '')} {said.get('last', '')}".strip()
        email, flaw = _email(said.get("email", ""))
        meant = suggestion(email) if flaw is None else None
        double_of = first_of.get(email) if flaw is None else None
        flaw = flaw or _flaw_of(name, is_double=double_of is not None, is_typo=meant is not None)
        if flaw in (None, "likely typo"):
            first_of[email] = number
            good += 1
            if good > MOST_ROWS:
                flaw, meant = "too many", None
        yield Row(
            number=number,
            name=name[:_LONGEST_NAME],
            email=email,
            region=said.get("region", "")[:_LONGEST_REGION] or None,
            flaw=flaw,
            suggestion=meant,
            double_of=double_of,
        )


def _email(text: str) -> tuple[str, Flaw | None]:
    """The address as it is stored, or as it was written and what is the matter with it."""
    if not text:
        return "", "no address"
    try:
        return normalized_email(text), None
    except InvalidInputError:
        return text.lower(), "malformed address"


def _flaw_of(name: str, *, is_double: bool, is_typo: bool) -> Flaw | None:
    if not name:
        return "name missing"
    if len(name) > _LONGEST_NAME or not is_legible(name):
        return "name unreadable"
    if is_double:
        return "double in file"
    return "likely typo" if is_typo else None
