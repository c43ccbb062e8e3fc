"""Tables as files: CSV that no spreadsheet takes for formulas, and XLSX written in bounded memory."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import xlsxwriter

Cell = str | int | float | bool | None
Row = Sequence[Cell]

#: What a spreadsheet takes for the beginning of a formula; the wide forms count as the narrow ones in some.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
#: Excel's own limits: rows of a sheet, characters of a cell.
_MOST_ROWS = 1_048_576
_LONGEST_CELL = 32_767
_CUT = " […]"
_AT_ONCE = 64 * 1024


def harmless(cell: Cell) -> Cell:
    """The cell as no spreadsheet takes it for a formula; numbers are none."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


# Without the mark Excel takes UTF-8 for a code page of its own.
_MARK = b"\xef\xbb\xbf"


def csv_file(rows: Sequence[Row]) -> bytes:
    """Rows as a whole CSV file."""
    return _MARK + csv_lines(rows)


def csv_lines(rows: Sequence[Row]) -> bytes:
    """Rows as lines of CSV in UTF-8."""
    lines = io.StringIO()
    csv.writer(lines).writerows([harmless(cell) for cell in row] for row in rows)
    return lines.getvalue().encode()


async def as_csv(batches: AsyncIterator[Sequence[Row]]) -> AsyncIterator[bytes]:
    """A CSV file with each batch as it comes."""
    yield _MARK
    async for batch in batches:
        yield csv_lines(batch)


async def as_xlsx(batches: AsyncIterator[Sequence[Row]]) -> AsyncIterator[bytes]:
    """A workbook of the rows, the first of which is its head; it is on disk until it is sent, off the event loop."""
    with TemporaryDirectory(prefix="laurel-table-") as folder:
        path = Path(folder) / "table.xlsx"
        book = await asyncio.to_thread(_Workbook, path)
        async for batch in batches:
            await asyncio.to_thread(book.write, batch)
        await asyncio.to_thread(book.close)
        with path.open("rb") as file:
            while chunk := await asyncio.to_thread(file.read, _AT_ONCE):
                yield chunk


class _Workbook:
    """Rows go to disk as they come, and a further sheet begins where one is full."""

    def __init__(self, path: Path) -> None:
        self._book = xlsxwriter.Workbook(
            path,
            {
                "constant_memory": True,
                "tmpdir": str(path.parent),
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self._bold = self._book.add_format({"bold": True})
        self._head: Row | None = None
        self._begin()

    def _begin(self) -> None:
        self._sheet = self._book.add_worksheet()
        self._next = 0
        if self._head is not None:
            self._put(self._head)

    def write(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if self._next == _MOST_ROWS:
                self._begin()
            if self._head is None:
                self._head = row
            self._put(row)

    def _put(self, row: Row) -> None:
        if self._next == 0:
            self._sheet.freeze_panes(1, 0)
            self._sheet.set_column(0, max(len(row) - 1, 0), 20)
        for column, cell in enumerate(row):
            if cell is None or cell == "":
                continue
            if isinstance(cell, bool):
                self._sheet.write_boolean(self._next, column, cell)
            elif isinstance(cell, int | float):
                self._sheet.write_number(self._next, column, cell)
            else:
                self._sheet.write_string(self._next, column, _short(cell), self._bold if self._next == 0 else None)
        self._next += 1

    def close(self) -> None:
        self._book.close()


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - len(_CUT)] + _CUT
