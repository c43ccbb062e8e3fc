"""Paths on this site: the one that is being answered, and those that may be gone back to. Pure."""

from contextvars import ContextVar

#: The path and query of the request that is being answered.
HERE: ContextVar[str] = ContextVar("here", default="/")
_LONGEST_PATH = 500


def local_path(text: str, *, otherwise: str) -> str:
    """`text` if it is a path on this site, `otherwise` if a browser could take it for another site's address."""
    is_local = (
        len(text) <= _LONGEST_PATH
        and text.startswith("/")
        and not text.startswith("//")
        and "\\" not in text
        and all("!" <= letter <= "~" for letter in text)
    )
    return text if is_local else otherwise
