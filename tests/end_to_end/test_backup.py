"""A backup of what runs, brought back into an empty folder, is the same installation: its badges, files and keys."""

import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from deploy.backup.model import MANIFEST, SECRETS
from deploy.local.installation import cluster_folder
from deploy.local.stack import free_port_base
from tests.end_to_end.standing import ROOT, RUN, demonstrate, new_folder, standing

PASSPHRASE = "a passphrase of five words"


def run(*arguments: object, passphrase: str = PASSPHRASE) -> "subprocess.CompletedProcess[str]":
    """`./run` with arguments, to its end."""
    return subprocess.run(
        [*RUN, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "LAUREL_BACKUP_PASSPHRASE": passphrase},
        capture_output=True,
        text=True,
        check=False,
    )


class Kept(msgspec.Struct, frozen=True):
    """A backup that was made while the demonstration ran, and the badges of then."""

    file: Path
    port_base: int
    badges: dict[str, bytes]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Made of a stack that is gone afterwards, with its folder."""
    folder, port_base, file = new_folder(), free_port_base(), tmp_path_factory.mktemp("kept") / "laurel.backup"
    try:
        with standing(folder, port_base):
            badges = demonstrate(tmp_path_factory.mktemp("badges"), folder).badges()
            done = run("backup", f"--out={file}", f"--folder={folder}")
            assert done.returncode == 0, done.stderr
    finally:
        shutil.rmtree(cluster_folder(folder).parent)
        shutil.rmtree(folder, ignore_errors=True)
    return Kept(file, port_base, badges)


@pytest.fixture
def empty() -> Iterator[Path]:
    """A folder to restore into."""
    folder = new_folder()
    yield folder
    if folder.exists():
        shutil.rmtree(cluster_folder(folder).parent)
        shutil.rmtree(folder, ignore_errors=True)


def test_restored_elsewhere_it_is_the_same_installation(kept: Kept, empty: Path, tmp_path: Path) -> None:
    done = run("restore", kept.file, f"--folder={empty}")
    assert done.returncode == 0, done.stderr
    with standing(empty, kept.port_base):
        again = demonstrate(tmp_path, empty)
        assert (again.status, again.report["is_right"]) == (0, True), again.report
        compared = run("reconcile", f"--folder={empty}")
    # Playing the story again awards nothing anew: the very badges are there, and their evidence can be read.
    assert again.badges() == kept.badges
    assert compared.returncode == 0, compared.stdout + compared.stderr


def test_nothing_of_a_key_and_of_the_passphrase_is_readable_in_it(kept: Kept) -> None:
    with zipfile.ZipFile(kept.file) as archive:
        assert SECRETS in archive.namelist()
        content = b"".join(archive.read(name) for name in archive.namelist() if name != MANIFEST)
    assert b"PRIVATE KEY" not in content
    assert PASSPHRASE.encode() not in content
    assert kept.file.stat().st_mode & 0o077 == 0


def test_with_another_passphrase_nothing_is_restored(kept: Kept, empty: Path) -> None:
    done = run("restore", kept.file, f"--folder={empty}", passphrase="another passphrase of mine")
    assert done.returncode == 1
    assert "not the passphrase" in done.stderr
    assert list(empty.iterdir()) == []


def test_what_is_there_is_never_overwritten(kept: Kept, empty: Path) -> None:
    (empty / "of-somebody").touch()
    done = run("restore", kept.file, f"--folder={empty}")
    assert done.returncode == 1
    assert "is not empty" in done.stderr
    over = run("backup", f"--out={kept.file}", f"--folder={empty}")
    assert over.returncode == 1
    assert [one.name for one in empty.iterdir()] == ["of-somebody"]


@pytest.mark.parametrize("place", [0.2, 0.5, 0.8])
def test_a_damaged_backup_is_refused_whole(kept: Kept, empty: Path, tmp_path: Path, place: float) -> None:
    damaged = bytearray(kept.file.read_bytes())
    damaged[int(len(damaged) * place)] ^= 0x55
    (file := tmp_path / "damaged.backup").write_bytes(damaged)
    done = run("restore", file, f"--folder={empty}")
    assert done.returncode == 1
    assert "damaged" in done.stderr
    assert not empty.exists() or list(empty.iterdir()) == []


def test_a_copy_that_broke_off_is_refused(kept: Kept, empty: Path, tmp_path: Path) -> None:
    whole = kept.file.read_bytes()
    (file := tmp_path / "half.backup").write_bytes(whole[: len(whole) // 2])
    done = run("restore", file, f"--folder={empty}")
    assert done.returncode == 1
    assert "not copied completely" in done.stderr
