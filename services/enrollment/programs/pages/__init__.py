"""Staff's pages of programs, their levels and curricula."""

from litestar.types import ControllerRouterHandler

from services.enrollment.programs.pages import claims, curricula, programs

ROUTES: list[ControllerRouterHandler] = [*programs.ROUTES, *curricula.ROUTES, *claims.ROUTES]
