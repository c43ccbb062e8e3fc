"""An issuer's log as anybody reads it: the newest head, leaves, and proofs; nothing in it says whose a badge is."""

import base64
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.params import Parameter, QueryParameter
from litestar.types import ControllerRouterHandler

from services.credentials.issuance_log import proving
from services.credentials.issuance_log.model import LogHead, NothingLoggedError, NotLoggedError
from services.credentials.public import store
from services.credentials.public.house import House
from services.credentials.public.rendering import PAGES, wants_html
from shared.contracts import END
from shared.pages.rendering import language_of
from shared.problems import InvalidInputError, NotFoundError
from shared.transparency.checkpoint import read
from shared.web import OPEN

_ANYBODY = {"Access-Control-Allow-Origin": "*"}
#: The head grows; who checks soon after a badge was made waits no longer than this.
_SOON = {"Cache-Control": "public, max-age=10", **_ANYBODY}
#: What was proved of two sizes, and leaves once there, never change.
_FOR_GOOD = {"Cache-Control": "public, max-age=31536000, immutable", **_ANYBODY}
_MOST_LEAVES = 1_000
_JSON = {**OPEN, "media_types": ["application/json"]}

Digest = Annotated[str, Parameter(pattern=rf"^[0-9a-fA-F]{{64}}{END}")]


class HeadAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The newest head: what it says, the note as it was signed, and the key that signed it."""

    origin: str
    size: int
    #: in base64
    root: str
    checkpoint: str
    #: `<name>+<id>+<key>`, as tools for such logs take it
    key: str
    signed_at: str


class InclusionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """That the log has a document: `hashes` (base64) lead from the leaf at `position` to the root of `size` leaves.

    `checkpoint` is the newest head.
    """

    sha256: str
    position: int
    size: int
    hashes: list[str]
    checkpoint: str


class ConsistencyAnswer(msgspec.Struct, frozen=True, kw_only=True, rename={"first": "from", "second": "to"}):
    """That the log of size `to` begins with that of size `from`: `hashes` (base64) after RFC 9162, section 2.1.4."""

    first: int
    second: int
    hashes: list[str]


class LeavesAnswer(msgspec.Struct, frozen=True, kw_only=True, rename={"start": "from"}):
    """The SHA-256 of documents in the log's order; the leaf of the tree is its 32 bytes. `next` is None at the end."""

    start: int
    leaves: list[str]
    next: int | None


@get("/issuers/{issuer_id:uuid}/log", opt={**OPEN, "media_types": ["application/json", "text/html"]},
     summary="Read the newest head of an issuer's log")  # fmt: skip
async def head(
    house: House, request: Request[Any, Any, Any], issuer_id: UUID, sha256: str | None = None
) -> Response[Any]:
    """The newest head; as a page, with the place of what `sha256` names."""
    if wants_html(request):
        return await _page(house, request, issuer_id, sha256)
    await _require(house, issuer_id)
    found = await proving.newest_head(house.pool, issuer_id)
    answer = HeadAnswer(
        origin=found.origin,
        size=found.size,
        root=_text(_root(found)),
        checkpoint=found.checkpoint,
        key=proving.key_of(found).text,
        signed_at=found.signed_at.isoformat(timespec="seconds"),
    )
    return Response(answer, headers={**_SOON, "Vary": "Accept"})


@get("/issuers/{issuer_id:uuid}/log/checkpoint", opt={**OPEN, "media_types": ["text/plain"]},
     summary="Read the newest head as a signed note")  # fmt: skip
async def checkpoint(house: House, issuer_id: UUID) -> Response[bytes]:
    """The newest head as a C2SP checkpoint."""
    await _require(house, issuer_id)
    found = await proving.newest_head(house.pool, issuer_id)
    return Response(found.checkpoint.encode(), media_type="text/plain; charset=utf-8", headers=_SOON)


