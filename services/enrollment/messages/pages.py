"""The pages of messages."""

from litestar.types import ControllerRouterHandler

ROUTES: list[ControllerRouterHandler] = []
