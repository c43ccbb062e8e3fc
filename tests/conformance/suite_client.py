"""Asks the conformance server as the published suites do, over HTTP, and signs what they sign with a key of its own."""

import copy
import json
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote, urlencode

from services.credentials.proofs.data_integrity import Purpose
from tests.conformance.server.signer import from_seed

V2 = "https://www.w3.org/ns/credentials/v2"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
NOW = datetime(2026, 5, 1, tzinfo=UTC)
#: What the server is started with, and whom it then issues as.
SEED = "7f" * 32
SERVER = from_seed(bytes.fromhex(SEED))
#: Another issuer, and a holder.
OTHER = from_seed(b"\x02" * 32)

Document = dict[str, Any]
Answer = tuple[int, Any]


class Suite:
    """The server at an address, asked in the suites' words."""

    def __init__(self, url: str) -> None:
        self.url = url

    def issue(self, credential: Document, *, below: str = "", **options: Any) -> Answer:
        """Status and body of `POST .../credentials/issue`."""
        return self.post(f"{below}/credentials/issue", {"credential": credential, "options": options})

    def issued(self, credential: Document, *, below: str = "") -> Document:
        """The credential that was issued, which must have succeeded."""
        status, body = self.issue(credential, below=below)
        assert status == 201, body
        found: Document = body["verifiableCredential"]
        return found

    def verify(self, credential: Document, **options: Any) -> Answer:
        """Status and body of `POST /credentials/verify`."""
        return self.post("/credentials/verify", {"verifiableCredential": credential, "options": options})

    def verify_presentation(self, presentation: Document, **options: Any) -> Answer:
        """Status and body of `POST /presentations/verify`."""
        return self.post("/presentations/verify", {"verifiablePresentation": presentation, "options": options})

    def identify(self, identifier: str, *, accept: str = "application/json", **options: str) -> Answer:
        """Status and body of `GET /identifiers/...`, the options as a query."""
        query = f"?{urlencode(options)}" if options else ""
        return self.get(f"/identifiers/{quote(identifier, safe='')}{query}", accept=accept)

    def get(self, path: str, *, accept: str = "application/json") -> Answer:
        """Status and body of a GET."""
        return self._ask("GET", path, None, {"Accept": accept})

    def post(self, path: str, body: Any) -> Answer:
        """Status and body of a POST; bytes are sent as they are."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self._ask("POST", path, content, {"Content-Type": "application/json"})

    def _ask(self, method: str, path: str, content: bytes | None, headers: dict[str, str]) -> Answer:
        connection = HTTPConnection(self.url.removeprefix("http://"))
        try:
            connection.request(method, path, content, headers)
            answer = connection.getresponse()
            return answer.status, json.load(answer)
        finally:
            connection.close()


def credential(**changes: Any) -> Document:
    """A credential of the suites' kind; a change to None leaves the member out."""
    usual: Document = {
        "@context": [V2, EXAMPLES],
        "id": "urn:uuid:5b6f2c5e-3f0b-4b1c-8a53-2d9c3b8f0a11",
        "type": ["VerifiableCredential", "ExampleAlumniCredential"],
        "issuer": "did:example:issuer",
        "validFrom": "2023-07-01T19:23:24Z",
        "credentialSubject": {"id": "did:example:subject", "alumniOf": {"name": "Example University"}},
    }
    return {name: value for name, value in {**usual, **changes}.items() if value is not None}


def plain(**changes: Any) -> Document:
    """One that needs no context but the base."""
    usual: Document = {"@context": [V2], "type": ["VerifiableCredential"]}
    return credential(**{**usual, "credentialSubject": {"id": "did:example:subject"}, **changes})


def spoilt(document: Document, **changes: Any) -> Document:
    """A copy of a signed document, changed after it was signed."""
    return {**copy.deepcopy(document), **changes}


def presentation(
    *credentials: Document, domain: str = "suite.example", challenge: str = "c-1", **changes: Any
) -> Document:
    """A presentation that OTHER signed for a domain and a challenge."""
    unsigned: Document = {"@context": [V2], "type": ["VerifiablePresentation"], "holder": OTHER.did}
    if credentials:
        unsigned["verifiableCredential"] = list(credentials)
    unsigned = {name: value for name, value in {**unsigned, **changes}.items() if value is not None}
    purpose = Purpose(name="authentication", challenge=challenge, domain=domain)
    return OTHER.signed(unsigned, created=NOW, purpose=purpose)


def kinds(body: Any) -> set[str]:
    """The names of the problems of a body that says `verified: false`."""
    assert body["verified"] is False
    assert all(one["type"].endswith(f"#{one['title']}") and one["detail"] for one in body["problemDetails"])
    return {one["type"] for one in body["problemDetails"]}
