"""Bundles: what goes in comes out, equal inputs give equal bytes, and hostile ZIPs are refused in little time."""

import struct
import zipfile
from datetime import UTC, datetime
from io import BytesIO

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.credentials.containers.bundle import MANIFEST, Bundle, Manifest, extract, pack
from services.credentials.containers.detect import detect, unpack
from services.credentials.containers.model import ContainerError

CREDENTIAL = '{"id": "https://badges.example/credentials/1", "name": "Caf\u00e9"}'
LIST = "https://badges.example/status-lists/1"
MADE = datetime(2026, 11, 25, 12, tzinfo=UTC)
WHOLE = Manifest(format=1, credential="badge.json", made_at=MADE, documents={LIST: "status/list.json"})
FILES = {"badge.json": CREDENTIAL.encode(), "status/list.json": b"{}", "README.txt": b"Read me"}


def zipped(files: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP as anybody writes one."""
    with zipfile.ZipFile(out := BytesIO(), "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def manifest(**changed: object) -> bytes:
    """The manifest of the whole bundle, changed."""
    return msgspec.json.encode(msgspec.structs.replace(WHOLE, **changed))


def refused(content: bytes) -> tuple[str, str]:
    """Why a bundle is refused, and where."""
    with pytest.raises(ContainerError) as error:
        extract(content)
    assert error.value.kind == "bundle"
    return error.value.code, error.value.where


def test_what_goes_in_comes_out_and_equal_inputs_give_equal_bytes() -> None:
    made = pack(WHOLE, FILES)
    assert made == pack(WHOLE, FILES)
    assert extract(made) == Bundle(credential=CREDENTIAL, made_at=MADE, documents={LIST: b"{}"})
    with zipfile.ZipFile(BytesIO(made)) as archive:
        assert archive.namelist() == [MANIFEST, *FILES]
        assert archive.testzip() is None
    found = unpack(made)
    assert (detect(made), found.kind, found.form, found.payload) == ("bundle", "bundle", "json", CREDENTIAL)
    assert found.documents == {LIST: b"{}"}


def test_a_token_may_be_the_credential() -> None:
    made = pack(msgspec.structs.replace(WHOLE, credential="badge.jwt", documents={}), {"badge.jwt": b"aa.bb.cc\n"})
    assert (unpack(made).form, unpack(made).payload) == ("jwt", "aa.bb.cc")


def encrypted() -> bytes:
    """A bundle whose members say that they are encrypted."""
    content = bytearray(pack(WHOLE, FILES))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(signature)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(signature, at + 4)
    return bytes(content)


def with_badge(content: bytes) -> bytes:
    """A bundle with these bytes in the credential's place."""
    return zipped({MANIFEST: manifest(), "badge.json": content, "status/list.json": b""})


#: 64 MiB in 64 KiB.
BOMB = b"{" + b" " * (1 << 26)
NO_ZONE = datetime(2026, 1, 1)  # noqa: DTZ001


def lying() -> bytes:
    """A member that says it is small and unpacks to a thousand times as much."""
    content = bytearray(with_badge(BOMB))
    at = content.find(b"badge.json", content.find(b"PK\x01\x02")) - 46
    struct.pack_into("<I", content, at + 24, 10)
    return bytes(content)


def doubled() -> bytes:
    """Two members by one name."""
    with zipfile.ZipFile(out := BytesIO(), "w") as archive:
        for name, content in ({MANIFEST: manifest()} | FILES).items():
            archive.writestr(name, content)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("badge.json", b'{"id": "another"}')
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"PK\x03\x04" + bytes(100), "broken_bundle", id="no ZIP"),
        pytest.param(pack(WHOLE, FILES)[:-30], "broken_bundle", id="cut short"),
        pytest.param(zipped(FILES), "broken_bundle", id="no manifest"),
        pytest.param(zipped({MANIFEST: b"{}", **FILES}), "broken_bundle", id="empty manifest"),
        pytest.param(zipped({MANIFEST: b"[" * 100_000, **FILES}), "too_large", id="large manifest"),
        pytest.param(zipped({MANIFEST: b"[" * 60_000, **FILES}), "broken_bundle", id="deep manifest"),
        pytest.param(zipped({MANIFEST: manifest(format=2), **FILES}), "broken_bundle", id="newer"),
        pytest.param(zipped({MANIFEST: manifest(made_at=NO_ZONE), **FILES}), "broken_bundle", id="no zone"),
        pytest.param(zipped({MANIFEST: manifest(credential="../badge.json"), **FILES}), "broken_bundle", id="path"),
        pytest.param(with_badge(b"x"), "not_a_credential", id="no badge"),
        pytest.param(with_badge(b"\xff{}"), "broken_bundle", id="no UTF-8"),
        pytest.param(zipped({MANIFEST: manifest(), **FILES}, method=zipfile.ZIP_LZMA), "broken_bundle", id="LZMA"),
        pytest.param(zipped({MANIFEST: manifest(), **{f"{one}": b"" for one in range(100)}}), "too_complex", id="many"),
        pytest.param(encrypted(), "broken_bundle", id="encrypted"),
        pytest.param(lying(), "broken_bundle", id="lying about its size"),
        pytest.param(with_badge(BOMB), "too_large", id="bomb"),
    ],
)  # fmt: skip
def test_what_is_no_sound_bundle_is_refused(content: bytes, code: str) -> None:
    assert refused(content)[0] == code


def test_two_members_by_one_name_are_refused() -> None:
    assert refused(doubled())[0] == "broken_bundle"


def test_many_documents_together_stay_within_the_limit() -> None:
    names = {f"https://badges.example/{one}": f"{one}.json" for one in range(8)}
    files = {name: bytes(900_000) for name in names.values()}
    assert refused(zipped({MANIFEST: manifest(documents=names), **FILES, **files}))[0] == "too_large"


@given(st.binary(max_size=400), st.integers(0, 2_000))
def test_damage_anywhere_is_refused_or_changes_nothing_unsaid(garbage: bytes, at: int) -> None:
    content = bytearray(pack(WHOLE, FILES))
    at %= len(content)
    content[at : at + len(garbage)] = garbage
    try:
        found = extract(bytes(content))
    except ContainerError:
        return
    # A ZIP has bytes that mean nothing to its reader, such as times; whatever is read has passed its checksum.
    assert found.credential == CREDENTIAL
