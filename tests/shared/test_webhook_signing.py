"""Webhook signatures: what the consumer's own library accepts, and nothing that was changed on the way."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from shared.webhook_signing import sign_v1

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = '{"name":"Sián"}'.encode()


def signed(**changes: str) -> dict[str, str]:
    """The headers of a message of this moment: the consumer's library reads its own clock."""
    return sign_v1(SECRET, message_id="6f8d9c5e", timestamp=datetime.now(UTC), body=BODY) | changes


def test_the_published_vector_comes_out() -> None:
    headers = sign_v1(
        SECRET,
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1_614_265_330,
        body=b'{"test": 2432232314}',
    )
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_the_consumers_library_accepts_it() -> None:
    assert Webhook(SECRET).verify(BODY, signed()) == {"name": "Sián"}


def test_a_changed_id_time_body_or_secret_is_refused() -> None:
    headers = signed()
    later = str(int(headers["webhook-timestamp"]) + 1)
    other = "whsec_" + base64.b64encode(bytes(24)).decode()
    for secret, body, given in (
        (SECRET, BODY, headers | {"webhook-id": "6f8d9c5f"}),
        (SECRET, BODY, headers | {"webhook-timestamp": later}),
        (SECRET, BODY + b" ", headers),
        (other, BODY, headers),
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body, given)


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_replayed_message_is_refused(minutes: int) -> None:
    moment = datetime.now(UTC) + timedelta(minutes=minutes)
    headers = sign_v1(SECRET, message_id="6f8d9c5e", timestamp=moment, body=BODY)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(BODY, headers)


def test_an_id_with_a_dot_is_refused_since_two_messages_would_sign_alike() -> None:
    with pytest.raises(ValueError, match="dots"):
        sign_v1(SECRET, message_id="a.1", timestamp=2, body=b"")


@pytest.mark.parametrize("secret", ["whsec_", "whsec_not base64", "whsec_ü"])
def test_a_malformed_secret_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(ValueError, match=r"^a secret in base64 is needed$"):
        sign_v1(secret, message_id="a", timestamp=1, body=b"")


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        sign_v1(SECRET, message_id="a", timestamp=datetime(2026, 1, 1), body=b"")  # noqa: DTZ001  # what is refused
