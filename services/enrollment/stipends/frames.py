"""What the pages of stipends have in common: amounts in the reader's language, ids in forms, refusals as sentences."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.numbers import format_currency
from litestar import Response
from msgspec import Meta

from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page
from services.enrollment.people.model import Viewer
from services.enrollment.stipends.model import (
    BudgetExceededError,
    BudgetTakenError,
    NotCompletedError,
    OwnStipendError,
    SecondPersonError,
    SourceTakenError,
    StipendChangedError,
    StipendStateError,
    WrongBudgetError,
)
from shared.pages.rendering import LANGUAGE, negotiate
from shared.problems import InvalidInputError
from shared.words import N_

Short = Annotated[str, Meta(max_length=500)]
Long = Annotated[str, Meta(max_length=20_000)]

#: What a page says where an action was refused; nothing was changed by any.
REFUSALS: dict[type[Exception], str] = {
    NotCompletedError: N_(
        "A stipend is for those who completed, and this completion is not decided or was taken back."
    ),
    StipendStateError: N_("Somebody else was quicker: look at what the stipend is now. Nothing was changed."),
    OwnStipendError: N_("This stipend is your own. Ask somebody else of the staff."),
    SecondPersonError: N_("You prepared this stipend. Another person of the staff has to approve it."),
    StipendChangedError: N_("The stipend was prepared anew meanwhile. Look at it again before you approve it."),
    BudgetExceededError: N_("The budget has not that much left. Give less, or choose another budget."),
    WrongBudgetError: N_("This budget is of another program. Choose a budget of the program that was completed."),
    BudgetTakenError: N_("There is a budget from this source for this program and year already. Change its amount."),
    SourceTakenError: N_("There is a funding source of this name already."),
}
REFUSED: tuple[type[Exception], ...] = (InvalidInputError, *REFUSALS)


def told(error: Exception, anchor: str) -> tuple[int, dict[str, str]]:
    """The status of the page after a refusal, and what it says where: at the field, or at `anchor`."""
    if isinstance(error, InvalidInputError):
        return 422, dict(error.errors)
    return 409, {anchor: REFUSALS[type(error)]}


def stipend_page(
    house: House, template: str, organization: Organization, viewer: Viewer, *, status: int = 200, **context: Any
) -> Response[str]:
    """A page that can say amounts, and on which day something was where the organization is."""
    zone = ZoneInfo(organization.time_zone)
    return page(
        house,
        template,
        status=status,
        organization=organization,
        viewer=viewer,
        money=_money(organization),
        day_of=lambda at: at.astimezone(zone).date(),
        **context,
    )


def year_now(organization: Organization, now: datetime) -> int:
    """The organization's calendar year."""
    return now.astimezone(ZoneInfo(organization.time_zone)).year


def dollars(cents: int) -> str:
    """An amount as it stands in a form's field."""
    return f"{Decimal(cents) / 100:.2f}"


def id_of(field: str, value: str) -> UUID:
    """The id that was chosen; InvalidInputError where none was."""
    try:
        return UUID(value)
    except ValueError:
        raise InvalidInputError((field, N_("Choose one of the list."))) from None


def _money(organization: Organization) -> Callable[[int], str]:
    locale = LANGUAGE.get() or negotiate(organization.language)
    return lambda cents: format_currency(Decimal(cents) / 100, "USD", locale=locale)
