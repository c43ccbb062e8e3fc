"""The pages of the overview."""

from litestar.types import ControllerRouterHandler

ROUTES: list[ControllerRouterHandler] = []
