"""The JSON of learning."""

from litestar.types import ControllerRouterHandler

ROUTES: list[ControllerRouterHandler] = []
