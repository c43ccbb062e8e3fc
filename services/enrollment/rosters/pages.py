"""The pages of rosters."""

from litestar.types import ControllerRouterHandler

ROUTES: list[ControllerRouterHandler] = []
