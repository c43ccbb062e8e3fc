"""`./run verify` as a process: its exit status says what became of the files, and nothing of a badge steers a terminal.

No stack runs: the lists of revoked badges are those of a served public role, which `--origin` lets it ask.
"""

import asyncio
import copy
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.credentials.verification.command import main
from tests.credentials.badges import Forger, Issued, issue
from tests.credentials.callers import Caller

ROOT = Path(__file__).parents[3]
GENUINE, NOT_ACCEPTABLE, USAGE, UNDECIDED, UNKNOWN_ISSUER = 0, 1, 2, 3, 4


class Done(msgspec.Struct, frozen=True):
    """An ended process."""

    status: int
    out: str
    errors: str


async def verify(*arguments: str | os.PathLike[str], typed: bytes = b"", **environment: str) -> Done:
    """`./run verify ARGUMENTS`, with something on standard input."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "deploy.local", "verify", *arguments,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, errors = await process.communicate(typed)
    assert process.returncode is not None
    return Done(process.returncode, out.decode(), errors.decode())


class Badges(msgspec.Struct, frozen=True):
    """Files to verify, and the options under which the good one is genuine."""

    folder: Path
    origin: tuple[str, str]
    issuers: tuple[str, str]

    def __call__(self, name: str) -> Path:
        """The path of one of them."""
        return self.folder / name


def write(folder: Path, name: str, document: Mapping[str, Any]) -> None:
    (folder / name).write_text(json.dumps(document))


@pytest.fixture(scope="module")
async def badges(issuer: Caller, public: str, tmp_path_factory: pytest.TempPathFactory) -> Badges:
    folder = tmp_path_factory.mktemp("badges")
    good, revoked = await issue(issuer, public), await issue(issuer, public)
    assert (await issuer.revoke(revoked.organization, revoked.award_id)).status == 200
    (folder / "good.json").write_text(good.text)
    (folder / "good.jwt").write_text(good.jwt)
    (folder / "revoked.json").write_text(revoked.text)
    tampered = copy.deepcopy(good.document)
    tampered["credentialSubject"]["creditsEarned"] = 400
    write(folder, "tampered.json", tampered)
    forger = Forger()
    write(folder, "strangers.json", forger.reissue(good.document))
    write(folder, "expired.json", forger.reissue(good.document, validUntil="2024-01-01T00:00:00Z"))
    write(folder, "issuers.json", {"issuers": [{"id": good.document["issuer"]["id"], "name": "Known"}]})
    write(folder, "hostile.json", hostile(forger, good))
    return Badges(folder, ("--origin", public), ("--issuers", str(folder / "issuers.json")))


STEERING = "\x1b]0;owned\x07\x1b[2J\x9b31m\r\u202egnitrevni\u2066"


def hostile(forger: Forger, good: Issued) -> dict[str, Any]:
    """A badge whose every text that is shown would steer a terminal."""
    document = copy.deepcopy(good.document)
    document["issuer"]["name"] += STEERING
    document["credentialSubject"]["achievement"]["name"] += STEERING
    for one in document["credentialSubject"]["identifier"]:
        one["identityHash"] += STEERING
    return forger.reissue(document)


async def test_a_genuine_badge_of_a_known_issuer_is_0(badges: Badges) -> None:
    done = await verify(badges("good.json"), badges("good.jwt"), *badges.origin, *badges.issuers)
    assert (done.status, done.errors) == (GENUINE, "")
    assert done.out.count("This badge is genuine.") == 2
    assert "Zoë Ŵyn \u05e9\u05e8\u05d4" in done.out


async def test_the_same_badge_is_4_where_nobody_names_its_issuer(badges: Badges) -> None:
    done = await verify(badges("good.json"), *badges.origin)
    assert done.status == UNKNOWN_ISSUER
    assert "genuine, but we do not know its issuer" in done.out


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("tampered.json", "This is not a genuine badge."),
        ("revoked.json", "This badge was revoked."),
        ("expired.json", "This badge has expired."),
    ],
)
async def test_what_must_not_be_accepted_is_1(badges: Badges, name: str, heading: str) -> None:
    done = await verify(badges(name), *badges.origin, *badges.issuers)
    assert (done.status, heading in done.out) == (NOT_ACCEPTABLE, True)


async def test_a_list_that_may_not_be_asked_leaves_it_3(badges: Badges) -> None:
    done = await verify(badges("good.json"), *badges.issuers)
    assert done.status == UNDECIDED
    assert "This cannot be decided right now." in done.out


async def test_a_list_whose_server_is_gone_leaves_it_3(badges: Badges, tmp_path: Path) -> None:
    forger, document = Forger(), json.loads(badges("good.json").read_text())
    document["issuer"]["id"] = forger.did
    document["credentialStatus"] |= {"id": "http://127.0.0.1:9/l#7", "statusListCredential": "http://127.0.0.1:9/l"}
    write(tmp_path, "badge.json", forger.sign(document))
    done = await verify(tmp_path / "badge.json", "--origin", "http://127.0.0.1:9")
    assert done.status == UNDECIDED
    assert "its server cannot be reached" in done.out


@pytest.mark.parametrize(
    ("names", "status"),
    [
        (("good.json", "strangers.json"), UNKNOWN_ISSUER),
        (("tampered.json", "good.json", "strangers.json"), NOT_ACCEPTABLE),
    ],
)
async def test_of_several_files_the_worst_decides(badges: Badges, names: tuple[str, ...], status: int) -> None:
    done = await verify(*map(badges, names), *badges.origin, *badges.issuers)
    assert done.status == status
    assert done.out.count("  ok  syntax:") == len(names)


async def test_undecided_is_worse_than_unknown_and_better_than_bad(badges: Badges) -> None:
    undecided, unknown = badges("good.json"), badges("strangers.json")
    both, all_three = await asyncio.gather(
        verify(unknown, undecided), verify(unknown, undecided, badges("expired.json"))
    )
    assert (both.status, all_three.status) == (UNDECIDED, NOT_ACCEPTABLE)


async def test_a_dash_reads_standard_input_and_json_can_be_parsed(badges: Badges) -> None:
    names = (badges("good.jwt"), "-")
    content = badges("tampered.json").read_bytes()
    done = await verify(*names, "--json", *badges.origin, *badges.issuers, typed=content)
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert done.status == NOT_ACCEPTABLE
    assert [(one["file"], one["verdict"]["state"]) for one in lines] == [
        (str(badges("good.jwt")), "genuine"),
        ("-", "not_genuine"),
    ]
    assert lines[0]["verdict"]["facts"]["holder"] == "Zoë Ŵyn \u05e9\u05e8\u05d4"
    assert len(lines[0]["verdict"]["checks"]) == 8


def is_harmless(text: str) -> bool:
    return all(letter == "\n" or letter.isprintable() for letter in text)


async def test_a_badge_or_its_files_name_cannot_steer_the_terminal(badges: Badges) -> None:
    steering = badges.folder / f"badge{STEERING.replace('/', '')}.json"
    steering.write_bytes(badges("hostile.json").read_bytes())
    undecodable = os.fsencode(badges.folder) + b"/caf\xe9.json"
    with open(undecodable, "wb") as file:  # noqa: ASYNC230, PTH123 - a few bytes; a Path takes no bytes
        file.write(b"{}")
    names = (steering, os.fsdecode(undecodable))
    shown, as_json, missing = await asyncio.gather(
        verify(*names), verify(*names, "--json"), verify(badges.folder / f"missing{STEERING}")
    )
    assert "owned" in shown.out, "the name is shown, only not what steers"
    assert [is_harmless(one.out + one.errors) for one in (shown, as_json, missing)] == [True] * 3
    assert (shown.status, as_json.status, missing.status) == (NOT_ACCEPTABLE, NOT_ACCEPTABLE, USAGE)
    assert len([json.loads(line) for line in as_json.out.splitlines()]) == 2
    assert not is_harmless(STEERING)


async def test_a_terminal_that_lacks_a_script_still_gets_the_verdict(badges: Badges) -> None:
    done = await verify(badges("good.json"), *badges.origin, *badges.issuers, PYTHONIOENCODING="ascii")
    assert (done.status, done.errors) == (GENUINE, "")
    assert "Who: Zo? ?yn ???" in done.out


def test_what_cannot_be_read_is_2_and_says_which(
    badges: Badges, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, large = str(badges("good.json")), tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(50_000_000)
    refused = {
        "missing cannot be read: No such file": ["missing"],
        f"{tmp_path} cannot be read: Is a directory": [good, str(tmp_path)],
        "is larger than a badge may be (5 MB)": [good, str(large)],
        "gone.json cannot be read": [good, "--issuers", "gone.json"],
        "--origin": [good, "--origin", "ftp://example.org"],
    }
    broken = (b"", b"[]", b'{"issuers": [{"id": 1}]}', b'{"issuer": []}', b'{"issuers": [{"id": "\xff", "name": "x"}]}')
    for number, content in enumerate(broken):
        (tmp_path / f"broken-{number}").write_bytes(content)
        refused[f"broken-{number} is no list of issuers"] = [good, "--issuers", str(tmp_path / f"broken-{number}")]
    for sentence, arguments in refused.items():
        assert main(arguments) == USAGE
        said = capsys.readouterr()
        assert (said.out, said.err.count("\n"), sentence in said.err) == ("", 1, True), said.err


async def test_usage_is_2_of_the_process_too(tmp_path: Path) -> None:
    missing, nothing = await asyncio.gather(verify(tmp_path / "missing"), verify())
    assert (missing.status, nothing.status) == (USAGE, USAGE)
    assert "Traceback" not in missing.errors + nothing.errors
