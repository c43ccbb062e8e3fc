"""`./run log check`, of the real log and of one that lies."""

import asyncio
import base64
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from litestar import Response, get

from services.credentials.issuance_log import command
from services.credentials.issuance_log.actions import LogKeeper
from shared.postgres import Pool
from shared.transparency import checkpoint, tree
from shared.transparency.checkpoint import Head
from shared.web import OPEN, Web, application
from tests.credentials.issuance_log.conftest import Door, enqueue, read, settle
from tests.servers import free_port, running


async def run(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str]:
    status = await asyncio.to_thread(command.main, ["check", *argv])
    found = capsys.readouterr()
    return status, found.out + found.err


async def test_a_whole_log_passes_and_is_held_to_the_heads_that_were_kept(
    door: Door, keeper: LogKeeper, issuer_pool: Pool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, said = await run(capsys, "--url", door.url, "--keep", str(tmp_path))
    assert status == 0, said
    assert "All 10 leaves are those that the head signs" in said
    kept = tmp_path / f"{re.sub(r'[:/]+', '_', door.url.removeprefix('http://'))}.10.checkpoint"
    await enqueue(issuer_pool, door.organization, 1_001)
    await settle(keeper, door.organization)
    key = (await read(door.url))[2]["key"]
    status, said = await run(capsys, "--url", door.url, "--against", str(kept), "--key", key)
    assert status == 0, said
    assert "the log was only added to: 10 leaves then, 1,011 now" in said
    other = checkpoint.VerifierKey(key.partition("+")[0], bytes(range(32))).text
    status, said = await run(capsys, "--url", door.url, "--against", str(kept), "--key", other)
    assert status == 1
    assert "The head is not signed by the log's key" in said


class Liar(msgspec.Struct):
    """A log whose every answer is made up by its owner, who signs all of it."""

    url: str
    key: checkpoint.VerifierKey
    leaves: list[bytes]
    private: Ed25519PrivateKey
    #: The head that it shows whatever its leaves are.
    fixed: str | None = None

    @property
    def head(self) -> Head:
        hashes = tree.grown(0, {}, [tree.hash_leaf(one) for one in self.leaves])
        root = tree.root(len(self.leaves), hashes)
        return Head(origin=self.key.name, size=len(self.leaves), root=root)

    @property
    def note(self) -> str:
        return self.fixed or checkpoint.signed(self.head, self.key, self.private.sign(self.head.text.encode()))


@pytest.fixture
async def liar() -> AsyncIterator[Liar]:
    """A log under a key of its own."""
    private, port = Ed25519PrivateKey.generate(), free_port()
    key = checkpoint.verifier_key(f"127.0.0.1:{port}/log", private.public_key())
    found = Liar(f"http://127.0.0.1:{port}/log", key, [bytes([one]) * 32 for one in range(9)], private)

    @get("/log", opt=OPEN)
    async def head() -> dict[str, str]:
        return {"checkpoint": found.note, "key": key.text}

    @get("/log/leaves", opt=OPEN)
    async def leaves() -> dict[str, list[str]]:
        return {"leaves": [one.hex() for one in found.leaves]}

    @get("/log/consistency", opt=OPEN)
    async def consistency(to: int) -> Response[Any]:
        hashes = tree.grown(0, {}, [tree.hash_leaf(one) for one in found.leaves])
        proof = tree.prove_consistency(6, to, hashes)
        return Response({"hashes": [base64.b64encode(one).decode() for one in proof]})

    async with running(application(Web(name="liar", routes=[head, leaves, consistency], problems={})), port):
        yield found


@pytest.mark.parametrize("lie", ["none", "rewritten", "cut", "other leaves"])
async def test_a_log_that_was_rewritten_or_cut_is_found_out(
    liar: Liar, lie: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = liar.leaves
    liar.leaves = whole[:6]
    kept = tmp_path / "earlier"
    kept.write_text(liar.note)
    liar.leaves = list(whole)
    if lie == "rewritten":
        liar.leaves[2] = b"x" * 32
    elif lie == "cut":
        liar.leaves = whole[:5]
    elif lie == "other leaves":
        liar.fixed = liar.note
        liar.leaves[8] = b"x" * 32
    status, said = await run(capsys, "--url", liar.url, "--against", str(kept))
    sentence = {
        "none": "the log was only added to: 6 leaves then, 9 now",
        "rewritten": "was rewritten",
        "cut": "it was cut",
        "other leaves": "The 9 leaves are not those that the head signs",
    }[lie]
    assert sentence in said
    assert status == (0 if lie == "none" else 1)


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["--against", "/nowhere"], "cannot be read"),
        (["--key", "x"], "it is no key of a log"),
        (["--url", "x"], "--url"),
        ([], "Nothing runs here"),
    ],
)
async def test_what_cannot_be_used_is_named(
    argv: list[str], sentence: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LAUREL_DATABASE_URL", raising=False)
    status, said = await run(capsys, *argv)
    assert (status, sentence in said) == (2, True), said


async def test_a_log_that_cannot_be_reached_is_undecided(capsys: pytest.CaptureFixture[str]) -> None:
    status, said = await run(capsys, "--url", f"http://127.0.0.1:{free_port()}/log")
    assert (status, "cannot be read (unreachable)" in said) == (3, True), said
