"""The pages of retention."""

from litestar.types import ControllerRouterHandler

ROUTES: list[ControllerRouterHandler] = []
