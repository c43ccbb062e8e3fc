"""The pages of attendance: the sheet, self check-in, and meeting reports."""

from litestar.types import ControllerRouterHandler

from services.enrollment.attendance.pages import check_in, reports, sheet

ROUTES: list[ControllerRouterHandler] = [*sheet.ROUTES, *check_in.ROUTES, *reports.ROUTES]
