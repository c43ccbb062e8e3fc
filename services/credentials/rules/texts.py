"""Rules of what is written for people: no leftovers, nobody's address, a bounded length, the declared language."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from services.credentials.proofs.strict_json import JsonObject
from services.credentials.rules.model import KINDS, Facts, Rule
from services.credentials.rules.walk import ADDRESSES, PROSE, TEXTS

_EMAIL = re.compile(r"[\w.+%'-]+@[\w-]+(\.[\w-]+)+")
#: What templates leave where a value was to come, and what is written to be replaced.
_LEFTOVER = re.compile(
    r"\{\{|\}\}|\{%|\$\{|%\(\w+\)s|<%|\[\[|\blorem ipsum\b|\[(?:your |insert )[\w ]{1,40}\]", re.IGNORECASE
)
#: One of these is in each leftover.
_SUSPECT = re.compile(r"[{}$%<\[]|[Ll][Oo][Rr][Ee][Mm]")
_NO_VALUES = frozenset(("undefined", "null", "nan", "tbd", "todo", "[object object]"))
#: Names that nobody has, in the languages of our pages.
_NOBODIES = """test, test user, test person, test name, example user, user, user name, username, your name, name,
full name, first last, first name last name, firstname lastname, name surname, recipient, recipient name, participant,
unknown, anonymous, usuario de prueba, nombre, nombre apellido, tu nombre, su nombre, sin nombre"""
_NOBODY = frozenset(one.strip() for one in _NOBODIES.split(","))
_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202d\u202e\ufffd\ufdd0-\ufdef\ufffe\uffff\U0001fffe\U0001ffff\ud800-\udfff]"
)
_LONGEST = {"text": 10_000, "line": 300, "name": 300, "word": 100}
_LONGEST_ADDRESS = 2_000
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
#: The scripts that a language is written in, as Unicode names begin; a language that is not here is not judged.
_WRITTEN = """LATIN: en es fr de it pt nl cy ga sv da nb nn no fi is pl cs sk sl hr hu ro tr vi id ms sw tl so ht
CYRILLIC: ru uk bg be mk
ARABIC: ar fa ur ps
HEBREW: he yi
DEVANAGARI: hi mr ne
CJK: zh
CJK HIRAGANA KATAKANA: ja
HANGUL CJK: ko
GREEK: el
KHMER: km
THAI: th
ETHIOPIC: am
ARMENIAN: hy
GEORGIAN: ka
BENGALI: bn
TAMIL: ta"""
_SCRIPTS: dict[str, tuple[str, ...]] = {
    language: tuple(scripts.split())
    for scripts, _, languages in (line.partition(":") for line in _WRITTEN.splitlines())
    for language in languages.split()
}
#: Fewer letters tell nothing of a language; and names from elsewhere stand in any text.
_TOO_FEW, _LEAST_SHARE = 20, 0.3


def _has_no_controls(text: str) -> bool:
    # U+FFFD passes for printable.
    return (text.isprintable() and "\ufffd" not in text) or _CONTROLS.search(text) is None


def _is_no_leftover(text: str) -> bool:
    if _SUSPECT.search(text) is not None and _LEFTOVER.search(text) is not None:
        return False
    return len(text) > 20 or text.strip().lower() not in _NO_VALUES


def _has_no_email(text: str) -> bool:
    return "@" not in text or _EMAIL.search(text) is None


def _fits(kind: str) -> Any:
    longest = _LONGEST.get(kind, _LONGEST_ADDRESS)
    return lambda text: len(text) <= longest


def _is_tag(text: str) -> bool:
    return len(text) <= 60 and _TAG.fullmatch(text) is not None


def _recipient_name(document: JsonObject, facts: Facts) -> Iterator[str]:
    for number, one in enumerate(document["credentialSubject"].get("identifier", ())):
        if one["identityType"] == "name" and _is_nobody(one["identityHash"]):
            yield f"credentialSubject.identifier[{number}].identityHash"


def _is_nobody(name: str) -> bool:
    if not name.isascii() and name[0].isalpha():
        return False
    words = " ".join(name.lower().replace(",", " ").split())
    return words in _NOBODY or not any(one.isalpha() for one in words)


def _in_its_language(document: JsonObject, facts: Facts) -> Iterator[str]:
    achievement = document["credentialSubject"]["achievement"]
    language = achievement.get("inLanguage")
    texts = {
        "description": achievement["description"],
        "criteria.narrative": achievement["criteria"].get("narrative", ""),
    }
    for name, text in texts.items():
        if language is not None and not _may_be_in(text, language):
            yield f"credentialSubject.achievement.{name}"


@lru_cache(maxsize=512)
def _may_be_in(text: str, language: str) -> bool:
    """Whether enough of a text's letters are of a script that the language is written in."""
    parts = language.split("-")
    scripts = _SCRIPTS.get(parts[0].lower())
    # A tag that names its script (sr-Latn) knows better.
    if scripts is None or any(len(part) == 4 for part in parts[1:]):
        return True
    letters = [one for one in text if one.isalpha()]
    if len(letters) < _TOO_FEW:
        return True
    own = sum(unicodedata.name(one, "").startswith(scripts) for one in letters)
    return own >= _LEAST_SHARE * len(letters)


