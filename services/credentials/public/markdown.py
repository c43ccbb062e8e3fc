"""Markdown of criteria as HTML that may stand on our pages: text, lists, emphasis, links. Pure.

HTML inside it stays text, and what markdown became is cleaned once more by another library.
"""

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_READER = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).disable("image")
_TAGS = {"p", "br", "ul", "ol", "li", "strong", "em", "code", "pre", "blockquote", "hr", "a", "h3", "h4", "h5"}
#: The page's own headings end at the second level.
_HEADINGS = {"h1": "h3", "h2": "h4", "h3": "h5", "h4": "h5", "h5": "h5", "h6": "h5"}


def html(text: str) -> Markup:
    """The HTML of a text in CommonMark, without pictures and raw HTML; links are https or mailto."""
    tokens = _READER.parse(text)
    for one in tokens:
        one.tag = _HEADINGS.get(one.tag, one.tag)
    made = _READER.renderer.render(tokens, _READER.options, {})
    return Markup(  # noqa: S704  # cleaned here
        nh3.clean(
            made,
            tags=_TAGS,
            attributes={"a": {"href"}, "ol": {"start"}},
            url_schemes={"https", "http", "mailto"},
            link_rel="noopener noreferrer nofollow",
        )
    )
