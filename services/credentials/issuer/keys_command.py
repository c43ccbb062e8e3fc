"""`keys`: whoever runs the issuer sees its keys, and with the anchor's file changes them."""

import argparse
import asyncio
import base64
import getpass
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec

from services.credentials.awards.changing import sign_anew_for_lost_key
from services.credentials.awards.issuing import Desk
from services.credentials.issuance_log import store as issuance_log
from services.credentials.issuer.house import custody_of, published_place
from services.credentials.keys import anchor as anchors
from services.credentials.keys import changes, store
from services.credentials.keys.anchor import AnchorError, Place
from services.credentials.keys.changes import Keeper, RefusedError
from services.credentials.keys.history import LogHead
from services.credentials.keys.model import CustodyError, KeyAlgorithm, KeyUse, SigningKey
from services.credentials.keys.signer import Signer
from services.credentials.proofs.template import Templates
from services.credentials.settings import IssuerSettings
from services.credentials.status_lists.store import follow_keys
from shared.clock import system_clock
from shared.postgres import UNAVAILABLE, Pool, create_pool


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the command was asked for."""

    verb: str
    issuer: UUID | None
    key: str
    algorithm: str
    use: str
    since: datetime | None
    anchor: Path | None
    is_json: bool


class Bench(msgspec.Struct, frozen=True, kw_only=True):
    """What a verb works with; opening the anchor asks for its passphrase."""

    settings: IssuerSettings
    pool: Pool
    issuer: UUID
    wanted: Wanted

    async def keeper(self) -> Keeper:
        """Who may change keys. AnchorError, RefusedError."""
        settings = self.settings
        path = self.wanted.anchor or await self._only_file()
        anchor = await asyncio.to_thread(anchors.open_file, path, _passphrase(settings))
        return Keeper(
            pool=self.pool,
            custody=custody_of(settings),
            anchor=anchor,
            public_url=settings.public_url,
            is_production=settings.environment == "production",
            clock=system_clock,
            follow=follow_keys,
        )

    async def _only_file(self) -> Path:
        folder = self.settings.anchor_folder
        found = await asyncio.to_thread(lambda: sorted(Path(folder).glob(f"anchor-{self.issuer}-*.json")))
        if not folder or len(found) != 1:
            raise RefusedError("Say with --anchor FILE where the anchor's file is: bring it back for this, then away.")
        return found[0]


def main(settings: IssuerSettings, wanted: Wanted) -> int:
    """0, or 1 with a sentence where nothing was changed."""
    try:
        sys.stdout.write(asyncio.run(_run(settings, wanted)))
    except (RefusedError, AnchorError) as error:
        sys.stderr.write(f"{error.sentence}\n")
    except CustodyError as error:
        sys.stderr.write(f"The place of the private keys cannot be used now ({error.code}). Nothing was changed.\n")
    except UNAVAILABLE as error:
        sys.stderr.write(f"The database cannot be reached ({type(error).__name__}). Nothing was changed.\n")
    else:
        return 0
    return 1


async def _run(settings: IssuerSettings, wanted: Wanted) -> str:
    pool = await create_pool(settings.database_url, connections=10, name="keys")
    try:
        issuer = wanted.issuer or await _only_issuer(pool)
        return await _VERBS[wanted.verb](Bench(settings=settings, pool=pool, issuer=issuer, wanted=wanted))
    finally:
        pool.terminate()


async def _only_issuer(pool: Pool) -> UUID:
    found = await store.issuers(pool)
    if len(found) != 1:
        lines = "".join(f"\n  {one.id}  {one.name}" for one in found)
        raise RefusedError(
            f"Say with --issuer ID which of these is meant:{lines}" if lines else "There is no issuer yet."
        )
    return found[0].id


async def _list(bench: Bench) -> str:
    issuer, found = await store.issuer(bench.pool, bench.issuer), await store.keys(bench.pool, bench.issuer)
    if issuer is None:
        raise RefusedError(f"There is no issuer {bench.issuer} here.")
    anchor, aliases = await store.anchor(bench.pool, bench.issuer), await store.aliases(bench.pool, bench.issuer)
    if bench.wanted.is_json:
        listed = [{name: getattr(one, name) for name in (*_SHOWN, "created_at")} for one in found]
        said = {"issuer": issuer.id, "did": issuer.did, "also_known_as": aliases, "anchor": anchor, "keys": listed}
        return msgspec.json.encode(said).decode() + "\n"
    lines = [f"{issuer.name}: {issuer.did}", *(f"  before: {one}" for one in aliases), f"  anchor: {anchor or 'none'}"]
    lines += [f"  {one.use:5} {one.algorithm:7} {one.id}  {_state(one)}" for one in found]
    return "\n".join(lines) + "\n"


_SHOWN = ("id", "use", "algorithm", "retired_at", "compromised_since")


def _state(key: SigningKey) -> str:
    since = f"since {key.created_at:%Y-%m-%d %H:%M:%S}" if key.created_at else ""
    if key.compromised_since is not None:
        return f"compromised since {key.compromised_since:%Y-%m-%d %H:%M:%S}"
    if key.retired_at is not None:
        return f"{since}, retired {key.retired_at:%Y-%m-%d %H:%M:%S}"
    return f"{since}, signs"


async def _create(bench: Bench) -> str:
    wanted = bench.wanted
    algorithm, use = msgspec.convert((wanted.algorithm, wanted.use), tuple[KeyAlgorithm, KeyUse])
    made = await changes.create(await bench.keeper(), bench.issuer, algorithm=algorithm, use=use)
    return _told("New", made)


async def _rotate(bench: Bench) -> str:
    use = msgspec.convert(bench.wanted.use, KeyUse)
    return _told("Signs from now on", await changes.rotate(await bench.keeper(), bench.issuer, use=use))


async def _retire(bench: Bench) -> str:
    await changes.retire(await bench.keeper(), bench.issuer, bench.wanted.key)
    return _told("Retired", [bench.wanted.key])


async def _compromise(bench: Bench) -> str:
    since = bench.wanted.since
    assert since is not None
    keeper = await bench.keeper()
    logged = await _logged_before(bench, since)
    made = await changes.compromise(keeper, bench.issuer, bench.wanted.key, since=since, logged=logged)
    said = _told("Compromised", [bench.wanted.key]) + _told("Signs from now on", made)
    said += (
        f"Of its signatures those among the first {logged.size} in the log count, as of {since:%Y-%m-%d %H:%M:%S}.\n"
    )
    return said + await _sign_anew(bench)


async def _sign_anew(bench: Bench) -> str:
    """Sign the good badges anew that count no more; interrupted, it goes on where it was."""
    found = await store.keys(bench.pool, bench.issuer)
    key = next((one for one in found if one.id == bench.wanted.key and one.compromised_since is not None), None)
    if key is None:
        raise RefusedError("No such key of the issuer was compromised. `keys list` names them.")
    settings = bench.settings
    signer = Signer(custody_of(settings), Templates())
    desk = Desk(
        pool=bench.pool,
        signer=signer,
        public_url=settings.public_url,
        clock=system_clock,
        published=published_place(settings),
    )
    done, left = await sign_anew_for_lost_key(desk, bench.issuer, key)
    said = f"Signed anew: {done} badges that counted no more, each under its link.\n"
    return said + (f"Not signed anew yet: {left}. Go on with `keys re-sign --key {key.id}`.\n" if left else "")


async def _logged_before(bench: Bench, since: datetime) -> LogHead:
    """What the issuance log had by a moment."""
    size = await issuance_log.size_at(bench.pool, bench.issuer, since)
    root = await issuance_log.root_at(bench.pool, bench.issuer, size)
    return LogHead(size=size, root=base64.b64encode(root).decode())


async def _move(bench: Bench) -> str:
    return _told("Now called", [await changes.move_to_web(await bench.keeper(), bench.issuer)])


async def _anchor(bench: Bench) -> str:
    settings, folder = bench.settings, bench.wanted.anchor or Path(bench.settings.anchor_folder or ".")
    place = Place(folder=folder, passphrase=_passphrase(settings, is_new=True))
    made = await changes.give_anchor(
        bench.pool, place, bench.issuer, public_url=settings.public_url, clock=system_clock
    )
    return f"Anchor {made} is in {folder}. Take its file off this machine, and keep the passphrase apart from it.\n"


_VERBS: dict[str, Callable[[Bench], Awaitable[str]]] = {
    "list": _list,
    "create": _create,
    "rotate": _rotate,
    "retire": _retire,
    "compromise": _compromise,
    "re-sign": _sign_anew,
    "move": _move,
    "anchor": _anchor,
}


def _told(what: str, ids: Sequence[str]) -> str:
    return "".join(f"{what}: {one}\n" for one in ids)


def _passphrase(settings: IssuerSettings, *, is_new: bool = False) -> str:
    if settings.anchor_passphrase:
        return settings.anchor_passphrase
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    given = getpass.getpass("The anchor's passphrase: ")
    if is_new and getpass.getpass("The same again: ") != given:
        raise RefusedError("The two passphrases differ. Nothing was changed.")
    return given


def parse(argv: Sequence[str]) -> Wanted:
    """What the arguments ask for; ends the process with 2 where they are wrong."""
    parser = argparse.ArgumentParser(prog="./run keys", description="See and change an issuer's signing keys.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb, summary in _SUMMARIES.items():
        one = verbs.add_parser(verb, help=summary, description=summary)
        one.add_argument("--issuer", type=_uuid, metavar="ID", help="the issuer; needless where there is one only")
        if verb == "list":
            one.add_argument("--json", action="store_true", dest="is_json", help="as JSON")
            continue
        what = "where to write its file" if verb == "anchor" else "the anchor's file"
        one.add_argument("--anchor", type=Path, metavar="PATH", help=what)
        if verb in ("create", "rotate"):
            one.add_argument("--use", choices=("badge", "log"), default="badge", help="what it signs")
        if verb == "create":
            one.add_argument("--algorithm", choices=("Ed25519", "RS256"), default="Ed25519")
        if verb in ("retire", "compromise", "re-sign"):
            one.add_argument("--key", required=True, metavar="ID", help="the key, as `keys list` names it")
        if verb == "compromise":
            one.add_argument("--since", required=True, type=_moment, metavar="DATE", help="from when on, in UTC")
        if verb == "move":
            one.add_argument("--to", required=True, choices=("web",), help="the DID method")
    given = {"key": "", "algorithm": "", "use": "", "since": None, "anchor": None, "is_json": False}
    known = {name: value for name, value in vars(parser.parse_args(argv)).items() if name != "to"}
    return Wanted(**{**given, **known})


_SUMMARIES = {
    "list": "Name the keys, and which of them sign.",
    "create": "Make a further key, which signs from now on beside those before it.",
    "rotate": "Make new keys in place of those that sign; what these signed stays good.",
    "retire": "Let one key sign no more; what it signed stays good.",
    "compromise": "Say since when a key is in strange hands: of its signatures those in the log before count, and "
    "the other good badges are signed anew.",
    "re-sign": "Go on to sign the badges anew that count no more since their key was compromised.",
    "move": "Call a did:key issuer by a did:web; its old badges keep verifying.",
    "anchor": "Make the anchor of an issuer that has none.",
}


def _uuid(text: str) -> UUID:
    return UUID(text)


def _moment(text: str) -> datetime:
    """A day, or a day and a time; in UTC unless it names another zone."""
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
