"""The paper that a document is made for: letter in the countries that write on it, and where none is known. Pure."""

from typing import Literal

Paper = Literal["letter", "a4"]

#: Where letter is the paper of offices (CLDR, measurementData, paperSize).
_LETTER = frozenset(["BZ", "CA", "CL", "CO", "CR", "GT", "MX", "NI", "PA", "PH", "PR", "SV", "US", "VE"])


def paper_of(accept_language: str | None) -> Paper:
    """The paper of the country in the first language of an Accept-Language header; letter for one that names none."""
    first = (accept_language or "").partition(",")[0].partition(";")[0].strip()
    country = next((part for part in first.split("-")[1:] if len(part) == 2 and part.isalpha()), "US")
    return "letter" if country.upper() in _LETTER else "a4"
