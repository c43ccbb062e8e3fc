"""Signing in by an e-mailed link, so that neither mail scanners nor strangers can use it.

Asking for a link answers the same at once whether the address is known or not: it only puts the request into the
outbox, and the browser gets a random cookie. The worker makes the link; for an unknown address, or for the sixth link
within an hour that one network address asks for, a link of nobody, so that typing codes cannot tell them apart either.
Counted by who asks: a stranger who asks for somebody's links does not use up those that they ask for themselves.

Opening the link (GET, HEAD) shows a page with a button and changes nothing. Signing in takes the button (POST) and
- in the browser that asked: its cookie;
- anywhere else: the 8-character code that stands in the e-mail, five tries at most;
or, without the link, the code typed into the browser that asked. A scanner that submits the form has neither the cookie
nor reads the e-mail, so it changes nothing. A link printed on a terminal has no code: nobody scans a terminal.

Tokens are 256 random bits and stored as SHA-256; codes are stored as HMAC under the service's key. A link is used once,
within 15 minutes. A session always has a token of its own, made when it begins.
"""

import secrets
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import msgspec

from services.enrollment.house import House
from services.enrollment.notices import actions as notices
from services.enrollment.organizations import store as organizations
from services.enrollment.people import store
from services.enrollment.people.model import (
    CODE_LENGTH,
    LINK_LIFETIME,
    MOST_LINKS_FOR_ALL,
    MOST_LINKS_PER_HOUR,
    SESSION_LIFETIME,
    CodeNeededError,
    LinkNotOpenError,
    Person,
    SignInLink,
    WrongCodeError,
    asker_hmac,
    code_from,
    code_hmac,
    is_code_of,
    token_sha256,
    typed_code,
)
from services.enrollment.people.sign_in import letters
from shared import outbox
from shared.outbox import Handler, Message
from shared.paths import local_path
from shared.postgres import Connection, Pool, transaction
from shared.problems import NotFoundError
from shared.sealing import seal, unseal

#: The outbox topic of requests for sign-in links.
TOPIC = "sign-in"
_TOKEN_BYTES = 32


class LinkRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What waits in the outbox, sealed: who asked for a link, in which browser, and where to go afterwards."""

    email: str
    browser_sha256: bytes
    asker_hmac: bytes = b""
    return_path: str
    requested_at: datetime


class NewLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link's secrets, known only now: its address, and the code to type with it in another browser."""

    url: str
    code: str | None


class NewSession(msgspec.Struct, frozen=True, kw_only=True):
    """A session's token, known only now, and where the person wanted to go."""

    token: str
    organization_id: UUID
    person_id: UUID
    return_path: str


async def ask(house: House, *, organization_id: UUID, asker: str, email: str, return_path: str) -> str:
    """Ask for a link to a normalized address; returns the token of the cookie that the browser is to keep.

    `asker` is the network address that asks.
    """
    browser, key = secrets.token_urlsafe(_TOKEN_BYTES), uuid4()
    request = LinkRequest(
        email=email,
        browser_sha256=token_sha256(browser),
        asker_hmac=asker_hmac(house.sealing_key, asker),
        return_path=return_path,
        requested_at=house.clock(),
    )
    payload = seal(house.sealing_key, msgspec.json.encode(request), belongs_to=str(key))
    async with transaction(house.pool) as connection:
        await outbox.put(connection, organization_id=organization_id, topic=TOPIC, key=key, payload=payload)
    return browser


def send_links(house: House) -> Handler:
    """The handler of the topic `sign-in`: makes the link and the e-mail, once per request."""

    async def handle(message: Message) -> None:
        payload = unseal(house.sealing_key, message.payload, belongs_to=str(message.key))
        request = msgspec.json.decode(payload, type=LinkRequest)
        now = house.clock()
        if now < request.requested_at + LINK_LIFETIME:
            async with transaction(house.pool) as connection:
                await _answer(house, connection, message, request, now=now)
                await store.delete_old(connection, now - timedelta(days=1))

    return handle


