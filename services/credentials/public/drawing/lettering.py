"""How wide letters are, roughly, and where a name may be broken: for pictures whose fonts are not ours. Pure."""

import unicodedata
from collections.abc import Iterator

#: Advance widths in em of a common sans-serif (Noto Sans, Arial, DejaVu Sans: the widest of them), by letter.
_NARROW = frozenset("iljI.,:;'|!()[]’‘` ")
_MEDIUM_NARROW = frozenset('frt-/"“”')
_WIDE = frozenset("mwMW@%—ŴŵŒœ")
#: Bidirectional overrides and isolates let a name rearrange its surroundings; joiners and marks stay.
_REARRANGING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
#: Control, surrogate, private use and unassigned: they draw as boxes or not at all.
_NOT_TEXT = frozenset(("Cc", "Cs", "Co", "Cn"))
ELLIPSIS = "…"
#: The first and last letter of a script's blocks, and its face; present on Linux, and elsewhere replaced by fallback.
_FACES = (
    ("\u0590", "\u05ff", "Noto Sans Hebrew"),
    ("\u0600", "\u06ff", "Noto Sans Arabic"),
    ("\u0900", "\u097f", "Noto Sans Devanagari"),
    ("\u0980", "\u09ff", "Noto Sans Bengali"),
    ("\u0a00", "\u0a7f", "Noto Sans Gurmukhi"),
    ("\u0b80", "\u0bff", "Noto Sans Tamil"),
    ("\u0e00", "\u0e7f", "Noto Sans Thai"),
    ("\u1000", "\u109f", "Noto Sans Myanmar"),
    ("\u1200", "\u139f", "Noto Sans Ethiopic"),
    ("\u1780", "\u17ff", "Noto Sans Khmer"),
    ("\u3040", "\u30ff", "Noto Sans CJK JP"),
    ("\u3400", "\u9fff", "Noto Sans CJK SC"),
    ("\uac00", "\ud7af", "Noto Sans CJK KR"),
)
#: Thai and Lao, Myanmar, Khmer, kana and Han.
_UNSPACED = (("\u0e00", "\u0eff"), ("\u1000", "\u109f"), ("\u1780", "\u17ff"), ("\u3040", "\u9fff"))
_GENERAL = "'Noto Sans','Segoe UI',Roboto,'Helvetica Neue',Arial,'DejaVu Sans',sans-serif"


def plain(text: str, *, longest: int = 300) -> str:
    """One line of readable text in NFC, at most `longest` characters; what was cut off is an ellipsis."""
    kept = "".join(
        " " if letter.isspace() else letter
        for letter in unicodedata.normalize("NFC", text)
        if letter.isspace() or (letter not in _REARRANGING and unicodedata.category(letter) not in _NOT_TEXT)
    )
    line = " ".join(kept.split())
    if len(line) <= longest:
        return line
    cut = line[: longest - 1]
    at_word = cut.rpartition(" ")[0]
    return (at_word if len(at_word) > longest * 0.7 else cut).rstrip(" ,;:.–-") + ELLIPSIS


def shortened(text: str, widest: float) -> str:
    """`text`, cut to `widest` em with an ellipsis."""
    if width(text) <= widest:
        return text
    kept = ""
    for cluster in _clusters(text):
        if width(kept + cluster + ELLIPSIS) > widest:
            break
        kept += cluster
    return kept.rstrip(" ,;:.–-([") + ELLIPSIS


def is_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction runs from right to left."""
    strong = (unicodedata.bidirectional(letter) for letter in text)
    return next((way for way in strong if way in ("L", "R", "AL")), "L") != "L"


def writes_no_spaces(text: str) -> bool:
    """Whether most of its letters are of a script that sets no space between words: Thai, Khmer, Han and others."""
    letters = [letter for letter in text if unicodedata.category(letter)[0] == "L"]
    return 2 * sum(any(first <= letter <= last for first, last in _UNSPACED) for letter in letters) > len(letters)


def families(text: str) -> str:
    """A font-family list for `text`: first the face of its first letter that is not Latin, since some renderers take
    only the first family of a list that exists and then whatever has the letter."""
    own = next((family for letter in text for first, last, family in _FACES if first <= letter <= last), None)
    return f"'{own}',{_GENERAL}" if own else _GENERAL


def width(text: str) -> float:
    """About how wide `text` runs, in em; rather too wide than too narrow."""
    return sum(_letter(letter) for letter in text)


def _letter(letter: str) -> float:
    category = unicodedata.category(letter)
    if category in ("Mn", "Me", "Cf"):
        return 0.0
    if unicodedata.east_asian_width(letter) in ("W", "F"):
        return 1.0
    base = unicodedata.normalize("NFD", letter)[0]
    if base in _NARROW:
        return 0.31
    if base in _MEDIUM_NARROW:
        return 0.42
    if letter in _WIDE or base in _WIDE:
        return 0.95
    return 0.71 if category == "Lu" else 0.6


def wrapped(text: str, widest: float, *, evenly: bool = True) -> list[str]:
    """`text` in lines of at most `widest` em, broken at spaces, and inside a word only where it is wider than a line.

    `evenly` takes of the breaks with the fewest lines the most even one, so that no word stands alone at the end;
    otherwise each line takes what it can.
    """
    lines = _greedy(text, widest)
    if len(lines) < 2 or not evenly:
        return lines
    low, high = widest / 2, widest
    for _ in range(8):  # bisection: 1/256 of the width is finer than a letter
        middle = (low + high) / 2
        if len(_greedy(text, middle)) <= len(lines) and not _breaks_more(text, middle, widest):
            high = middle
        else:
            low = middle
    return _greedy(text, high)


def _breaks_more(text: str, narrow: float, wide: float) -> bool:
    return any(narrow < width(word) <= wide for word in text.split(" "))


def _greedy(text: str, widest: float) -> list[str]:
    lines: list[str] = []
    for piece in _pieces(text, widest):
        if lines and width(lines[-1] + piece) <= widest:
            lines[-1] += piece
        else:
            lines.append(piece.lstrip(" "))
    return [line for line in lines if line]


def _pieces(text: str, widest: float) -> Iterator[str]:
    """Words with the space before them; a word wider than a line falls into its clusters."""
    for number, word in enumerate(text.split(" ")):
        space = " " if number else ""
        if width(word) <= widest:
            yield space + word
            continue
        for cluster in _clusters(word):
            yield space + cluster
            space = ""


def _clusters(word: str) -> list[str]:
    """Letters with the marks that belong to them, and what a virama or a joiner ties together."""
    found: list[str] = []
    for letter in word:
        ties = found and (
            unicodedata.category(letter) in ("Mn", "Mc", "Me", "Cf")
            or unicodedata.combining(found[-1][-1]) == 9  # a virama; so is Khmer's coeng
            or unicodedata.category(found[-1][-1]) == "Cf"
        )
        if ties:
            found[-1] += letter
        else:
            found.append(letter)
    return found
