"""Signs webhook messages after the Standard Webhooks specification 1.0.0, scheme `v1` (HMAC-SHA256)."""

import base64
import hashlib
import hmac
from datetime import datetime

PREFIX = "whsec_"


def sign_v1(secret: str, *, message_id: str, timestamp: datetime | int, body: bytes) -> dict[str, str]:
    """The three `webhook-` headers of a message; the consumer refuses it 5 minutes before and after `timestamp`.

    `secret` is `whsec_` and base64; `timestamp` an aware time or Unix seconds; ValueError where they are neither, or
    where `message_id` has a dot, which would let two messages sign alike.
    """
    if "." in message_id or not message_id.isascii() or not message_id.isprintable():
        raise ValueError("a message id without dots and in printable ASCII is needed")
    seconds = str(_seconds(timestamp))
    signed = b".".join((message_id.encode(), seconds.encode(), body))
    signature = base64.b64encode(hmac.new(_key(secret), signed, hashlib.sha256).digest()).decode()
    return {"webhook-id": message_id, "webhook-timestamp": seconds, "webhook-signature": f"v1,{signature}"}


def _seconds(timestamp: datetime | int) -> int:
    if isinstance(timestamp, int):
        return timestamp
    if timestamp.tzinfo is None:
        raise ValueError("an aware time is needed")
    return int(timestamp.timestamp())


def _key(secret: str) -> bytes:
    encoded = secret.removeprefix(PREFIX)
    try:
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except ValueError:
        raise ValueError("a secret in base64 is needed") from None  # without the secret in the message
    if not key:
        raise ValueError("a secret in base64 is needed")
    return key
