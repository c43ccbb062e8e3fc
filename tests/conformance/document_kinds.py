"""Random documents of the kinds around a badge: status lists, presentations, DID documents, transcripts and more."""

import json
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.credentials.proofs import contexts, did, multikey
from tests.conformance.documents import CLR, DATA_INTEGRITY, EXTENSIONS, OB, V1, V2, Document, Shapes

STATUS_2021 = "https://w3id.org/vc/status-list/2021/v1"
_LANGUAGES = ("en", "de-CH", "zh-Hant", "ar", "EN-us")


class Kinds(Shapes):
    """Makes documents of every kind that the engine meets; a badge too."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        #: name -> what makes it
        self.makers: dict[str, Callable[[], Document]] = {
            "badge": self.badge,
            "full_badge": self.full_badge,
            "transcript": self.associated_transcript,
            "status_list": self.status_list,
            "older_status_list": self.older_status_list,
            "presentation": self.presentation,
            "did_document": self.did_document,
            "multikey": self.multikey_document,
            "endorsement": self.endorsement,
            "schema_credential": self.schema_credential,
            "added_terms": self.with_added_terms,
            "proof_options": self.proof_options,
            "blank_nodes": self.with_blank_nodes,
        }

    def any(self) -> Document:
        """A document of any kind."""
        return self.makers[self.chance.choice(list(self.makers))]()

    def full_badge(self) -> Document:
        """A badge with what few badges have: descriptions of results, endorsements, addresses, terms of use."""
        draw = self.chance
        made = self.badge()
        while made["@context"][0] != V2:
            made = self.badge()
        subject = made["credentialSubject"]
        subject = subject[0] if isinstance(subject, list) else subject
        described = [self.result_description() for _ in range(draw.randint(1, 3))]
        subject["achievement"]["resultDescription"] = described
        subject["result"] = [
            {"type": ["Result"], "value": self.text(), "resultDescription": draw.choice(described)["id"]}
            for _ in range(draw.randint(1, 3))
        ]
        self.some(
            made,
            {
                "endorsement": lambda: [self.endorsement()],
                "endorsementJwt": lambda: ["eyJhbGciOiJFZERTQSJ9.e30.AA"],
                "refreshService": lambda: {"id": self.iri(), "type": "1EdTechCredentialRefresh"},
                "validUntil": self.moment,
                "termsOfUse": lambda: [{"id": self.iri()}, self.iri()],
                "image": lambda: {"id": "data:image/png;base64,AAAA", "type": "Image"},
                "relatedResource": lambda: [{"id": self.iri(), "digestSRI": "sha384-AA", "mediaType": self.text()}],
            },
        )
        self.some(
            subject["achievement"],
            {
                "version": self.text,
                "otherIdentifier": lambda: [
                    {"type": "IdentifierEntry", "identifier": self.text(), "identifierType": "sourcedId"}
                ],
                "related": lambda: [{"id": self.iri(), "type": ["Related"], "inLanguage": "en", "version": "1"}],
                "endorsement": lambda: [self.endorsement() for _ in range(draw.randint(1, 2))],
            },
        )
        if isinstance(made["issuer"], dict) and draw.random() < 0.5:
            made["issuer"]["address"] = self.address()
        return made

    def address(self) -> Document:
        """Where an issuer is."""
        draw = self.chance
        latitude, longitude = draw.randint(-90, 90) + 0.25, draw.randint(0, 90) + 0.125
        geo = {"type": "GeoCoordinates", "latitude": latitude, "longitude": longitude}
        return {"type": ["Address"], "addressCountry": self.text(), "geo": geo}

    def result_description(self) -> Document:
        """What a result means: an ordered list of values, and levels of a rubric."""
        draw = self.chance
        found: Document = {"id": self.iri(), "type": ["ResultDescription"], "name": self.text(), "resultType": "Status"}
        levels = lambda: [  # noqa: E731 - named for what it makes
            {"id": self.iri(), "type": ["RubricCriterionLevel"], "level": self.text(), "points": str(one)}
            for one in range(draw.randint(1, 3))
        ]
        self.some(
            found,
            {
                "allowedValue": lambda: [self.text() for _ in range(draw.randint(0, 4))],
                "rubricCriterionLevel": levels,
                "requiredLevel": self.iri,
                "valueMax": self.text,
            },
        )
        return found

    def endorsement(self) -> Document:
        """Somebody else's word about an achievement or an issuer."""
        return {
            "@context": [V2, OB],
            "id": self.iri(),
            "type": ["VerifiableCredential", "EndorsementCredential"],
            "issuer": self.profile(),
            "validFrom": self.moment(),
            "name": self.text(),
            "credentialSubject": {
                "id": self.iri(),
                "type": ["EndorsementSubject"],
                "endorsementComment": self.text(),
            },
        }

    def associated_transcript(self) -> Document:
        """A CLR with associations between its achievements."""
        made = self.transcript()
        subject = made["credentialSubject"]
        subject["association"] = [
            {"type": "Association", "associationType": "isChildOf", "sourceId": self.iri(), "targetId": self.iri()}
            for _ in range(self.chance.randint(1, 3))
        ]
        self.some(
            subject,
            {"achievement": lambda: [self.achievement()], "identifier": lambda: [self.identity()]},
        )
        self.some(made, {"partial": lambda: self.chance.random() < 0.5})
        return made

    def status_list(self) -> Document:
        """A BitstringStatusListCredential (VCDM 2.0)."""
        found: Document = {
            "@context": [V2],
            "id": self.iri(),
            "type": ["VerifiableCredential", "BitstringStatusListCredential"],
            "issuer": self.iri(),
            "validFrom": self.moment(),
            "credentialSubject": {
                "id": self.iri(),
                "type": "BitstringStatusList",
                "statusPurpose": self.chance.choice(["revocation", "suspension", ["revocation", "suspension"]]),
                "encodedList": "uH4sIAAAAAAAA_-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA",
            },
        }
        self.some(found["credentialSubject"], {"ttl": lambda: self.chance.randint(0, 10**7)})
        return found

    def older_status_list(self) -> Document:
        """A StatusList2021Credential (VCDM 1.1)."""
        return {
            "@context": [V1, STATUS_2021, *([DATA_INTEGRITY] if self.chance.random() < 0.5 else [])],
            "id": self.iri(),
            "type": ["VerifiableCredential", "StatusList2021Credential"],
            "issuer": self.iri(),
            "issuanceDate": self.moment(),
            "credentialSubject": {
                "id": self.iri(),
                "type": "StatusList2021",
                "statusPurpose": "revocation",
                "encodedList": "H4sIAAAAAAAA_-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA",
            },
        }

    def presentation(self) -> Document:
        """A presentation of badges, each in a graph of its own, and of an enveloped one."""
        draw = self.chance
        shown: list[Document] = [self.badge() for _ in range(draw.randint(0, 2))]
        if draw.random() < 0.5:
            enveloped = {"id": "data:application/vc+jwt,e30.e30.AA", "type": "EnvelopedVerifiableCredential"}
            shown.append({"@context": V2, **enveloped})
        found: Document = {
            "@context": [V2, OB, EXTENSIONS],
            "type": self.listed(["VerifiablePresentation"]),
            "verifiableCredential": shown,
        }
        self.some(found, {"id": self.iri, "holder": self.iri})
        return found

    def did_document(self) -> Document:
        """A DID document with keys in full, by reference and embedded, and services."""
        draw = self.chance
        name = f"did:web:{draw.randint(1, 99)}.example"
        keys = [Ed25519PrivateKey.from_private_bytes(draw.randbytes(32)).public_key() for _ in range(3)]
        found = did.document(name, keys[: draw.randint(1, 2)])
        embedded = {
            "id": f"{name}#own",
            "type": "Multikey",
            "controller": name,
            "publicKeyMultibase": multikey.encode(keys[2]),
        }
        service = {"id": f"{name}#s", "type": "https://example.org/Service", "serviceEndpoint": self.iri()}
        self.some(
            found,
            {
                "authentication": lambda: [embedded, found["assertionMethod"][0]],
                "service": lambda: [service],
                "alsoKnownAs": self.iri,
                "controller": self.iri,
            },
        )
        return found

    def multikey_document(self) -> Document:
        """A Multikey document of any of the three kinds of key."""
        draw = self.chance
        number = draw.randint(1, 2**250)
        keys: list[multikey.PublicKey] = [
            Ed25519PrivateKey.from_private_bytes(draw.randbytes(32)).public_key(),
            derive_private_key(number, SECP256R1()).public_key(),
            derive_private_key(number, SECP384R1()).public_key(),
        ]
        found = {
            "@context": contexts.MULTIKEY_V1,
            "id": self.iri(),
            "type": "Multikey",
            "controller": self.iri(),
            "publicKeyMultibase": multikey.encode(draw.choice(keys)),
        }
        self.some(found, {"expires": self.moment, "revoked": self.moment})
        return found

    def schema_credential(self) -> Document:
        """A JsonSchemaCredential: it holds JSON as it stands (`@json`)."""
        return {
            "@context": [V2],
            "id": self.iri(),
            "type": ["VerifiableCredential", "JsonSchemaCredential"],
            "issuer": self.iri(),
            "credentialSubject": {"id": self.iri(), "type": "JsonSchema", "jsonSchema": self.json(3)},
        }

    def json(self, depth: int) -> Any:
        """Any JSON; numbers as both implementations write them."""
        draw = self.chance
        kind = draw.random()
        if depth and kind < 0.3:
            return {self._plain(): self.json(depth - 1) for _ in range(draw.randint(0, 4))}
        if depth and kind < 0.5:
            return [self.json(depth - 1) for _ in range(draw.randint(0, 4))]
        return draw.choice([None, True, False, self._plain(), draw.randint(-(2**53), 2**53), draw.randint(1, 999) / 8])

    def _plain(self) -> str:
        return json.dumps(self.text())[1:-1]

    def with_added_terms(self) -> Document:
        """A credential whose inline context adds terms: of every kind of value, and with lists and languages."""
        draw = self.chance
        terms: Document = {
            "grade": "https://own.example/grade",
            "page": {"@id": "https://own.example/page", "@type": "@id"},
            "day": {"@id": "https://own.example/day", "@type": "http://www.w3.org/2001/XMLSchema#date"},
            "steps": {"@id": "https://own.example/steps", "@container": "@list"},
            "titles": {"@id": "https://own.example/titles", "@container": "@language"},
            "weight": {"@id": "https://own.example/weight", "@type": "http://www.w3.org/2001/XMLSchema#double"},
            "raw": {"@id": "https://own.example/raw", "@type": "@json"},
            "Own": "https://own.example/Own",
        }
        subject: Document = {"id": self.iri(), "type": "Own"}
        self.some(
            subject,
            {
                "grade": lambda: draw.choice(
                    [self.text(), [self.text(), 7, True], self.in_language(), {"page": "a:b"}]
                ),
                "page": lambda: draw.choice([self.iri(), [self.iri(), {"id": self.iri(), "grade": "x"}]]),
                "day": lambda: "2026-01-01",
                "steps": lambda: [draw.choice([self.text(), self.number(), {"grade": "a"}, ["in", ["two"]]])] * 2,
                "titles": lambda: {one: draw.choice([self.text(), ["a", "b"]]) for one in _LANGUAGES[:3]},
                "weight": lambda: draw.choice([5, 0.25, "7", 10**15]),
                "raw": lambda: self.json(2),
            },
        )
        return {
            "@context": [V2, terms],
            "id": self.iri(),
            "type": ["VerifiableCredential"],
            "issuer": self.iri(),
            "name": self.in_language() if draw.random() < 0.5 else [self.in_language(), self.text()],
            "credentialSubject": subject,
        }

    def in_language(self) -> Document:
        """A text in a language."""
        return {"@value": self.text(), "@language": self.chance.choice(_LANGUAGES)}

    def proof_options(self) -> Document:
        """What a proof says of itself."""
        draw = self.chance
        return {
            "@context": draw.choice([[V2, OB], [V1, DATA_INTEGRITY], [V2, CLR, OB]]),
            "type": "DataIntegrityProof",
            "cryptosuite": "eddsa-rdfc-2022",
            "created": self.moment(),
            "verificationMethod": self.iri(),
            "proofPurpose": draw.choice(["assertionMethod", "authentication"]),
            "domain": draw.choice([self.text(), [self.text(), "b"]]),
            "challenge": self.text(),
        }

    def with_blank_nodes(self) -> Document:
        """A badge whose nodes are named `_:...`, some of them together, in rings and in ties."""
        draw = self.chance
        count = draw.randint(2, 5)
        nodes: list[Document] = []
        for number in range(count):
            node: Document = {"id": f"_:n{number}", "type": ["Profile"]}
            if draw.random() < 0.3:
                node["name"] = draw.choice(["a", "b"])
            node["parentOrg"] = [f"_:n{draw.randrange(count)}" for _ in range(draw.randint(0, 2))]
            nodes.append(node)
        return {
            "@context": [V2, OB],
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "issuer": nodes[0],
            "credentialSubject": {
                "type": ["AchievementSubject"],
                "source": nodes[1:],
                "achievement": {"type": ["Achievement"], "creator": [f"_:n{draw.randrange(count)}"]},
            },
        }
