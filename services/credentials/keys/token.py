"""Private halves that never leave a PKCS#11 token: made there, used there, and not to be had from there."""

import secrets
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
import pkcs11
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass
from pkcs11.exceptions import NoSuchKey, PinIncorrect, PinLocked, PKCS11Error, UserAlreadyLoggedIn
from pkcs11.util.ec import encode_named_curve_parameters

from services.credentials.keys.model import CustodyError
from services.credentials.proofs import multikey

_ED25519 = "1.3.101.112"
_ID_BYTES = 16
_LABEL = "laurel"
#: Stays on the token, whatever it is asked for.
_PRIVATE = {
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: False,
    Attribute.PRIVATE: True,
    Attribute.SIGN: True,
}
T = TypeVar("T")


class TokenPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Which token, by the module that speaks to it, its label, and the PIN of its user."""

    module: str
    label: str
    pin: str


class Token:
    """A token, with a session that is opened when it is first needed and again after it was away."""

    def __init__(self, place: TokenPlace) -> None:
        self._place = place
        self._session: Any = None
        self._keys: dict[bytes, Any] = {}
        self._is_refused = False
        self._was_away = False
        # A session of PKCS#11 does one thing at a time.
        self._lock = threading.Lock()

    def make_ed25519(self) -> tuple[bytes, Ed25519PublicKey]:
        """A new key's id on the token, and its public half; CustodyError."""
        token_id = secrets.token_bytes(_ID_BYTES)

        def make(session: Any) -> Ed25519PublicKey:
            parameters = session.create_domain_parameters(
                KeyType.EC_EDWARDS, {Attribute.EC_PARAMS: encode_named_curve_parameters(_ED25519)}, local=True
            )
            public, private = parameters.generate_keypair(
                mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
                id=token_id,
                label=_LABEL,
                store=True,
                private_template=_PRIVATE,
            )
            _require_kept(private)
            # An octet string in DER around 32 bytes, or by some tokens those alone (PKCS#11 3.0, section 2.3.5).
            return multikey.from_bytes(public[Attribute.EC_POINT][-32:])

        return token_id, self._use(make)

    def make_rsa(self, bits: int) -> tuple[bytes, rsa.RSAPublicKey]:
        """A new RSA key's id on the token, and its public half; CustodyError."""
        token_id = secrets.token_bytes(_ID_BYTES)

        def make(session: Any) -> rsa.RSAPublicKey:
            public, private = session.generate_keypair(
                KeyType.RSA, bits, id=token_id, label=_LABEL, store=True, private_template=_PRIVATE
            )
            _require_kept(private)
            numbers = (int.from_bytes(public[one]) for one in (Attribute.PUBLIC_EXPONENT, Attribute.MODULUS))
            return rsa.RSAPublicNumbers(*numbers).public_key()

        return token_id, self._use(make)

    def sign(self, token_id: bytes, content: bytes) -> bytes:
        """A signature by a key of the token, Ed25519 or RS256 as the key is; CustodyError."""

        def sign(session: Any) -> bytes:
            private = self._private(session, token_id)
            is_rsa = private.key_type == KeyType.RSA
            signature: bytes = private.sign(content, mechanism=Mechanism.SHA256_RSA_PKCS if is_rsa else Mechanism.EDDSA)
            return signature

        return self._use(sign)

    def has(self, token_id: bytes) -> bool:
        """Whether the token has this key; CustodyError where the token cannot be asked."""
        try:
            self._use(lambda session: self._private(session, token_id))
        except CustodyError as error:
            if error.code == "not_on_token":
                return False
            raise
        return True

    def _private(self, session: Any, token_id: bytes) -> Any:
        if (known := self._keys.get(token_id)) is None:
            known = self._keys[token_id] = session.get_key(object_class=ObjectClass.PRIVATE_KEY, id=token_id)
        return known

    def _use(self, work: Callable[[Any], T]) -> T:
        """Work in the session; once more in a new one, since a token that was away has forgotten the old."""
        with self._lock:
            for is_last in (False, True):
                # A wrong PIN is tried once: after a few tries a token locks itself.
                if self._is_refused:
                    raise CustodyError("token_refuses")
                try:
                    return work(self._open())
                except NoSuchKey:
                    raise CustodyError("not_on_token") from None
                except (PinIncorrect, PinLocked):
                    self._is_refused = True
                except PKCS11Error:
                    self._forget()
                    if is_last:
                        raise CustodyError("token_away") from None
        raise AssertionError("unreachable")

    def _open(self) -> Any:
        if self._session is None:
            library = pkcs11.lib(self._place.module)
            if self._was_away:
                # What it knew of its tokens is of before.
                library.reinitialize()
                self._was_away = False
            token = library.get_token(token_label=self._place.label)
            try:
                self._session = token.open(rw=True, user_pin=self._place.pin)
            except UserAlreadyLoggedIn:
                # The whole process is logged in, by another session of it.
                self._session = token.open(rw=True)
        return self._session

    def _forget(self) -> None:
        self._session, self._was_away = None, True
        self._keys.clear()


def _require_kept(private: Any) -> None:
    """CustodyError for a key that could be had from the token: one that was made elsewhere or may leave it."""
    if private[Attribute.EXTRACTABLE] or not private[Attribute.SENSITIVE] or not private[Attribute.LOCAL]:
        private.destroy()
        raise CustodyError("token_gives_keys_away")
