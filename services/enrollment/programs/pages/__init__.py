"""Staff's pages of programs, their levels and curricula."""

from litestar.types import ControllerRouterHandler

from services.enrollment.programs.pages import accent, claims, curricula, programs

ROUTES: list[ControllerRouterHandler] = [*accent.ROUTES, *programs.ROUTES, *curricula.ROUTES, *claims.ROUTES]
