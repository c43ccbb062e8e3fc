"""RFC 9457 problem responses: one table maps each error of the domain to its type, status and words.

A domain error is a plain exception with fields. A service lists its errors in a table `{ErrorType: ProblemType}`; the
fields of the error become members of the problem, so a caller can act on them without reading prose.
"""

import logging
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, InternalServerException, ValidationException

from shared.postgres import UNAVAILABLE, DatabaseAwayError

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"


class ProblemType(msgspec.Struct, frozen=True, kw_only=True):
    """A stable kind of problem: its code (the last part of `type`), HTTP status, title, and what the reader can do."""

    code: str
    status: int
    title: str
    advice: str
    #: Seconds for Retry-After, where trying again may help.
    retry_after: int | None = None


Table = Mapping[type[Exception], ProblemType]


class NotFoundError(Exception):
    """No such thing, or none that this caller may know of."""


class UnauthorizedError(Exception):
    """No valid sign-in or token; `reason` is a code such as `token_expired`, for the caller's log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ForbiddenError(Exception):
    """Signed in, yet not allowed to do this; `reason` is a code such as `scope` or `role`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class InvalidInputError(Exception):
    """A request that does not fit; `errors` are (field, sentence) pairs."""

    def __init__(self, *errors: tuple[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {sentence}" for field, sentence in errors))
        self.errors = errors


SHARED: Table = {
    NotFoundError: ProblemType(
        code="not-found", status=404, title="Not found", advice="Check the address; it may also not be open to you."
    ),
    UnauthorizedError: ProblemType(
        code="unauthorized", status=401, title="Sign in first", advice="Sign in, or send a valid access token."
    ),
    ForbiddenError: ProblemType(
        code="forbidden", status=403, title="Not allowed", advice="Ask somebody whose role allows it."
    ),
    InvalidInputError: ProblemType(
        code="invalid-input", status=422, title="The request does not fit", advice="Mend the fields named in `errors`."
    ),
    **{
        kind: ProblemType(
            code="text-not-storable",
            status=422,
            title="A text holds a character that cannot be stored",
            advice="Nothing was changed. Take out null characters and send it again.",
        )
        for kind in (asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError)
    },
    **{
        kind: ProblemType(
            code="unavailable",
            status=503,
            title="Unavailable for a moment",
            advice="Nothing was changed. Try again.",
            retry_after=1,
        )
        for kind in UNAVAILABLE
    },
}

_HTTP = {
    400: ProblemType(code="malformed", status=400, title="The request cannot be read", advice="Mend its form."),
    401: SHARED[UnauthorizedError],
    403: SHARED[ForbiddenError],
    404: SHARED[NotFoundError],
    405: ProblemType(code="method", status=405, title="Method not allowed", advice="Use a method that Allow names."),
    406: ProblemType(code="not-acceptable", status=406, title="No such form", advice="Ask for another media type."),
    413: ProblemType(code="too-large", status=413, title="Too large", advice="Send less at once."),
    415: ProblemType(code="media-type", status=415, title="Unknown media type", advice="Send another media type."),
    429: ProblemType(code="too-many-requests", status=429, title="Too many requests", advice="Wait.", retry_after=10),
    # No standard status: nobody is there to read it, and in logs and metrics it is neither our error nor a bad request.
    499: ProblemType(code="gone-away", status=499, title="The request ended before its end", advice="Send it again."),
}
#: What Litestar says where the sender goes away while the body is read; it has no type of its own for this.
_GONE_AWAY = "client disconnected prematurely"
_INTERNAL = ProblemType(
    code="internal", status=500, title="Something broke on our side", advice="Try again; tell us if it stays."
)


def all_types(*tables: Table) -> dict[str, ProblemType]:
    """Every problem type that a service can answer with, by code: the text of its documentation."""
    kinds = [*_HTTP.values(), _INTERNAL, *SHARED.values(), *(kind for table in tables for kind in table.values())]
    return {kind.code: kind for kind in kinds}


def type_of(error: Exception, table: Table) -> ProblemType:
    """The problem type of an error: the nearest class in the tables, else what its HTTP status says, else internal."""
    for kind in type(error).__mro__:
        if (found := table.get(kind) or SHARED.get(kind)) is not None:
            return found
    if isinstance(error, InternalServerException) and error.detail == _GONE_AWAY:
        return _HTTP[499]
    if isinstance(error, HTTPException):
        return _HTTP.get(error.status_code, _INTERNAL if error.status_code >= 500 else _HTTP[400])
    return _INTERNAL


def fields_of(error: Exception) -> dict[str, Any]:
    """The public fields of an error, as members of its problem."""
    if isinstance(error, ValidationException):
        return {"errors": _litestar_errors(error)}
    if isinstance(error, InvalidInputError):
        return {"errors": [{"field": field, "detail": sentence} for field, sentence in error.errors]}
    if isinstance(error, HTTPException | OSError | asyncpg.PostgresError):
        return {}
    return {key: value for key, value in vars(error).items() if not key.startswith("_")}


def _litestar_errors(error: ValidationException) -> list[dict[str, str]]:
    extra = error.extra if isinstance(error.extra, list) else []
    return [{"field": str(one.get("key", "")), "detail": str(one.get("message", ""))} for one in extra]


def body_of(kind: ProblemType, fields: Mapping[str, Any], *, request_id: str | None) -> bytes:
    """The problem as `application/problem+json`."""
    problem = {"type": f"/problems/{kind.code}", "title": kind.title, "status": kind.status, "detail": kind.advice}
    if request_id is not None:
        problem["request_id"] = request_id
    return msgspec.json.encode({**{k: v for k, v in fields.items() if k not in problem}, **problem}, enc_hook=str)


def headers_of(kind: ProblemType) -> dict[str, str]:
    """The header fields that go with a problem."""
    headers = {"Cache-Control": "no-store"}
    if kind.retry_after is not None:
        headers["Retry-After"] = str(kind.retry_after)
    if kind.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return headers


def log(request: Request[Any, Any, Any], error: Exception, kind: ProblemType) -> None:
    """Log what is no fault of the caller's: an unforeseen error with its traceback, a foreseen one with its type."""
    if kind.status < 500:
        return
    # The template, not the path: a path may hold a sign-in link's token.
    where = {"route": request.scope.get("path_template") or "unknown"}
    if kind is _INTERNAL:
        logger.error("unforeseen error", exc_info=error, extra=where)
        return
    level = logging.ERROR if kind.retry_after is None else logging.WARNING
    # Of its fields only ids: the others may quote a person or a row.
    facts: dict[str, object] = {name: value for name, value in fields_of(error).items() if isinstance(value, UUID)}
    if isinstance(error, DatabaseAwayError):
        facts["reason"] = error.reason
    facts |= {**where, "problem": kind.code, "error": type(error).__name__}
    logger.log(level, "answered with a problem", extra=facts)


def respond(request: Request[Any, Any, Any], error: Exception, table: Table) -> Response[bytes]:
    """The problem response of an error."""
    kind = type_of(error, table)
    headers = headers_of(kind)
    if isinstance(error, HTTPException) and error.headers:
        headers.update(error.headers)
    fields = {} if kind is _INTERNAL else fields_of(error)
    content = body_of(kind, fields, request_id=request.scope.get("state", {}).get("request_id"))
    return Response(content, status_code=kind.status, headers=headers, media_type=MEDIA_TYPE)
