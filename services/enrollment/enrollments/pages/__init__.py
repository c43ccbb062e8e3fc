"""The pages of places: the enrolling form, an offer's answer, and what staff see and change."""

from litestar.types import ControllerRouterHandler

from services.enrollment.enrollments.pages import admitting, answering, enrolling, placing, running

ROUTES: list[ControllerRouterHandler] = [
    *enrolling.ROUTES,
    *running.ROUTES,
    *answering.ROUTES,
    *placing.ROUTES,
    *admitting.ROUTES,
]
