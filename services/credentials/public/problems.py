"""Each error of the public role and the RFC 9457 problem it becomes."""

from services.credentials.issuance_log import model as issuance_log
from services.credentials.public import model
from services.credentials.records.model import RecordOverError
from shared.documents import (
    DocumentPoolBusyError,
    DocumentsUnavailableError,
    DrawingFailedError,
    PageOverflowError,
)
from shared.limited import LimitedPoolBusyError
from shared.problems import ProblemType, Table

_BUSY = ProblemType(
    code="busy", status=503, title="Too many are waiting", advice="Try again in a moment.", retry_after=2
)
_NOT_DRAWN = ProblemType(
    code="not-drawn",
    status=503,
    title="This form of the badge cannot be made now",
    advice="Take another form of it (JSON, JWT or SVG); the badge is the same.",
    retry_after=60,
)


PROBLEMS: Table = {
    model.NotIssuedYetError: ProblemType(
        code="not-issued-yet",
        status=503,
        title="The badge is being made",
        advice="Try again in a moment.",
        retry_after=2,
    ),
    model.BadgeErasedError: ProblemType(
        code="badge-erased",
        status=410,
        title="This badge was erased",
        advice="Its holder asked for it, or the time to keep it was over. It does not come back.",
    ),
    model.BadgeWithdrawnError: ProblemType(
        code="badge-withdrawn",
        status=404,
        title="This badge is not shown",
        advice="Its holder took it from view. A file of it that you were given can still be verified.",
    ),
    RecordOverError: ProblemType(
        code="record-over",
        status=410,
        title="This link no longer works",
        advice="It has expired, or whoever sent the record withdrew it. Ask them to send it again.",
    ),
    model.NothingToVerifyError: ProblemType(
        code="nothing-to-verify",
        status=422,
        title="There was no badge to verify",
        advice="Send a file, or the text of a badge.",
    ),
    model.FileTooLargeError: ProblemType(
        code="too-large",
        status=413,
        title="This file is larger than a badge may be",
        advice="A badge file has at most 5 MB. Send the file that the holder received.",
    ),
    issuance_log.NothingLoggedError: ProblemType(
        code="nothing-logged",
        status=404,
        title="This log has no head yet",
        advice="It gets one with the first badge that the issuer signs.",
    ),
    issuance_log.NotLoggedError: ProblemType(
        code="not-logged",
        status=404,
        title="The issuer's log does not have this",
        advice="Send the SHA-256 of the signed JSON's bytes; what was just signed gets its place within a second.",
    ),
    issuance_log.LogTooSmallError: ProblemType(
        code="log-too-small",
        status=404,
        title="The log has fewer leaves than that",
        advice="Ask for no more than `size`. If you hold a signed head of more leaves, the log was cut: say so.",
    ),
    LimitedPoolBusyError: _BUSY,
    DocumentPoolBusyError: _BUSY,
    DocumentsUnavailableError: _NOT_DRAWN,
    DrawingFailedError: _NOT_DRAWN,
    PageOverflowError: _NOT_DRAWN,
}
