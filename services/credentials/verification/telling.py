"""Says a verdict in another language than its own English, which programs and scripts keep reading. Pure."""

from collections.abc import Iterator

from services.credentials.containers.model import SENTENCES as CONTAINER_SENTENCES
from services.credentials.verification.model import Check, Note, Verdict
from services.credentials.verification.sentences import ENDS, NOTES, SENTENCES, filled
from shared.words import Catalog


def told(catalog: Catalog, found: Check | Note) -> str:
    """The sentence of a check or a note in the catalog's language."""
    for template in _templates(found):
        where = _place_in(found.sentence, template)
        if where is not None:
            # What was found is the badge's own word, but for what the verifier itself says of an address.
            where = catalog.gettext(where) if where in ENDS else where
            return filled(catalog.gettext(template), where)
    return found.sentence


def told_verdict(catalog: Catalog, verdict: Verdict) -> str:
    """The verdict's one sentence in the catalog's language."""
    deciding = next((one for one in verdict.checks if one.sentence == verdict.sentence), None)
    return catalog.gettext(verdict.sentence) if deciding is None else told(catalog, deciding)


def _templates(found: Check | Note) -> Iterator[str]:
    """What a code may say: one code can stand in several tables."""
    for table in ({str(code): one for code, one in CONTAINER_SENTENCES.items()}, SENTENCES, NOTES):
        if found.code in table:
            yield table[found.code]


def _place_in(sentence: str, template: str) -> str | None:
    """What `{}` stood for, empty where nothing was said; None for the sentence of another template."""
    if sentence == filled(template, ""):
        return ""
    before, place, after = template.partition("{}")
    fits = place and sentence.startswith(before) and sentence.endswith(after)
    return sentence[len(before) : len(sentence) - len(after)] if fits else None
