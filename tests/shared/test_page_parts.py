"""The macros of the design system, rendered as pages use them, in each language."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from markupsafe import Markup

from shared.pages.phones import labelled
from shared.pages.rendering import LANGUAGES, STATIC, Pages, with_query
from shared.words import said

PAGE = """
{% import "forms.html" as forms with context %}
{% import "parts.html" as parts with context %}
{% import "tables.html" as tables with context %}
{% import "toggles.html" as toggles with context %}
{{ forms.summary(errors) }}
{{ forms.field("name", "Name", "<b>", hint="H", errors=errors, autocomplete="name", maxlength=9) }}
{{ forms.date("day", "Day", "2026-11-25", min="2026-01-01") }}{{ forms.time("at", "At", "09:00") }}
{{ forms.number("minutes", "Minutes", 15, suffix="min", errors=errors) }}
{{ forms.textarea("why", "Why", "\\nfirst", required=False) }}
{{ forms.select("mode", "Mode", [("a", "A"), ("b", "B")], "b", empty="All") }}
{{ forms.choice("shows", "Show", True, hint="More", errors=errors) }}
{{ forms.choices("one", "One", [("a", "A"), ("b", "B", "More")], "b", errors=errors) }}
{{ forms.choices("many", "Many", [(1, "A"), (2, "B")], [1, 2], multiple=True) }}
{{ forms.file("roster", "Roster", "CSV", accept=".csv") }}{{ forms.hidden_id("x") }}
{{ forms.actions("Save the date", cancel="/") }}
{% call forms.actions("Save") %}<button class="quiet">Other</button>{% endcall %}
{{ parts.tag("Seated", "good") }}{{ parts.tag("Draft") }}{{ parts.person("أمل") }}
{{ parts.when(start, end, "America/Chicago") }}{{ parts.seats(1, 4) }}{{ parts.seats(0, 4, 2) }}{{ parts.seats(0, 4) }}
{% call parts.card("Heading", "h") %}<p>In a card</p>{% endcall %}
{% call parts.cards() %}<li class="card">One</li>{% endcall %}
{{ parts.facts([("Term", "What"), ("Left out", none)]) }}
{% call parts.stats() %}{{ parts.stat(3, "cohorts", "/c") }}{{ parts.stat(4, "people") }}{% endcall %}
{% call parts.panel("warn", "Look", id="v") %}<p>Because</p>{% endcall %}
{{ parts.empty("Nothing yet.", "Begin", "/b") }}{% call parts.empty("Nothing.") %}<p>Form</p>{% endcall %}
{{ parts.tabs([("a", "A", "/a"), ("b", "B", "/b")], "b", "Parts") }}{{ parts.steps(3, 4, "3 of 4 sessions") }}
{{ parts.done("Saved.") }}{{ parts.undo_note("Saved.", "/undo", {"id": 1}) }}
{{ parts.confirm("Cancel?", "32 people are told.", "/c", "Cancel the cohort", "/back", {"id": 1}) }}
{{ parts.button_form("/x", "Release", {"id": 1}, about="the seat of Ana") }}
{% call tables.filter_bar("/t", query, kept=["sort"]) %}{{ forms.field("q", "Name", required=False) }}{% endcall %}
<form method="post">
{% call tables.table("People", [{"words": tables.tick_all(), "class": "tick"}, {"words": "Name", "key": "name"},
    {"words": "Hours", "class": "number"}, "Mode"], query, "name") %}
<tr>{{ tables.tick(7, "Ana") }}<th scope="row">Ana</th><td class="number">1</td><td>x</td></tr>
{% endcall %}
{% call tables.bulk_bar() %}<button>Award</button>{% endcall %}
</form>
{{ tables.pager(query, "z") }}{{ tables.export_links("/t", query) }}{{ tables.export_links("/t") }}
{% call toggles.toggle_list("2 of 3 recorded") %}
{{ toggles.toggle_row("Ana", "/a", [("in person", "Here", "full"), ("no", "Absent", "cross")], "no", {"e": 1}) }}
{% endcall %}
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Pages:
    folder: Path = tmp_path_factory.mktemp("templates")
    (folder / "page.html").write_text(PAGE)
    return Pages([folder])


