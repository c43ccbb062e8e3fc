"""The JSON of retention."""

from litestar.types import ControllerRouterHandler

ROUTES: list[ControllerRouterHandler] = []
