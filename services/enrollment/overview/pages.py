"""The pages of the overview."""

from litestar.types import ControllerRouterHandler

from services.enrollment.overview import refusals

ROUTES: list[ControllerRouterHandler] = [*refusals.ROUTES]
