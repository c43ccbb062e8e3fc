"""Structured logs: one JSON object a line in production, a readable line in development, one request id through all.

Never logged: names, e-mail addresses, tokens, bodies. Call sites pass ids as `extra` fields. A traceback is logged
without the errors' messages, because these quote what was not understood: a row, a text, an address.
"""

import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType

import msgspec

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
#: What a database's error says of itself without quoting a row.
_TELLING = ("sqlstate", "constraint_name", "errno")


def described(error: BaseException) -> str:
    """An error's traceback and those of its causes, innermost first: where it happened and its type, not its words."""
    # In a ring, the cause of a cause may be the error itself.
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and all(current is not one for one in chain):
        chain.append(current)
        hidden = None if current.__suppress_context__ else current.__context__
        current = current.__cause__ or hidden
    return "\n".join(_described_alone(one) for one in reversed(chain))


def _described_alone(error: BaseException) -> str:
    kind = type(error)
    facts = [f"{name}={value}" for name in _TELLING if (value := getattr(error, name, None)) is not None]
    text = "".join(
        (
            "Traceback (most recent call last):\n",
            *traceback.format_tb(error.__traceback__),
            " ".join((f"{kind.__module__}.{kind.__qualname__}", *facts)),
        )
    )
    if isinstance(error, BaseExceptionGroup):
        text += "".join(f"\nOne of its errors:\n{described(one)}" for one in error.exceptions)
    return text


class _Formatter(logging.Formatter):
    """Formats errors without their messages."""

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802  # the name that logging calls
        return "" if ei[1] is None else described(ei[1])


class JsonFormatter(_Formatter):
    """A record as one JSON object: time, level, logger, message, request_id, service, and its extra fields."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """The line, without a line break."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if (current := request_id.get()) is not None:
            line["request_id"] = current
        line.update({key: value for key, value in vars(record).items() if key not in _STANDARD})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line, enc_hook=str).decode()


class TextFormatter(_Formatter):
    """A record as one readable line, its extra fields behind it."""

    def __init__(self, service: str) -> None:
        super().__init__(f"%(asctime)s %(levelname)-7s {service} %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The line, with a traceback below it where there is one."""
        extras = {key: value for key, value in vars(record).items() if key not in _STANDARD}
        if (current := request_id.get()) is not None:
            extras["request_id"] = current
        return super().format(record) + "".join(f" {key}={value}" for key, value in extras.items())


def configure(service: str, *, as_json: bool, level: str) -> None:
    """Send every logger of the process to standard error in one form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(service) if as_json else TextFormatter(service))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "litestar"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    # Our own middleware writes one line a request; an access log would repeat it, with query strings.
    logging.getLogger("uvicorn.access").disabled = True
    logging.getLogger("aiohttp.access").disabled = True
