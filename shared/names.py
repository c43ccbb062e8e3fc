"""What a name may consist of: it stands on badges, in letters and on pages, where nobody should be misled by it. Pure.

Category names are those of Unicode, section 4.5.
"""

import unicodedata

#: Zero width joiner and non-joiner: Persian and the scripts of India need them to spell names.
_JOINERS = "\u200c\u200d"
#: Controls, formats (among them changes of direction), surrogates, line and paragraph separators.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def one_line(text: str) -> str:
    """`text` trimmed, with every run of white space as one space."""
    return " ".join(text.split())


def is_legible(name: str) -> bool:
    """Whether a name has a letter or digit, and nothing that is invisible or changes how the rest is shown."""
    categories = [unicodedata.category(letter) for letter in name if letter not in _JOINERS]
    return any(one[0] in "LN" for one in categories) and _INVISIBLE.isdisjoint(categories)
