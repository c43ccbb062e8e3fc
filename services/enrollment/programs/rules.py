"""A program's rules: what its new cohorts begin with, who answers for the hours, how long records are kept. Pure."""

import msgspec

from shared.contracts import Provider
from shared.pages.sheets import Sheet
from shared.words import N_

MOST_SESSIONS = 60
MOST_MONTHS = 240
_STEPS = {str(one): one for one in (1, 5, 10, 15, 30, 60)}


class Defaults(msgspec.Struct, frozen=True, kw_only=True):
    """What completing a new cohort of the program takes, and how its hours are counted."""

    wants_modules: bool = True
    wants_evaluation: bool = False
    min_in_person: int = 0
    min_virtual: int = 0
    #: A quarter hour, as continuing education units are counted.
    step_minutes: int = 15
    least_minutes: int = 0


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of a program; None where the program says nothing of its own."""

    policy: Defaults = Defaults()
    #: None: the organization itself.
    provider: Provider | None = None
    #: None: as long as the retention table says.
    retention_years: int | None = None
    #: How long its badges are valid from the decision on; None: without an end.
    badge_months: int | None = None


def rules(sheet: Sheet) -> Rules:
    """The rules as their form has them. InvalidInputError for everything that does not fit."""
    name = sheet.line("provider_name", missing=None)
    number = sheet.line("provider_number", missing=None)
    if number and not name:
        sheet.wrong("provider_name", N_("Say whose number it is."))
    step = _STEPS.get(sheet.raw("step_minutes"))
    if step is None:
        sheet.wrong("step_minutes", N_("Choose one of these."))
    years = sheet.number("retention_years", least=1, most=100) if sheet.raw("retention_years") else None
    months = sheet.number("badge_months", least=1, most=MOST_MONTHS) if sheet.raw("badge_months") else None
    found = Rules(
        policy=Defaults(
            wants_modules=sheet.is_ticked("wants_modules"),
            wants_evaluation=sheet.is_ticked("wants_evaluation"),
            min_in_person=sheet.number("min_in_person", least=0, most=MOST_SESSIONS),
            min_virtual=sheet.number("min_virtual", least=0, most=MOST_SESSIONS),
            step_minutes=step or Defaults().step_minutes,
            least_minutes=sheet.number("least_minutes", least=0, most=1_440),
        ),
        provider=Provider(name=name, number=number or None) if name else None,
        retention_years=years,
        badge_months=months,
    )
    sheet.check()
    return found


def values_of(found: Rules) -> dict[str, str]:
    """Rules as their form shows them."""
    policy, provider = found.policy, found.provider
    return {
        "wants_modules": "yes" if policy.wants_modules else "",
        "wants_evaluation": "yes" if policy.wants_evaluation else "",
        "min_in_person": str(policy.min_in_person),
        "min_virtual": str(policy.min_virtual),
        "step_minutes": str(policy.step_minutes),
        "least_minutes": str(policy.least_minutes),
        "provider_name": provider.name if provider else "",
        "provider_number": (provider.number if provider else None) or "",
        "retention_years": str(found.retention_years or ""),
        "badge_months": str(found.badge_months or ""),
    }
