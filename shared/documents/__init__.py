"""Documents: HTML to PDF and SVG to PNG, made in warm child processes that hold no key and reach no network."""

from shared.documents.model import (
    Attachment,
    DocumentError,
    DocumentPoolBusyError,
    DocumentsUnavailableError,
    DrawingFailedError,
    PageOverflowError,
    Picture,
)
from shared.documents.pool import DocumentPool

__all__ = [
    "Attachment",
    "DocumentError",
    "DocumentPool",
    "DocumentPoolBusyError",
    "DocumentsUnavailableError",
    "DrawingFailedError",
    "PageOverflowError",
    "Picture",
]
