"""The pages of cohorts: for anybody, for staff, for who teaches, and one's own calendar."""

from litestar.types import ControllerRouterHandler

from services.enrollment.cohorts.pages import calendar, catalog, pathway, sessions, staff, teaching

ROUTES: list[ControllerRouterHandler] = [
    *catalog.ROUTES,
    *pathway.ROUTES,
    *staff.ROUTES,
    *teaching.ROUTES,
    *sessions.ROUTES,
    *calendar.ROUTES,
]
