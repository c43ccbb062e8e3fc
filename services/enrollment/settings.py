"""The settings of the enrollment service."""

from typing import Annotated

import msgspec

from shared.contracts import END
from shared.settings import ProcessSettings

#: An address that can stand in a header field as it is.
_Mailbox = Annotated[str, msgspec.Meta(pattern=rf"^[^@\s<>\",;]+@[^@\s<>\",;]+{END}")]


class EnrollmentSettings(ProcessSettings, frozen=True, kw_only=True):
    """What the enrollment service and its worker need."""

    service_key_path: Annotated[
        str, msgspec.Meta(description="PEM file of the Ed25519 key that signs this service's tokens")
    ]
    sealing_key: Annotated[
        str, msgspec.Meta(description="32 random bytes in base64; seals webhook secrets and sign-in codes")
    ]
    storage_folder: Annotated[str, msgspec.Meta(description="folder of the files that people hand in")]
    smtp_url: Annotated[
        str | None,
        msgspec.Meta(description="`smtp://user:password@host:port` or `smtps://...`; without it, development mailbox"),
    ] = None
    mail_from: Annotated[_Mailbox, msgspec.Meta(description="sender's address of e-mail")] = "laurel@example.org"
    mail_reply_to: Annotated[_Mailbox | None, msgspec.Meta(description="where answers to e-mail go, if elsewhere")] = (
        None
    )
    webhook_origins: Annotated[
        str, msgspec.Meta(description="origins (comma-separated) that webhooks may reach beside public https addresses")
    ] = ""