RULES = (
    Rule(
        id="characters",
        asks="Texts hold no control characters, no half characters, and none that turns the direction of others.",
        citation="RFC 7493, section 2.1; Unicode Standard Annex 9, section 2.2",
        advice="A text holds a character that cannot be seen or was damaged. Write the text anew.",
        on=TEXTS,
        accepts=_has_no_controls,
    ),
    Rule(
        id="no-placeholders",
        asks="No text is what a template left over, such as {{name}}, or stands for a text to come, such as TODO.",
        citation="Open Badges 3.0, AchievementSubject: what is said is true of its subject",
        advice="A text still holds a placeholder, such as {{name}} or TODO. Put in what it stands for.",
        on=PROSE,
        accepts=_is_no_leftover,
    ),
    Rule(
        id="recipient-name",
        asks="The holder's name, where it is shown, is a name, and not one such as Test User.",
        citation="Open Badges 3.0, data model of IdentityObject (identityType name)",
        advice="The name is a placeholder, such as Test User, and nobody's. Correct the person's name.",
        kinds=frozenset({"badge"}),
        check=_recipient_name,
        reads=("credentialSubject.identifier",),
    ),
    Rule(
        id="private-data",
        asks="No e-mail address stands in the clear, wherever it may be.",
        citation="VCDM 2.0, section 8.3 (Personally Identifiable Information); Open Badges 3.0, IdentityObject",
        advice="A text holds an e-mail address, which would be public for good. Take it out.",
        # A transcript names the provider's contact, and goes to one recipient.
        kinds=KINDS - {"transcript"},
        on=TEXTS | ADDRESSES,
        accepts=_has_no_email,
    ),
    *(
        Rule(
            id=f"{kind}-length",
            asks=f"{words} have at most {longest} characters.",
            citation=f"Laurel's contracts, {named}",
            advice=f"A text is longer than {longest} characters. Shorten it.",
            on=frozenset({kind}),
            accepts=_fits(kind),
        )
        for kind, words, longest, named in (
            ("text", "Texts", 10_000, "Text"),
            ("line", "Lines and titles", 300, "Line"),
            ("name", "Names", 300, "Line"),
            ("word", "Words of a list of values", 100, "Key and the published enumerations"),
        )
    ),
    Rule(
        id="address-length",
        asks="Addresses have at most 2000 characters.",
        citation="Laurel's contracts, Address",
        advice="An address is longer than 2000 characters. Use a shorter one.",
        on=ADDRESSES,
        accepts=_fits("uri"),
    ),
    Rule(
        id="language-tag",
        asks="The declared language is a language tag, such as en or es-MX.",
        citation="RFC 5646, section 2.1",
        advice="The achievement's language is no language tag. Choose its language anew.",
        kinds=frozenset({"badge"}),
        on=frozenset({"language"}),
        accepts=_is_tag,
    ),
    Rule(
        id="in-its-language",
        asks="The achievement's description and criteria are written in a script of its language; names are exempt.",
        citation="Open Badges 3.0, data model of Achievement (inLanguage); RFC 5646, section 4.1",
        advice="The achievement says that it is in one language and is written in the script of another. "
        "Correct its language or its text, as a new version.",
        kinds=frozenset({"badge"}),
        check=_in_its_language,
        reads=(
            "credentialSubject.achievement.inLanguage",
            "credentialSubject.achievement.description",
            "credentialSubject.achievement.criteria",
        ),
    ),
)
