"""A credential with all that verifying it without a network takes: a ZIP with a manifest.

The manifest says of each enclosed document under which address it is found when there is a network. What an enclosed
document proves is for the reader to judge: anybody can put anything in a ZIP.
"""

import zipfile
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO

import msgspec

from services.credentials.containers.model import MAX_PAYLOAD_BYTES, ContainerError, form_of

SIGNATURE = b"PK\x03\x04"
MANIFEST = "bundle.json"
FORMAT = 1
_MOST_MEMBERS = 64
_MOST_NAME = 200
_MOST_MANIFEST_BYTES = 64 * 1024
#: Of everything that is read out of a bundle, unpacked.
_MOST_BYTES = 4 * 1024 * 1024
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
#: The first moment that a ZIP can name: equal contents give equal bytes.
_EPOCH = (1980, 1, 1, 0, 0, 0)


class Manifest(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a bundle holds: the file of the credential, and the file of each document by its address."""

    format: int
    credential: str
    made_at: datetime
    documents: dict[str, str] = {}
    #: The address of the issuer's key history, if that is among the documents.
    history: str | None = None


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """A bundle that was read: the credential's text, and the enclosed documents by address."""

    credential: str
    made_at: datetime
    documents: dict[str, bytes]
    history: str | None = None


def pack(manifest: Manifest, files: Mapping[str, bytes]) -> bytes:
    """The ZIP of files by name, with the manifest first; equal inputs give equal bytes."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in {MANIFEST: msgspec.json.format(msgspec.json.encode(manifest)), **files}.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content, compresslevel=6)
    return out.getvalue()


def extract(content: bytes) -> Bundle:
    """The credential and the documents of a bundle; ContainerError says why there is none."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return _read(_Members(archive))
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError, OSError):
        raise ContainerError("broken_bundle", kind="bundle") from None


class _Members:
    """The members of a ZIP, each read at most once, all together within the limit."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        entries = archive.infolist()
        if len(entries) > _MOST_MEMBERS:
            raise ContainerError("too_complex", kind="bundle")
        self._archive = archive
        self._entries = {one.filename: one for one in entries}
        self._left = _MOST_BYTES
        # Of two members by one name, readers take different ones.
        if len(self._entries) < len(entries) or any(len(name) > _MOST_NAME for name in self._entries):
            raise ContainerError("broken_bundle", kind="bundle")

    def read(self, name: str, *, most_bytes: int) -> bytes:
        """One member; what it says of its own size is not believed."""
        entry = self._entries.get(name)
        if entry is None or entry.flag_bits & _ENCRYPTED or entry.compress_type not in _METHODS:
            raise ContainerError("broken_bundle", kind="bundle", where=name[:_MOST_NAME])
        most = min(most_bytes, self._left)
        with self._archive.open(entry) as file:
            found = file.read(most + 1)
        if len(found) > most:
            raise ContainerError("too_large", kind="bundle", where=name)
        self._left -= len(found)
        return found


def _read(members: _Members) -> Bundle:
    try:
        manifest = msgspec.json.decode(members.read(MANIFEST, most_bytes=_MOST_MANIFEST_BYTES), type=Manifest)
    except msgspec.DecodeError:
        raise ContainerError("broken_bundle", kind="bundle", where=MANIFEST) from None
    if manifest.format != FORMAT or manifest.made_at.tzinfo is None:
        raise ContainerError("broken_bundle", kind="bundle", where=MANIFEST)
    text = members.read(manifest.credential, most_bytes=MAX_PAYLOAD_BYTES).decode("utf-8")
    if form_of(text.strip()) is None:
        raise ContainerError("not_a_credential", kind="bundle", where=manifest.credential)
    # One file may stand under several addresses, and is read once.
    contents = {
        name: members.read(name, most_bytes=MAX_PAYLOAD_BYTES) for name in dict.fromkeys(manifest.documents.values())
    }
    return Bundle(
        credential=text,
        made_at=manifest.made_at.astimezone(UTC),
        documents={address: contents[name] for address, name in manifest.documents.items()},
        history=manifest.history if manifest.history in manifest.documents else None,
    )
