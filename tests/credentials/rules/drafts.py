"""Documents that every rule accepts, one of each kind, rich in what a kind may hold; and the changes of fixtures."""

import copy
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from services.credentials.proofs import contexts
from services.credentials.rules.model import Draft, Facts, KeyFact, Kind, StatusPlace
from services.credentials.status_lists.model import LENGTH, encode

FIXTURES = Path(__file__).parent / "fixtures"
PUBLIC = "https://badges.example"
ISSUER = "did:web:badges.example:issuers:5f0c"
LIST = f"{PUBLIC}/status-lists/9a1e"
ACHIEVEMENT = f"{PUBLIC}/achievements/77/versions/2"
BADGE_ID = f"{PUBLIC}/credentials/0c55"
SCHEMA = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_{}_schema.json"
OB = [contexts.CREDENTIALS_V2, contexts.OPEN_BADGES, contexts.EXTENSIONS]
PROFILE = {
    "id": ISSUER,
    "type": ["Profile"],
    "name": "Example Association",
    "url": "https://association.example",
    "description": "Teachers who learn together.",
    "otherIdentifier": [
        {"type": "IdentifierEntry", "identifier": "ex-17", "identifierType": "identifier"},
    ],
}
FACTS = Facts(
    issuer=ISSUER,
    now=datetime(2026, 11, 2, 9, 30, tzinfo=UTC),
    signed_at=datetime(2026, 11, 2, 9, 29, tzinfo=UTC),
    keys=(KeyFact(id="z6MkExample", since=datetime(2026, 1, 1, tzinfo=UTC)),),
    public_url=PUBLIC,
    status=StatusPlace(list_url=LIST, length=LENGTH, index=4711, is_free=True),
    achievement_since=datetime(2026, 10, 1, tzinfo=UTC),
)


def _alignment() -> dict[str, Any]:
    return {
        "type": ["Alignment"],
        "targetName": "Equitable teaching",
        "targetUrl": "https://frameworks.example/items/7",
        "targetCode": "EQ-7",
        "targetFramework": "Example Framework",
        "targetType": "CFItem",
    }


