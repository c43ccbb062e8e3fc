"""Whatever the code notes has words on the page of the journal, and no words are left of what is noted no more."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import ascii_lowercase
from typing import get_args

import services.enrollment
from services.enrollment.cohorts.model import State
from services.enrollment.overview.words import ACTIONS

_NOTING = {"note", "note_seen", "note_change", "_note", "_note_hold", "_change", "write_cohort"}
#: What stands for the place in a text that is put together.
_PLACES = {"cohort.": get_args(State), "level_claim.": ("accepted", "declined")}
_LETTERS = frozenset(f"{ascii_lowercase}_-.")


def _is_action(text: object) -> bool:
    return isinstance(text, str) and text.count(".") == 1 and set(text) <= _LETTERS


def _either(given: ast.expr) -> Iterator[ast.expr]:
    """What is given, or both of two that it may be."""
    if isinstance(given, ast.IfExp):
        yield from _either(given.body)
        yield from _either(given.orelse)
    else:
        yield given


def _noted() -> Iterator[str]:
    """Every action that is given to a verb that notes."""
    for path in Path(services.enrollment.__path__[0]).rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if not isinstance(call, ast.Call):
                continue
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if name not in _NOTING:
                continue
            every = (*call.args, *(one.value for one in call.keywords if one.arg in ("action", "noted")))
            for given in (part for one in every for part in _either(one)):
                if isinstance(given, ast.Constant) and _is_action(given.value):
                    yield str(given.value)
                elif isinstance(given, ast.JoinedStr) and isinstance(given.values[0], ast.Constant):
                    prefix = str(given.values[0].value)
                    if prefix.endswith("."):
                        yield from (prefix + one for one in _PLACES[prefix])


def test_every_action_has_words() -> None:
    assert set(_noted()) == set(ACTIONS)
