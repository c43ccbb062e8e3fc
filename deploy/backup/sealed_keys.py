"""The keys of an installation in one sealed text: what opens it is a passphrase, and nothing else in the backup."""

import os
import secrets
import sys
from getpass import getpass
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from deploy.backup.model import BackupError
from shared.sealing import SealError, seal, unseal

PASSPHRASE = "LAUREL_BACKUP_PASSPHRASE"  # noqa: S105  # the name of a setting
_LEAST_LETTERS = 12
#: RFC 7914: 128 MiB for each guess.
_COST, _BLOCK, _PARALLEL = 2**17, 8, 1
_SALT_BYTES = 16
_BELONGS_TO = "laurel backup, secrets"


def passphrase(path: Path | None, *, is_new: bool) -> str:
    """From a file, LAUREL_BACKUP_PASSPHRASE, or whoever sits at the terminal; BackupError for none or a short one."""
    if path is not None:
        found = path.read_text(encoding="utf-8").strip()
    elif (given := os.environ.get(PASSPHRASE)) is not None:
        found = given
    elif sys.stdin.isatty():
        found = getpass("Passphrase for the keys in the backup: ")
        if is_new and getpass("Once more: ") != found:
            raise BackupError("The two passphrases differ. Nothing was written.")
    else:
        raise BackupError(
            f"The keys in a backup are sealed under a passphrase. Give it with --passphrase-file FILE or {PASSPHRASE}."
        )
    if is_new and len(found) < _LEAST_LETTERS:
        raise BackupError(f"The passphrase is too short: use at least {_LEAST_LETTERS} letters.")
    return found


def sealed(files: dict[str, bytes], phrase: str) -> bytes:
    """Files by name, sealed under a passphrase."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return salt + seal(_key(phrase, salt), msgspec.msgpack.encode(files), belongs_to=_BELONGS_TO)


def opened(content: bytes, phrase: str) -> dict[str, bytes]:
    """The files again; BackupError for another passphrase."""
    try:
        plain = unseal(_key(phrase, content[:_SALT_BYTES]), content[_SALT_BYTES:], belongs_to=_BELONGS_TO)
    except SealError:
        raise BackupError("This is not the passphrase that the keys in the backup were sealed under.") from None
    return msgspec.msgpack.decode(plain, type=dict[str, bytes])


def _key(phrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=_COST, r=_BLOCK, p=_PARALLEL).derive(phrase.encode())
