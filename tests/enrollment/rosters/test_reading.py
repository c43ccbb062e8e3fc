"""A list of people as a file: read as spreadsheets write it, each row with what is the matter with it, none lost."""

import io
import zipfile

import msgspec
import pytest
import xlsxwriter

from services.enrollment.rosters import model
from services.enrollment.rosters.model import MOST_READ, MOST_ROWS, Question, Reading
from services.enrollment.rosters.reading import read, reading_of

ARABIC, HEBREW = (
    "\u0644\u064a\u0644\u0649 \u0627\u0644\u062d\u062f\u0627\u062f",
    "\u05e9\u05e8\u05d4 \u05db\u05d4\u05df",
)


def read_text(text: str, encoding: str = "utf-8") -> Reading:
    return reading_of(text.encode(encoding))


def people(found: Reading) -> list[tuple[int, str, str]]:
    return [(row.number, row.name, row.email) for row in found.rows if row.flaw is None]


def workbook(*rows: tuple[object, ...], empty_first: bool = False) -> bytes:
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as book:
        if empty_first:
            book.add_worksheet("Notes")
        sheet = book.add_worksheet("People")
        for number, cells in enumerate(rows):
            sheet.write_row(number, 0, cells)
    return kept.getvalue()


def test_names_of_all_scripts_in_the_encodings_of_spreadsheets() -> None:
    text = (
        f"Name,Email\n{ARABIC},a@school.example.org\n{HEBREW},b@school.example.org\nJosé Pérez,c@school.example.org\n"
    )
    wanted = [
        (2, ARABIC, "a@school.example.org"),
        (3, HEBREW, "b@school.example.org"),
        (4, "José Pérez", "c@school.example.org"),
    ]
    assert people(read_text(text, "utf-8-sig")) == wanted
    assert people(read_text(text, "utf-16")) == wanted
    assert people(read_text("Nombre;Apellidos;Correo\nJosé;Pérez;c@x.example.org\n", "cp1252")) == [
        (2, "José Pérez", "c@x.example.org")
    ]


def test_columns_are_known_by_their_headings_wherever_they_stand() -> None:
    found = read_text(
        "District list 2026\n\nUniServ\tLast Name\tFirst name\tE-MAIL address:\nNorth\tLim\tAna\tA@X.example.org\n"
    )
    assert found.columns == {"region": 0, "last": 1, "first": 2, "email": 3}
    (row,) = found.rows
    assert (row.number, row.name, row.email, row.region) == (4, "Ana Lim", "a@x.example.org", "North")


def test_a_list_without_headings_is_read_by_its_addresses_and_columns_can_be_chosen() -> None:
    text = "Ana Lim,a@x.example.org\nBen Lim,b@x.example.org\n"
    found = read_text(text)
    assert found.columns == {"email": 1}
    assert found.headings == ("", "")
    assert found.first_rows == (("Ana Lim", "a@x.example.org"), ("Ben Lim", "b@x.example.org"))
    again = reading_of(text.encode(), columns={"name": 0, "email": 1})
    assert people(again) == [(1, "Ana Lim", "a@x.example.org"), (2, "Ben Lim", "b@x.example.org")]


def test_a_workbook_is_read_and_its_formulas_and_numbers_are_text() -> None:
    content = workbook(
        ("Name", "Email", "Badge number"),
        ("Ana Lim", "a@x.example.org", 17.0),
        ("=1+1", "b@x.example.org", 2),
        empty_first=True,
    )
    found = reading_of(content)
    assert found.headings == ("Name", "Email", "Badge number")
    assert found.first_rows[0] == ("Ana Lim", "a@x.example.org", "17")
    assert people(found)[0] == (2, "Ana Lim", "a@x.example.org")
    assert people(read_text("Name,Email\n=1+1,b@x.example.org\n")) == [(2, "=1+1", "b@x.example.org")]


def test_each_row_says_what_is_the_matter_with_it() -> None:
    found = read_text(
        "Name,Email\n"
        "Ana,a@x.example.org\n"
        "Ben,\n"
        "Cyd,c at x\n"
        ",d@x.example.org\n"
        "\u202eDee,e@x.example.org\n"
        "Eve,A@x.example.org\n"
        "Fay,fay@gmial.com\n"
        "Dan,d@x.example.org\n"
    )
    assert [(row.number, row.flaw) for row in found.rows] == [
        (2, None),
        (3, "no address"),
        (4, "malformed address"),
        (5, "name missing"),
        (6, "name unreadable"),
        (7, "double in file"),
        (8, "likely typo"),
        # the row of this address that has a name is the one that counts
        (9, None),
    ]
    assert found.rows[5].double_of == 2
    assert found.rows[6].suggestion == "fay@gmail.com"


def test_a_row_counts_as_the_file_counts_it_though_a_cell_has_two_lines() -> None:
    found = read_text('Name,Email\n"Ana\nLim",a@x.example.org\n\nBen,b@x.example.org\n')
    assert people(found) == [(2, "Ana Lim", "a@x.example.org"), (5, "Ben", "b@x.example.org")]


def test_those_beyond_what_one_file_may_bring_are_told_and_not_lost() -> None:
    lines = "\n".join(f"P {n},p{n}@x.example.org" for n in range(MOST_ROWS + 2))
    found = read_text(f"Name,Email\n{lines}\n")
    assert len(found.rows) == MOST_ROWS + 2
    assert [row.flaw for row in found.rows[-3:]] == [None, "too many", "too many"]
    lines = "\n".join(f"P {n},p{n}@x.example.org" for n in range(MOST_READ + 1))
    assert read_text(f"Name,Email\n{lines}\n").problem == "too many rows"


def bomb() -> bytes:
    """A workbook whose sheet is 100 MB of spaces, in 100 KB."""
    kept = io.BytesIO(workbook(("Name", "Email"), ("Ana", "a@x.example.org")))
    with zipfile.ZipFile(kept, "a", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet9.xml", b" " * (100 << 20))
    return kept.getvalue()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"%PDF-1.7 \x00 not a list", "not text"),
        (b"PK\x03\x04 no zip at all", "not a workbook"),
        (b"", "no rows"),
        (b"Name,Email\n", "no rows"),
    ],
)
def test_what_is_no_list_is_told_apart(content: bytes, problem: model.Problem) -> None:
    assert reading_of(content).problem == problem


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    content = bomb()
    assert len(content) < 1 << 20
    assert reading_of(content).problem == "too large inside"


def test_the_child_is_asked_and_answers_in_bytes() -> None:
    question = Question(content=b"Name,Email\nAna,a@x.example.org\n", columns={"name": 0, "email": 1})
    answer = msgspec.json.decode(read(msgspec.msgpack.encode(question)), type=Reading)
    assert people(answer) == [(2, "Ana", "a@x.example.org")]
