"""Rules of badges and endorsements: the recipient, what was achieved, and what is said about it."""

import re
from collections.abc import Iterator
from typing import Any

from services.credentials.proofs.strict_json import JsonObject
from services.credentials.rules.documents import listed
from services.credentials.rules.model import Facts, Kind, Rule

_SUBJECT = re.compile(
    r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}|did:[a-z0-9]+:[^\s#]+"
)
_HASH = re.compile(r"(?:sha256|md5)\$[0-9a-f]{32,64}")
_SHA256 = re.compile(r"sha256\$[0-9a-f]{64}")
#: 128 bits, in the loosest of the usual ways to write them (hexadecimal).
_LEAST_SALT = 22
_ACHIEVEMENT_TYPES = frozenset(
    """Achievement ApprenticeshipCertificate Assessment Assignment AssociateDegree Award Badge BachelorDegree
    Certificate CertificateOfCompletion Certification CommunityService Competency Course CoCurricular Degree Diploma
    DoctoralDegree Fieldwork GeneralEducationDevelopment JourneymanCertificate LearningProgram License Membership
    ProfessionalDoctorate QualityAssuranceCredential MasterCertificate MasterDegree MicroCredential ResearchDoctorate
    SecondarySchoolDiploma""".split()  # noqa: SIM905  # a list of one word a line would hide the rest
)
_RESULT_TYPES = frozenset(
    """GradePointAverage LetterGrade Percent PerformanceLevel PredictedScore RawScore Result RubricCriterion
    RubricCriterionLevel RubricScore ScaledScore Status""".split()  # noqa: SIM905  # likewise
)


def _recipient(document: JsonObject, facts: Facts) -> tuple[str, ...]:
    return () if _SUBJECT.fullmatch(document["credentialSubject"]["id"]) else ("credentialSubject.id",)


def _identities(document: JsonObject, facts: Facts) -> Iterator[str]:
    for number, one in enumerate(document["credentialSubject"].get("identifier", ())):
        place = f"credentialSubject.identifier[{number}]"
        if not one["hashed"]:
            if one["identityType"] != "name":
                yield f"{place}.hashed"
            elif "salt" in one:
                yield f"{place}.salt"
            elif _HASH.fullmatch(one["identityHash"]):
                yield f"{place}.identityHash"
        elif _SHA256.fullmatch(one["identityHash"]) is None:
            yield f"{place}.identityHash"
        elif len(one.get("salt", "")) < _LEAST_SALT:
            yield f"{place}.salt"


def _hours(document: JsonObject, facts: Facts) -> tuple[str, ...]:
    subject = document["credentialSubject"]
    earned, available = subject.get("creditsEarned"), subject["achievement"].get("creditsAvailable")
    is_right = earned is None or (earned >= 0 and (available is None or earned <= available))
    return () if is_right else ("credentialSubject.creditsEarned",)


def _results(document: JsonObject, facts: Facts) -> Iterator[str]:
    subject = document["credentialSubject"]
    told = subject.get("result")
    if told is None:
        return
    levels = {
        one["id"]: {level["id"] for level in one.get("rubricCriterionLevel", ())}
        for one in subject["achievement"].get("resultDescription", ())
    }
    known: set[str] = set()
    for number, one in enumerate(told):
        place, described = f"credentialSubject.result[{number}]", one.get("resultDescription")
        if described not in levels or described in known:
            yield f"{place}.resultDescription"
        elif "achievedLevel" in one and one["achievedLevel"] not in levels[described]:
            yield f"{place}.achievedLevel"
        elif not one.keys() & {"achievedLevel", "value", "status"}:
            yield f"{place}.value"
        known.add(described)


def _descriptions(document: JsonObject, facts: Facts) -> Iterator[str]:
    known: set[str] = set()
    for number, one in enumerate(document["credentialSubject"]["achievement"].get("resultDescription", ())):
        place = f"credentialSubject.achievement.resultDescription[{number}]"
        if one["resultType"] not in _RESULT_TYPES and not one["resultType"].startswith("ext:"):
            yield f"{place}.resultType"
        for where, named in [(place, one), *_levels(place, one)]:
            if named["id"] in known:
                yield f"{where}.id"
            known.add(named["id"])


def _levels(place: str, described: JsonObject) -> Iterator[tuple[str, Any]]:
    for number, one in enumerate(described.get("rubricCriterionLevel", ())):
        yield f"{place}.rubricCriterionLevel[{number}]", one


def _achievement_type(document: JsonObject, facts: Facts) -> Iterator[str]:
    said = document["credentialSubject"]["achievement"].get("achievementType")
    if said is not None and said not in _ACHIEVEMENT_TYPES and not said.startswith("ext:"):
        yield "credentialSubject.achievement.achievementType"


def _image(document: JsonObject, facts: Facts) -> Iterator[str]:
    achievement = document["credentialSubject"]["achievement"]
    for place, one in (
        ("image", document.get("image")),
        ("credentialSubject.achievement.image", achievement.get("image")),
    ):
        if one is not None and "caption" not in one:
            yield f"{place}.caption"


