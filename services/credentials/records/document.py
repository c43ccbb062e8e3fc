"""From a request for a record to the unsigned transcript. Pure.

It is an Open Badge, so that any verifier of Open Badges 3.0 tells what it is worth: its achievement is having learned
this, its results the rubrics' levels, its evidence the sessions. It names no status list: a record says what was so on
its day, and withdrawing it closes the link, not the recipient's own files.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec
from msgspec import UnsetType

from services.credentials.keys.model import Issuer
from services.credentials.proofs import contexts
from services.credentials.proofs.strict_json import JsonObject
from shared.records import RecordEntry, RecordRequest, RecordSession

_SCHEMA = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
#: The few words that are not the organization's own, by language.
_WORDS = {
    "en": {
        "title": "Transcript of professional learning",
        "about": "Cohorts completed with {issuer}: hours, dates, sessions and results.",
        "criteria": "Each cohort was completed by the rules of its program.",
        "entry": "{program}, {level}: {hours} hours, {start} to {end}, completed on {day} ({cohort}, {region}). "
        "Provider of record: {provider}.",
        "session": "{day}, {mode}, {hours} hours",
        "in person": "in person",
        "virtual": "online",
        "made up": "made up for by work",
        "topics": "Topics: {topics}.",
        "contact": "Questions about this record: {contact}",
    },
    "es": {
        "title": "Expediente de desarrollo profesional",
        "about": "Grupos completados con {issuer}: horas, fechas, sesiones y resultados.",
        "criteria": "Cada grupo se completó según las reglas de su programa.",
        "entry": "{program}, {level}: {hours} horas, de {start} a {end}, completado el {day} ({cohort}, {region}). "
        "Proveedor registrado: {provider}.",
        "session": "{day}, {mode}, {hours} horas",
        "in person": "en persona",
        "virtual": "en línea",
        "made up": "recuperada con trabajo",
        "topics": "Temas: {topics}.",
        "contact": "Preguntas sobre este expediente: {contact}",
    },
}


class Inputs(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a transcript is made of; the same inputs make the same document."""

    record_id: UUID
    subject_id: str
    valid_from: datetime
    issuer: Issuer
    request: RecordRequest
    public_url: str


def document(inputs: Inputs) -> JsonObject:
    """The transcript without its proof."""
    request = inputs.request
    words = words_of(request.language)
    found: JsonObject = {
        "@context": [contexts.CREDENTIALS_V2, contexts.OPEN_BADGES, contexts.EXTENSIONS],
        # No page stands behind it: the link has a token instead of the id.
        "id": _address(inputs),
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": words["title"],
        "issuer": _profile(inputs),
        "validFrom": _moment(inputs.valid_from),
        "awardedDate": _moment(request.made_at),
        "credentialSubject": _subject(inputs, words),
        "credentialSchema": [{"id": _SCHEMA, "type": "1EdTechJsonSchemaValidator2019"}],
    }
    if sessions := [one for entry in request.entries for one in entry.sessions]:
        found["evidence"] = [_evidence(one, words) for one in sessions]
    return found


def _address(inputs: Inputs) -> str:
    return f"{inputs.public_url}/records/{inputs.record_id}"


def words_of(language: str) -> dict[str, str]:
    """The words in a language that we have, else in English."""
    return _WORDS.get(language.partition("-")[0], _WORDS["en"])


def _profile(inputs: Inputs) -> JsonObject:
    issuer = inputs.issuer
    profile: JsonObject = {"id": issuer.did, "type": ["Profile"], "name": issuer.name, "url": issuer.url}
    if issuer.description:
        profile["description"] = issuer.description
    return profile


def _subject(inputs: Inputs, words: dict[str, str]) -> JsonObject:
    request = inputs.request
    subject: JsonObject = {
        "id": inputs.subject_id,
        "type": ["AchievementSubject"],
        "activityStartDate": _day(request.activity_start),
        "activityEndDate": _day(request.activity_end),
        "creditsEarned": _hours(request.credit_minutes),
        "narrative": "\n\n".join([*(_told(one, words) for one in request.entries), _contact(request, words)]),
        "identifier": [
            {
                "type": "IdentityObject",
                "hashed": False,
                "identityHash": request.holder_name,
                "identityType": "name",
            }
        ],
        "achievement": _achievement(inputs, words),
    }
    results = list(_results(inputs))
    if results:
        subject["result"] = [
            {"type": ["Result"], "resultDescription": address, "value": found} for address, _, found in results
        ]
    return subject


def _achievement(inputs: Inputs, words: dict[str, str]) -> JsonObject:
    issuer = inputs.issuer
    found: JsonObject = {
        # The same for every transcript of an issuer; no page stands behind it, since nobody earns one as such.
        "id": f"urn:uuid:{uuid5(NAMESPACE_URL, f'{issuer.did}#transcript')}",
        "type": ["Achievement"],
        "achievementType": "ext:Transcript",
        "name": words["title"],
        "description": words["about"].format(issuer=issuer.name),
        "criteria": {"narrative": words["criteria"]},
        "inLanguage": inputs.request.language,
    }
    described = [
        {"id": address, "type": ["ResultDescription"], "name": name, "resultType": "Result"}
        for address, name, _ in _results(inputs)
    ]
    if described:
        found["resultDescription"] = described
    return found


def _results(inputs: Inputs) -> Iterator[tuple[str, str, str]]:
    """Address, name and what was found of each result."""
    number = 0
    for entry in inputs.request.entries:
        for one in entry.results:
            number += 1
            name = f"{entry.program_name}, {entry.level_name}: {one.name}"
            yield f"{_address(inputs)}#result-{number}", name, one.found


def _told(entry: RecordEntry, words: dict[str, str]) -> str:
    provider = entry.provider.name + (f", {entry.provider.number}" if entry.provider.number else "")
    told = words["entry"].format(
        program=entry.program_name,
        level=entry.level_name,
        hours=_hours(entry.credit_minutes),
        start=entry.activity_start.isoformat(),
        end=entry.activity_end.isoformat(),
        day=entry.completed_on.isoformat(),
        cohort=entry.cohort_name,
        region=entry.region,
        provider=provider,
    )
    return told + (" " + words["topics"].format(topics="; ".join(entry.topics)) if entry.topics else "")


def _contact(request: RecordRequest, words: dict[str, str]) -> str:
    """Whom to ask, in words: a member `email` would say that the issuer has one address for good."""
    contact = request.contact
    email = "" if isinstance(contact.email, UnsetType) else f", {contact.email}"
    return words["contact"].format(contact=f"{contact.name}, {contact.url}{email}")


def _evidence(session: RecordSession, words: dict[str, str]) -> JsonObject:
    return {
        "type": ["Evidence"],
        "name": session.title,
        "genre": "session",
        "description": words["session"].format(
            day=session.held_on.isoformat(),
            mode=words[session.mode or "made up"],
            hours=_hours(session.credit_minutes),
        ),
    }


def _hours(minutes: int) -> int | float:
    hours = minutes / 60
    return int(hours) if hours.is_integer() else round(hours, 4)


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _day(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"
