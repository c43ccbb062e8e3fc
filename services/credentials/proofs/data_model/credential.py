"""The rules about what every credential says of itself: contexts, types, id, names, issuer, dates and subject."""

from collections.abc import Iterator
from typing import Any

from services.credentials.proofs import contexts
from services.credentials.proofs.data_model.rule import Finding, Rule, Version
from services.credentials.proofs.data_model.values import (
    id_findings,
    is_url,
    moment,
    placed,
    text_findings,
    types,
)
from services.credentials.proofs.strict_json import JsonObject

_BASES: dict[str, Version] = {contexts.CREDENTIALS_V2: "2.0", contexts.CREDENTIALS_V1: "1.1"}


def version(document: JsonObject) -> Version:
    """The version of the data model that the first context names; 2.0 where it names neither."""
    named = document.get("@context")
    first = named[0] if isinstance(named, list) and named else named
    return _BASES.get(first, "2.0") if isinstance(first, str) else "2.0"


def context_findings(document: JsonObject) -> Iterator[Finding]:
    """What is wrong with `@context`: it is an array, a base context comes first, then URLs and objects."""
    if "@context" not in document:
        yield "member_missing", "@context"
        return
    named = document["@context"]
    if not isinstance(named, list) or not named:
        yield "not_an_ordered_set", "@context"
        return
    if not isinstance(named[0], str) or named[0] not in _BASES:
        yield "not_the_base_context", "@context[0]"
    for index, one in enumerate(named[1:], start=1):
        if not is_url(one) and not isinstance(one, dict):
            yield "not_a_context", f"@context[{index}]"


def required_type_findings(document: JsonObject, required: str) -> Iterator[Finding]:
    """What is wrong with the `type` of a document: terms or URLs, the required one among them."""
    if "type" not in document:
        yield "member_missing", "type"
        return
    found = types(document["type"])
    if found is None:
        yield "not_a_type", "type"
    elif required not in found:
        yield "type_missing", "type"


def document_id_findings(document: JsonObject) -> Iterator[Finding]:
    """What is wrong with the `id` of a document, which need not have one."""
    if "id" in document and not is_url(document["id"]):
        yield "not_a_url", "id"


def party_findings(value: Any, where: str) -> Iterator[Finding]:
    """What is wrong with an issuer or a holder: a URL, or an object whose `id` is one."""
    if isinstance(value, dict):
        yield from id_findings(value, where, is_required=True)
    elif not is_url(value):
        yield "not_a_url", where


def _type(document: JsonObject) -> Iterator[Finding]:
    yield from required_type_findings(document, "VerifiableCredential")


def _issuer(document: JsonObject) -> Iterator[Finding]:
    if "issuer" not in document:
        yield "member_missing", "issuer"
    else:
        yield from party_findings(document["issuer"], "issuer")


def _name(document: JsonObject) -> Iterator[Finding]:
    yield from _texts(document, "name")


def _description(document: JsonObject) -> Iterator[Finding]:
    yield from _texts(document, "description")


def _texts(document: JsonObject, name: str) -> Iterator[Finding]:
    """The credential's own text and its issuer's: elsewhere another context may give the term another meaning."""
    if name in document:
        yield from text_findings(document[name], name)
    issuer = document.get("issuer")
    if isinstance(issuer, dict) and name in issuer:
        yield from text_findings(issuer[name], f"issuer.{name}")


def _valid_from(document: JsonObject) -> Iterator[Finding]:
    yield from stamp_findings(document, "validFrom")


def _valid_until(document: JsonObject) -> Iterator[Finding]:
    yield from stamp_findings(document, "validUntil")


def stamp_findings(value: JsonObject, name: str, place: str = "") -> Iterator[Finding]:
    """What is wrong with a dateTimeStamp that an object may have: its form, its date, or that it lacks a time zone."""
    if name not in value:
        return
    found = moment(value[name])
    if found is None:
        yield "not_a_date", place + name
    elif found.tzinfo is None:
        yield "zone_missing", place + name


def _period(document: JsonObject) -> Iterator[Finding]:
    start, end = moment(document.get("validFrom")), moment(document.get("validUntil"))
    if start is None or end is None or start.tzinfo is None or end.tzinfo is None:
        return
    if end < start:
        yield "ends_before_it_starts", "validUntil"


def _issuance_date(document: JsonObject) -> Iterator[Finding]:
    if "issuanceDate" not in document:
        yield "member_missing", "issuanceDate"
    elif moment(document["issuanceDate"]) is None:
        yield "not_a_date", "issuanceDate"


def _expiration_date(document: JsonObject) -> Iterator[Finding]:
    if "expirationDate" in document and moment(document["expirationDate"]) is None:
        yield "not_a_date", "expirationDate"


def _subject(document: JsonObject) -> Iterator[Finding]:
    name = "credentialSubject"
    if name not in document:
        yield "member_missing", name
    elif document[name] == []:
        yield "empty", name
    else:
        for where, one in placed(name, document[name]):
            if not isinstance(one, dict):
                yield "not_an_object", where
            elif not one:
                yield "empty", where
            else:
                yield from id_findings(one, where)


RULES = (
    Rule("context", "VCDM 2.0, section 4.3", "VCDM 1.1, section 4.1", context_findings),
    Rule("credential_type", "VCDM 2.0, section 4.5", "VCDM 1.1, section 4.3", _type),
    Rule("credential_id", "VCDM 2.0, section 4.4", "VCDM 1.1, section 4.2", document_id_findings),
    Rule("name", "VCDM 2.0, sections 4.6 and 11.1", None, _name),
    Rule("description", "VCDM 2.0, sections 4.6 and 11.1", None, _description),
    Rule("issuer", "VCDM 2.0, section 4.7", "VCDM 1.1, section 4.5", _issuer),
    Rule("credential_subject", "VCDM 2.0, section 4.8", "VCDM 1.1, section 4.4", _subject),
    Rule("valid_from", "VCDM 2.0, section 4.9", None, _valid_from),
    Rule("valid_until", "VCDM 2.0, section 4.9", None, _valid_until),
    Rule("validity_period", "VCDM 2.0, section 4.9", None, _period),
    Rule("issuance_date", None, "VCDM 1.1, section 4.6", _issuance_date),
    Rule("expiration_date", None, "VCDM 1.1, section 4.8", _expiration_date),
)