@get("/issuers/{issuer_id:uuid}/log/inclusion", opt=_JSON, summary="Prove that the log has a document")
async def inclusion(
    house: House,
    issuer_id: UUID,
    sha256: Digest,
    size: Annotated[int | None, Parameter(ge=1, lt=10**18)] = None,
) -> Response[InclusionAnswer]:
    """The way from a document, named by the SHA-256 of its signed bytes, to the newest head or that of `size`."""
    await _require(house, issuer_id)
    answer = await inclusion_of(house, issuer_id, sha256, size=size)
    return Response(answer, headers=_SOON)


@get("/issuers/{issuer_id:uuid}/log/consistency", opt=_JSON, summary="Prove that the log was only added to")
async def consistency(
    house: House,
    issuer_id: UUID,
    first: Annotated[int, QueryParameter(name="from", ge=0, lt=10**18)],
    second: Annotated[int, QueryParameter(name="to", ge=0, lt=10**18)],
) -> Response[ConsistencyAnswer]:
    """That the log of size `to` begins with that of size `from`."""
    if first > second:
        raise InvalidInputError(("from", "Give the smaller size as `from` and the larger as `to`."))
    await _require(house, issuer_id)
    hashes = [_text(one) for one in await proving.consistency(house.pool, issuer_id, first, second)]
    return Response(ConsistencyAnswer(first=first, second=second, hashes=hashes), headers=_FOR_GOOD)


@get("/issuers/{issuer_id:uuid}/log/leaves", opt=_JSON, summary="Read what the log has, in its order")
async def leaves(
    house: House,
    issuer_id: UUID,
    start: Annotated[int, QueryParameter(name="from", ge=0, lt=10**18)] = 0,
    limit: Annotated[int, Parameter(ge=1, le=_MOST_LEAVES)] = _MOST_LEAVES,
) -> Response[LeavesAnswer]:
    """Leaves from a position on; `next` is where the next page begins."""
    await _require(house, issuer_id)
    found = await proving.leaves(house.pool, issuer_id, start, most=limit)
    is_whole = len(found) == limit
    answer = LeavesAnswer(start=start, leaves=[one.hex() for one in found], next=start + limit if is_whole else None)
    return Response(answer, headers=_FOR_GOOD if is_whole else _SOON)


async def inclusion_of(house: House, issuer_id: UUID, sha256: str, *, size: int | None) -> InclusionAnswer:
    """The proof of a document's place; NothingLoggedError, NotLoggedError, LogTooSmallError."""
    found = await proving.inclusion(house.pool, issuer_id, bytes.fromhex(sha256), size=size)
    return InclusionAnswer(
        sha256=sha256.lower(),
        position=found.position,
        size=found.size,
        hashes=[_text(one) for one in found.hashes],
        checkpoint=found.head.checkpoint,
    )


async def _require(house: House, issuer_id: UUID) -> None:
    if await store.issuer(house.pool, issuer_id) is None:
        raise NotFoundError


async def _page(house: House, request: Request[Any, Any, Any], issuer_id: UUID, sha256: str | None) -> Response[str]:
    issuer = await store.issuer(house.pool, issuer_id)
    if issuer is None:
        raise NotFoundError
    found: LogHead | None
    try:
        found = await proving.newest_head(house.pool, issuer_id)
    except NothingLoggedError:
        found = None
    asked = (sha256 or "").strip().lower()
    page = PAGES.page(
        "log.html",
        language=language_of(request),
        issuer=issuer,
        head=found,
        root=None if found is None else _text(_root(found)),
        key=None if found is None else proving.key_of(found).text,
        asked=asked[:64],
        answer=await _place(house, issuer_id, asked) if asked else None,
    )
    page.headers["Vary"] = "Accept, Accept-Language, Cookie"
    return page


async def _place(house: House, issuer_id: UUID, asked: str) -> int | str:
    """The position of what a reader asked for; `malformed` or `absent`."""
    try:
        digest = bytes.fromhex(asked)
    except ValueError:
        return "malformed"
    if len(digest) != 32:
        return "malformed"
    try:
        return (await proving.inclusion(house.pool, issuer_id, digest)).position
    except (NotLoggedError, NothingLoggedError):
        return "absent"


def _root(found: LogHead) -> bytes:
    return read(found.checkpoint).head.root


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


ROUTES: list[ControllerRouterHandler] = [head, checkpoint, inclusion, consistency, leaves]
