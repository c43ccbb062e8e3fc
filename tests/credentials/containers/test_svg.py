"""A credential in an SVG: one element directly after `<svg>`; document types and entities are refused unread."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.credentials.containers import svg
from services.credentials.containers.model import MAX_PAYLOAD_BYTES, SENTENCES, Code
from tests.credentials.containers import hostile
from tests.credentials.containers.hostile import JWT, OTHER, PAYLOAD, outcome, refusal

PICTURE = b'<?xml version="1.0" encoding="UTF-8"?>\n<!-- <svg> --><svg xmlns="http://www.w3.org/2000/svg"><g/></svg>\n'
CREDENTIAL = f"<openbadges:credential><![CDATA[{PAYLOAD}]]></openbadges:credential>"
IN_ATTRIBUTE = f'<openbadges:credential verify="{JWT}"/>'
#: What XML carries unchanged: no carriage return and no control character (XML 1.0, 2.2 and 2.11).
OBJECTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"))


@given(OBJECTS.map(lambda text: "{" + text) | st.just(JWT))
def test_what_is_baked_is_extracted(payload: str) -> None:
    assert svg.extract(svg.bake(PICTURE, payload)) == payload


@pytest.mark.parametrize("payload", ['{"a": "]]>"}', '{"a": "]]]]>>"}', '{"a": "<b>&amp;</b>"}', '{\n\t"a": "\u2028"}'])
def test_characters_that_mean_something_in_xml_are_carried_unchanged(payload: str) -> None:
    assert svg.extract(svg.bake(PICTURE, payload)) == payload


@pytest.mark.parametrize("payload", [PAYLOAD, JWT])
def test_the_element_is_the_first_in_the_picture_and_the_rest_stays(payload: str) -> None:
    baked = svg.bake(PICTURE, payload)
    first = ElementTree.fromstring(baked)[0]  # noqa: S314  # it is ours
    assert first.tag == "{https://purl.imsglobal.org/ob/v3p0}credential"
    assert (first.get("verify") or first.text) == payload
    for part in (b'<?xml version="1.0" encoding="UTF-8"?>\n<!-- <svg> --><svg ', b"><g/></svg>\n"):
        assert part in baked


@pytest.mark.parametrize(
    "picture",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b'<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:g/></s:svg>',
        b"<svg xmlns='http://www.w3.org/2000/svg' data-x='a>b \"'/>",
        b'\xef\xbb\xbf<svg xmlns="http://www.w3.org/2000/svg"></svg>',
        hostile.svg(),
    ],
)
def test_every_way_to_write_a_root_can_be_baked(picture: bytes) -> None:
    assert svg.extract(svg.bake(picture, PAYLOAD)) == PAYLOAD


@pytest.mark.parametrize(
    ("picture", "payload", "code"),
    [
        (hostile.svg(CREDENTIAL), PAYLOAD, "already_baked"),
        (PICTURE, "a sentence", "not_a_credential"),
        (PICTURE, '{"a":\r\n1}', "unsuitable_text"),
        (PICTURE, '{"a": "\x01"}', "unsuitable_text"),
        (b'<svg xmlns="urn:other" />', PAYLOAD, "not_svg"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="urn:other" />', PAYLOAD, "already_baked"),
    ],
)
def test_what_cannot_be_carried_is_not_baked(picture: bytes, payload: str, code: Code) -> None:
    assert refusal(lambda: svg.bake(picture, payload)) == code


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
REFUSED: dict[str, tuple[bytes, Code]] = {
    "two credentials": (
        hostile.svg(CREDENTIAL + CREDENTIAL.replace(PAYLOAD, OTHER)),
        "duplicate_credential",
    ),
    "one in the attribute and another in the body": (
        hostile.svg(CREDENTIAL.replace("credential>", f'credential verify="{JWT}">', 1)),
        "duplicate_credential",
    ),
    "one of each form": (hostile.svg(IN_ATTRIBUTE + CREDENTIAL), "duplicate_credential"),
    "one inside another": (
        hostile.svg(f"<openbadges:credential>{CREDENTIAL}</openbadges:credential>"),
        "misplaced_credential",
    ),
    "one deeper in the picture": (hostile.svg(f"<g>{CREDENTIAL}</g>"), "misplaced_credential"),
    "one with elements in it": (
        hostile.svg("<openbadges:credential>{<g/>}</openbadges:credential>"),
        "misplaced_credential",
    ),
    "an empty one": (hostile.svg("<openbadges:credential/>"), "no_credential_inside"),
    "none": (hostile.svg(), "no_credential_inside"),
    "one of another namespace": (
        hostile.svg(CREDENTIAL).replace(b"/ob/v3p0", b"/ob/v9"),
        "no_credential_inside",
    ),
    "an older badge": (
        hostile.svg('<o:assertion xmlns:o="http://openbadges.org" verify="https://a.example"/>'),
        "older_format",
    ),
    "JSON in the attribute": (hostile.svg("<openbadges:credential verify='{}'/>"), "not_a_credential"),
    "a JWT in the body": (
        hostile.svg(f"<openbadges:credential>{JWT}</openbadges:credential>"),
        "not_a_credential",
    ),
    "a document type": (hostile.svg(CREDENTIAL, before="<!DOCTYPE svg>"), "svg_dtd"),
    "a document type elsewhere": (
        hostile.svg(CREDENTIAL, before='<!DOCTYPE svg SYSTEM "http://127.0.0.1:9/a.dtd">'),
        "svg_dtd",
    ),
    "a file as an entity": (
        hostile.svg("&x;", before='<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
        "svg_dtd",
    ),
    "a parameter entity": (
        hostile.svg(before='<!DOCTYPE svg [<!ENTITY % x SYSTEM "http://127.0.0.1:9/"> %x;]>'),
        "svg_dtd",
    ),
    "a billion laughs": (
        hostile.svg("&l9;", before=f'<!DOCTYPE svg [<!ENTITY l0 "lol">{LAUGHS}]>'),
        "svg_dtd",
    ),
    "a quadratic blowup": (
        hostile.svg("&a;" * 10_000, before=f'<!DOCTYPE svg [<!ENTITY a "{"a" * 10_000}">]>'),
        "svg_dtd",
    ),
    "an entity nobody declared": (hostile.svg("&x;"), "broken_svg"),
    "too deep": (hostile.svg("<g>" * 1_000 + "</g>" * 1_000), "too_complex"),
    "too many elements": (hostile.svg("<g/>" * (svg.MAX_ELEMENTS + 1)), "too_complex"),
    "too large a file": (hostile.svg("<!--" + "a" * svg.MAX_BYTES + "-->"), "too_large"),
    "too large a credential": (
        hostile.svg(f"<openbadges:credential>{{{' ' * MAX_PAYLOAD_BYTES}</openbadges:credential>"),
        "too_large",
    ),
    "a tag that never ends": (hostile.svg(CREDENTIAL)[:-6], "broken_svg"),
    "two roots": (hostile.svg(CREDENTIAL) * 2, "broken_svg"),
    "not XML": (b"<svg", "broken_svg"),
    "another root": (hostile.svg(CREDENTIAL).replace(b"svg", b"html"), "not_svg"),
    "another encoding declared": (
        hostile.svg(CREDENTIAL, before='<?xml version="1.0" encoding="utf-7"?>'),
        "not_utf8",
    ),
    "another encoding used": (hostile.svg(CREDENTIAL).decode().encode("utf-16"), "not_utf8"),
    "bytes that are no UTF-8": (hostile.svg(CREDENTIAL).replace("â".encode(), b"\xff"), "not_utf8"),
    "nothing": (b"", "broken_svg"),
}


@pytest.mark.parametrize(("file", "code"), REFUSED.values(), ids=REFUSED)
def test_a_hostile_or_damaged_picture_is_refused_with_its_reason(file: bytes, code: Code) -> None:
    assert refusal(lambda: svg.extract(file)) == code


def test_the_pictures_above_are_refused_for_that_one_reason_alone() -> None:
    assert svg.extract(hostile.svg(CREDENTIAL)) == PAYLOAD
    assert svg.extract(hostile.svg(IN_ATTRIBUTE)) == JWT
    assert svg.extract(hostile.svg(CREDENTIAL, before='<?xml version="1.0" encoding="utf-8"?>')) == PAYLOAD
    assert svg.extract(hostile.svg(CREDENTIAL + "<g>" * 100 + "</g>" * 100)) == PAYLOAD


def test_a_script_in_a_picture_is_neither_run_nor_in_the_way() -> None:
    assert (
        svg.extract(hostile.svg(f"{CREDENTIAL}<script>alert(1)</script>", attributes=' onload="alert(1)"')) == PAYLOAD
    )


@given(
    st.lists(st.sampled_from(["<g>", "</g>", "<!--", "-->", "]]>", "&lt;", '"', CREDENTIAL, IN_ATTRIBUTE]), max_size=8)
)
def test_whatever_is_inside_is_read_or_refused(pieces: list[str]) -> None:
    assert outcome(lambda: svg.extract(hostile.svg("".join(pieces)))) in {PAYLOAD, JWT, *SENTENCES}
