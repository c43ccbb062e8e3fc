"""Draws in the child: WeasyPrint makes the PDF, pikepdf completes it, resvg makes the PNG."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from unicodedata import bidirectional

import pikepdf
import pydyf  # type: ignore[import-untyped]  # it has no types
import resvg_py
import weasyprint.pdf  # type: ignore[import-untyped]  # it has no types
from weasyprint.text.fonts import FontConfiguration  # type: ignore[import-untyped]  # it has no types
from weasyprint.urls import URLFetcher, URLFetcherResponse  # type: ignore[import-untyped]  # it has no types

from shared.documents.model import Attachment, PdfJob, Picture, PngJob

# It quotes addresses and CSS of the content; nothing of a person goes to a log.
logging.getLogger("weasyprint").setLevel(logging.CRITICAL + 1)
logging.getLogger("fontTools").setLevel(logging.CRITICAL + 1)

PICTURE = "picture:"
#: The last letter of the scripts whose glyphs stand one for each letter, in the order of the text.
_LAST_SIMPLE = "\u02ff"


class TooManyPagesError(Exception):
    """More pages than the job allows."""

    def __init__(self, pages: int) -> None:
        super().__init__()
        self.pages = pages


class _PassedPictures(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
    """Loads the pictures that came with the job and refuses every other address: network, files and data alike."""

    def __init__(self, pictures: tuple[Picture, ...]) -> None:
        super().__init__(allowed_protocols=())
        self._pictures: Mapping[str, Picture] = {PICTURE + one.name: one for one in pictures}

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        """The picture's bytes; ValueError, which WeasyPrint takes as `not loaded`, for anything else."""
        if (found := self._pictures.get(url)) is None:
            raise ValueError("refused")
        return URLFetcherResponse(url, found.content, {"Content-Type": found.media_type})


class _LegibleStream(weasyprint.pdf.Stream):  # type: ignore[misc]  # WeasyPrint has no types
    """Says beside each run of a complex script what it reads (ActualText: ISO 32000-2, 14.9.4).

    Its glyphs are reordered, joined and split, so that WeasyPrint's map from glyphs to letters garbles what is copied,
    searched or read aloud: Khmer, Thai and Devanagari above all.
    """

    @contextmanager
    def marked(self, box: Any, tag: str) -> Iterator[None]:
        """The marked content of a box; of a box with such a text, with the text."""
        with super().marked(box, tag):
            if _is_garbled(text := getattr(box, "text", None) or ""):
                self.begin_marked_content("Span", pydyf.Dictionary({"ActualText": pydyf.String(text)}))
                yield
                self.end_marked_content()
            else:
                yield


def _is_garbled(text: str) -> bool:
    """Whether the glyphs of a text do not tell its letters in their order.

    Not where it runs from right to left: its glyphs do, and Poppler turns ActualText round as if it were glyphs.
    """
    return max(text, default="") > _LAST_SIMPLE and not any(bidirectional(one) in ("R", "AL") for one in text)


# WeasyPrint takes no class of stream as an argument.
weasyprint.pdf.Stream = _LegibleStream


class Drawer:
    """Keeps the font configuration between jobs: building it anew costs a third of the time of a page."""

    def __init__(self) -> None:
        self._fonts = FontConfiguration()

    def pdf(self, job: PdfJob) -> bytes:
        """A tagged PDF/A-3a with the job's attachments; TooManyPagesError."""
        fetcher = _PassedPictures(job.pictures)
        document = weasyprint.HTML(string=job.html, url_fetcher=fetcher).render(
            font_config=self._fonts, pdf_variant="pdf/a-3a", pdf_tags=True
        )
        if len(document.pages) > job.max_pages:
            raise TooManyPagesError(len(document.pages))
        # Its own default is the time of day; WeasyPrint writes this one to the information dictionary and to XMP.
        moment = job.created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        document.metadata.created = document.metadata.modified = moment
        return _completed(document.write_pdf(pdf_variant="pdf/a-3a", pdf_tags=True), job)

    def png(self, job: PngJob) -> bytes:
        """The picture as a PNG with transparency."""
        drawn: bytes = resvg_py.svg_to_bytes(svg_string=job.svg, width=job.size, height=job.size)
        return drawn


def _completed(pdf: bytes, job: PdfJob) -> bytes:
    """With the attachments and a reproducible file identifier.

    Attachments are added here because WeasyPrint 70 lists each twice in the catalog's /AF and guesses media types.
    """
    with pikepdf.open(BytesIO(pdf)) as document:
        for attachment in job.attachments:
            document.attachments[attachment.name] = _file(document, attachment, job.created)
        if job.attachments:
            files = [document.attachments[attachment.name].obj for attachment in job.attachments]
            document.Root.AF = pikepdf.Array(files)
        out = BytesIO()
        document.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        return out.getvalue()


def _file(document: pikepdf.Pdf, attachment: Attachment, created: datetime) -> pikepdf.AttachedFileSpec:
    moment = created.astimezone(UTC).strftime("D:%Y%m%d%H%M%SZ")
    return pikepdf.AttachedFileSpec(
        document,
        attachment.content,
        filename=attachment.name,
        description=attachment.description,
        mime_type=attachment.media_type,
        relationship=pikepdf.Name("/" + attachment.relationship),
        creation_date=moment,
        mod_date=moment,
    )
