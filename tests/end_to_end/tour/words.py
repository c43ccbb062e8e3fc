"""Reads docs/tour.md: a sentence is something that somebody does or sees, or has nothing bold in it. Pure."""

import re
from typing import Literal

import msgspec

from tests.end_to_end.pages.browsers import DESKTOP, PHONE

Window = Literal["own", "private"]
_WINDOW = re.compile(r"In (your own|the private) window(, as narrow as a phone)?:")
_STEP = re.compile(r"## (\d+)\. (.+)")
_PICTURE = re.compile(r'!\[[^\]]+\]\(tour/([a-z-]+\.png)(?: "([^"]+)")?\)')
_ITEM = re.compile(r"(\d+)\. (.+)")
#: What a reader looks for on the page, and what they type.
_BOLD, _TYPED = re.compile(r"\*\*(.+?)\*\*"), re.compile(r"`(.+?)`")
_QUOTED = re.compile(r"\*\*.+?\*\*|`.+?`")
_SENTENCE = re.compile(r"(?<=[.:]) (?=[A-Z])")

#: What can be said: ◆ is something bold, ◇ something typed. The first one that fits the whole sentence, or its part
#: before the colon, is done.
DOINGS = {
    "sign-in link": r"Open the staff sign-in link that ◇ printed",
    "first page": r"Open the first page, whose address ◇ printed",
    "mailbox": r"Open the mailbox, whose address ◇ printed",
    "press": r"Press ◆",
    "follow": r"Follow ◆(?: in the lower row)?(?:, then ◆)*",
    "choose": r"Choose ◆ under ◆",
    "type": r"Type ◇ into ◆",
    "empty": r"Empty ◆",
    "tick of": r"Tick ◆ of ◆(?:, and ◆ of ◆)*",
    "tick": r"Tick ◆",
    "tap": r"Tap ◆ for ◆",
    "find letter": r"Find the letter ◆ to ◇",
    "follow letter": r"Follow the link in the letter ◆ to ◇",
    "keep file": r"Keep the file ◆",
    "give file": r"Give the file to ◆",
    "back": r"Go back",
    "see": r"You see ◆(?:, ◆)*(?: and ◆)?(?: and whom it is about)?",
}
_FITTING = {name: re.compile(pattern) for name, pattern in DOINGS.items()}
#: A sentence may name what could be done too, without doing it.
_ASIDES = ("Another tap takes it back, and so does ◆",)


class TourError(Exception):
    """A line of the tour that nobody can follow; the message quotes it."""


class Doing(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do or see: what it is, and its words in the order in which they stand."""

    what: str
    words: tuple[str, ...]


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """How the window looks now."""

    name: str
    #: What is at the top of it; None for as the window stands.
    begins: str | None


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """A step of the tour: in which window, how wide it is, and what happens."""

    number: int
    title: str
    window: Window
    width: int
    happenings: tuple[Doing | Picture, ...]

    @property
    def pictures(self) -> list[Picture]:
        """Those that were taken on the way."""
        return [one for one in self.happenings if isinstance(one, Picture)]


def read(text: str) -> list[Scene]:
    """Every step in order; TourError for a step, a line or a sentence that does not fit."""
    _, *parts = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    return [_scene(number, part) for number, part in enumerate(parts, 1)]


def _scene(number: int, part: str) -> Scene:
    headline, window, *lines = [line for line in part.splitlines() if line]
    title, where = _STEP.fullmatch(headline), _WINDOW.fullmatch(window)
    if title is None or int(title[1]) != number or where is None:
        raise TourError(f"Step {number} begins with: {headline} / {window}")
    happenings: list[Doing | Picture] = []
    expected = 1
    for line in lines:
        if picture := _PICTURE.fullmatch(line):
            happenings.append(Picture(name=picture[1], begins=picture[2]))
        elif item := _ITEM.fullmatch(line):
            if int(item[1]) != expected:
                raise TourError(f"In step {number}, {expected} comes before: {line}")
            expected += 1
            found = doings(item[2])
            if not found:
                raise TourError(f"Nothing is done in: {line}")
            happenings += found
        elif line.startswith(("- ", "* ")) or _BOLD.search(line):
            raise TourError(f"What is to be done here? {line}")
    if expected == 1:
        raise TourError(f"Nothing is done in step {number}.")
    width = PHONE if where[2] else DESKTOP
    return Scene(
        number=number,
        title=title[2],
        window="own" if where[1] == "your own" else "private",
        width=width,
        happenings=tuple(happenings),
    )


def doings(item: str) -> list[Doing]:
    """What a line asks to do, sentence by sentence; TourError for one that quotes words and is not understood."""
    quoted = _QUOTED.findall(item)
    plain = _QUOTED.sub(lambda found: "◆" if found[0].startswith("*") else "◇", item)
    done = []
    for sentence in _SENTENCE.split(plain):
        begin = sentence.rstrip(".").partition(":")[0]
        here, quoted = _taken(quoted, sentence)
        found = next((name for name, pattern in _FITTING.items() if pattern.fullmatch(begin)), None)
        if found is not None:
            done.append(Doing(what=found, words=tuple(_bare(one) for one in here)))
        elif here and begin not in _ASIDES:
            raise TourError(f"Nobody knows how to do this: {sentence} ({', '.join(here)})")
    return done


def _taken(quoted: list[str], sentence: str) -> tuple[list[str], list[str]]:
    number = sentence.count("◆") + sentence.count("◇")
    return quoted[:number], quoted[number:]


def _bare(quoted: str) -> str:
    return quoted.strip("*`")
