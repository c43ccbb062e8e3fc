"""The pages of evaluations."""

from litestar.types import ControllerRouterHandler

ROUTES: list[ControllerRouterHandler] = []
