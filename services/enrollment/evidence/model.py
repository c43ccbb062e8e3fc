"""Evidence for a module: what was handed in, and what became of it. Pure."""

import unicodedata
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from services.enrollment.evidence.rubric import Score, problems_of_choice
from services.enrollment.programs.rubric import Rubric
from shared.words import N_, said

Kind = Literal["text", "link", "file"]
State = Literal["submitted", "accepted", "returned"]
Decision = Literal["accepted", "returned"]

MOST_TEXT_LETTERS = 20_000
MOST_LINK_LETTERS = 2_000
MOST_COMMENT_LETTERS = 4_000
MOST_FILE_BYTES = 20 * 1024 * 1024
#: What a reviewer says who destroys evidence that waits and writes nothing.
HOLDS_STUDENT_DATA = N_("It holds students' data, so it was destroyed. Hand in again without it.")
#: The same where a legal hold forbids to destroy it.
HOLDS_STUDENT_DATA_SEALED = N_("It holds students' data, so nobody can open it any more. Hand in again without it.")
_MOST_NAME_LETTERS = 200
_MOST_ENDING_LETTERS = 20
#: Control, format (changes of direction among them), surrogate, private, unassigned; separators of lines, paragraphs.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class EvidenceExistsError(Exception):
    """The id belongs to evidence with other content."""


class EvidenceStandsError(Exception):
    """Other evidence counts for this module; `evidence_id` is that one."""

    def __init__(self, evidence_id: UUID) -> None:
        super().__init__(str(evidence_id))
        self.evidence_id = evidence_id


class NotTakingPartError(Exception):
    """Who holds no seat, or whose cohort was cancelled, hands nothing in."""


class SelfReviewError(Exception):
    """Nobody reviews their own evidence."""


class AlreadyReviewedError(Exception):
    """The evidence was reviewed otherwise before; `state` is what it was found to be."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.state = state


class EvidenceRemovedError(Exception):
    """Its content was destroyed or sealed because it held students' data, so there is nothing left to judge."""


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """The enrollment that evidence is of, and whether the viewer teaches its cohort."""

    enrollment_id: UUID
    organization_id: UUID
    cohort_id: UUID
    person_id: UUID
    place: str
    outcome: str
    cohort_name: str
    cohort_state: str
    time_zone: str
    teaches: bool

    @property
    def takes_part(self) -> bool:
        """Whether they hold a seat in a cohort that takes place."""
        return self.place == "seated" and self.cohort_state != "cancelled"

    def check_takes_part(self) -> None:
        """NotTakingPartError unless they hold a seat in a cohort that takes place."""
        if not self.takes_part:
            raise NotTakingPartError


class KeptFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file in the storage: its blob's id, the name it was sent with, its media type, bytes, and SHA-256 as hex."""

    id: UUID
    name: str
    media_type: str
    size: int
    sha256: str


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody hands in for a module: one of text, link and file, as `kind` says."""

    id: UUID
    enrollment_id: UUID
    module_id: UUID
    kind: Kind
    text: str | None = None
    link: str | None = None
    file: KeptFile | None = None
    #: whether its sender says that it holds no students' data
    is_attested: bool = False


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """A module as somebody meets it who works on it, or judges what was handed in for it."""

    id: UUID
    name: str
    description: str
    evidence_wanted: str
    rubric: Rubric | None


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of evidence with its review, if it had one."""

    id: UUID
    enrollment_id: UUID
    cohort_id: UUID
    person_id: UUID
    person_name: str
    module_id: UUID
    module_name: str
    kind: Kind
    text: str | None
    link: str | None
    file: KeptFile | None
    state: State
    submitted_at: datetime
    reviewed_by: UUID | None
    reviewed_at: datetime | None
    comment: str | None
    attested_at: datetime | None
    #: when its content was destroyed, or sealed
    content_removed_at: datetime | None
    #: A legal hold keeps its content, which nobody can open, from being destroyed.
    is_sealed: bool
    #: of a file: stays when the file is destroyed, so that it is known when it comes again
    file_sha256: str | None
    scores: tuple[Score, ...] = ()

    def is_same(self, other: Submission) -> bool:
        """Whether `other` is this again; files are the same where their bytes are."""
        its = other.file and other.file.sha256
        return (self.enrollment_id, self.module_id, self.kind, self.text, self.link, self.file_sha256) == (
            other.enrollment_id,
            other.module_id,
            other.kind,
            other.text,
            other.link,
            its,
        )


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the review queue."""

    id: UUID
    person_name: str
    module_name: str
    submitted_at: datetime


class CohortHead(msgspec.Struct, frozen=True, kw_only=True):
    """What the frame of a cohort's pages says of it."""

    id: UUID
    name: str
    state: str


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """A cohort's evidence in one state, longest waiting first, and how much there is in each."""

    cohort: CohortHead
    time_zone: str
    teaches: bool
    submitted: int
    accepted: int
    returned: int
    state: State
    lines: tuple[Waiting, ...]

    def place(self, evidence_id: UUID) -> int | None:
        """Where a piece stands, from 0; None where it is not among the lines."""
        return next((number for number, one in enumerate(self.lines) if one.id == evidence_id), None)

    def behind(self, evidence_id: UUID) -> Waiting | None:
        """The line behind a piece."""
        place = self.place(evidence_id)
        return self.lines[place + 1] if place is not None and place + 1 < len(self.lines) else None

    def before(self, evidence_id: UUID) -> Waiting | None:
        """The line before a piece."""
        place = self.place(evidence_id)
        return self.lines[place - 1] if place else None


