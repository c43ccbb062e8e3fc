"""What staff see of a cohort, as pages: read here, written by routes of this room and of the enrollments."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from litestar import Request, Response

from services.enrollment.cohorts import store, store_sessions, store_tables
from services.enrollment.cohorts.model import TRANSITIONS, Reading
from services.enrollment.cohorts.planning import dates, drafting
from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page
from services.enrollment.people.model import Viewer
from services.enrollment.people.policy import allows
from services.enrollment.programs import store as programs
from services.enrollment.programs import store_rules
from services.enrollment.programs.rules import Defaults
from shared.pages.sheets import Sheet
from shared.problems import NotFoundError

_SEATS = "25"


async def sheet_of(request: Request[Any, Any, Any]) -> Sheet:
    """The form that was sent. InvalidInputError for one that no page of ours sends."""
    return Sheet(dict(await request.form()))


async def cohort_page(
    house: House,
    organization: Organization,
    viewer: Viewer,
    cohort_id: UUID,
    *,
    status: int = 200,
    sheet: Sheet | None = None,
    done: str = "",
) -> Response[str]:
    """A cohort's dates and how it stands, for staff and who teaches it. NotFoundError."""
    head = await store_tables.head(house.pool, organization.id, cohort_id)
    if head is None:
        raise NotFoundError
    entries = (await store_sessions.entries(house.pool, [cohort_id])).get(cohort_id, ())
    teachers = (await store.instructors(house.pool, [cohort_id])).get(cohort_id, ())
    return page(
        house,
        "cohorts_dates.html",
        status=status,
        organization=organization,
        viewer=viewer,
        cohort=head,
        entries=entries,
        teachers=teachers,
        ways=TRANSITIONS[head.state],
        is_staff=allows("cohort.write", roles=viewer.roles, is_signed_in=True),
        now=house.clock(),
        values={} if sheet is None else sheet.values,
        errors={} if sheet is None else sheet.errors,
        done=done,
    )


async def new_page(
    house: House, organization: Organization, viewer: Viewer, sheet: Sheet, *, status: int = 200
) -> Response[str]:
    """The template's form; once it is filled in, the dates that it proposes and the rest of the cohort."""
    choices = await programs.newest_curricula(house.pool, organization.id)
    years = dates.school_years(house.clock().date())
    asked = "curriculum" in sheet.values
    # A sheet of its own: what is wrong with the draft is no matter of the template's.
    template = Sheet(sheet.values)
    found = await _found(house, organization, template) if asked else None
    if found is None:
        defaults = {"school_year": years[0], "rhythm": "quarter", "weekday": "5", "starts": "09:00", "ends": "12:00"}
        return page(
            house,
            "cohorts_new.html",
            status=422 if asked else status,
            organization=organization,
            viewer=viewer,
            choices=choices,
            years=[(year, year) for year in years],
            values={"curriculum": "", "avoid": "", "region": "", **defaults, **sheet.values},
            errors=template.errors if asked else {},
        )
    wish, topics, rules = found
    return page(
        house,
        "cohorts_draft.html",
        status=status,
        organization=organization,
        viewer=viewer,
        wish=wish,
        choice=next((one for one in choices if one.id == wish.curriculum_id), None),
        values={**_defaults(organization, sheet, wish, topics, rules), **sheet.values},
        defaults=rules,
        errors=sheet.errors,
        rows=_rows(sheet, wish),
    )


async def _found(
    house: House, organization: Organization, sheet: Sheet
) -> tuple[drafting.Wish, list[str], Defaults] | None:
    """What the template asks for, with the topics of the curriculum and the defaults of its program."""
    wanted = drafting.chosen_id(sheet, "curriculum")
    if wanted is None:
        return None
    curricula = await programs.curricula(house.pool, organization.id, also=wanted)
    jurisdiction = await programs.jurisdiction(house.pool, organization.id, wanted)
    rules = await store_rules.rules_of_curriculum(house.pool, organization.id, wanted)
    if not curricula or rules is None:
        sheet.wrong("curriculum", "Choose one of these.")
    wish = drafting.wish(sheet, jurisdiction or dates.JURISDICTION)
    if wish is None or not curricula or rules is None:
        return None
    return wish, [one.name for one in curricula[0].modules], rules.policy


def _rows(sheet: Sheet, wish: drafting.Wish) -> int:
    """How many rows of dates the page has: those proposed and one more, or those sent."""
    sent = [int(name[4:]) for name in sheet.values if name.startswith("day-") and name[4:].isdigit()]
    return min(60, max([len(wish.proposal.dates) + 1, *sent]))


def _defaults(
    organization: Organization, sheet: Sheet, wish: drafting.Wish, topics: list[str], defaults: Defaults
) -> dict[str, str]:
    """What the draft's form holds before anybody typed into it."""
    dates = wish.proposal.dates
    minutes = (wish.ends.hour - wish.starts.hour) * 60 + wish.ends.minute - wish.starts.minute
    named = drafting.titles(topics, len(dates))
    region = sheet.raw("region")
    values = {
        "id": str(uuid4()),
        "name": f"{region} {wish.school_year}".strip(),
        "region": region,
        "delivery": "hybrid",
        "seats": _SEATS,
        "place": "",
        "link": "",
        "credit_minutes": str(minutes),
        "min_sessions": str(len(dates)),
        "wants_modules": "yes" if topics and defaults.wants_modules else "",
        "registration_closes": (dates[0] - timedelta(days=1)).isoformat() if dates else "",
        "time_zone": organization.time_zone,
    }
    for number in range(1, _rows(sheet, wish) + 1):
        has_date = number <= len(dates)
        values[f"session-{number}"] = str(uuid4())
        values[f"day-{number}"] = dates[number - 1].isoformat() if has_date else ""
        values[f"title-{number}"] = named[number - 1] if has_date else ""
    if "min_sessions" in sheet.values:
        # A box that is not ticked is not sent.
        values["wants_modules"] = ""
    return values


async def standing(house: House, organization: Organization, viewer: Viewer, cohort_id: UUID) -> Reading:
    """How the viewer stands to a cohort of the organization. NotFoundError where it has no such cohort."""
    if not await store.has_cohort(house.pool, organization.id, cohort_id):
        raise NotFoundError
    return await store.reading(house.pool, cohort_id, viewer.person_id)
