"""Sends e-mail for the worker: by SMTP where LAUREL_SMTP_URL is set, else, in development only, into the mailbox.

`smtps://` is TLS from the first byte; `smtp://` begins in clear and changes to TLS (STARTTLS) where the server offers
it, and refuses to go on without where a password would be sent. Certificates are verified.

A temporary failure is tried again by the outbox. What the server refuses for good (an answer of 5xx to this recipient
or this message) is dropped with a warning: asking again every minute would only cost the sender its good name.
"""

import logging
from urllib.parse import unquote, urlsplit

import aiosmtplib
import msgspec
from prometheus_client import Counter

from services.enrollment.house import House
from services.enrollment.notices import store
from services.enrollment.notices.model import Mail, compose
from services.enrollment.settings import EnrollmentSettings
from shared.outbox import Handler, Message, NotSentError
from shared.sealing import unseal
from shared.settings import SettingsError

logger = logging.getLogger(__name__)

DROPPED = Counter("laurel_mail_dropped_total", "Messages given up", ["reason"])

#: Well under the outbox's lease, so that no second worker sends meanwhile.
_SECONDS = 20.0
_PORTS = {"smtp": 587, "smtps": 465}


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
            await store.insert_message(house.pool, message.id, message.organization_id, mail, now=now)
        else:
            await _send(house, server, message, mail)

    return handle


async def _send(house: House, server: SmtpServer, message: Message, mail: Mail) -> None:
    try:
        await aiosmtplib.send(
            compose(mail, sender=house.settings.mail_from, identifier=message.id, now=house.clock()),
            sender=house.settings.mail_from,
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
        _drop_or_retry(message, max(one.code for one in error.recipients))
    except aiosmtplib.SMTPDataError as error:
        _drop_or_retry(message, error.code)
    except aiosmtplib.SMTPResponseException as error:
        raise NotSentError(f"smtp_{error.code}") from None
    except aiosmtplib.SMTPException as error:
        raise NotSentError(type(error).__name__) from None


def _drop_or_retry(message: Message, code: int) -> None:
    if code < 500:
        # a greylisting server wants a while
        raise NotSentError(f"smtp_{code}")
    _drop(message, f"smtp_{code}")


def _drop(message: Message, reason: str) -> None:
    DROPPED.labels(reason).inc()
    logger.warning("a message was given up", extra={"key": message.key, "reason": reason})