def _endorsements(document: JsonObject, facts: Facts) -> Iterator[str]:
    achievement = document["credentialSubject"]["achievement"]
    held: tuple[tuple[str, JsonObject], ...] = (
        ("", document),
        ("issuer.", document["issuer"]),
        ("credentialSubject.achievement.", achievement),
    )
    for place, holder in held:
        for number, one in enumerate(holder.get("endorsement", ())):
            subject = one.get("credentialSubject")
            about = subject.get("id") if isinstance(subject, dict) else None
            if "EndorsementCredential" not in listed(one.get("type")) or not listed(one.get("proof")):
                yield f"{place}endorsement[{number}]"
            elif about != holder["id"]:
                yield f"{place}endorsement[{number}].credentialSubject.id"


def _endorsed(document: JsonObject, facts: Facts) -> Iterator[str]:
    subject = document["credentialSubject"]["id"]
    if subject == document["id"]:
        yield "credentialSubject.id"


_BADGE: frozenset[Kind] = frozenset({"badge"})
RULES = (
    Rule(
        id="recipient",
        asks="The subject has an id: a random urn:uuid of this credential alone, or a DID; never the nil UUID.",
        citation="Open Badges 3.0, data model of AchievementSubject (id); RFC 9562, sections 4 and 5.9",
        advice="It says of nobody that they earned it. This is a mistake in our program: tell us.",
        kinds=_BADGE,
        check=_recipient,
        reads=("credentialSubject.id",),
    ),
    Rule(
        id="identity-objects",
        asks="A name stands in the clear, without salt; all else is a SHA-256 with a salt of at least 128 bits.",
        citation="Open Badges 3.0, data model of IdentityObject (hashed, identityHash, salt)",
        advice="It would tell who somebody is in a way that can be undone. This is a mistake in our program: tell us.",
        kinds=_BADGE,
        check=_identities,
        reads=("credentialSubject.identifier",),
    ),
    Rule(
        id="hours",
        asks="creditsEarned is not negative, and not more than the achievement's creditsAvailable.",
        citation="Open Badges 3.0, data models of AchievementSubject and Achievement (creditsAvailable)",
        advice="More hours were credited than the achievement has. Correct the hours, or award a version with more.",
        kinds=_BADGE,
        check=_hours,
        reads=("credentialSubject.creditsEarned", "credentialSubject.achievement.creditsAvailable"),
    ),
    Rule(
        id="results-described",
        asks="Each result is one that the achievement describes, told once, and its level is one of its levels.",
        citation="Open Badges 3.0, data model of Result (resultDescription, achievedLevel)",
        advice="A result is none that the achievement's version describes. Award the version that describes it.",
        kinds=_BADGE,
        check=_results,
        reads=("credentialSubject.result", "credentialSubject.achievement.resultDescription"),
    ),
    Rule(
        id="descriptions-distinct",
        asks="Described results and their levels have ids of their own, and types of the published list.",
        citation="Open Badges 3.0, data models of ResultDescription and RubricCriterionLevel",
        advice="Two results, or two levels of one, have the same id. Give each its own, as a new version.",
        kinds=_BADGE,
        check=_descriptions,
        reads=("credentialSubject.achievement.resultDescription",),
    ),
    Rule(
        id="achievement-type",
        asks="achievementType is of the published list, or begins with ext:.",
        citation="Open Badges 3.0, AchievementType enumeration",
        advice="The kind of the achievement is none of the published ones. Choose another, as a new version.",
        kinds=_BADGE,
        check=_achievement_type,
        reads=("credentialSubject.achievement.achievementType",),
    ),
    Rule(
        id="image-caption",
        asks="Images have a caption, for whoever cannot see them.",
        citation="Open Badges 3.0, data model of Image (caption); WCAG 2.2, success criterion 1.1.1",
        advice="A picture has no caption for people who cannot see it. Write one.",
        kinds=_BADGE,
        check=_image,
        reads=("image", "credentialSubject.achievement.image"),
    ),
    Rule(
        id="endorsements",
        asks="Embedded endorsements are signed, and are about what they are embedded in.",
        citation="Open Badges 3.0, data models of EndorsementCredential and EndorsementSubject (id)",
        advice="An endorsement is not signed, or is about something else. Take it out or ask the partner for another.",
        kinds=_BADGE,
        check=_endorsements,
        reads=(
            "endorsement",
            "issuer",
            "credentialSubject.achievement.endorsement",
            "credentialSubject.achievement.id",
            "id",
        ),
    ),
    Rule(
        id="endorsed-thing",
        asks="An endorsement is about something else than itself.",
        citation="Open Badges 3.0, data model of EndorsementSubject (id)",
        advice="The endorsement would be about itself. Say what it endorses.",
        kinds=frozenset({"endorsement"}),
        check=_endorsed,
        reads=("credentialSubject.id", "id"),
    ),
)
