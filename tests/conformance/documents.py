"""Random documents of the shapes that badges have, for comparing the engine with other implementations."""

import random
import string
from typing import Any

Document = dict[str, Any]

V2 = "https://www.w3.org/ns/credentials/v2"
V1 = "https://www.w3.org/2018/credentials/v1"
OB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
CLR = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"
DATA_INTEGRITY = "https://w3id.org/security/data-integrity/v2"

_ODD = (
    '"\\\n\r\t\b\f\x00\x01\x1f\x7f\x80\x85\u2028\u200f\u202e<>{}|^`_:@'
    "\u0915\u094d\u17d2\U0001f393\U00010000\U0010fffd\ufffd"
)
_SCHEMES = (
    "https://example.org/",
    "http://ex.example:8080/a?b=c#",
    "urn:uuid:",
    "did:web:a.example:b:",
    "tag:x,2020:",
    "mailto:a@",
)


class Shapes:
    """Makes documents from one source of randomness."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def badge(self) -> Document:
        """A credential: Open Badges in most, of either data model, sometimes with a CLR around several."""
        draw = self.chance
        is_older = draw.random() < 0.2
        document: Document = {
            "@context": [V1, OB, DATA_INTEGRITY] if is_older else [V2, OB, EXTENSIONS],
            "id": self.iri(),
            "type": self.listed(["VerifiableCredential", "OpenBadgeCredential"]),
            "issuer": self.iri() if draw.random() < 0.2 else self.profile(),
            "issuanceDate" if is_older else "validFrom": self.moment(),
            "credentialSubject": self.maybe_several(self.subject),
        }
        self.some(document, {"name": self.text, "description": self.text, "awardedDate": self.moment})
        if draw.random() < 0.6:
            document["credentialSchema"] = [{"id": self.iri(), "type": "1EdTechJsonSchemaValidator2019"}]
        if draw.random() < 0.6 and not is_older:
            document["credentialStatus"] = self.status()
        if draw.random() < 0.6:
            document["evidence"] = [self.evidence() for _ in range(draw.randint(1, 4))]
        if is_older:
            document.pop("credentialSchema", None)
            document.pop("name", None)
            document.pop("description", None)
        return document

    def transcript(self) -> Document:
        """A Comprehensive Learner Record with badges inside, each in a graph of its own."""
        inner = [self.badge() for _ in range(self.chance.randint(1, 2))]
        for one in inner:
            if one["@context"][0] == V1:
                one["@context"] = [V2, OB, EXTENSIONS]
                one["validFrom"] = one.pop("issuanceDate")
        return {
            "@context": [V2, CLR, OB],
            "id": self.iri(),
            "type": ["VerifiableCredential", "ClrCredential"],
            "issuer": self.profile(),
            "name": self.text(),
            "validFrom": self.moment(),
            "credentialSubject": {"id": self.iri(), "type": ["ClrSubject"], "verifiableCredential": inner},
        }

    def subject(self) -> Document:
        """A learner with an achievement."""
        found: Document = {"type": self.listed(["AchievementSubject"]), "achievement": self.achievement()}
        self.some(
            found,
            {
                "id": self.iri,
                "activityStartDate": self.moment,
                "creditsEarned": self.number,
                "narrative": self.text,
                "identifier": lambda: [self.identity() for _ in range(self.chance.randint(1, 3))],
                "result": lambda: [self.result() for _ in range(self.chance.randint(1, 3))],
            },
        )
        return found

    def achievement(self) -> Document:
        """What is awarded; alignments often alike, so that blank nodes tie."""
        draw = self.chance
        found: Document = {
            "id": self.iri(),
            "type": self.listed(["Achievement"]),
            "name": self.text(),
            "description": self.text(),
            "criteria": {"narrative": self.text()},
        }
        alike = self.alignment()
        self.some(
            found,
            {
                "achievementType": lambda: draw.choice(["MicroCredential", "Badge", "ext:Own"]),
                "image": lambda: {"id": self.iri(), "type": "Image", "caption": self.text()},
                "inLanguage": lambda: "en-US",
                "tag": lambda: [self.text() for _ in range(draw.randint(0, 3))],
                "creditsAvailable": self.number,
                "creator": self.profile,
                "alignment": lambda: [
                    dict(alike) if draw.random() < 0.5 else self.alignment() for _ in range(draw.randint(1, 5))
                ],
            },
        )
        return found

    def profile(self) -> Document:
        """An issuer."""
        found: Document = {"id": self.iri(), "type": self.listed(["Profile"]), "name": self.text()}
        self.some(found, {"url": self.iri, "description": self.text, "email": lambda: "a@example.org"})
        return found

    def alignment(self) -> Document:
        """A node without an id."""
        found: Document = {"type": ["Alignment"], "targetName": self.text(), "targetUrl": self.iri()}
        self.some(found, {"targetCode": self.text, "targetFramework": self.text})
        return found

    def evidence(self) -> Document:
        """A node that may have an id, even a blank one."""
        found: Document = {"type": ["Evidence"], "name": self.text()}
        self.some(found, {"id": self.iri, "genre": self.text, "narrative": self.text})
        return found

    def identity(self) -> Document:
        """A name in clear."""
        return {"type": "IdentityObject", "hashed": False, "identityHash": self.text(), "identityType": "name"}

    def result(self) -> Document:
        """A value."""
        found: Document = {"type": ["Result"], "value": self.text()}
        self.some(found, {"achievedLevel": self.iri, "resultDescription": self.iri})
        return found

    def status(self) -> Document:
        """An entry of a status list."""
        return {
            "id": self.iri(),
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(self.chance.randint(0, 131071)),
            "statusListCredential": self.iri(),
        }

    def text(self) -> str:
        """Text of every plane, with all that needs escaping."""
        draw = self.chance
        return "".join(self._letter() for _ in range(draw.randint(0, 12)))

    def _letter(self) -> str:
        draw = self.chance
        kind = draw.random()
        if kind < 0.3:
            return draw.choice(_ODD)
        if kind < 0.65:
            return draw.choice(string.printable)
        first, last = draw.choice([(0x20, 0x2FF), (0x590, 0xD7FF), (0x1F300, 0x1F6FF)])
        return chr(draw.randint(first, last))

    def iri(self) -> str:
        """An absolute IRI of many schemes."""
        draw = self.chance
        letters = string.ascii_letters + string.digits + "-._~éü漢"
        return draw.choice(_SCHEMES) + "".join(draw.choice(letters) for _ in range(draw.randint(1, 10)))

    def number(self) -> int | float:
        """A JSON number; whole ones are ints, as our reader makes them."""
        draw = self.chance
        # Binary fractions: of others, implementations write another last digit (see the test of numbers).
        value = draw.choice([draw.randint(-(2**53), 2**53), draw.randint(0, 100), draw.randint(-(10**6), 10**6) / 1024])
        return int(value) if float(value).is_integer() else value

    def moment(self) -> str:
        """A date with its zone, or without seconds' fraction."""
        draw = self.chance
        year, month, day, hour = (draw.randint(*bounds) for bounds in ((2010, 2030), (1, 9), (10, 19), (0, 9)))
        return f"{year}-0{month}-{day}T0{hour}:00:00{draw.choice(['Z', '+02:00'])}"

    def listed(self, kinds: list[str]) -> Any:
        """Types as a list, or one as a string."""
        return kinds[0] if len(kinds) == 1 and self.chance.random() < 0.5 else kinds

    def maybe_several(self, make: Any) -> Any:
        """One thing, or now and then a list of two."""
        return [make(), make()] if self.chance.random() < 0.1 else make()

    def some(self, document: Document, optional: dict[str, Any]) -> None:
        """Add each optional member with an even chance."""
        for name, make in optional.items():
            if self.chance.random() < 0.5:
                document[name] = make()
