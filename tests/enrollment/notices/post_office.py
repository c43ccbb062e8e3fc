"""A mail server that answers as real ones do, and keeps what it takes."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers import free_port


class PostOffice:
    """Refuses by the first part of an address: `nobody`, `full` (after the message), `later` (the first time)."""

    def __init__(self) -> None:
        self.port = free_port()
        self.raw: list[tuple[str, bytes]] = []
        self.attempts: list[str] = []

    async def handle_RCPT(  # noqa: N802  # the name that the server calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer to a recipient."""
        self.attempts.append(address)
        if address.startswith("nobody"):
            return f"550 5.1.1 <{address}>: no such user here"
        if address.startswith("later") and self.attempts.count(address) == 1:
            return f"451 4.7.1 <{address}>: greylisted, come back"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # likewise
        """Answer to a message."""
        (recipient,) = envelope.rcpt_tos
        if recipient.startswith("full"):
            return f"552 5.2.2 <{recipient}> is over quota"
        assert isinstance(envelope.content, bytes)
        self.raw.append((recipient, envelope.content))
        return "250 OK"

    async def message(self, recipient: str) -> EmailMessage:
        """The message to an address, once it is there."""
        async with asyncio.timeout(20):
            while not (found := [content for to, content in self.raw if to == recipient]):
                await asyncio.sleep(0.02)
        (content,) = found
        # A server may take lines of so many octets and no more (RFC 5321, section 4.5.3.1.6).
        assert max(map(len, content.split(b"\r\n"))) <= 998
        assert content.isascii()
        read = message_from_bytes(content, policy=default)
        assert isinstance(read, EmailMessage)
        assert not read.defects
        return read


@contextmanager
def post_office() -> Iterator[PostOffice]:
    """A mail server, until the block ends."""
    office = PostOffice()
    controller = Controller(office, hostname="127.0.0.1", port=office.port)
    controller.start()
    try:
        yield office
    finally:
        controller.stop()
