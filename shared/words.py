"""Sentences that are born in pure code: English there and in the API, in the reader's language on a page.

A page, or a letter, gives each to `in_words_of` with its catalog; the extraction of texts finds what `said`,
`said_of` and `N_` are called with.
"""

from typing import Any, Protocol, Self


class Catalog(Protocol):
    """What a language's texts are asked for; gettext's NullTranslations is one."""

    def gettext(self, message: str) -> str:
        """The text."""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The text for a number."""


class Said(str):
    """An English sentence that still knows what it was made of, so that it can be said in another language."""

    msgid: str
    plural: str | None
    values: dict[str, Any]

    def __new__(cls, msgid: str, values: dict[str, Any], *, plural: str | None = None) -> Self:
        """With a `plural`, `values["num"]` chooses."""
        form = msgid if plural is None or values["num"] == 1 else plural
        made = super().__new__(cls, form % values)
        made.msgid, made.plural, made.values = msgid, plural, values
        return made


def said(msgid: str, /, **values: Any) -> Said:
    """`said("Give at least %(least)s seats.", least=3)`: the sentence, with places by name."""
    return Said(msgid, values)


def said_of(singular: str, plural: str, num: int, /, **values: Any) -> Said:
    """A sentence about a number, which stands in it as `%(num)s`."""
    return Said(singular, {**values, "num": num}, plural=plural)


def N_(text: str) -> str:  # noqa: N802  # gettext's name for it
    """Mark a constant text for the catalogs; it stays as it is."""
    return text


def in_words_of(catalog: Catalog, sentence: str) -> str:
    """The sentence in the catalog's language; as it is, where the catalog does not have it."""
    if not sentence:
        # gettext answers the empty text with the catalog's header.
        return sentence
    if not isinstance(sentence, Said):
        return catalog.gettext(str(sentence))
    # A value may itself be a sentence, such as a reason.
    values: dict[str, Any] = {
        key: in_words_of(catalog, one) if isinstance(one, Said) else one for key, one in sentence.values.items()
    }
    if sentence.plural is None:
        return catalog.gettext(sentence.msgid) % values
    return catalog.ngettext(sentence.msgid, sentence.plural, values["num"]) % values
