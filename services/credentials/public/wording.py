"""The verifier's English sentences, known again by their codes, so that a page can say them in another language. Pure.

A verdict stays English in the API and through the limited child that makes it; only the page needs other words.
"""

import re

from services.credentials.containers.model import SENTENCES as CONTAINER_SENTENCES
from services.credentials.verification.actions import OFFLINE, REASONS
from services.credentials.verification.model import ADVICE, GENUINE, HEADINGS, Check, Note, Verdict
from services.credentials.verification.sentences import NOTES, SENTENCES
from shared.words import N_, said

_NO_KEYS = N_("it lists no keys")
_NO_PROOF, _WRONG_PROOF = N_("its proof cannot be read"), N_("its proof does not hold")
_ENDS = {*REASONS.values(), OFFLINE, _NO_KEYS, _NO_PROOF, _WRONG_PROOF}
_FORMS = (*SENTENCES.values(), *NOTES.values(), *CONTAINER_SENTENCES.values())


def _placed(form: str) -> str:
    return form.replace("{}", "%(where)s")


def _unplaced(form: str) -> str:
    return form.replace(": {}", "").replace(" on {}", "")


def texts() -> set[str]:
    """Every text that a verdict's page can hold, as a catalog names it."""
    fixed = {GENUINE, *ADVICE.values(), *HEADINGS.values(), f"{HEADINGS['genuine_issuer_unknown']}."}
    return (
        fixed
        | _ENDS
        | {_placed(form) for form in _FORMS}
        | {one for form in _FORMS if "{}" not in (one := _unplaced(form))}
    )


def of_finding(found: Check | Note) -> str:
    """The sentence of a check or a note, with what it is made of."""
    forms = [SENTENCES.get(found.code), NOTES.get(found.code)]
    if isinstance(found, Check) and found.name == "container":
        forms.insert(0, {str(code): form for code, form in CONTAINER_SENTENCES.items()}.get(found.code))
    for form in filter(None, forms):
        before, place, after = form.partition("{}")
        if place and (match := re.fullmatch(f"{re.escape(before)}(.+){re.escape(after)}", found.sentence, re.DOTALL)):
            where = match[1]
            return said(_placed(form), where=said(where) if where in _ENDS else where)
    return found.sentence


def of_verdict(verdict: Verdict) -> str:
    """The sentence of a verdict: mostly that of the check that decided it."""
    return next((of_finding(one) for one in verdict.checks if one.sentence == verdict.sentence), verdict.sentence)
