"""The tour's words and pictures: nothing in it is left undone, and every picture is there and as wide as its window.

The walk itself is in `test_demonstration`, in the stack that stands there. After a page has changed, take the pictures
anew: `TOUR_PICTURES=yes ./run test tests/end_to_end/test_demonstration.py -k tour`.
"""

import re

import pytest
from PIL import Image

from tests.end_to_end.pages.browsers import DESKTOP, PHONE
from tests.end_to_end.tour.walk import HOW, PICTURES, ROOT, TOUR
from tests.end_to_end.tour.words import DOINGS, Doing, TourError, doings, read

MOST_BYTES = 100_000


@pytest.fixture(scope="module")
def text() -> str:
    """The tour as it is written."""
    return TOUR.read_text(encoding="utf-8")


def test_everything_that_can_be_said_can_be_done_and_is_said(text: str) -> None:
    said = {one.what for scene in read(text) for one in scene.happenings if isinstance(one, Doing)}
    assert said == set(HOW) == set(DOINGS)


def test_every_picture_is_there_small_and_as_wide_as_its_window(text: str) -> None:
    named = {one.name: scene.width for scene in read(text) for one in scene.pictures}
    found = {path.name: Image.open(path).width for path in PICTURES.iterdir()}
    assert found == named
    assert set(named.values()) == {PHONE, DESKTOP}
    assert [path.name for path in PICTURES.iterdir() if path.stat().st_size >= MOST_BYTES] == []


def test_the_readme_leads_to_the_tour_and_shows_pictures_that_are_there() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "(docs/tour.md)" in readme
    shown = re.findall(r"\((docs/tour/[^)]+)\)", readme)
    assert shown
    assert [one for one in shown if not (ROOT / one).is_file()] == []


@pytest.mark.parametrize(
    "line",
    [
        "Click **Sign in**.",
        "Press **Sign in** and **Sign out**.",
        "Press **Sign in**. Then you may **Sign out**.",
        "Type **Sign in** into `address`.",
    ],
)
def test_what_nobody_can_follow_is_refused(line: str) -> None:
    with pytest.raises(TourError):
        doings(line)


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("## 2. ", "## 3. "),
        ("In your own window:", "In a window:"),
        ("2. Press **Sign in**.", "3. Press **Sign in**."),
        ("2. Press **Sign in**.", "- Press **Sign in**."),
        ("2. Press **Sign in**.", "2. Sign in."),
        ("2. Press **Sign in**.", "Press **Sign in**."),
    ],
)
def test_a_step_that_does_not_fit_is_refused(text: str, written: str, instead: str) -> None:
    assert written in text
    with pytest.raises(TourError):
        read(text.replace(written, instead, 1))


def test_a_sentence_is_read_with_the_words_in_their_order() -> None:
    assert doings("Type `a. B` into **Your name**. It may be anything.") == [
        Doing(what="type", words=("a. B", "Your name"))
    ]
    assert doings("Follow **Cohorts** in the lower row, then **Plan**. You see **A**, **B** and **C**: so it is.") == [
        Doing(what="follow", words=("Cohorts", "Plan")),
        Doing(what="see", words=("A", "B", "C")),
    ]
