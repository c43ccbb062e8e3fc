"""`./run backup --out FILE` and `./run restore FILE`, for the installation in a folder."""

import argparse
import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

from deploy.backup import archive, databases, sealed_keys
from deploy.backup.model import DUMPS, FOLDERS, FORMAT, SECRETS, BackupError, Manifest
from deploy.local import locks
from deploy.local.environment import MIGRATIONS
from deploy.local.installation import cluster_folder, keep_port_base, kept_port_base
from deploy.local.postgres import Cluster, binaries, schema
from deploy.local.processes import ROOT
from deploy.local.terminal import say
from shared import migrate

_DEFAULT = ROOT / ".laurel"


def backup(argv: list[str]) -> int:
    """Write everything that cannot be made again to one file, while the stack runs or not."""
    parser = argparse.ArgumentParser(prog="./run backup", description=backup.__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the file to write; it must not be there yet")
    _add_common(parser)
    options = parser.parse_args(argv)
    folder: Path = options.folder.resolve()
    base = kept_port_base(folder)
    if base is None:
        raise BackupError(f"Nothing is installed in {folder}. Start it with `./run` first.")
    phrase = sealed_keys.passphrase(options.passphrase_file, is_new=True)
    with _database(folder) as cluster, archive.writing(options.out) as writer:
        manifest = asyncio.run(_write(folder, cluster, writer, phrase, base))
        writer.finish(manifest)
    say(f"Kept as of {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC in {options.out} ({options.out.stat().st_size:,} bytes)")
    say("It holds personal data, and keys that the passphrase opens. Keep the two apart.")
    return 0


async def _write(folder: Path, cluster: Cluster, writer: archive.Writer, phrase: str, base: int) -> Manifest:
    urls = {database: cluster.dsn(database, owner) for _, database, owner in MIGRATIONS}
    # Keys first: whatever the snapshot holds was signed with one that is there already.
    writer.add(SECRETS, sealed_keys.sealed(_keys(folder), phrase))
    with tempfile.TemporaryDirectory(prefix="backup-", dir=folder) as scratch:
        async with databases.snapshots(urls) as found:
            taken_at = datetime.now(UTC)
            applied = {name: await databases.migrations(url) for name, url in urls.items()}
            await databases.dump(binaries.programs(), urls, found, Path(scratch))
        for name in DUMPS.values():
            writer.add_file(name, Path(scratch) / name)
    # Files last: each is written before the row that names it.
    for name, path in _files(folder):
        writer.add_file(name, path)
    return Manifest(
        format=FORMAT,
        taken_at=taken_at,
        port_base=base,
        postgresql=schema.POSTGRESQL_VERSION,
        migrations=applied,
        members={},
    )


def restore(argv: list[str]) -> int:
    """Bring a backup back into an empty folder: databases, files and keys. What is there is never overwritten."""
    parser = argparse.ArgumentParser(prog="./run restore", description=restore.__doc__)
    parser.add_argument("file", type=Path, help="what `./run backup` wrote")
    _add_common(parser)
    options = parser.parse_args(argv)
    folder: Path = options.folder.resolve()
    if folder.exists() and any(folder.iterdir()):
        raise BackupError(f"{folder} is not empty. Nothing was restored; choose another: `--folder OTHER`.")
    with archive.reading(options.file) as (found, manifest):
        _require_known(manifest)
        phrase = sealed_keys.passphrase(options.passphrase_file, is_new=False)
        keys = sealed_keys.opened(archive.content(found, SECRETS, manifest.members[SECRETS]), phrase)
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        archive.require_room(folder, manifest)
        try:
            _restore(folder, found, manifest, keys)
        except BaseException:
            # Half an installation would be started by mistake; it was empty before.
            shutil.rmtree(cluster_folder(folder).parent if os.geteuid() == 0 else folder, ignore_errors=True)
            shutil.rmtree(folder, ignore_errors=True)
            raise
    say(f"Restored as of {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC. Start it: `./run --folder {options.folder}`")
    return 0


def _restore(folder: Path, found: ZipFile, manifest: Manifest, keys: dict[str, bytes]) -> None:
    for name, content in keys.items():
        path = folder / "keys" / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(content)
    with tempfile.TemporaryDirectory(prefix="restore-", dir=folder) as scratch:
        for name, member in manifest.members.items():
            if name in DUMPS.values():
                archive.extract(found, name, member, Path(scratch) / name)
            elif name != SECRETS:
                archive.extract(found, name, member, folder / name)
        say("The backup is whole; restoring the databases")
        with _database(folder) as cluster:
            urls = {database: cluster.dsn(database, owner) for _, database, owner in MIGRATIONS}
            asyncio.run(_restore_databases(urls, Path(scratch)))
    keep_port_base(folder, manifest.port_base)


async def _restore_databases(urls: dict[str, str], scratch: Path) -> None:
    await databases.restore(binaries.programs(), urls, scratch)
    for folder, database, _ in MIGRATIONS:
        await migrate.migrate(urls[database], ROOT / folder)


def _require_known(manifest: Manifest) -> None:
    """BackupError where this program is older than the one that made the backup, or another."""
    for folder, database, _ in MIGRATIONS:
        known = {one.name: one.sha256 for one in migrate.read(ROOT / folder)}
        if any(known.get(name) != sha256 for name, sha256 in manifest.migrations.get(database, {}).items()):
            raise BackupError("The backup was made by a newer program, or another. Restore it with that one.")
    if set(manifest.members) < {SECRETS, *DUMPS.values()}:
        raise BackupError("The backup is damaged: it lacks a database or the keys.")


def _keys(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "keys").iterdir()) if path.is_file()}


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for top in FOLDERS:
        for path in sorted((folder / top).rglob("*")):
            if path.is_file() and path.suffix != ".partial":
                yield path.relative_to(folder).as_posix(), path


@contextmanager
def _database(folder: Path) -> Iterator[Cluster]:
    """The installation's PostgreSQL: the one that runs, or started for as long as it takes."""
    cluster = Cluster(cluster_folder(folder))
    lock = locks.acquire(folder / "run.lock")
    if lock is None:
        yield cluster
        return
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        os.close(lock)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--folder", type=Path, default=_DEFAULT, help="folder of the installation (default .laurel)")
    parser.add_argument("--passphrase-file", type=Path, help=f"its first line; else {sealed_keys.PASSPHRASE}, or typed")
