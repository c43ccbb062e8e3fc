"""Finds every text that a page or a letter says, in templates and in Python: what the catalogs owe a translation."""

import ast
from collections.abc import Iterator
from pathlib import Path

from jinja2.ext import babel_extract

REPOSITORY = Path(__file__).parents[2]
#: A text, or its singular and plural.
Text = str | tuple[str, str]
_ONE = {"_", "gettext", "N_", "said"}
_TWO = {"ngettext", "said_of"}
#: What is said of a kind of problem, by the arguments that say it.
_PROBLEM = {"title", "advice"}
#: Who never reads a page: services by their API, and whoever runs a command.
_UNREAD = ("services/credentials/issuer/", "/command.py")


def in_templates() -> Iterator[tuple[Path, Text]]:
    """Each marked text of a template, with the file."""
    options = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
    for path in sorted([*REPOSITORY.glob("services/**/templates/*.*"), *REPOSITORY.glob("shared/**/templates/*.*")]):
        if path.suffix == ".css":
            continue
        with path.open("rb") as file:
            for _, function, message, _ in babel_extract(file, ("_", "gettext", "ngettext"), (), options):
                for text in _texts(function, message):
                    yield path, text


def in_code() -> Iterator[tuple[Path, Text]]:
    """Each text that Python code marks, refuses an input with, or tells of a problem."""
    for path in sorted([*REPOSITORY.glob("services/**/*.py"), *REPOSITORY.glob("shared/**/*.py")]):
        if any(part in path.as_posix() for part in _UNREAD):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                for text in _said_by(node):
                    yield path, text


def _said_by(call: ast.Call) -> Iterator[Text]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    texts = [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    if name in _ONE and texts:
        yield texts[0]
    elif name in _TWO and len(texts) > 1:
        yield texts[0], texts[1]
    elif name == "InvalidInputError":
        for pair in call.args:
            if isinstance(pair, ast.Tuple) and len(pair.elts) == 2:
                yield from _strings(pair.elts[1])
    elif name == "ProblemType":
        for keyword in call.keywords:
            if keyword.arg in _PROBLEM:
                yield from _strings(keyword.value)


def _strings(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)) if text:
            yield text
        case ast.IfExp(body=body, orelse=orelse):
            yield from _strings(body)
            yield from _strings(orelse)


def _texts(function: str, message: object) -> Iterator[Text]:
    """The literal texts of a call; none of one with a variable."""
    found = [one for one in (message if isinstance(message, tuple | list) else [message]) if isinstance(one, str)]
    if function == "ngettext":
        yield found[0], found[1]
    elif found:
        yield found[0]
