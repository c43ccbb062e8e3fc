"""The JSON of the directory."""

from litestar.types import ControllerRouterHandler

ROUTES: list[ControllerRouterHandler] = []
