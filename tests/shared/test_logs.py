"""Log lines: one form in production and one for people, with errors told by place and type, never by their words."""

import logging
from collections.abc import Callable, Iterator

import msgspec
import pytest

from shared.logs import JsonFormatter, TextFormatter, request_id

SECRET = "ana@example.org"


@pytest.fixture(params=[JsonFormatter, TextFormatter])
def formatter(request: pytest.FixtureRequest) -> logging.Formatter:
    kind: Callable[[str], logging.Formatter] = request.param
    return kind("enrollment")


@pytest.fixture
def known_request() -> Iterator[str]:
    token = request_id.set("request-of-this-test")
    yield "request-of-this-test"
    request_id.reset(token)


def record(error: BaseException | None = None, **extra: object) -> logging.LogRecord:
    info = None if error is None else (type(error), error, error.__traceback__)
    made = logging.getLogger("tests").makeRecord("tests", logging.ERROR, __file__, 1, "it broke", (), info)
    vars(made).update(extra)
    return made


def raised(error: Exception, cause: Exception | None = None) -> Exception:
    try:
        raise error from cause
    except Exception as caught:
        return caught


class AddressError(Exception):
    """An error whose words quote what it met."""

    sqlstate = "23514"
    constraint_name = "person_email_normalized"


def nested() -> Exception:
    try:
        try:
            raise AddressError(SECRET)
        except AddressError:
            raise ValueError(SECRET) from None
    except ValueError as inner:
        return raised(ExceptionGroup(SECRET, [raised(KeyError(SECRET), inner)]), raised(AddressError(SECRET)))


def test_an_errors_words_are_not_logged(formatter: logging.Formatter) -> None:
    line = formatter.format(record(nested()))
    assert SECRET not in line
    for told in ("AddressError", "ValueError", "KeyError", "ExceptionGroup", "23514", "person_email_normalized"):
        assert told in line
    assert "in nested" in line
    assert SECRET in logging.Formatter().format(record(nested())), "the plain formatter would, or this shows nothing"


def test_a_ring_of_causes_ends(formatter: logging.Formatter) -> None:
    first, second = AddressError(SECRET), ValueError(SECRET)
    first.__cause__, second.__cause__ = second, first
    assert "AddressError" in formatter.format(record(first))


def test_fields_and_the_request_are_named(formatter: logging.Formatter, known_request: str) -> None:
    line = formatter.format(record(attempts=3))
    assert known_request in line
    assert "attempts" in line


def test_in_production_a_line_is_one_json_object() -> None:
    line = JsonFormatter("enrollment").format(record(nested(), key=7))
    assert "\n" not in line
    found = msgspec.json.decode(line)
    assert (found["level"], found["service"], found["message"], found["key"]) == ("error", "enrollment", "it broke", 7)
    assert found["exception"].startswith("Traceback")
