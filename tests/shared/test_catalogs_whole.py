"""Every text that a page or a letter can say is in the catalogs of the other languages, with the same places."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract

import services
import shared
from services.credentials.public import wording
from services.credentials.public.problems import PROBLEMS as PUBLIC_PROBLEMS
from services.enrollment.problems import PROBLEMS as ENROLLMENT_PROBLEMS
from shared.pages import catalogs
from shared.pages.rendering import LANGUAGES
from shared.problems import all_types

_ROOT = Path(shared.__file__).parents[1]
_FOLDERS = [_ROOT / "services", _ROOT / "shared"]
_PLACE = re.compile(r"%\(\w+\)s")
#: What marks a text; a pair counts the places of the singular and the plural.
_MARKS: dict[str, tuple[int, ...] | None] = {
    "_": None, "N_": None, "gettext": None, "translate": None, "said": None, "ngettext": (1, 2), "said_of": (1, 2),
}  # fmt: skip
_TEMPLATES = {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}


def _sources() -> Iterator[Path]:
    for folder in _FOLDERS:
        yield from folder.rglob("*.py")
        yield from (path for path in folder.rglob("templates/**/*") if path.is_file())


def _marked() -> dict[tuple[str, ...], str]:
    """Each text, or singular with plural, and the first place that says it."""
    found: dict[tuple[str, ...], str] = {}
    for path in sorted(_sources()):
        method = "python" if path.suffix == ".py" else "jinja2.ext:babel_extract"
        with path.open("rb") as file:
            for line, said, *_ in extract(method, file, keywords=_MARKS, options=_TEMPLATES):
                texts = (said,) if isinstance(said, str) else tuple(text for text in said if text)
                if texts:
                    found.setdefault(texts, f"{path.relative_to(_ROOT)}:{line}")
    return found


def _said_without_a_mark() -> dict[tuple[str, ...], str]:
    """What tables hold and the edge translates: the verifier's sentences, and the problems."""
    found: dict[tuple[str, ...], str] = {(text,): "a verdict" for text in wording.texts()}
    for kind in all_types(PUBLIC_PROBLEMS, ENROLLMENT_PROBLEMS).values():
        found |= {(kind.title,): f"problem {kind.code}", (kind.advice,): f"problem {kind.code}"}
    return found


def _held(language: str) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    held: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    for _, message in catalogs.messages(language):
        ids = tuple(message.id) if isinstance(message.id, tuple | list) else (message.id,)
        strings = tuple(message.string) if isinstance(message.string, tuple | list) else (message.string or "",)
        if not message.fuzzy and all(strings):
            held.setdefault(ids[0], (ids, strings))
    return held


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_every_text_is_said_with_its_places(language: str) -> None:
    assert services.__path__
    held, marked = _held(language), _marked()
    assert len(marked) > 1000, "the extraction finds the texts of both services"
    wrong = []
    for texts, where in {**_said_without_a_mark(), **marked}.items():
        ids, strings = held.get(texts[0], ((), ()))
        places = set(_PLACE.findall(texts[-1]))
        plural_agrees = len(texts) == 1 or texts == ids
        if not strings or not plural_agrees or any(set(_PLACE.findall(text)) != places for text in strings):
            wrong.append(f"{where}: {texts[0]}")
    assert wrong == []
