"""The JSON of forms."""

from litestar.types import ControllerRouterHandler

ROUTES: list[ControllerRouterHandler] = []
