"""What a badge is aligned with, as staff write it: only what the issuer takes, and nothing lost of what was there."""

import msgspec
import pytest

from services.enrollment.programs import alignments
from shared.contracts import Alignment
from shared.pages.sheets import Sheet

KNOWN = Alignment(
    target_name="Teach | with care",
    target_url="http://frameworks.example/teach",
    target_type="CFItem",
    target_description="Whoever teaches",
    target_code="T1",
)


def read(text: str, *before: Alignment) -> tuple[tuple[Alignment, ...], dict[str, str]]:
    sheet = Sheet({"aligned": text})
    return alignments.read(sheet, "aligned", before=before), sheet.errors


@pytest.mark.parametrize(
    "line",
    [
        "Teach | https://", "Teach | https:///path", 'Teach | https://a.example/"b"', "Teach | https://a.example/\tb",
        "Teach | https://<a>", "Teach | http://a.example", "Teach", " | https://a.example", "A | https://a.example|||",
    ],
)  # fmt: skip
def test_a_line_that_the_issuer_would_not_take_is_refused_on_the_page(line: str) -> None:
    found, errors = read(line)
    assert found == ()
    assert errors.keys() == {"aligned"}


def test_what_is_read_is_what_the_issuer_takes() -> None:
    found, errors = read("Teach | https://a.example/b | | ISTE\n\nAssess | https://b.example")
    assert not errors
    assert msgspec.convert(msgspec.to_builtins(found), tuple[Alignment, ...]) == found
    assert alignments.written(found) == "Teach | https://a.example/b |  | ISTE\nAssess | https://b.example"


def test_a_line_that_nobody_changed_keeps_what_no_line_says() -> None:
    text = alignments.written((KNOWN,))
    found, errors = read(f"{text}\nAssess | https://b.example", KNOWN)
    assert not errors
    assert found[0] == KNOWN