async def _answer(
    house: House, connection: Connection, message: Message, request: LinkRequest, *, now: datetime
) -> None:
    await store.lock_person(connection, message.organization_id, request.email)
    person = await store.person_by_email(connection, message.organization_id, request.email)
    if person is not None:
        sent = await store.links_since(connection, person.id, now - timedelta(hours=1), asker=request.asker_hmac)
        person = person if sent.by_asker < MOST_LINKS_PER_HOUR and sent.by_all < MOST_LINKS_FOR_ALL else None
    token, code = secrets.token_urlsafe(_TOKEN_BYTES), code_from(secrets.token_bytes(CODE_LENGTH))
    link = SignInLink(
        id=message.id,
        organization_id=message.organization_id,
        person_id=None if person is None else person.id,
        code_hmac=code_hmac(house.sealing_key, message.id, code),
        browser_sha256=request.browser_sha256,
        asker_hmac=request.asker_hmac,
        return_path=request.return_path,
        expires_at=now + LINK_LIFETIME,
        used_at=None,
        failed_codes=0,
    )
    was_stored = await store.insert_link(connection, link, token_sha256(token), now=now)
    organization = await organizations.by_id(connection, message.organization_id)
    if was_stored and person is not None and organization is not None:
        made = NewLink(url=_url(house, token), code=code)
        # To the address that was typed: somebody may have lost the one that we write to.
        asking = msgspec.structs.replace(person, email=request.email)
        mail = letters.sign_in(organization, asking, url=made.url, code=code, useful_until=link.expires_at)
        await notices.post(connection, mail, organization_id=organization.id, sealing_key=house.sealing_key)


async def make_link(
    house: House, connection: Connection, person: Person, *, return_path: str, has_code: bool = True
) -> NewLink:
    """A link for a letter that another room writes in the same transaction, or (without a code) for a terminal.

    A letter that carries the link must carry the code too: the link works in no browser without it.
    """
    identifier, now = uuid4(), house.clock()
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    code = code_from(secrets.token_bytes(CODE_LENGTH)) if has_code else None
    link = SignInLink(
        id=identifier,
        organization_id=person.organization_id,
        person_id=person.id,
        code_hmac=None if code is None else code_hmac(house.sealing_key, identifier, code),
        browser_sha256=None,
        return_path=local_path(return_path, otherwise="/"),
        expires_at=now + LINK_LIFETIME,
        used_at=None,
        failed_codes=0,
    )
    await store.insert_link(connection, link, token_sha256(token), now=now)
    return NewLink(url=_url(house, token), code=code)


async def open_link(pool: Pool, token: str, *, now: datetime) -> SignInLink:
    """The link of a token, to be shown; LinkNotOpenError if it can no longer be used."""
    link = await store.link(pool, token_sha256(token))
    if link is None or not link.is_open(now):
        raise LinkNotOpenError
    return link


async def by_link(house: House, token: str, *, browser: str | None, code: str = "") -> NewSession:
    """Sign in with a link: `browser` is the cookie's token. LinkNotOpenError, CodeNeededError, WrongCodeError."""
    async with transaction(house.pool) as connection:
        link = await store.lock_link(connection, token_sha256(token))
        if link is None or not link.is_open(house.clock()):
            raise LinkNotOpenError
        if not link.needs_code(browser):
            return await _begin(house, connection, link)
        typed = typed_code(code)
        if typed is None:
            # Nothing that could be a code is no try: a scanner that fills in forms does not use the tries up.
            raise WrongCodeError if code.strip() else CodeNeededError
        if is_code_of(link, typed, sealing_key=house.sealing_key):
            return await _begin(house, connection, link)
        await store.count_wrong_code(connection, link.id)
    raise WrongCodeError


async def by_code(house: House, code: str, *, browser: str | None) -> NewSession:
    """Sign in with a code alone, in the browser that asked for the link. WrongCodeError, whatever is the matter."""
    typed = typed_code(code)
    if browser is None or typed is None:
        raise WrongCodeError
    async with transaction(house.pool) as connection:
        link = await store.lock_newest_link(connection, token_sha256(browser))
        if link is None:
            raise WrongCodeError
        is_right = is_code_of(link, typed, sealing_key=house.sealing_key)
        if is_right and link.is_open(house.clock()):
            return await _begin(house, connection, link)
        await store.count_wrong_code(connection, link.id)
    raise WrongCodeError


async def _begin(house: House, connection: Connection, link: SignInLink) -> NewSession:
    now, token = house.clock(), secrets.token_urlsafe(_TOKEN_BYTES)
    if link.person_id is None:
        raise NotFoundError
    person = await store.person(connection, link.organization_id, link.person_id)
    if person is None:
        raise NotFoundError
    await store.use_link(connection, link.id, now=now)
    await store.insert_session(connection, token_sha256(token), person, now=now, expires_at=now + SESSION_LIFETIME)
    return NewSession(
        token=token, organization_id=person.organization_id, person_id=person.id, return_path=link.return_path
    )


def _url(house: House, token: str) -> str:
    return f"{house.settings.enrollment_url}/sign-in/{token}"
