"""The pages of forms: what a program asks, what people answered, who may open what is private, and one's own."""

from litestar.types import ControllerRouterHandler

from services.enrollment.forms.pages import answers, own, readers, writing

ROUTES: list[ControllerRouterHandler] = [*writing.ROUTES, *answers.ROUTES, *readers.ROUTES, *own.ROUTES]
