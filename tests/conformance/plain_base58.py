"""base58btc as its definition has it, one digit at a time: the second way to what multikey does faster."""

_DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def encode(content: bytes) -> str:
    """The text with the prefix `z`: a `1` for each leading zero byte, then the number in base 58."""
    digits: list[int] = []
    for byte in content:
        carry = byte
        for at, digit in enumerate(digits):
            carry += digit * 256
            digits[at], carry = carry % 58, carry // 58
        while carry:
            digits.append(carry % 58)
            carry //= 58
    zeros = next((at for at, byte in enumerate(content) if byte), len(content))
    return "z" + "1" * zeros + "".join(_DIGITS[digit] for digit in reversed(digits))


def decode(text: str) -> bytes:
    """The bytes of such a text; ValueError for any other."""
    if not text.startswith("z"):
        raise ValueError("no prefix")
    numbers: list[int] = []
    for character in text[1:]:
        carry = _DIGITS.index(character)
        for at, byte in enumerate(numbers):
            carry += byte * 58
            numbers[at], carry = carry % 256, carry // 256
        while carry:
            numbers.append(carry % 256)
            carry //= 256
    zeros = next((at for at, character in enumerate(text[1:]) if character != "1"), len(text) - 1)
    return bytes(zeros) + bytes(reversed(numbers))
