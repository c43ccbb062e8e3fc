"""What staff type to make or change a cohort, as what it becomes. Pure: forms in, nouns or sentences out."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Literal, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from services.enrollment.cohorts.model import (
    Cohort,
    CompletionPolicy,
    Delivery,
    Head,
    HourRule,
    Mode,
    Session,
    by_date,
    eased,
)
from services.enrollment.cohorts.planning.dates import (
    Proposal,
    Rhythm,
    avoided_days,
    is_jurisdiction,
    propose,
    school_year,
)
from services.enrollment.programs.rules import Defaults
from shared.contracts import MOST_MINUTES
from shared.pages.sheets import Sheet
from shared.words import N_, said

_MOST_DATES = 60
_NAME = N_("Give the cohort a name.")
_REGION = N_("Say which region it is for.")
_TITLE = N_("Give the session a title.")
_LINK = N_("Give the whole address of the video call, such as https://video.example/room.")


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a cohort is made from: whose curriculum, which school year, and the rhythm of its dates."""

    curriculum_id: UUID
    school_year: str
    proposal: Proposal
    starts: time
    ends: time


def wish(sheet: Sheet, jurisdiction: str) -> Wish | None:
    """What the template's form asks for; None where something does not fit, which the sheet then says."""
    curriculum_id = chosen_id(sheet, "curriculum")
    year = school_year(sheet.raw("school_year"))
    if year is None:
        sheet.wrong("school_year", N_("Choose a school year, such as 2026-27."))
    rhythm = sheet.choice("rhythm", get_args(Rhythm))
    weekday = sheet.number("weekday", least=0, most=6)
    starts, ends = sheet.hour("starts"), sheet.hour("ends")
    if starts and ends and ends <= starts:
        sheet.wrong("ends", N_("A session ends after it starts."))
    others = _other_days(sheet)
    if not is_jurisdiction(jurisdiction):
        sheet.wrong(
            "curriculum",
            said(
                "We know no holidays of %(code)s. "
                "Give the program another code for whose holidays count, such as US-IL.",
                code=jurisdiction,
            ),
        )
    if sheet.errors or year is None or rhythm is None or curriculum_id is None or not starts or not ends:
        return None
    avoided = avoided_days(*year, jurisdiction) | others
    return Wish(
        curriculum_id=curriculum_id,
        school_year=sheet.raw("school_year"),
        proposal=propose(*year, weekday=weekday, per=rhythm, avoided=avoided),
        starts=starts,
        ends=ends,
    )


def _other_days(sheet: Sheet) -> dict[date, str]:
    """The lines of `avoid`: a day, and what it is."""
    found: dict[date, str] = {}
    for line in sheet.raw("avoid").splitlines():
        day, _, name = line.strip().partition(" ")
        try:
            if day:
                found[date.fromisoformat(day)] = name.strip() or day
        except ValueError:
            sheet.wrong("avoid", N_("Begin each line with a day, such as 2026-10-03 State conference."))
    return found


def chosen_id(sheet: Sheet, name: str) -> UUID | None:
    """The id that somebody chose from a list."""
    try:
        return UUID(sheet.raw(name))
    except ValueError:
        sheet.wrong(name, N_("Choose one of these."))
        return None


def draft(sheet: Sheet, *, organization_id: UUID, zone: str, defaults: Defaults) -> tuple[Cohort, int]:
    """The new cohort, by its program's defaults, and its number of seats. InvalidInputError for what does not fit."""
    cohort_id, curriculum_id = chosen_id(sheet, "id"), chosen_id(sheet, "curriculum")
    name, region = sheet.line("name", missing=_NAME), sheet.line("region", missing=_REGION)
    year = sheet.line("school_year", most=40)
    delivery = sheet.choice("delivery", get_args(Delivery))
    seats = sheet.number("seats", least=1, most=2_000)
    closes = _end_of(sheet.day("registration_closes", missing=None), zone)
    sessions = _dated(sheet, zone, "virtual" if delivery == "virtual" else "in person")
    least = sheet.number("min_sessions", least=0, most=_MOST_DATES)
    sheet.check()
    assert cohort_id
    assert curriculum_id
    assert delivery
    modules = sheet.is_ticked("wants_modules")
    in_person = sum(one.mode == "in person" for one in sessions)
    policy = CompletionPolicy(
        min_sessions=least,
        min_credit_minutes=0,
        min_in_person=min(defaults.min_in_person, in_person),
        min_virtual=min(defaults.min_virtual, len(sessions) - in_person),
        wants_evaluation=defaults.wants_evaluation,
        modules="all" if modules else (),
        hours=HourRule(step_minutes=defaults.step_minutes, least_minutes=defaults.least_minutes),
    )
    cohort = Cohort(
        id=cohort_id,
        organization_id=organization_id,
        curriculum_id=curriculum_id,
        name=name,
        region=region,
        school_year=year,
        delivery=delivery,
        time_zone=zone,
        state="draft",
        registration_opens_at=None,
        registration_closes_at=closes,
        policy=eased(policy, sessions) if sessions else policy,
        sessions=sessions,
    )
    return cohort, seats


