"""The pages of forms."""

from litestar.types import ControllerRouterHandler

ROUTES: list[ControllerRouterHandler] = []
