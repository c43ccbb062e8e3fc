"""What the pages and the download say of a row, and of a column. Pure."""

from services.enrollment.rosters.model import MOST_ROWS, Part, Planned, Reason
from shared.words import N_, Said, said

PARTS: dict[Part, str] = {
    "email": N_("E-mail address"),
    "name": N_("Name"),
    "first": N_("First name"),
    "last": N_("Last name"),
    "region": N_("Region"),
}
_REASONS: dict[Reason, str] = {
    "no address": N_("No e-mail address."),
    "malformed address": N_("This is no e-mail address. Correct it in the file."),
    "likely typo": N_("The address looks mistyped."),
    "double in file": N_("The file has this address twice."),
    "name missing": N_("No name."),
    "name unreadable": N_("The name has no letters, has invisible ones, or is longer than 200."),
    "too many": said("At most %(most)s people are taken from one file. Put the rest into another.", most=MOST_ROWS),
    "already enrolled": N_("Already in this cohort. Nothing changes."),
    "left before": N_("Left this cohort before. Ask them to enroll again."),
    "badge missing": N_("A badge that this cohort needs is missing."),
    "same person": N_("Another row has another address of the same person."),
}


def why_not(one: Planned, level: str | None) -> str:
    """Why a row is not taken; "" for one that is. `level` is the one whose badge the cohort needs."""
    if one.reason == "badge missing" and level is not None:
        return said(
            "The badge of %(level)s is missing. Let them enroll on the cohort's page: we then write to them how to "
            "show a badge from elsewhere.",
            level=level,
        )
    if one.reason == "likely typo" and one.row.suggestion is not None:
        return said("The address looks mistyped. Did they mean %(address)s?", address=one.row.suggestion)
    if one.reason == "double in file" and one.row.double_of is not None:
        return said("Row %(row)s has the same address.", row=one.row.double_of)
    return "" if one.reason is None else _REASONS[one.reason]


def letter_of(place: int) -> str:
    """How a spreadsheet calls a column."""
    return chr(ord("A") + place) if place < 26 else f"A{chr(ord('A') + place - 26)}" if place < 52 else str(place + 1)


def heading(headings: tuple[str, ...], place: int) -> str | Said:
    """A column's heading, or what a spreadsheet calls it where it has none."""
    return headings[place] or said("Column %(letter)s", letter=letter_of(place))
