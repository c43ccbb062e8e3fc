"""The fuzzing runs for a while in every run of the tests, and finds a fault that is put in."""

import dataclasses
import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from services.credentials.proofs import did, jsonld, multikey, strict_json, vc_jwt
from services.credentials.proofs.template import Template, Templates
from tests.conformance import fuzzing, plain_base58, signed_documents
from tests.conformance.documents import OB, V2, Document
from tests.conformance.fuzzing import TARGETS


@pytest.mark.parametrize("target", TARGETS)
def test_random_changes_find_nothing(target: str) -> None:
    counts, findings = fuzzing.run([target], first_seed=0, cases=120)
    assert findings == []
    assert sum(counts.values()) == 120


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("target", TARGETS)
def test_random_changes_find_nothing_for_a_minute(target: str) -> None:
    counts, findings = fuzzing.run([target], first_seed=50_000, seconds=60)
    print(counts)
    assert findings == []


@dataclasses.dataclass(frozen=True)
class Fault:
    """Something that goes wrong: the target that must find it, what is replaced, and by what."""

    target: str
    owner: Any
    name: str
    broken: Callable[[Any], Callable[..., Any]]


FAULTS = (
    Fault("canonical_form", jsonld, "canonicalize", lambda right: lambda made: right(made).replace(b"\\n", b"\\\\n")),
    Fault(
        "canonical_form", jsonld, "canonicalize", lambda right: lambda made: b"".join(right(made).splitlines(True)[1:])
    ),
    Fault("signature", signed_documents, "verifies", lambda _: lambda _: True),
    Fault("json_text", strict_json, "parse", lambda right: lambda content: right(content.replace(b"0", b"1"))),
    Fault("templates", Template, "canonicalize", lambda right: lambda self, values: right(self, values[::-1])),
    Fault("keys", multikey, "base58_encode", lambda right: lambda content: right(content.lstrip(b"\0"))),
    Fault("keys", did, "methods_in_document", lambda _: lambda found, did: [found["assertionMethod"][0]["id"]]),
    Fault("tokens", vc_jwt, "_check_header", lambda _: lambda header: header["alg"].lower()),
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.target}-{fault.name}")
def test_a_fault_that_is_put_in_is_found(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without it, nobody knew whether the changes reach anything."""
    monkeypatch.setattr(fault.owner, fault.name, fault.broken(getattr(fault.owner, fault.name)))
    _, findings = fuzzing.run([fault.target], first_seed=0, cases=80)
    assert findings
    assert all(one.startswith(fault.target) for one in findings)


def test_the_same_seed_makes_the_same_case() -> None:
    first, second = (fuzzing.run(list(TARGETS), first_seed=7, cases=5) for _ in range(2))
    assert first == second


CREDITS: Document = {
    "@context": [V2, OB],
    "id": "urn:x:y",
    "type": ["AchievementSubject"],
    "creditsEarned": 1,
}


@pytest.mark.parametrize(("first", "second"), [(1, True), (0, False)])
def test_values_that_only_python_calls_equal_are_two_to_a_template(first: int, second: bool) -> None:
    compiled = Template(CREDITS, [("creditsEarned",)])
    assert compiled.canonicalize([first]) == jsonld.canonicalize({**CREDITS, "creditsEarned": first})
    assert compiled.canonicalize([second]) == jsonld.canonicalize({**CREDITS, "creditsEarned": second})


def test_a_template_sees_that_a_list_of_values_was_changed() -> None:
    compiled, values = Template(CREDITS, [("creditsEarned",)]), [2]
    assert compiled.canonicalize(values) == jsonld.canonicalize({**CREDITS, "creditsEarned": 2})
    values[0] = 3
    assert compiled.canonicalize(values) == jsonld.canonicalize({**CREDITS, "creditsEarned": 3})


def test_a_number_that_looks_like_a_sentinel_is_left_to_the_general_way() -> None:
    """Found by random changes."""
    made = {**CREDITS, "creditsEarned": 9_000_123_456_789, "narrative": "x"}
    assert Templates().canonicalize(made, "shape", [("narrative",)]) == jsonld.canonicalize(made)


@pytest.mark.parametrize("escapes", [True, False])
def test_a_member_said_twice_is_found_whatever_the_texts_hold(escapes: bool) -> None:
    """The fast reader counts colons outside of texts, so texts are full of what could mislead it."""
    chance = random.Random(2)

    def text() -> str:
        return "".join(chance.choice('::""\\\\{}[],\n\x00é\u2028/u') for _ in range(chance.randint(0, 9)))

    def value(depth: int) -> Any:
        if depth and chance.random() < 0.7:
            return {text(): value(depth - 1) for _ in range(3)} if chance.random() < 0.6 else [value(depth - 1)] * 2
        return chance.choice([text(), 1, None, 0.5])

    for _ in range(400):
        held: dict[str, Any] = {text(): value(3) for _ in range(3)}
        place = chance.choice([held, *(one for one in held.values() if isinstance(one, dict))])
        place |= {"@@1": text(), "@@2": text()}
        content = json.dumps(held, ensure_ascii=escapes).encode()
        assert strict_json.parse(content) == held
        with pytest.raises(strict_json.JsonError, match="duplicate_member"):
            strict_json.parse(content.replace(b"@@2", b"@@1"))


def test_the_other_base58_knows_the_published_examples() -> None:
    """Of the draft that describes base58 (draft-msporny-base58-03, section 5)."""
    for text, encoded in (
        (b"Hello World!", "z2NEpo7TZRRrLZSi2U"),
        (
            b"The quick brown fox jumps over the lazy dog.",
            "zUSm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z",
        ),
        (bytes.fromhex("0000287fb4cd"), "z11233QC4"),
    ):
        assert plain_base58.encode(text) == multikey.base58_encode(text) == encoded
        assert plain_base58.decode(encoded) == multikey.base58_decode(encoded) == text


def test_what_it_prints_names_the_seed_of_each_finding(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--seconds", "0.5", "--seed", "3", "--target", "keys"]
    assert fuzzing.main(arguments) == 0
    monkeypatch.setattr(multikey, "base58_encode", lambda _: "z1")
    assert fuzzing.main(arguments) == 1
    assert "keys 3: " in capsys.readouterr().out
