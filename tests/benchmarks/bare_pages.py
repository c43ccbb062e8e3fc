"""Pages by WeasyPrint as its manual shows it, in a process of its own: what the certificates are held against."""

from typing import Any

import msgspec


class Page(msgspec.Struct, frozen=True):
    """A page, and its pictures by name."""

    html: str
    pictures: tuple[tuple[str, bytes], ...]


def warm(_: int) -> None:
    """Load the library, and find fonts."""
    draw(Page(html="<html lang=en><title>Warm</title><h1>Warm</h1>", pictures=()))


def draw(page: Page) -> int:
    """How many bytes the page takes as PDF/A-3a."""
    import weasyprint  # type: ignore[import-untyped]  # it has no types

    known = {f"picture:{name}": content for name, content in page.pictures}

    class Pictures(weasyprint.urls.URLFetcher):  # type: ignore[misc]  # it has no types
        """Gives the pictures of the page."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            """One of them."""
            return weasyprint.urls.URLFetcherResponse(url, known[url], {"Content-Type": "image/svg+xml"})

    made: bytes = weasyprint.HTML(string=page.html, url_fetcher=Pictures()).write_pdf(
        pdf_variant="pdf/a-3a", pdf_tags=True
    )
    return len(made)
