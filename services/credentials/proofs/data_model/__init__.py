"""The shape rules of W3C VC Data Model 2.0 and 1.1 as named checks, each with its clause. Pure: nothing is fetched.

`faults` judges a credential, `presentation_faults` a presentation with the credentials in it; the first context says by
which version. A rule is one entry of a table in `credential`, `entries`, `related_resources` or `presentation`.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from services.credentials.proofs.data_model import credential, entries, presentation, related_resources
from services.credentials.proofs.data_model.credential import version
from services.credentials.proofs.data_model.related_resources import related_resource_matches
from services.credentials.proofs.data_model.rule import MOST_FAULTS, Fault, Rule, Version
from services.credentials.proofs.strict_json import JsonObject

__all__ = [
    "CREDENTIAL_RULES",
    "ENVELOPE_RULES",
    "MOST_FAULTS",
    "PRESENTATION_RULES",
    "Fault",
    "Rule",
    "Version",
    "faults",
    "presentation_faults",
    "related_resource_matches",
    "version",
]

CREDENTIAL_RULES: tuple[Rule, ...] = (
    *credential.RULES,
    *entries.RULES,
    *related_resources.RULES,
)
PRESENTATION_RULES: tuple[Rule, ...] = presentation.RULES
#: What holds of a document that is itself an envelope, instead of the rest.
ENVELOPE_RULES: tuple[Rule, ...] = (presentation.ENVELOPED_CREDENTIAL_RULE, presentation.ENVELOPED_PRESENTATION_RULE)


def faults(document: JsonObject) -> list[Fault]:
    """What the rules find in a credential, or in one in an envelope, at most MOST_FAULTS; empty where all is well."""
    return list(islice(_credential_faults(document), MOST_FAULTS))


def presentation_faults(document: JsonObject) -> list[Fault]:
    """What the rules find in a presentation and in the credentials that it embeds, their paths from its root."""
    return list(islice(_presentation_faults(document), MOST_FAULTS))


def _credential_faults(document: JsonObject) -> Iterator[Fault]:
    if presentation.is_enveloped(document, presentation.ENVELOPED_CREDENTIAL):
        return presentation.ENVELOPED_CREDENTIAL_RULE.faults(document, "2.0")
    return _faults(CREDENTIAL_RULES, document)


def _presentation_faults(document: JsonObject) -> Iterator[Fault]:
    if presentation.is_enveloped(document, presentation.ENVELOPED_PRESENTATION):
        yield from presentation.ENVELOPED_PRESENTATION_RULE.faults(document, "2.0")
        return
    yield from _faults(PRESENTATION_RULES, document)
    for where, one in presentation.embedded(document):
        for fault in _faults(CREDENTIAL_RULES, one):
            yield Fault(fault.rule, fault.code, f"{where}.{fault.where}", fault.clause)


def _faults(rules: Iterable[Rule], document: JsonObject) -> Iterator[Fault]:
    which = version(document)
    for rule in rules:
        yield from rule.faults(document, which)
