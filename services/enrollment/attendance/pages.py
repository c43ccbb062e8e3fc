"""The pages of attendance."""

from litestar.types import ControllerRouterHandler

ROUTES: list[ControllerRouterHandler] = []
