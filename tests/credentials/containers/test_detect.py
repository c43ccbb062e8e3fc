"""The front door: the kind of a file is told by its content, and whatever carries it, the same credential comes out."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.credentials.containers import detect, png, svg
from services.credentials.containers.model import MAX_PAYLOAD_BYTES, SENTENCES, Code, Form, Kind, Unpacked
from tests.credentials.containers import hostile
from tests.credentials.containers.hostile import JWT, PAYLOAD, outcome, refusal

CARRIERS: dict[Kind, Callable[[str], bytes]] = {
    "png": lambda payload: png.bake(hostile.png(), payload),
    "svg": lambda payload: svg.bake(hostile.svg(), payload),
    "pdf": lambda payload: hostile.pdf([("credential", payload.encode())]),
}


@pytest.mark.parametrize(("payload", "form"), [(PAYLOAD, "json"), (JWT, "jwt")])
@pytest.mark.parametrize("kind", CARRIERS)
def test_every_container_gives_back_what_it_was_given(kind: Kind, payload: str, form: Form) -> None:
    carried = CARRIERS[kind](payload)
    assert detect.detect(carried) == kind
    assert detect.unpack(carried) == Unpacked(kind=kind, form=form, payload=payload)


@pytest.mark.parametrize("around", ["{}", "\ufeff{}", "\n {}\r\n"])
def test_bare_json_comes_as_it_was_carried(around: str) -> None:
    text = around.replace("{}", PAYLOAD)
    expected = Unpacked(kind="json", form="json", payload=text.removeprefix("\ufeff"))
    assert detect.unpack(text.encode()) == expected


@pytest.mark.parametrize("around", ["{}", "{}\n", "  {}\r\n"])
def test_a_bare_jwt_comes_without_the_space_around_it(around: str) -> None:
    expected = Unpacked(kind="jwt", form="jwt", payload=JWT)
    assert detect.unpack(around.format(JWT).encode()) == expected


@pytest.mark.parametrize(
    ("file", "kind", "code"),
    [
        (b"", "unknown", "unknown_kind"),
        (b"GIF89a", "unknown", "unknown_kind"),
        (b"[1]", "unknown", "unknown_kind"),
        (b"PK\3\4", "bundle", "broken_bundle"),
        (b"<html><svg></svg></html>", "unknown", "unknown_kind"),
        (b"<!DOCTYPE html><svg></svg>", "unknown", "unknown_kind"),
        (b"a.b", "unknown", "unknown_kind"),
        (f"{JWT} {JWT}".encode(), "unknown", "unknown_kind"),
        (PAYLOAD.encode("utf-16"), "unknown", "not_utf8"),
        (b'{"a": "\xff"}', "json", "not_utf8"),
        (b"{" + b" " * MAX_PAYLOAD_BYTES, "json", "too_large"),
        (b"%PDF-1.7" + b" " * detect.MAX_BYTES, "pdf", "too_large"),
        (hostile.SIGNATURE + b" " * detect.MAX_BYTES, "png", "too_large"),
        (hostile.png(), "png", "no_credential_inside"),
        (hostile.png(hostile.chunk(b"iTXt", hostile.itxt(b"a sentence"))), "png", "not_a_credential"),
    ],
    ids=lambda value: None if isinstance(value, bytes) else value,
)
def test_what_is_no_badge_is_refused_with_its_kind_and_reason(file: bytes, kind: Kind, code: Code) -> None:
    assert detect.detect(file) == kind
    assert refusal(lambda: detect.unpack(file)) == code


STARTS = [hostile.SIGNATURE, b"%PDF-", b"{", b"<svg ", b"<?xml ", b"\xef\xbb\xbf", b"eyJ.", b"\xff\xfe"]


@given(st.sampled_from(STARTS), st.binary(max_size=200))
def test_whatever_is_sent_is_read_or_refused(start: bytes, rest: bytes) -> None:
    found = outcome(lambda: detect.unpack(start + rest).payload)
    assert found in SENTENCES or found.lstrip().startswith(("{", "eyJ."))


def test_every_refusal_has_a_sentence_of_its_own() -> None:
    assert len(set(SENTENCES.values())) == len(SENTENCES)
    assert all(sentence.endswith(".") for sentence in SENTENCES.values())
