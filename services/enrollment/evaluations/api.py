"""The JSON of evaluations."""

from litestar.types import ControllerRouterHandler

ROUTES: list[ControllerRouterHandler] = []