class Removal(msgspec.Struct, frozen=True, kw_only=True):
    """A file of evidence that is to be destroyed: the payload of the outbox's message."""

    file_id: UUID


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """What a reviewer says of evidence; what is returned says why. `levels` has the level chosen of each criterion."""

    decision: Decision
    comment: str | None = None
    levels: dict[str, str] = {}


def problems_of_submission(text: str | None, link: str | None) -> list[tuple[str, str]]:
    """What keeps a text or a link from being handed in, as (field, sentence) pairs."""
    if (text is None) == (link is None):
        return [("text", N_("Hand in either a text or a link."))]
    if text is not None:
        return _problems_of_words("text", text, most=MOST_TEXT_LETTERS)
    assert link is not None
    return [] if _is_web_address(link) else [("link", N_("Give an address that begins with https:// or http://."))]


def problems_of_review(review: Review, rubric: Rubric | None) -> list[tuple[str, str]]:
    """What keeps a review from being written, as (field, sentence) pairs."""
    found = problems_of_choice(rubric or Rubric(), review.levels, is_whole=review.decision == "accepted")
    if review.comment is not None:
        return found + problems_of_comment(review.comment)
    return found + ([("comment", N_("Say what is missing."))] if review.decision == "returned" else [])


def problems_of_comment(comment: str) -> list[tuple[str, str]]:
    """What keeps a reviewer's words from being written, as (field, sentence) pairs."""
    return _problems_of_words("comment", comment, most=MOST_COMMENT_LETTERS)


def _problems_of_words(field: str, words: str, *, most: int) -> list[tuple[str, str]]:
    if not words.strip():
        return [(field, N_("Write something."))]
    if len(words) > most:
        return [(field, said("Write at most %(most)s characters.", most=f"{most:,}"))]
    if "\x00" in words:
        return [(field, N_("Leave out the character NUL."))]
    return []


def _is_web_address(text: str) -> bool:
    if len(text) > MOST_LINK_LETTERS or any(one.isspace() or unicodedata.category(one) in _UNPRINTABLE for one in text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("https", "http") and bool(parts.hostname)
    except ValueError:
        return False


def check_review(evidence: Evidence, review: Review, *, outcome: str) -> bool:
    """Whether the review is new; False where it repeats what was said. AlreadyReviewedError where it may not differ,
    EvidenceRemovedError where nothing is left to judge.

    What was accepted may be reviewed again until completion is decided; what was returned is history: the participant
    was told, and hands in anew.
    """
    levels = {one.criterion_id: one.level_id for one in evidence.scores}
    if (evidence.state, evidence.comment, levels) == (review.decision, review.comment, review.levels):
        return False
    if evidence.content_removed_at is not None:
        raise EvidenceRemovedError
    if evidence.state == "submitted" or (evidence.state == "accepted" and outcome == "none"):
        return True
    raise AlreadyReviewedError(evidence.state)


def safe_file_name(name: str) -> str:
    """A stranger's file name fit to be shown and downloaded under: at most 200 letters, printable, of no folder."""
    kept = "".join(one for one in name if one not in "/\\" and unicodedata.category(one) not in _UNPRINTABLE)
    stem, dot, ending = kept.strip().rpartition(".")
    end = f".{ending.strip()}" if dot and ending.strip() and len(ending) <= _MOST_ENDING_LETTERS else ""
    stem = (stem if end else kept).strip(" .")[: _MOST_NAME_LETTERS - len(end)].rstrip(" .")
    return (stem or "evidence") + end
