"""Whatever staff change leads to the journal: each of their routes that writes, taken from the application.

What a handler leads to is read from the code: the functions that it names, and those that these name. So a new route
whose author forgot the journal fails here; that the entries are right is tested where each verb is.
"""

import ast
import importlib.util
import inspect
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from litestar import post
from litestar.handlers import HTTPRouteHandler

from services.enrollment import app
from services.enrollment.people.policy import TABLE
from tests.enrollment.conftest import settings_for
from tests.enrollment.test_every_route_has_a_policy import NOBODY, routes

JOURNAL = "services.enrollment.journal.actions"
NOTES = {(JOURNAL, "note"), (JOURNAL, "note_change")}
STAFF = {"administrator", "coordinator", "instructor"}
_SAFE = {"GET", "HEAD", "OPTIONS"}
#: Why a route of staff that writes leaves no entry.
_KEPT = "attendance_change keeps who changed what of whom, from what to what"
_SESSION = "/{slug:str}/teach/cohorts/{cohort_id:uuid}/sessions/{session_id:uuid}"
_ROSTERS = "/{slug:str}/staff/cohorts/{cohort_id:uuid}/rosters"
EXCEPTIONS: dict[str, str] = {
    "PUT /api/cohorts/{cohort_id:uuid}/sessions/{session_id:uuid}/attendance": _KEPT,
    f"POST {_SESSION}/attendance": _KEPT,
    f"POST {_SESSION}/attendance/all": _KEPT,
    f"POST {_SESSION}/attendance/undo": _KEPT,
    f"POST {_ROSTERS}": "only looked at, and gone in a day: taking it is noted",
    f"POST {_ROSTERS}/{{roster_id:uuid}}/columns": "only looked at differently",
    f"POST {_SESSION}/reports": "only looked at: taking it is noted",
    "POST /{slug:str}/staff/letters/seen": "the letter itself says who saw it, and when",
    "POST /{slug:str}/staff/people/doubles": "writes nothing: it leads to the page of the two",
}

Place = tuple[str, str]


@cache
def names_in(module: str) -> dict[str, frozenset[Place]]:
    """The functions of a module, and what each names, as (module, name)."""
    found = importlib.util.find_spec(module)
    assert found is not None
    assert found.origin is not None
    tree = ast.parse(Path(found.origin).read_text(encoding="utf-8"))
    known: dict[str, Place] = {}
    aliases: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module is not None and node.module.startswith("services"):
            for one in node.names:
                whole = f"{node.module}.{one.name}"
                if _is_module(whole):
                    aliases[one.asname or one.name] = whole
                else:
                    known[one.asname or one.name] = (node.module, one.name)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            known[node.name] = (module, node.name)
    return {
        node.name: frozenset(_named(node, known, aliases))
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }


@cache
def _is_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _named(function: ast.AST, known: dict[str, Place], aliases: dict[str, str]) -> Iterator[Place]:
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and node.id in known:
            yield known[node.id]
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in aliases:
            yield aliases[node.value.id], node.attr


def leads_to_the_journal(handler: HTTPRouteHandler) -> bool:
    """Whether the handler, or what it names, or what that names, notes something."""
    function = inspect.unwrap(handler.fn)
    seen: set[Place] = set()
    ahead: list[Place] = [(function.__module__, function.__name__)]
    while ahead:
        place = ahead.pop()
        if place in NOTES:
            return True
        if place not in seen and place[0].startswith(("services.", "tests.")):
            seen.add(place)
            ahead += names_in(place[0]).get(place[1], ())
    return False


def silent(folder: Path) -> set[str]:
    """The routes by which staff write, and that lead to no entry."""
    found = routes(app.make(settings_for(folder, NOBODY, 9)))
    return {
        name
        for name, handler in found
        if not set(handler.http_methods) <= _SAFE
        and "policy" in handler.opt
        and not TABLE[handler.opt["policy"]].isdisjoint(STAFF)
        and not leads_to_the_journal(handler)
    }


def test_every_write_of_staff_is_noted_or_has_a_reason_not_to_be(tmp_path: Path) -> None:
    assert silent(tmp_path) == set(EXCEPTIONS)


@post("/{slug:str}/staff/strays", opt={"policy": "program.write"})
async def stray(slug: str) -> str:
    """A route whose author forgot the journal."""
    return slug


def test_a_route_that_forgot_the_journal_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    monkeypatch.setattr(app, "ROUTES", [*app.ROUTES, stray])
    assert silent(tmp_path) - set(EXCEPTIONS) == {"POST /{slug:str}/staff/strays"}
