"""The pages of programs."""

from litestar.types import ControllerRouterHandler

ROUTES: list[ControllerRouterHandler] = []
