"""The JSON of merges."""

from litestar.types import ControllerRouterHandler

ROUTES: list[ControllerRouterHandler] = []
