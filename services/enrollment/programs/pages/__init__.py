"""Staff's pages of programs, their levels and curricula."""

from litestar.types import ControllerRouterHandler

from services.enrollment.programs.pages import accent, claims, curricula, programs, rules

ROUTES: list[ControllerRouterHandler] = [
    *accent.ROUTES,
    *programs.ROUTES,
    *rules.ROUTES,
    *curricula.ROUTES,
    *claims.ROUTES,
]
