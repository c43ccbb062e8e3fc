"""The pages of evidence."""

from litestar.types import ControllerRouterHandler

ROUTES: list[ControllerRouterHandler] = []
