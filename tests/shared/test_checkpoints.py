"""Heads as signed notes: the published examples are read and verified; what is not one is refused by name."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.transparency import checkpoint, tree
from shared.transparency.checkpoint import CheckpointError, Head

#: The example of C2SP tlog-checkpoint.
EXAMPLE = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)
#: Key and signature of the example in the documentation of Go's sumdb/note; its text is no head.
NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SAYING = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNATURE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
ORIGIN = "badges.example/issuers/0b5e/log"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = checkpoint.verifier_key(ORIGIN, PRIVATE.public_key())
HEAD = Head(origin=ORIGIN, size=7, root=tree.hash_leaf(b"root"))


def note(head: Head = HEAD, private: Ed25519PrivateKey = PRIVATE, name: str = ORIGIN) -> str:
    key = checkpoint.verifier_key(name, private.public_key())
    return checkpoint.signed(head, key, private.sign(head.text.encode()))


def test_the_published_example_is_read() -> None:
    found = checkpoint.read(EXAMPLE)
    assert (found.head.origin, found.head.size) == ("example.com/behind-the-sofa", 20852163)
    assert found.head.text == found.text
    [one] = found.signatures
    assert (one.name, one.key_id.hex(), len(one.content)) == ("example.com/behind-the-sofa", "033de0ae", 64)


def test_the_published_key_has_its_published_id_and_signed_the_published_text() -> None:
    key = checkpoint.read_verifier_key(NEUMANN)
    assert key.text == NEUMANN
    content = base64.b64decode(SIGNATURE)
    signature = checkpoint.Signature(key.name, content[:4], content[4:])
    head = Head(origin="PeterNeumann", size=0, root=tree.EMPTY_ROOT)
    said = checkpoint.Checkpoint(head=head, text=SAYING, signatures=(signature,))
    assert checkpoint.is_signed_by(said, key)


@given(st.integers(0, 10**18 - 1), st.binary(min_size=32, max_size=32))
def test_what_was_signed_is_read_again(size: int, root: bytes) -> None:
    head = Head(origin=ORIGIN, size=size, root=root)
    found = checkpoint.read(note(head))
    assert found.head == head
    assert checkpoint.is_signed_by(found, KEY)


def test_signatures_of_others_are_passed_over_and_a_wrong_one_of_the_key_is_not() -> None:
    witness = Ed25519PrivateKey.generate()
    line = note(private=witness, name="witness.example").rpartition("\n\n")[2]
    assert checkpoint.is_signed_by(checkpoint.read(note() + line), KEY)
    alone = checkpoint.read(HEAD.text + "\n" + line)
    assert not checkpoint.is_signed_by(alone, KEY)
    forged = checkpoint.signed(HEAD, KEY, witness.sign(HEAD.text.encode())).rpartition("\n\n")[2]
    assert not checkpoint.is_signed_by(checkpoint.read(note() + forged), KEY)


def test_a_changed_head_and_the_head_of_another_log_are_not_signed() -> None:
    assert not checkpoint.is_signed_by(checkpoint.read(note().replace("\n7\n", "\n8\n")), KEY)
    other = Head(origin="badges.example/issuers/other/log", size=7, root=HEAD.root)
    assert not checkpoint.is_signed_by(checkpoint.read(note(other)), KEY)


def test_further_lines_are_kept_for_the_signature() -> None:
    text = HEAD.text + "more\n"
    line = base64.b64encode(KEY.id + PRIVATE.sign(text.encode())).decode()
    found = checkpoint.read(f"{text}\n— {ORIGIN} {line}\n")
    assert found.head == HEAD
    assert checkpoint.is_signed_by(found, KEY)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ("", "malformed_note"),
        (note().rstrip("\n"), "malformed_note"),
        (note().replace("\n", "\r\n"), "malformed_note"),
        (note().replace("\n7\n", "\n\t7\n"), "malformed_note"),
        (note().replace("\n7\n", "\n07\n"), "malformed_head"),
        (note().replace("\n7\n", "\n-7\n"), "malformed_head"),
        (note().replace("\n7\n", "\n٧\n"), "malformed_head"),
        (note().replace("\n7\n", f"\n{10**18}\n"), "malformed_head"),
        (note().replace("\n7\n", "\n"), "malformed_head"),
        (note().replace("=\n\n", "\n\n"), "malformed_head"),
        ("\n" + note(), "malformed_head"),
        (note().replace("— ", "-- "), "malformed_signature"),
        (note().replace(f"— {ORIGIN} ", f"— {ORIGIN}  "), "malformed_signature"),
        (note().replace("— badges", "— a+badges"), "malformed_name"),
        (note().replace("— badges", "— a\u00a0badges"), "malformed_name"),
        (note() + note().rpartition("\n\n")[2] * 200, "too_large"),
    ],
)
def test_what_is_no_checkpoint_is_refused(wrong: str, code: str) -> None:
    with pytest.raises(CheckpointError) as refused:
        checkpoint.read(wrong)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ("", "malformed_name"),
        ("log", "malformed_key"),
        ("a b+00000000+AQ==", "malformed_name"),
        (KEY.text.replace(f"+{KEY.id.hex()}+", "+00000000+"), "key_id_wrong"),
        (f"log+00000000+{base64.b64encode(bytes([2]) + KEY.raw).decode()}", "malformed_key"),
        (checkpoint.VerifierKey("log", bytes([1]) + bytes(31)).text, "small_order"),
    ],
)
def test_what_is_no_key_is_refused(wrong: str, code: str) -> None:
    with pytest.raises(CheckpointError) as refused:
        checkpoint.read_verifier_key(wrong)
    assert refused.value.code == code


@settings(max_examples=60)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (checkpoint.read, checkpoint.read_verifier_key):
        try:
            read(text)
        except CheckpointError:
            continue
