"""The catalogs of all rooms together: whole, without contradictions, with the same places as the English."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import services.credentials
import services.enrollment
from shared.pages import catalogs
from shared.pages.rendering import LANGUAGES, translations
from tests.shared import texts

_PLACE = re.compile(r"%\((\w+)\)s|(\{\})")
OTHERS = LANGUAGES[1:]


def test_both_services_bring_theirs() -> None:
    assert services.credentials.__file__
    assert services.enrollment.__file__
    assert translations("es").gettext("There is a problem") == "Hay un problema"
    assert translations("es").gettext("My data") == "Mis datos"


@pytest.mark.parametrize("language", OTHERS)
def test_no_text_is_said_in_two_ways(language: str) -> None:
    assert catalogs.contradictions(language) == []


@pytest.mark.parametrize("language", OTHERS)
def test_each_text_is_said_with_the_same_places(language: str) -> None:
    wrong = []
    for path, message in catalogs.messages(language):
        ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
        strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
        expected = set(_PLACE.findall(ids[-1]))
        if message.fuzzy or any(not text or set(_PLACE.findall(text)) != expected for text in strings):
            wrong.append((path.parts[-3], ids[0]))
    assert wrong == []


def part_of(path: Path) -> str:
    """The service that a file is of, or `shared`: each service runs with its own catalogs and the shared ones."""
    first, second, *_ = path.relative_to(texts.REPOSITORY).parts
    return second if first == "services" else first


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_has_its_translation_where_it_is_said(language: str) -> None:
    known: set[tuple[str, object]] = set()
    for path, message in catalogs.messages(language):
        ids = tuple(message.id) if isinstance(message.id, tuple | list) else message.id
        # A singular may be asked for alone, by what is said without a number.
        known |= {(part_of(path), ids), (part_of(path), ids if isinstance(ids, str) else ids[0])}
    missing = {
        f"{path.relative_to(texts.REPOSITORY)}: {text}"
        for path, text in [*texts.in_templates(), *texts.in_code()]
        if not {(part_of(path), text), ("shared", text)} & known
    }
    assert sorted(missing) == []


def test_texts_are_found_in_templates_and_in_code() -> None:
    # Without these the test above could pass by finding nothing.
    in_templates = {text for _, text in texts.in_templates()}
    in_code = {text for _, text in texts.in_code()}
    assert "Verify a badge" in in_templates
    assert ("Full, %(num)s waiting", "Full, %(num)s waiting") in in_templates
    assert {"Too many requests", "Use letters that can be seen.", "Sign in to %(organization)s"} <= in_code


@pytest.fixture
def two_rooms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for room, word in (("hours", "Horas"), ("clocks", "Tiempo")):
        (tmp_path / room / "locale").mkdir(parents=True)
        (tmp_path / room / "locale" / "es.po").write_text(f'msgid "Hours"\nmsgstr "{word}"\n')
    monkeypatch.setattr(catalogs, "_FOLDERS", [])
    catalogs.add(tmp_path)
    yield
    catalogs.translations.cache_clear()


@pytest.mark.usefixtures("two_rooms")
def test_a_contradiction_is_named_and_stops_nobody() -> None:
    assert catalogs.contradictions("es") == ["'Hours': Tiempo (clocks), Horas (hours)"]
    assert catalogs.translations("es").gettext("Hours") == "Tiempo"
