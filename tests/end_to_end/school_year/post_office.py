"""A real mail server (SMTP) that keeps what it is given, and how a reader finds a letter in it."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers import free_port

_URL = re.compile(r"https?://\S+")
_SECONDS = 30


class PostOffice:
    """Every message that the server took, by the address it was for."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._taken: dict[str, list[EmailMessage]] = {}

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # the name that the server calls
        """Keep a message."""
        assert isinstance(envelope.content, bytes)
        message = BytesParser(policy=policy.default).parsebytes(envelope.content)
        assert isinstance(message, EmailMessage)
        for address in envelope.rcpt_tos:
            self._taken.setdefault(address, []).append(message)
        return "250 OK"

    def letters(self, address: str, subject: str = "") -> list[EmailMessage]:
        """What came to an address, oldest first, whose subject begins so."""
        return [one for one in self._taken.get(address, ()) if one["Subject"].startswith(subject)]

    async def letter(self, address: str, subject: str, *, number: int = 1) -> EmailMessage:
        """The letter with that number whose subject begins so, once it has come."""
        try:
            async with asyncio.timeout(_SECONDS):
                while len(found := self.letters(address, subject)) < number:
                    await asyncio.sleep(0.02)
        except TimeoutError:
            known = [one["Subject"] for one in self.letters(address)]
            raise AssertionError(f"no {subject!r} came to {address}, only {known}") from None
        return found[number - 1]


@contextmanager
def post_office() -> Iterator[PostOffice]:
    """A mail server on a free port of this machine, in a thread of its own."""
    office = PostOffice(free_port())
    controller = Controller(office, hostname="127.0.0.1", port=office.port)
    controller.start()
    try:
        yield office
    finally:
        controller.stop()


def text_of(message: EmailMessage) -> str:
    """A letter's plain text."""
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def address_in(message: EmailMessage, part: str) -> str:
    """The first address in a letter that has `part` in it."""
    found: list[str] = _URL.findall(text_of(message))
    return next(one for one in found if part in one)
