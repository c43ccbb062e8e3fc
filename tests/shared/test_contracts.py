"""A pattern of the contracts ends where the text ends, and an address is one that a page can show."""

import re
from typing import Any

import msgspec
import pytest

from services.enrollment.programs.api import ProgramBody
from shared import contracts

TAKEN: list[tuple[Any, str]] = [
    (contracts.Address, "https://a.example/path?q=1&r=(x)'#part"),
    (contracts.Address, "http://[2001:db8::1]:8080"),
    (contracts.Language, "pt-BR"),
    (contracts.Color, "#1f5c4d"),
    (contracts.Sha256, "0" * 64),
]


def is_taken(kind: Any, text: str) -> bool:
    try:
        msgspec.json.decode(msgspec.json.encode(text), type=kind)
    except msgspec.ValidationError:
        return False
    return True


@pytest.mark.parametrize(("kind", "text"), TAKEN)
def test_what_is_meant_is_taken_and_nothing_may_follow_it(kind: Any, text: str) -> None:
    assert is_taken(kind, text)
    for more in ("\n", "\r\n", "\u2028", " ", "\n\n"):
        assert not is_taken(kind, text + more), more


def test_a_programs_slug_ends_with_the_text() -> None:
    body = {"slug": "leaders", "name": "Leaders", "description": "A program."}
    msgspec.convert(body, ProgramBody)
    for change in ({"slug": "leaders\n"}, {"accent": "#1f5c4d\n"}, {"language": "en\n"}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(body | change, ProgramBody)


@pytest.mark.parametrize(
    "text",
    ["https://", "https:///path", "https://?q", "ftp://a.example", "javascript:https://a.example",
     "https://a.example/ b", 'https://a.example/"onload="x', "https://a.example/<script>", "https://a.example/\tb", "https://a.example/\x00",
     "https:// a.example"],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    assert not is_taken(contracts.Address, text)


def test_a_dollar_sign_alone_would_let_a_line_break_through() -> None:
    """Why the patterns end as they do."""
    assert re.search(r"^en$", "en\n")
    assert not re.search(rf"^en{contracts.END}", "en\n")
