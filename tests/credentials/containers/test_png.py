"""A credential in a PNG: one uncompressed iTXt chunk, and nothing else is believed."""

import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from services.credentials.containers import png
from services.credentials.containers.model import MAX_PAYLOAD_BYTES, SENTENCES, Code
from tests.credentials.containers import hostile
from tests.credentials.containers.hostile import JWT, OTHER, PAYLOAD, chunk, itxt, outcome, refusal

CREDENTIAL = chunk(b"iTXt", itxt(PAYLOAD.encode()))
BAKED = hostile.png(CREDENTIAL)
OBJECTS = st.text(st.characters(codec="utf-8", exclude_characters="\0")).map(lambda text: "{" + text)


def picture() -> bytes:
    """A picture that another program wrote."""
    out = BytesIO()
    Image.linear_gradient("L").resize((300, 300)).save(out, "PNG")
    return out.getvalue()


PICTURE = picture()


@given(OBJECTS | st.just(JWT))
def test_what_is_baked_is_extracted(payload: str) -> None:
    assert png.extract(png.bake(PICTURE, payload)) == payload


def test_baking_changes_no_other_byte_and_no_pixel() -> None:
    baked = png.bake(PICTURE, PAYLOAD)
    assert baked.replace(CREDENTIAL, b"") == PICTURE
    with Image.open(BytesIO(baked)) as one, Image.open(BytesIO(PICTURE)) as other:
        assert one.tobytes() == other.tobytes()


def test_another_reader_finds_the_credential_in_an_uncompressed_chunk() -> None:
    baked = png.bake(PICTURE, PAYLOAD)
    with Image.open(BytesIO(baked)) as opened:
        assert opened.info["openbadgecredential"] == PAYLOAD
    assert PAYLOAD.encode() in baked


def test_a_second_credential_is_baked_only_in_place_of_the_first() -> None:
    baked = png.bake(PICTURE, PAYLOAD)
    assert refusal(lambda: png.bake(baked, OTHER)) == "already_baked"
    assert png.bake(baked, OTHER, replace=True) == png.bake(PICTURE, OTHER)


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ("a sentence", "not_a_credential"),
        ("", "not_a_credential"),
        ("[1]", "not_a_credential"),
        ("{" + "x" * MAX_PAYLOAD_BYTES, "too_large"),
        ('{"lone": "\ud800"}', "unsuitable_text"),
    ],
    ids=["sentence", "nothing", "list", "huge", "surrogate"],
)
def test_what_is_no_credential_is_not_baked(payload: str, code: Code) -> None:
    assert refusal(lambda: png.bake(PICTURE, payload)) == code


def bomb(size: int) -> bytes:
    return chunk(b"iTXt", itxt(zlib.compress(b"{" + b" " * size), compression=b"\1\0"))


