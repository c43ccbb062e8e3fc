"""The pages of stipends."""

from litestar.types import ControllerRouterHandler

ROUTES: list[ControllerRouterHandler] = []
