"""The pages of completions."""

from litestar.types import ControllerRouterHandler

ROUTES: list[ControllerRouterHandler] = []