def _endorsement(of: str) -> dict[str, Any]:
    return {
        **_endorsement_document(of),
        "issuer": {
            "id": "did:web:partner.example",
            "type": ["Profile"],
            "name": "Partner",
            "url": "https://partner.example",
        },
        "proof": [{"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "proofValue": "z3"}],
    }


def _endorsement_document(of: str) -> dict[str, Any]:
    return {
        "@context": OB,
        "id": f"{PUBLIC}/endorsements/31",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": "Endorsement of Level One",
        "issuer": PROFILE,
        "validFrom": "2026-11-02T09:29:00Z",
        "credentialSubject": {
            "id": of,
            "type": ["EndorsementSubject"],
            "endorsementComment": "We send our own teachers there.",
        },
        "credentialSchema": [
            {"id": SCHEMA.format("endorsementcredential"), "type": "1EdTechJsonSchemaValidator2019"},
        ],
    }


def _achievement() -> dict[str, Any]:
    return {
        "id": ACHIEVEMENT,
        "type": ["Achievement"],
        "achievementType": "MicroCredential",
        "name": "Level One: Self Exposure",
        "description": "Took part in a Level One cohort, session by session.",
        "criteria": {"id": ACHIEVEMENT, "narrative": "At least 3 of 4 sessions, and evidence for every topic."},
        "image": {"id": f"{ACHIEVEMENT}/image.png", "type": "Image", "caption": "Level One: Self Exposure"},
        "inLanguage": "en",
        "version": "2",
        "creditsAvailable": 12,
        "tag": ["equity", "schools"],
        "alignment": [_alignment()],
        "related": [
            {"id": f"{PUBLIC}/achievements/76/versions/1", "type": ["Related"], "inLanguage": "en", "version": "1"}
        ],
        "resultDescription": [
            {
                "id": f"{ACHIEVEMENT}#result/reflection",
                "type": ["ResultDescription"],
                "name": "Reflection",
                "resultType": "RubricCriterionLevel",
                "valueMax": "3",
                "alignment": [_alignment()],
                "rubricCriterionLevel": [
                    {
                        "id": f"{ACHIEVEMENT}#result/reflection/{name}",
                        "type": ["RubricCriterionLevel"],
                        "name": name,
                        "description": "What it looks like.",
                        "points": str(points),
                    }
                    for points, name in enumerate(("beginning", "applying", "leading"), start=1)
                ],
            },
            {
                "id": f"{ACHIEVEMENT}#result/hours",
                "type": ["ResultDescription"],
                "name": "Hours of practice",
                "resultType": "RawScore",
            },
        ],
        "endorsement": [_endorsement(ACHIEVEMENT)],
    }


def _badge() -> dict[str, Any]:
    return {
        "@context": OB,
        "id": BADGE_ID,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": "Level One: Self Exposure",
        "issuer": PROFILE,
        "validFrom": "2026-11-02T09:29:00Z",
        "validUntil": "2029-11-02T00:00:00Z",
        "awardedDate": "2026-11-01T12:00:00Z",
        "credentialSubject": {
            "id": "urn:uuid:5b0f1f4e-5b1e-4c4e-9d6a-3f1c4c1d2e3f",
            "type": ["AchievementSubject"],
            "activityStartDate": "2025-09-18T00:00:00Z",
            "activityEndDate": "2026-04-23T00:00:00Z",
            "creditsEarned": 9.5,
            "narrative": "North 1, North",
            "achievement": _achievement(),
            "identifier": [
                {
                    "type": "IdentityObject",
                    "hashed": False,
                    "identityHash": "Zoë Ŵyn \u05e9\u05e8\u05d4",
                    "identityType": "name",
                },
                {
                    "type": "IdentityObject",
                    "hashed": True,
                    "identityHash": f"sha256${'5f' * 32}",
                    "identityType": "emailAddress",
                    "salt": "1c9d2f3a4b5c6d7e8f90a1b2c3d4e5f6",
                },
            ],
            "result": [
                {
                    "type": ["Result"],
                    "resultDescription": f"{ACHIEVEMENT}#result/reflection",
                    "achievedLevel": f"{ACHIEVEMENT}#result/reflection/applying",
                },
                {"type": ["Result"], "resultDescription": f"{ACHIEVEMENT}#result/hours", "value": "14"},
            ],
        },
        "credentialStatus": {
            "id": f"{LIST}#4711",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": "4711",
            "statusListCredential": LIST,
        },
        "credentialSchema": [
            {"id": SCHEMA.format("achievementcredential"), "type": "1EdTechJsonSchemaValidator2019"},
        ],
        "refreshService": {"id": f"{BADGE_ID}/refresh", "type": "1EdTechCredentialRefresh"},
        "evidence": [
            {
                "id": "https://evidence.example/1",
                "type": ["Evidence"],
                "name": "Implicit Bias",
                "genre": "text",
                "description": "Accepted on 2026-01-08",
            },
        ],
    }


def _list() -> dict[str, Any]:
    return {
        "@context": [contexts.CREDENTIALS_V2],
        "id": LIST,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": ISSUER,
        "validFrom": "2026-11-02T09:29:00Z",
        "credentialSubject": {
            "id": f"{LIST}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encode([7], length=LENGTH),
            "ttl": 300_000,
        },
    }


def _other(kind: str) -> dict[str, Any]:
    """Of kinds whose form is not written yet: what every credential says."""
    return {
        "@context": OB[:2],
        "id": f"{PUBLIC}/{kind}s/8",
        "type": ["VerifiableCredential"],
        "name": "What was changed",
        "issuer": PROFILE,
        "validFrom": "2026-11-02T09:29:00Z",
        "credentialSubject": {"id": BADGE_ID, "description": "The name was corrected."},
    }


def good(kind: Kind) -> Draft:
    """A draft of a kind that every rule accepts; each call makes a new one."""
    facts = FACTS
    if kind == "badge":
        document = _badge()
    elif kind == "endorsement":
        document = _endorsement_document(ACHIEVEMENT)
    elif kind == "status_list":
        document = _list()
    else:
        document = _other(kind)
    if kind != "badge":
        facts = msgspec.structs.replace(FACTS, status=None, achievement_since=None)
    return Draft(kind=kind, document=copy.deepcopy(document), facts=facts)


class Case(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A good draft, changed: what it shows, and where the rule finds it where it fails."""

    says: str
    kind: Kind = "badge"
    set: dict[str, Any] = {}
    remove: list[str] = []
    facts: dict[str, Any] = {}
    where: str = ""
    #: Further rules that must refuse it too.
    also: list[str] = []

    def draft(self) -> Draft:
        """The draft."""
        made = good(self.kind)
        for path in self.remove:
            place, last = _place(made.document, path)
            del place[last]
        for path, value in self.set.items():
            place, last = _place(made.document, path)
            place[last] = _value(value)
        if not self.facts:
            return made
        known = msgspec.to_builtins(made.facts)
        status = {**(known["status"] or {}), **self.facts.get("status", {})} or None
        return msgspec.structs.replace(made, facts=msgspec.convert({**known, **self.facts, "status": status}, Facts))


class Fixture(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a rule accepts and what it refuses."""

    passes: list[Case]
    fails: list[Case]


def fixtures() -> dict[str, Fixture]:
    """Every fixture, by its rule's id."""
    # Not msgspec's reader: half a character is what a rule must refuse.
    return {
        path.stem: msgspec.convert(json.loads(path.read_text()), Fixture) for path in sorted(FIXTURES.glob("*.json"))
    }


def _steps(path: str) -> Iterator[str | int]:
    for name, index in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path):
        yield name or int(index)


def _place(document: Any, path: str) -> tuple[Any, str | int]:
    *steps, last = _steps(path)
    for step in steps:
        document = document[step]
    return document, last


def _value(value: Any) -> Any:
    """A value of a fixture; `{"$repeat": [x, 3]}` is a text or a list of three."""
    if isinstance(value, dict) and "$repeat" in value:
        one, times = value["$repeat"]
        return one * times if isinstance(one, str) else [copy.deepcopy(one) for _ in range(times)]
    return value
