"""The pages of places: the enrolling form, an offer's answer, and what staff see and change."""

from litestar.types import ControllerRouterHandler

from services.enrollment.enrollments.pages import admitting, answering, enrolling, placing

ROUTES: list[ControllerRouterHandler] = [
    *enrolling.ROUTES,
    *answering.ROUTES,
    *placing.ROUTES,
    *admitting.ROUTES,
]
