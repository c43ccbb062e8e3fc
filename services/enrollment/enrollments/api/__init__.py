"""Enrollments, seats and admission as JSON."""

from litestar.types import ControllerRouterHandler

from services.enrollment.enrollments.api import enrollments, places

ROUTES: list[ControllerRouterHandler] = [*enrollments.ROUTES, *places.ROUTES]
