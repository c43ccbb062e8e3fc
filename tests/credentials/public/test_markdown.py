"""Markdown of criteria: what becomes of it, and what never gets through."""

import pytest

from services.credentials.public.markdown import html


def test_text_lists_links_and_emphasis_are_shown() -> None:
    made = html("# How\n\n1. *Attend*\n2. Write\n\nSee [the rules](https://rules.example).")
    assert "<h3>How</h3>" in made
    assert "<ol>" in made
    assert "<em>Attend</em>" in made
    assert 'href="https://rules.example" rel="noopener noreferrer nofollow"' in made


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "![x](https://elsewhere.example/pixel.png)",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        '<a href="https://x.example" style="position:fixed">x</a>',
        "<style>body{display:none}</style>",
    ],
)
def test_nothing_that_acts_or_loads_gets_through(text: str) -> None:
    made = html(text)
    assert not any(f"<{name}" in made for name in ("script", "img", "style", "iframe"))
    assert 'href="j' not in made
    assert 'href="d' not in made
    assert " style=" not in made.replace("&lt;", "").split("&gt;")[0] or "&lt;a" in made


def test_what_is_nested_without_end_is_bounded() -> None:
    assert len(html(">" * 5_000 + "x")) < 100_000
    assert len(html("*" * 10_000)) < 100_000
