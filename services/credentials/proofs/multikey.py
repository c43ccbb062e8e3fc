"""Public keys as Multikey text, and base58btc (W3C Controlled Identifiers 1.0, sections 2.2.2 and 3.4)."""

import re
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_TWO_DIGITS, _FOUR_DIGITS, _TEN_DIGITS = 58**2, 58**4, 58**10
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}
_PAIR_VALUES = {pair: value for value, pair in enumerate(_PAIRS)}
_TWO = re.compile("..", re.DOTALL)
_ED25519_PREFIX = b"\xed\x01"
_P256_PREFIX, _P384_PREFIX = b"\x80\x24", b"\x81\x24"
_CURVES = {_P256_PREFIX: SECP256R1(), _P384_PREFIX: SECP384R1()}

PublicKey = Ed25519PublicKey | EllipticCurvePublicKey
_LONGEST = 128

# The prime of the field that Ed25519's curve is over, RFC 8032, section 5.1.
_P = 2**255 - 19
# The y-coordinates of the eight points whose order divides 8: for a key that is one of them, signatures exist that
# verify for any message.
_ORDER_8_Y = 2707385501144840649318225287225658788936804267575313519463743609750303402022
_SMALL_ORDER_Y = frozenset({0, 1, _P - 1, _ORDER_8_Y, _P - _ORDER_8_Y})


class KeyFormatError(Exception):
    """The text or bytes are no acceptable Ed25519 public key; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def base58_encode(content: bytes) -> str:
    """base58btc with the prefix `z`."""
    number = int.from_bytes(content)
    text = ""
    # Ten digits at a time, then two: dividing a long number is what costs.
    while number:
        number, ten = divmod(number, _TEN_DIGITS)
        six, four = ten // _FOUR_DIGITS, ten % _FOUR_DIGITS
        first, second = six // _FOUR_DIGITS, six % _FOUR_DIGITS
        text = (
            _PAIRS[first]
            + _PAIRS[second // _TWO_DIGITS]
            + _PAIRS[second % _TWO_DIGITS]
            + _PAIRS[four // _TWO_DIGITS]
            + _PAIRS[four % _TWO_DIGITS]
            + text
        )
    zeros = len(content) - len(content.lstrip(b"\0"))
    return "z" + _ALPHABET[0] * zeros + text.lstrip(_ALPHABET[0])


def base58_decode(text: str, *, longest: int = _LONGEST) -> bytes:
    """The bytes behind `z...`; KeyFormatError for anything else or more than `longest` characters."""
    if not text.startswith("z") or not 1 < len(text) <= longest:
        raise KeyFormatError("not_base58btc")
    digits = text[1:]
    number = 0
    try:
        if len(digits) % 2:
            number = _VALUES[digits[0]]
        for pair in _TWO.findall(digits, len(digits) % 2):
            number = number * _TWO_DIGITS + _PAIR_VALUES[pair]
    except KeyError:
        raise KeyFormatError("not_base58btc") from None
    zeros = len(digits) - len(digits.lstrip(_ALPHABET[0]))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8)


def encode(key: PublicKey) -> str:
    """`z6Mk...` of an Ed25519 key, `zDna...` of one on P-256, `z82...` on P-384."""
    if isinstance(key, Ed25519PublicKey):
        return base58_encode(_ED25519_PREFIX + key.public_bytes(Encoding.Raw, PublicFormat.Raw))
    point = key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    return base58_encode((_P256_PREFIX if isinstance(key.curve, SECP256R1) else _P384_PREFIX) + point)


def decode(text: str) -> Ed25519PublicKey:
    """The key of a Multikey text; KeyFormatError for another kind of key, a wrong length or a small-order point."""
    key = decode_any(text)
    if not isinstance(key, Ed25519PublicKey):
        raise KeyFormatError("not_ed25519")
    return key


# Many badges are by few issuers: a key is read once.
@lru_cache(maxsize=1024)
def decode_any(text: str) -> PublicKey:
    """The key of a Multikey text: Ed25519, P-256 or P-384; KeyFormatError for anything else."""
    content = base58_decode(text)
    prefix, raw = content[:2], content[2:]
    if prefix == _ED25519_PREFIX:
        return from_bytes(raw)
    if prefix not in _CURVES:
        raise KeyFormatError("not_ed25519")
    # Compressed points only (Controlled Identifiers 1.0, section 2.2.2): one text for each key.
    if raw[:1] not in (b"\x02", b"\x03"):
        raise KeyFormatError("not_canonical")
    try:
        # Points are never of small order here: both curves have prime order.
        return EllipticCurvePublicKey.from_encoded_point(_CURVES[prefix], raw)
    except ValueError:
        raise KeyFormatError("not_canonical") from None


def from_bytes(raw: bytes) -> Ed25519PublicKey:
    """The key of 32 raw bytes; KeyFormatError for a wrong length, a small-order or non-canonical point."""
    if len(raw) != 32:
        raise KeyFormatError("wrong_length")
    y = int.from_bytes(raw, "little") & (2**255 - 1)
    if y >= _P:
        raise KeyFormatError("not_canonical")
    if y in _SMALL_ORDER_Y:
        raise KeyFormatError("small_order")
    return Ed25519PublicKey.from_public_bytes(raw)