REFUSED: dict[str, tuple[bytes, Code]] = {
    "good and evil": (hostile.png(CREDENTIAL, chunk(b"iTXt", itxt(OTHER.encode()))), "duplicate_credential"),
    "the same twice": (hostile.png(CREDENTIAL, CREDENTIAL), "duplicate_credential"),
    "a second as tEXt": (
        hostile.png(CREDENTIAL, chunk(b"tEXt", b"openbadgecredential\0" + OTHER.encode())),
        "duplicate_credential",
    ),
    "compressed": (hostile.png(bomb(10)), "compressed_chunk"),
    "a bomb": (hostile.png(bomb(200_000_000)), "compressed_chunk"),
    "zTXt": (
        hostile.png(chunk(b"zTXt", b"openbadgecredential\0\0" + zlib.compress(PAYLOAD.encode()))),
        "compressed_chunk",
    ),
    "tEXt": (hostile.png(chunk(b"tEXt", b"openbadgecredential\0" + PAYLOAD.encode())), "wrong_chunk"),
    "an odd compression method": (
        hostile.png(chunk(b"iTXt", itxt(PAYLOAD.encode(), compression=b"\0\1"))),
        "broken_png",
    ),
    "a chunk without its fields": (hostile.png(chunk(b"iTXt", b"openbadgecredential\0\0\0")), "broken_png"),
    "NUL in the text": (hostile.png(chunk(b"iTXt", itxt(PAYLOAD.encode() + b"\0x"))), "broken_png"),
    "not UTF-8": (hostile.png(chunk(b"iTXt", itxt(b'{"a": "\xff"}'))), "not_utf8"),
    "too large": (hostile.png(chunk(b"iTXt", itxt(b"{" + b" " * MAX_PAYLOAD_BYTES))), "too_large"),
    "a checksum that lies": (hostile.png(chunk(b"iTXt", itxt(PAYLOAD.encode()), checksum=0)), "crc_mismatch"),
    "a checksum that lies elsewhere": (hostile.png(CREDENTIAL, chunk(b"tEXt", b"a\0b", checksum=7)), "crc_mismatch"),
    "a length beyond the file": (hostile.png(chunk(b"iTXt", itxt(PAYLOAD.encode()), length=10**6)), "truncated_png"),
    "a length beyond the format": (hostile.png(chunk(b"iTXt", b"", length=2**32 - 1)), "broken_png"),
    "a length that hides the next chunk": (
        hostile.png(chunk(b"tEXt", b"a\0b", length=3 + len(CREDENTIAL)), CREDENTIAL),
        "crc_mismatch",
    ),
    "a kind that is no name": (hostile.png(chunk(b"iT\0t", b"")), "broken_png"),
    "a second header": (hostile.png(CREDENTIAL, chunk(b"IHDR", hostile.HEADER)), "broken_png"),
    "a short header": (hostile.png(CREDENTIAL, header=b"\0" * 12), "broken_png"),
    "no header": (hostile.SIGNATURE + CREDENTIAL + chunk(b"IEND"), "broken_png"),
    "no end": (hostile.png(CREDENTIAL, end=b""), "truncated_png"),
    "more behind the end": (BAKED + b"PK\3\4", "trailing_bytes"),
    "a credential behind the end": (hostile.png() + CREDENTIAL, "trailing_bytes"),
    "too many chunks": (hostile.png(*[chunk(b"tIME")] * (png.MAX_CHUNKS + 1)), "too_complex"),
    "an older badge": (hostile.png(chunk(b"iTXt", itxt(b"{}", keyword=b"openbadges"))), "older_format"),
    "none": (hostile.png(), "no_credential_inside"),
    "another keyword": (
        hostile.png(chunk(b"iTXt", itxt(PAYLOAD.encode(), keyword=b"OpenBadgeCredential"))),
        "no_credential_inside",
    ),
    "not a PNG": (b"GIF89a" + BAKED, "broken_png"),
    "nothing": (b"", "broken_png"),
}


@pytest.mark.parametrize(("file", "code"), REFUSED.values(), ids=REFUSED)
def test_a_hostile_or_damaged_picture_is_refused_with_its_reason(file: bytes, code: Code) -> None:
    assert refusal(lambda: png.extract(file)) == code


def test_the_pictures_above_are_refused_for_that_one_reason_alone() -> None:
    assert png.extract(BAKED) == PAYLOAD
    assert png.extract(hostile.png(CREDENTIAL, chunk(b"tEXt", b"a\0b"))) == PAYLOAD


@pytest.mark.parametrize("size", range(0, len(BAKED), 3))
def test_a_picture_cut_anywhere_is_refused(size: int) -> None:
    assert refusal(lambda: png.extract(BAKED[:size])) in {"truncated_png", "broken_png"}


@given(st.integers(0, len(BAKED) - 1), st.integers(1, 255))
def test_no_changed_byte_goes_unnoticed(at: int, difference: int) -> None:
    changed = bytearray(BAKED)
    changed[at] ^= difference
    refusal(lambda: png.extract(bytes(changed)))


@given(st.lists(st.binary(max_size=40) | st.sampled_from([CREDENTIAL, chunk(b"IDAT"), chunk(b"IEND")]), max_size=6))
def test_whatever_is_between_header_and_end_is_read_or_refused(pieces: list[bytes]) -> None:
    assert outcome(lambda: png.extract(hostile.png(*pieces))) in {PAYLOAD, *SENTENCES}
