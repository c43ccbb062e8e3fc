"""The server's addresses: what the W3C suites call of the VC API, and the list and identifiers that they look up."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get, post
from litestar.di import Provide
from litestar.router import Router
from litestar.types import ControllerRouterHandler

from services.credentials.proofs import strict_json
from services.credentials.proofs.data_integrity import Purpose
from services.credentials.proofs.strict_json import JsonError, JsonObject
from shared.clock import Clock
from shared.web import OPEN
from tests.conformance.server import identifiers, issuing
from tests.conformance.server.identifiers import UnresolvedError
from tests.conformance.server.problems import MALFORMED, PARSING, ProblemsError, body, problem
from tests.conformance.server.signer import Signer
from tests.conformance.server.statuses import LIST_ID, StatusList
from tests.conformance.server.verifying import Verifier


class Desk(msgspec.Struct, frozen=True):
    """What the handlers are given: whom to issue as, the list, and the clock."""

    signer: Signer
    statuses: StatusList
    clock: Clock

    def verifier(self) -> Verifier:
        """A verifier of this moment."""
        return Verifier(self.clock(), self.statuses)


@post("/credentials/issue", opt=OPEN)
async def issue(desk: Desk, request: Request[Any, Any, Any]) -> Response[JsonObject]:
    """The credential with our proof."""
    credential, _ = _asked("credential", await request.body())
    issued = issuing.issue(credential, desk.signer, now=desk.clock())
    return Response({"verifiableCredential": issued}, status_code=201)


@post("/status-issuer/credentials/issue", opt=OPEN)
async def issue_with_status(desk: Desk, request: Request[Any, Any, Any]) -> Response[JsonObject]:
    """The credential with an entry in our list, and our proof."""
    credential, _ = _asked("credential", await request.body())
    issued = issuing.issue_with_status(credential, desk.signer, desk.statuses, now=desk.clock())
    return Response({"verifiableCredential": issued}, status_code=201)


@get(f"/status-lists/{LIST_ID}", opt=OPEN)
async def status_list(desk: Desk) -> Response[JsonObject]:
    """The list; as JSON, for the suites' client reads nothing else."""
    return Response(desk.statuses.document(desk.signer, now=desk.clock()), media_type=MediaType.JSON)


@post("/credentials/verify", opt=OPEN)
async def verify_credential(desk: Desk, request: Request[Any, Any, Any]) -> Response[JsonObject]:
    """Whether a credential is good."""
    credential, options = _asked("verifiableCredential", await request.body())
    return _verdict(desk.verifier().credential_problems(credential, _purpose(options, "assertionMethod")))


@post("/presentations/verify", opt=OPEN)
async def verify_presentation(desk: Desk, request: Request[Any, Any, Any]) -> Response[JsonObject]:
    """Whether a presentation is good, and was made for the domain and the challenge that the options name."""
    presentation, options = _asked("verifiablePresentation", await request.body())
    return _verdict(desk.verifier().presentation_problems(presentation, _purpose(options, "authentication")))


@get("/identifiers/{identifier:path}", opt=OPEN)
async def identify(identifier: str, request: Request[Any, Any, Any]) -> Response[JsonObject]:
    """The document of a did:key; with its resolution's metadata for who accepts `did-resolution`."""
    asked = identifier.removeprefix("/")
    wants_result = "did-resolution" in request.headers.get("accept", "")
    try:
        found = identifiers.found(asked, key_format=request.query_params.get("publicKeyFormat", identifiers.FORMAT))
    except UnresolvedError as error:
        if not wants_result:
            raise ProblemsError([problem(error.kind, error.code)]) from None
        return Response(identifiers.refusal(asked, error), status_code=400, media_type=MediaType.JSON)
    return Response(identifiers.resolution(asked, found) if wants_result else found, media_type=MediaType.JSON)


def router(desk: Desk) -> ControllerRouterHandler:
    """Every address above, served from this desk."""

    def provide() -> Desk:
        return desk

    return Router(
        path="/",
        route_handlers=[issue, issue_with_status, status_list, verify_credential, verify_presentation, identify],
        dependencies={"desk": Provide(provide, sync_to_thread=False)},
        exception_handlers={ProblemsError: _refuse},
    )


def _refuse(_: Request[Any, Any, Any], error: ProblemsError) -> Response[Mapping[str, Any]]:
    return Response(body(error.problems), status_code=400, media_type=MediaType.JSON)


def _verdict(found: list[Any]) -> Response[JsonObject]:
    if found:
        raise ProblemsError(found)
    return Response({"verified": True, "problemDetails": []}, status_code=200)


def _asked(name: str, content: bytes) -> tuple[JsonObject, JsonObject]:
    """The document that a request carries as `name`, and its options; ProblemsError."""
    try:
        asked = strict_json.parse(content)
    except JsonError as error:
        raise ProblemsError([problem(PARSING, f"{error.code} {error.where}".strip())]) from None
    if not isinstance(asked.get(name), dict):
        raise ProblemsError([problem(MALFORMED, f"{name}: an object is needed")])
    options = asked.get("options", {})
    if not isinstance(options, dict):
        raise ProblemsError([problem(MALFORMED, "options: an object is needed")])
    return asked[name], options


def _purpose(options: JsonObject, usual: str) -> Purpose:
    """What the options say that a proof must be for; every other option is ignored."""
    said = {
        one: options[one] for one in ("challenge", "domain", "expectedProofPurpose") if options.get(one) is not None
    }
    for one, value in said.items():
        if not isinstance(value, str):
            raise ProblemsError([problem(MALFORMED, f"options.{one}: a text is needed")])
    return Purpose(
        name=said.get("expectedProofPurpose", usual), challenge=said.get("challenge"), domain=said.get("domain")
    )
