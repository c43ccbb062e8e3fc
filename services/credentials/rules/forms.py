"""The published data models as data: the members of each class.

The published JSON Schemas say the same in another form; what they leave open (further members) is closed here, since
a member that nobody knows is a mistake of ours or somebody's secret.
"""

from collections.abc import Iterator, Mapping

import msgspec

from services.credentials.rules.model import Kind


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """A class of the data model: the types that it has, and its members.

    A member is a kind of leaf or another class, in brackets where the schema wants an array, with `!` where required.
    """

    rule: str
    citation: str
    types: tuple[str, ...]
    members: Mapping[str, str]
    #: `type` is one text, not an array.
    is_plain: bool = False


_CREDENTIAL = {
    "@context": "context!",
    "id": "uri!",
    "type": "types!",
    "name": "line!",
    "description": "text",
    "issuer": "Profile!",
    "validFrom": "date!",
    "validUntil": "date",
    "awardedDate": "date",
    "credentialStatus": "BitstringStatusListEntry",
    "credentialSchema": "[CredentialSchema]!",
    "refreshService": "RefreshService",
}
_OB = "Open Badges 3.0, data model of {}"
_BITSTRING = "Bitstring Status List 1.0, section 2.{}"

FORMS: dict[str, Form] = {
    "AchievementCredential": Form(
        rule="credential-shape",
        citation=_OB.format("AchievementCredential"),
        types=("VerifiableCredential", "OpenBadgeCredential"),
        members={
            **_CREDENTIAL,
            "image": "Image",
            "credentialSubject": "AchievementSubject!",
            "evidence": "[Evidence]",
            "endorsement": "[endorsement]",
            "endorsementJwt": "[jws]",
        },
    ),
    "EndorsementCredential": Form(
        rule="endorsement-shape",
        citation=_OB.format("EndorsementCredential"),
        types=("VerifiableCredential", "EndorsementCredential"),
        members={**_CREDENTIAL, "credentialSubject": "EndorsementSubject!"},
    ),
    "EndorsementSubject": Form(
        rule="endorsement-subject-shape",
        citation=_OB.format("EndorsementSubject"),
        types=("EndorsementSubject",),
        members={"id": "uri!", "type": "types!", "endorsementComment": "text"},
    ),
    "BitstringStatusListCredential": Form(
        rule="list-shape",
        citation=_BITSTRING.format(2),
        types=("VerifiableCredential", "BitstringStatusListCredential"),
        members={
            "@context": "context!",
            "id": "uri!",
            "type": "types!",
            "issuer": "uri!",
            "validFrom": "date!",
            "validUntil": "date",
            "credentialSubject": "BitstringStatusList!",
        },
    ),
    "BitstringStatusList": Form(
        rule="list-subject-shape",
        citation=_BITSTRING.format(2),
        types=("BitstringStatusList",),
        is_plain=True,
        members={
            "id": "uri!",
            "type": "types!",
            "statusPurpose": "word!",
            "encodedList": "encoded!",
            "ttl": "number",
        },
    ),
    "Profile": Form(
        rule="profile-shape",
        citation=_OB.format("Profile"),
        types=("Profile",),
        members={
            "id": "uri!",
            "type": "types!",
            "name": "name!",
            "url": "link!",
            "description": "text",
            "image": "Image",
            "otherIdentifier": "[IdentifierEntry]",
            "endorsement": "[endorsement]",
            "endorsementJwt": "[jws]",
        },
    ),
    "AchievementSubject": Form(
        rule="subject-shape",
        citation=_OB.format("AchievementSubject"),
        types=("AchievementSubject",),
        members={
            "id": "uri!",
            "type": "types!",
            "achievement": "Achievement!",
            "identifier": "[IdentityObject]",
            "activityStartDate": "date",
            "activityEndDate": "date",
            "creditsEarned": "number",
            "narrative": "text",
            "result": "[Result]",
            "role": "line",
            "term": "line",
            "image": "Image",
            "source": "Profile",
        },
    ),
    "Achievement": Form(
        rule="achievement-shape",
        citation=_OB.format("Achievement"),
        types=("Achievement",),
        members={
            "id": "uri!",
            "type": "types!",
            "name": "line!",
            "description": "text!",
            "criteria": "Criteria!",
            "achievementType": "word",
            "alignment": "[Alignment]",
            "creator": "Profile",
            "creditsAvailable": "number",
            "endorsement": "[endorsement]",
            "endorsementJwt": "[jws]",
            "fieldOfStudy": "line",
            "humanCode": "line",
            "image": "Image",
            "inLanguage": "language",
            "otherIdentifier": "[IdentifierEntry]",
            "related": "[Related]",
            "resultDescription": "[ResultDescription]",
            "specialization": "line",
            "tag": "[line]",
            "version": "line",
        },
    ),
    "Criteria": Form(
        rule="criteria-shape",
        citation=_OB.format("Criteria"),
        types=(),
        members={"id": "source", "narrative": "text"},
    ),
    "Image": Form(
        rule="image-object",
        citation=_OB.format("Image"),
        types=("Image",),
        is_plain=True,
        members={"id": "source!", "type": "types!", "caption": "line"},
    ),
    "Alignment": Form(
        rule="alignment-shape",
        citation=_OB.format("Alignment"),
        types=("Alignment",),
        members={
            "type": "types!",
            "targetName": "name!",
            "targetUrl": "link!",
            "targetCode": "line",
            "targetDescription": "text",
            "targetFramework": "name",
            "targetType": "word",
        },
    ),
    "Related": Form(
        rule="related-shape",
        citation=_OB.format("Related"),
        types=("Related",),
        members={"id": "uri!", "type": "types!", "inLanguage": "language", "version": "line"},
    ),
    "ResultDescription": Form(
        rule="result-description-shape",
        citation=_OB.format("ResultDescription"),
        types=("ResultDescription",),
        members={
            "id": "uri!",
            "type": "types!",
            "name": "line!",
            "resultType": "word!",
            "alignment": "[Alignment]",
            "allowedValue": "[line]",
            "requiredLevel": "uri",
            "requiredValue": "line",
            "rubricCriterionLevel": "[RubricCriterionLevel]",
            "valueMax": "line",
            "valueMin": "line",
        },
    ),
    "RubricCriterionLevel": Form(
        rule="rubric-level-shape",
        citation=_OB.format("RubricCriterionLevel"),
        types=("RubricCriterionLevel",),
        members={
            "id": "uri!",
            "type": "types!",
            "name": "line!",
            "alignment": "[Alignment]",
            "description": "text",
            "level": "line",
            "points": "line",
        },
    ),
    "Result": Form(
        rule="result-shape",
        citation=_OB.format("Result"),
        types=("Result",),
        members={
            "type": "types!",
            "achievedLevel": "uri",
            "alignment": "[Alignment]",
            "resultDescription": "uri",
            "status": "word",
            "value": "line",
        },
    ),
    "Evidence": Form(
        rule="evidence-shape",
        citation=_OB.format("Evidence"),
        types=("Evidence",),
        members={
            "id": "source",
            "type": "types!",
            "name": "line",
            "description": "text",
            "narrative": "text",
            "genre": "line",
            "audience": "line",
        },
    ),
    "IdentityObject": Form(
        rule="identity-shape",
        citation=_OB.format("IdentityObject"),
        types=("IdentityObject",),
        is_plain=True,
        members={
            "type": "types!",
            "hashed": "boolean!",
            "identityHash": "name!",
            "identityType": "word!",
            "salt": "word",
        },
    ),
    "IdentifierEntry": Form(
        rule="identifier-shape",
        citation=_OB.format("IdentifierEntry"),
        types=("IdentifierEntry",),
        is_plain=True,
        members={"type": "types!", "identifier": "line!", "identifierType": "word!"},
    ),
    "CredentialSchema": Form(
        rule="schema-shape",
        citation=_OB.format("CredentialSchema"),
        types=("1EdTechJsonSchemaValidator2019",),
        is_plain=True,
        members={"id": "uri!", "type": "types!"},
    ),
    "RefreshService": Form(
        rule="refresh-shape",
        citation=_OB.format("RefreshService"),
        types=("1EdTechCredentialRefresh",),
        is_plain=True,
        members={"id": "source!", "type": "types!"},
    ),
    "BitstringStatusListEntry": Form(
        rule="status-shape",
        citation=_BITSTRING.format(1),
        types=("BitstringStatusListEntry",),
        is_plain=True,
        members={
            "id": "uri!",
            "type": "types!",
            "statusPurpose": "word!",
            "statusListIndex": "index!",
            "statusListCredential": "uri!",
        },
    ),
}
#: The class of a document of a kind; the others are walked by what members are called everywhere.
ROOTS: dict[Kind, str] = {
    "badge": "AchievementCredential",
    "endorsement": "EndorsementCredential",
    "status_list": "BitstringStatusListCredential",
}
#: Members that tell more of a person than is to be told, whatever class has them.
_PERSONAL = """additionalName birthDate dateOfBirth familyName familyNamePrefix familyNameSuffix givenName
honorificPrefix honorificSuffix licenseNumber patronymicName"""
#: How to reach somebody: of the provider, it belongs into a transcript, which goes to one recipient.
CONTACT = frozenset(("address", "email", "official", "phone", "telephone"))
PRIVATE = CONTACT.union(_PERSONAL.split())


def citations() -> Iterator[tuple[str, str, str, frozenset[Kind]]]:
    """Each class as (rule, class, citation, kinds of documents that may hold it)."""
    for name, form in FORMS.items():
        kinds = frozenset(kind for kind, root in ROOTS.items() if name in _within(root, set()))
        yield form.rule, name, form.citation, kinds


def _within(root: str, known: set[str]) -> set[str]:
    if root not in known:
        known.add(root)
        for wanted in FORMS[root].members.values():
            name = wanted.strip("[]!")
            if name in FORMS:
                _within(name, known)
    return known
