"""Sends e-mail for the worker: by SMTP where LAUREL_SMTP_URL is set, else, in development only, into the mailbox.

`smtps://` is TLS from the first byte; `smtp://` begins in clear and changes to TLS (STARTTLS) where the server offers
it, and refuses to go on without where a password would be sent. Certificates are verified.

A temporary failure is tried again by the outbox. What the server refuses for good (an answer of 5xx to this recipient
or this message) is kept as a refusal that staff read: asking again every minute would only cost the sender its good
name.
"""

import logging
import re
from urllib.parse import unquote, urlsplit

import aiosmtplib
import msgspec
from prometheus_client import Counter

from services.enrollment.house import House
from services.enrollment.notices import store
from services.enrollment.notices.composing import Sender, compose, html
from services.enrollment.notices.model import Mail
from services.enrollment.settings import EnrollmentSettings
from shared.outbox import Handler, Message, NotSentError
from shared.sealing import unseal
from shared.settings import SettingsError

logger = logging.getLogger(__name__)

DROPPED = Counter("laurel_mail_dropped_total", "Messages given up", ["reason"])

#: Well under the outbox's lease, so that no second worker sends meanwhile.
_SECONDS = 20.0
_PORTS = {"smtp": 587, "smtps": 465}
#: The code of RFC 3463 that a refusal's words begin with; nothing else of them is kept, for they quote the address.
_ENHANCED = re.compile(r"\s*(5\.\d{1,3}\.\d{1,3})\b")


class SmtpServer(msgspec.Struct, frozen=True, kw_only=True):
    """A mail server as LAUREL_SMTP_URL names it."""

    host: str
    port: int
    username: str | None
    password: str | None
    #: TLS from the first byte.
    has_tls: bool


def smtp_server(settings: EnrollmentSettings) -> SmtpServer | None:
    """The mail server; None for the development mailbox. SettingsError where production has none or it is malformed."""
    if settings.smtp_url is None:
        if settings.environment == "production":
            raise SettingsError(
                "LAUREL_SMTP_URL is not set, and in production nobody could sign in without e-mail. "
                "Set it to `smtps://user:password@host`, or set LAUREL_ENVIRONMENT=development."
            )
        return None
    malformed = SettingsError("LAUREL_SMTP_URL is malformed. Its form is `smtps://user:password@host:port`.")
    try:
        url = urlsplit(settings.smtp_url)
        port = url.port
    except ValueError:
        raise malformed from None
    if url.scheme not in _PORTS or not url.hostname or (url.username is None) != (url.password is None):
        raise malformed
    return SmtpServer(
        host=url.hostname,
        port=port or _PORTS[url.scheme],
        username=None if url.username is None else unquote(url.username),
        password=None if url.password is None else unquote(url.password),
        has_tls=url.scheme == "smtps",
    )


def deliver(house: House) -> Handler:
    """The handler of the topic `mail`."""
    server = smtp_server(house.settings)

    async def handle(message: Message) -> None:
        payload = unseal(house.sealing_key, message.payload, belongs_to=str(message.key))
        mail = msgspec.json.decode(payload, type=Mail)
        now = house.clock()
        if mail.useful_until is not None and mail.useful_until < now:
            _drop(message, "too_late")
        elif server is None:
            await store.insert_message(house.pool, message.id, message.organization_id, mail, html=html(mail), now=now)
        else:
            await _send(house, server, message, mail)

    return handle


async def _send(house: House, server: SmtpServer, message: Message, mail: Mail) -> None:
    sender = Sender(address=house.settings.mail_from, reply_to=house.settings.mail_reply_to)
    try:
        composed = compose(mail, sender=sender, identifier=message.id, now=house.clock())
    except ValueError:
        # No address after all; it would be none the next time either.
        await _refused(house, message, mail, "malformed")
        return
    try:
        await aiosmtplib.send(
            composed,
            sender=sender.address,
            recipients=[mail.recipient],
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.has_tls,
            # None: where the server offers it
            start_tls=False if server.has_tls else True if server.password is not None else None,
            timeout=_SECONDS,
        )
    except aiosmtplib.SMTPRecipientsRefused as error:
        worst = max(error.recipients, key=lambda one: one.code)
        await _refused_or_retry(house, message, mail, worst)
    except aiosmtplib.SMTPDataError as error:
        await _refused_or_retry(house, message, mail, error)
    except aiosmtplib.SMTPResponseException as error:
        raise NotSentError(f"smtp_{error.code}") from None
    except aiosmtplib.SMTPException as error:
        raise NotSentError(type(error).__name__) from None


async def _refused_or_retry(
    house: House, message: Message, mail: Mail, error: aiosmtplib.SMTPResponseException
) -> None:
    if error.code < 500:
        # a greylisting server wants a while
        raise NotSentError(f"smtp_{error.code}") from None
    enhanced = _ENHANCED.match(error.message)
    await _refused(house, message, mail, f"{error.code} {enhanced[1]}" if enhanced else f"{error.code}")


async def _refused(house: House, message: Message, mail: Mail, code: str) -> None:
    await store.insert_refusal(house.pool, message.id, message.organization_id, mail, code=code, now=house.clock())
    _drop(message, f"smtp_{code[:3]}" if code[0].isdigit() else code)


def _drop(message: Message, reason: str) -> None:
    DROPPED.labels(reason).inc()
    logger.warning("a message was given up", extra={"key": message.key, "reason": reason})
