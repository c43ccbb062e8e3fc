"""A badge's bundle: the badge in every form, and every document that verifying it asks for, as of now."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from services.credentials.awards.changes import address as credential_address
from services.credentials.awards.document import achievement, achievement_address
from services.credentials.containers import bundle
from services.credentials.containers.bundle import Manifest
from services.credentials.issuance_log.model import NothingLoggedError, NotLoggedError
from services.credentials.keys import history
from services.credentials.keys.history import HistoricKey
from services.credentials.keys.model import history_address
from services.credentials.proofs import contexts
from services.credentials.proofs.strict_json import JsonObject
from services.credentials.public import log, store
from services.credentials.public.drawing import files
from services.credentials.public.house import House
from services.credentials.public.issuers import did_document_of
from services.credentials.public.model import Badge
from shared.pages.rendering import LANGUAGES, translations
from shared.words import N_

#: What the bundle says of itself to whoever opens it, in the badge's language.
_README = (
    N_("This folder holds a badge, and all that it takes to verify it without a network."),
    N_("badge.pdf is the certificate, badge.png and badge.svg are pictures; each carries the signed badge inside."),
    N_("badge.json and badge.jwt are the signed badge itself, for programs and wallets."),
    N_("To verify it, give the whole ZIP to a verifier, such as the page below, or to the command `verify --offline`."),
    N_("What is in the folder documents was so at the moment below."),
    N_("Whether the badge was revoked since, only its issuer can say."),
)


class Enclosed(msgspec.Struct, frozen=True, kw_only=True):
    """A document of a bundle: where it is found when there is a network, and its name inside."""

    address: str
    name: str
    content: bytes


async def bundle_of(house: House, found: Badge, *, link: str) -> bytes:
    """The bundle of a badge, as of now."""
    now = house.clock().replace(microsecond=0)
    documents = await _documents(house, found)
    address = history_address(found.issuer.id, public_url=house.settings.public_url)
    manifest = Manifest(
        format=bundle.FORMAT,
        credential="badge.json",
        made_at=now,
        documents={one.address: one.name for one in documents},
        history=address if any(one.address == address for one in documents) else None,
    )
    contents = {
        "README.txt": _readme(house, found, link=link, now=now),
        "badge.json": found.signed_json.encode(),
        "badge.jwt": found.signed_jwt.encode(),
        "badge.png": await files.baked_png(house, found),
        "badge.svg": await files.baked_svg(house, found),
        "badge.pdf": await files.pdf(house, found, link=link),
        **{one.name: one.content for one in documents},
    }
    return bundle.pack(manifest, contents)


async def _documents(house: House, found: Badge) -> list[Enclosed]:
    credential = msgspec.json.decode(found.signed_json, type=dict[str, Any])
    request, public_url = found.request, house.settings.public_url
    described = achievement_address(request.achievement_id, request.achievement_version, public_url=public_url)
    about = achievement(found.achievement, request.achievement_id, request.achievement_version, public_url=public_url)
    enclosed = [
        *[_context(one) for one in credential["@context"]],
        _json(described, "documents/achievement.json", {"@context": credential["@context"][:2], **about}),
        _json(
            f"{public_url}/issuers/{found.issuer.id}/did.json",
            "documents/did.json",
            await did_document_of(house, found.issuer),
        ),
    ]
    listed = credential["credentialStatus"]["statusListCredential"]
    if (status := await store.status_list(house.pool, UUID(listed.rpartition("/")[2]))) is not None:
        enclosed.append(Enclosed(address=listed, name="documents/status-list.json", content=status.encode()))
    if (statement := await store.replacement(house.pool, found.credential_id)) is not None:
        address = f"{credential_address(found.credential_id, public_url=public_url)}/replacement"
        enclosed.append(Enclosed(address=address, name="documents/replacement.json", content=statement.encode()))
    keys: tuple[HistoricKey, ...] = ()
    if (text := await store.history(house.pool, found.issuer.id, None)) is not None:
        address = history_address(found.issuer.id, public_url=public_url)
        enclosed.append(Enclosed(address=address, name="documents/key-history.json", content=text.encode()))
        keys = history.read(text.encode(), now=house.clock()).keys
    return [*enclosed, *await _logged(house, found, keys)]


async def _logged(house: House, found: Badge, keys: tuple[HistoricKey, ...]) -> list[Enclosed]:
    """The log's newest head with the badge's place in it, and in the heads that were there when keys were lost."""
    address = f"{house.settings.public_url}/issuers/{found.issuer.id}/log"
    digest = hashlib.sha256(found.signed_json.encode()).hexdigest()
    asked: dict[str, int | None] = {f"{address}/inclusion?sha256={digest}": None}
    asked |= {
        f"{address}/inclusion?sha256={digest}&size={one.logged.size}": one.logged.size
        for one in keys
        if one.logged is not None and one.logged.size
    }
    enclosed = []
    for number, (url, size) in enumerate(asked.items()):
        try:
            proof = await log.inclusion_of(house, found.issuer.id, digest, size=size)
        except (NothingLoggedError, NotLoggedError):
            # It gets its place within a second of being signed, or came after that head.
            continue
        name = f"documents/log-inclusion{f'-{number}' if number else ''}.json"
        enclosed.append(Enclosed(address=url, name=name, content=msgspec.json.encode(proof)))
        if not number:
            head = proof.checkpoint.encode()
            enclosed.append(
                Enclosed(address=f"{address}/checkpoint", name="documents/log-checkpoint.txt", content=head)
            )
    return enclosed


def _readme(house: House, found: Badge, *, link: str, now: datetime) -> bytes:
    language = found.achievement.language if found.achievement.language in LANGUAGES else LANGUAGES[0]
    translate = translations(language).gettext
    lines = [found.achievement.name, found.issuer.name, "", *[translate(one) for one in _README], ""]
    lines += [link, f"{house.settings.public_url}/verify", f"{now:%Y-%m-%d %H:%M:%S} UTC"]
    return ("\n".join(lines) + "\n").encode()


def _context(address: str) -> Enclosed:
    return Enclosed(address=address, name=f"contexts/{contexts.PINNED[address][0]}", content=contexts.content(address))


def _json(address: str, name: str, content: JsonObject) -> Enclosed:
    return Enclosed(address=address, name=name, content=msgspec.json.encode(content))
