"""What is asked of a child and what it answers. Pure."""

from datetime import datetime
from typing import Literal

import msgspec


class DocumentError(Exception):
    """A document could not be made."""


class DocumentsUnavailableError(DocumentError):
    """This machine lacks what documents need; `sentence` says what to install."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class DocumentPoolBusyError(DocumentError):
    """Too many documents wait already; try again in a moment."""


class DrawingFailedError(DocumentError):
    """The child could not draw the document; `reason` is a kind of error or `time` or `crash`, never content."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PageOverflowError(DocumentError):
    """The content takes more pages than were asked for."""

    def __init__(self, pages: int) -> None:
        super().__init__(f"{pages} pages")
        self.pages = pages


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file inside the PDF; `relationship` is its AFRelationship (ISO 32000-2, 7.11.3)."""

    name: str
    media_type: str
    content: bytes
    description: str
    relationship: Literal["Source", "Data", "Supplement"] = "Data"


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that the HTML names as `picture:NAME`: the only addresses that load."""

    name: str
    media_type: str
    content: bytes


class PdfJob(msgspec.Struct, frozen=True, kw_only=True, tag="pdf"):
    """Render HTML to a PDF/A-3a; title, language, author and description are the HTML's own."""

    html: str
    #: CreationDate and ModDate of the document and its attachments, so that equal inputs give equal bytes.
    created: datetime
    attachments: tuple[Attachment, ...] = ()
    pictures: tuple[Picture, ...] = ()
    max_pages: int = 50


class PngJob(msgspec.Struct, frozen=True, kw_only=True, tag="png"):
    """Draw an SVG as a PNG of `size` x `size` pixels on a transparent ground."""

    svg: str
    size: int


Job = PdfJob | PngJob


class Ready(msgspec.Struct, frozen=True, kw_only=True, tag="ready"):
    """The child's first words: warm, or `missing` says what this machine lacks."""

    missing: str | None = None


class Made(msgspec.Struct, frozen=True, kw_only=True, tag="made"):
    """The document's bytes."""

    content: bytes


class Overflowed(msgspec.Struct, frozen=True, kw_only=True, tag="overflowed"):
    """The document would take `pages` pages, more than the job allows."""

    pages: int


class Failed(msgspec.Struct, frozen=True, kw_only=True, tag="failed"):
    """The name of the error that stopped it; no message, since messages quote content."""

    reason: str


Answer = Ready | Made | Overflowed | Failed
