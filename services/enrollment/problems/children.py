"""The errors of drawing documents and of reading files, which children of the process do, as problems."""

from shared.documents import DocumentPoolBusyError, DocumentsUnavailableError, DrawingFailedError, PageOverflowError
from shared.limited import LimitedPoolBusyError, LimitExceededError
from shared.problems import ProblemType, Table

_BUSY = ProblemType(
    code="busy", status=503, title="Too many are waiting", advice="Try again in a moment.", retry_after=2
)
_NOT_DRAWN = ProblemType(
    code="not-drawn",
    status=503,
    title="This document cannot be made now",
    advice="Try again in a minute; if it stays, tell whoever runs Laurel.",
    retry_after=60,
)

PROBLEMS: Table = {
    DocumentPoolBusyError: _BUSY,
    LimitedPoolBusyError: _BUSY,
    DocumentsUnavailableError: _NOT_DRAWN,
    DrawingFailedError: _NOT_DRAWN,
    PageOverflowError: _NOT_DRAWN,
    LimitExceededError: ProblemType(
        code="file-not-readable",
        status=422,
        title="This file cannot be read",
        advice="Nothing was changed. Save it again as CSV, or with fewer rows, and send that.",
    ),
}
