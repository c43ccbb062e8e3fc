"""The catalogs of all rooms together: whole, without contradictions, with the same places as the English."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import services.credentials
import services.enrollment
from shared.pages import catalogs
from shared.pages.rendering import LANGUAGES, translations

_PLACE = re.compile(r"%\((\w+)\)s")
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