def _dated(sheet: Sheet, zone: str, mode: Mode) -> tuple[Session, ...]:
    """The sessions of the rows `day-1`, `title-1`, `session-1` and on; a row without a day is left out."""
    starts, ends = sheet.hour("starts"), sheet.hour("ends")
    if starts and ends and ends <= starts:
        sheet.wrong("ends", N_("A session ends after it starts."))
    credit = sheet.number("credit_minutes", least=0, most=1_440)
    place = sheet.line("place", missing=None)
    link = sheet.shaped("link", "address", _LINK)
    found = []
    for number in range(1, _MOST_DATES + 1):
        if not sheet.raw(f"day-{number}"):
            continue
        day, title = sheet.day(f"day-{number}"), sheet.line(f"title-{number}", missing=_TITLE)
        session_id = chosen_id(sheet, f"session-{number}")
        if day and starts and ends and session_id:
            found.append(
                Session(
                    id=session_id,
                    title=title,
                    starts_at=_at(day, starts, zone),
                    ends_at=_at(day, ends, zone),
                    credit_minutes=credit,
                    mode=mode,
                    place=place or None,
                    link=link,
                )
            )
    return by_date(found)


def session(sheet: Sheet, session_id: UUID, zone: str) -> Session:
    """A session as the page of one session has it. InvalidInputError for everything that does not fit."""
    title, day = sheet.line("title", missing=_TITLE), sheet.day("day")
    starts, ends = sheet.hour("starts"), sheet.hour("ends")
    if starts and ends and ends <= starts:
        sheet.wrong("ends", N_("A session ends after it starts."))
    credit = sheet.number("credit_minutes", least=0, most=1_440)
    mode = sheet.choice("mode", get_args(Mode))
    place, link = sheet.line("place", missing=None), sheet.shaped("link", "address", _LINK)
    if mode == "virtual" and link is None:
        sheet.wrong("link", N_("Give the address of the video call."))
    if mode == "in person" and not place:
        sheet.wrong("place", N_("Say where it is held."))
    sheet.check()
    assert day
    assert starts
    assert ends
    assert mode
    return Session(
        id=session_id,
        title=title,
        starts_at=_at(day, starts, zone),
        ends_at=_at(day, ends, zone),
        credit_minutes=credit,
        mode=mode,
        place=place or None,
        link=link,
    )


def settings(sheet: Sheet, before: Cohort) -> Cohort:
    """The cohort with the settings of its form; dates and people stay. InvalidInputError."""
    zone = before.time_zone
    opens, closes = sheet.moment("registration_opens", zone), sheet.moment("registration_closes", zone)
    name, region = sheet.line("name", missing=_NAME), sheet.line("region", missing=_REGION)
    year = sheet.line("school_year", most=40)
    delivery = sheet.choice("delivery", get_args(Delivery))
    policy = msgspec.structs.replace(
        before.policy,
        min_sessions=sheet.number("min_sessions", least=0, most=200),
        min_credit_minutes=sheet.number("min_credit_minutes", least=0, most=MOST_MINUTES),
        modules=_modules(sheet, before.policy),
    )
    sheet.check()
    assert delivery
    return msgspec.structs.replace(
        before,
        name=name,
        region=region,
        school_year=year,
        delivery=delivery,
        registration_opens_at=opens,
        registration_closes_at=closes,
        policy=policy,
    )


def _modules(sheet: Sheet, before: CompletionPolicy) -> tuple[UUID, ...] | Literal["all"]:
    if not sheet.is_ticked("wants_modules"):
        return ()
    # A choice of some of them, made by another client, stays as it is.
    return before.modules or "all"


def _at(day: date, hour: time, zone: str) -> datetime:
    # In UTC, so that it equals what the database gives.
    return datetime.combine(day, hour, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _end_of(day: date | None, zone: str) -> datetime | None:
    return None if day is None else _at(day, time(23, 59), zone)


def titles(modules: Sequence[str], number: int) -> list[str]:
    """What the sessions are called at first: by the topics, where there is one for each."""
    return list(modules) if len(modules) == number else [f"Session {one}" for one in range(1, number + 1)]


def values_of_session(one: Session, zone: str) -> dict[str, str]:
    """A session as its form shows it."""
    start, end = one.starts_at.astimezone(ZoneInfo(zone)), one.ends_at.astimezone(ZoneInfo(zone))
    return {
        "title": one.title,
        "day": start.date().isoformat(),
        "starts": start.strftime("%H:%M"),
        "ends": end.strftime("%H:%M"),
        "credit_minutes": str(one.credit_minutes),
        "mode": one.mode,
        "place": one.place or "",
        "link": one.link or "",
    }


def values_of_settings(cohort: Cohort | Head, *, opens: str, closes: str) -> dict[str, str]:
    """A cohort's settings as their form shows them."""
    return {
        "name": cohort.name,
        "region": cohort.region,
        "school_year": cohort.school_year,
        "delivery": cohort.delivery,
        "registration_opens": opens,
        "registration_closes": closes,
        "min_sessions": str(cohort.policy.min_sessions),
        "min_credit_minutes": str(cohort.policy.min_credit_minutes),
        "wants_modules": "yes" if cohort.policy.modules else "",
    }
