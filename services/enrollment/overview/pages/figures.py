"""The overview: what needs somebody's attention, then the numbers, with plots and a table beside each."""

from collections.abc import Sequence
from typing import Any

import msgspec
from babel import Locale
from babel.dates import format_skeleton
from babel.numbers import format_decimal, format_percent
from litestar import Request, Response, get
from markupsafe import Markup

from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.overview import store
from services.enrollment.overview.model import SPREAD, Days, Group, Month, filters_of
from services.enrollment.pages import page
from services.enrollment.people.model import Viewer
from services.enrollment.witness import store as witness
from shared.pages import plots
from shared.pages.rendering import LANGUAGE, negotiate, translations
from shared.words import N_

#: More bars than can be told apart are left to the table.
_MOST_BARS = 12
_UNKNOWN = N_("not known yet")


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the tables: a group with how long its badges took."""

    group: Group
    days: Days | None


class Plot(msgspec.Struct, frozen=True, kw_only=True):
    """A plot with the table that says the same."""

    id: str
    heading: str
    svg: Markup
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


@get("/{slug:str}/staff", opt={"policy": "overview.read"}, include_in_schema=False)
async def read(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer
) -> Response[str]:
    """The organization's cohorts in numbers, narrowed as the address says; five statements, whatever there is."""
    filters, now = filters_of(request.query_params), house.clock()
    filters = msgspec.structs.replace(filters, cohort=None)
    async with store.looking(house.pool) as connection:
        groups, months = await store.numbers(connection, organization.id, filters, now=now)
        days = {one.key: one for one in await store.days(connection, organization.id, filters)}
        items = await store.items(connection, organization.id, filters, now=now)
        options = await store.options(connection, organization.id)
        alarm = await witness.alarm(connection, organization.id)
    numbers = {
        kind: [Numbers(group=one, days=days.get(one.key)) for one in groups if one.kind == kind]
        for kind in ("all", "program", "level", "region")
    }
    total = next(iter(numbers["all"]), None)
    drawing = Drawing(LANGUAGE.get() or negotiate(organization.language))
    return page(
        house,
        "overview.html",
        organization=organization,
        viewer=viewer,
        total=total if total is not None and total.group.cohorts else None,
        numbers=numbers,
        items=items,
        alarm=alarm,
        options=options,
        query=filters.query,
        filters=filters,
        plots=drawing.all(numbers, months) if total is not None and total.group.cohorts else [],
        percent=drawing.percent,
        figure=drawing.number,
    )


class Drawing:
    """Draws the numbers in a language."""

    def __init__(self, language: str) -> None:
        """`language` is a tag of ours."""
        self._texts = translations(language)
        self._locale = Locale.parse(language, sep="-")
        self._rtl = self._locale.text_direction == "rtl"

    def _(self, text: str, **values: Any) -> str:
        return self._texts.gettext(text) % values if values else self._texts.gettext(text)

    def percent(self, share: float | None) -> str:
        """`87%`, or that it is not known yet."""
        return self._(_UNKNOWN) if share is None else format_percent(share, locale=self._locale)

    def number(self, value: float | None) -> str:
        """`1,234.5`, or that it is not known yet."""
        return self._(_UNKNOWN) if value is None else format_decimal(round(value, 1), locale=self._locale)

    def all(self, numbers: dict[str, list[Numbers]], months: Sequence[Month]) -> list[Plot]:
        """The four plots."""
        groups = [one.group for one in numbers["region"]]
        levels = [one.group for one in numbers["level"]]
        [total] = numbers["all"]
        return [self._seats(groups), self._attendance(months), self._completion(levels), self._days(total.days)]

    def _seats(self, groups: Sequence[Group]) -> Plot:
        title = self._("Seats taken by region")
        rows = [
            plots.Bar(
                label=one.name,
                value=min(one.held, one.seats),
                whole=one.seats,
                said=self._("%(held)s of %(seats)s", held=self.number(one.held), seats=self.number(one.seats)),
            )
            for one in groups[:_MOST_BARS]
        ]
        about = "; ".join(f"{one.label}: {one.said}" for one in rows)
        return Plot(
            id="seats",
            heading=title,
            svg=plots.bars("plot-seats", title, about, rows, rtl=self._rtl),
            head=(self._("Region"), self._("Taken"), self._("Seats"), self._("Waiting")),
            rows=[(one.name, *(self.number(n) for n in (one.held, one.seats, one.in_line))) for one in groups],
        )

    def _attendance(self, months: Sequence[Month]) -> Plot:
        title = self._("Attendance by month")
        rows = [
            plots.Column(
                label=format_skeleton("MMM", one.month, locale=self._locale),
                value=one.attendance,
                said="?" if one.attendance is None else format_percent(one.attendance, locale=self._locale),
            )
            for one in months
        ]
        table = [
            (
                format_skeleton("yMMMM", one.month, locale=self._locale),
                self.number(one.present),
                self.number(one.recorded),
                self.percent(one.attendance),
            )
            for one in months
        ]
        about = "; ".join(f"{row[0]}: {row[3]}" for row in table)
        return Plot(
            id="attendance",
            heading=title,
            svg=plots.columns("plot-attendance", title, about, rows, top=1, rtl=self._rtl),
            head=(self._("Month"), self._("Present"), self._("Marked"), self._("Percent")),
            rows=table,
        )

    def _completion(self, groups: Sequence[Group]) -> Plot:
        title = self._("Completion by level")
        rows = [
            plots.Bar(
                label=f"{one.program_name} · {one.name}",
                value=one.completion,
                whole=1,
                said=self.percent(one.completion),
            )
            for one in groups[:_MOST_BARS]
        ]
        about = "; ".join(f"{one.label}: {one.said}" for one in rows)
        return Plot(
            id="completion",
            heading=title,
            svg=plots.bars("plot-completion", title, about, rows, rtl=self._rtl),
            head=(self._("Level"), self._("Completed"), self._("Decided"), self._("Percent")),
            rows=[
                (
                    f"{one.program_name} · {one.name}",
                    self.number(one.completed),
                    self.number(one.decided),
                    self.percent(one.completion),
                )
                for one in groups
            ],
        )

    def _days(self, days: Days | None) -> Plot:
        title = self._("Time from the last session to the badge")
        counts = days.spread if days else (None,) * len(SPREAD)
        words = [self._(one) for one in SPREAD]
        rows = [
            plots.Bar(
                label=label,
                value=None if days is None else count,
                whole=days.badges if days else 0,
                said=self.number(count),
            )
            for label, count in zip(words, counts, strict=True)
        ]
        about = "; ".join(f"{one.label}: {one.said}" for one in rows)
        return Plot(
            id="days",
            heading=title,
            svg=plots.bars("plot-days", title, about, rows, rtl=self._rtl),
            head=(self._("Days"), self._("Badges")),
            rows=[(label, self.number(count)) for label, count in zip(words, counts, strict=True)],
        )


ROUTES = [read]
