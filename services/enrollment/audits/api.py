"""The JSON of audits."""

from litestar.types import ControllerRouterHandler

ROUTES: list[ControllerRouterHandler] = []