def rendered(pages: Pages, language: str) -> str:
    errors = {"name": said("Choose at most %(most)s at once.", most=2), "minutes": "100 % is wrong.", "shows": "S."}
    start, end = datetime(2021, 9, 18, 14, tzinfo=UTC), datetime(2021, 9, 18, 17, tzinfo=UTC)
    query = {"sort": "name", "after": "p"}
    html = pages.html("page.html", language=language, errors=errors, start=start, end=end, query=query)
    return re.sub(r"\s+", " ", html)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_renders_without_style_script_or_doubled_ids(pages: Pages, language: str) -> None:
    html = rendered(pages, language)
    assert not re.search(r'style="|<script|onclick', html)
    assert "<b>" not in html
    ids = re.findall(r' id="([^"]*)"', html)
    assert len(ids) == len(set(ids))
    described = {one for found in re.findall(r'aria-describedby="([^"]*)"', html) for one in found.split()}
    labels = set(re.findall(r'<label for="([^"]*)"', html))
    assert described | labels <= set(ids)


def test_errors_and_states_are_said_in_english(pages: Pages) -> None:
    html = rendered(pages, "en")
    assert '<a href="#name">Choose at most 2 at once.</a>' in html
    assert "100 % is wrong." in html
    assert "Saturday 18 September 2021, 9:00 AM–12:00 PM Central Time" in html
    assert 'aria-pressed="true"' in html
    assert html.count('aria-current="page"') == 1
    assert 'aria-sort="ascending"' in html
    assert 'href="?sort=-name"' in html
    assert '<a class="button quiet" rel="next" href="?sort=name&amp;after=z">Next page</a>' in html
    assert 'href="/t.csv?sort=name"' in html
    assert "Left out" not in html


def test_they_are_said_in_spanish(pages: Pages) -> None:
    html = rendered(pages, "es")
    assert '<a href="#name">Elija como máximo 2 a la vez.</a>' in html
    assert "sábado 18 de septiembre de 2021" in html
    assert "Completo, 2 en espera" in html
    assert "Elegir a Ana" in html


def test_a_query_drops_what_is_empty() -> None:
    assert with_query({"q": "a b", "mode": ""}, sort="name", after=None) == "?q=a+b&sort=name"


def test_the_styles_know_no_left_or_right() -> None:
    """Physical directions would be wrong in right-to-left pages."""
    css = (STATIC / "laurel.css").read_text()
    declared = re.findall(r"(?:[{;]|^)\s*([a-z-]+)\s*:\s*([^;}]+)", css, re.MULTILINE)
    physical = [
        (name, value)
        for name, value in declared
        if re.search(r"(^|-)(left|right)(-|$)", name)
        or (name in ("text-align", "float") and value in ("left", "right"))
    ]
    assert len(declared) > 200
    assert physical == []


def test_each_cell_says_its_columns_words_and_that_it_is_a_cell(pages: Pages) -> None:
    html = rendered(pages, "en")
    assert '<tr role="row"><td role="cell" class="tick">' in html.replace("> <", "><")
    assert '<th role="rowheader" data-label="Name" scope="row">Ana</th>' in html
    assert '<td role="cell" data-label="Hours" class="number">1</td>' in html


def test_a_columns_words_are_no_html_in_a_label() -> None:
    columns = ['"Fish" & <chips>', Markup("<bdi>Fish &amp; chips</bdi>")]
    found = labelled(Markup("<tr><td>&lt;td&gt;</td><td>1</td></tr><tr>\n<td>2</td></tr>"), columns)
    assert found == (
        '<tr role="row"><td role="cell" data-label="&#34;Fish&#34; &amp; &lt;chips&gt;">&lt;td&gt;</td>'
        '<td role="cell" data-label="Fish &amp; chips">1</td></tr>'
        '<tr role="row">\n<td role="cell" data-label="&#34;Fish&#34; &amp; &lt;chips&gt;">2</td></tr>'
    )
