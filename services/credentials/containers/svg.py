"""A credential in an SVG: one `<openbadges:credential>` directly after `<svg>` (Open Badges 3.0, section 5.3.2).

A JWT stands in its attribute `verify`, JSON in its body. Document types and entities are refused before they act.
"""

import re
from collections.abc import Mapping
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from services.credentials.containers.model import (
    JSON_WHITESPACE,
    MAX_PAYLOAD_BYTES,
    ContainerError,
    Form,
    form_for_baking,
    form_of,
)

NAMESPACE = "https://purl.imsglobal.org/ob/v3p0"
OLDER_NAMESPACE = "http://openbadges.org"
MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 128
MAX_ELEMENTS = 50_000

_ROOT = "{http://www.w3.org/2000/svg}svg"
_CREDENTIAL = f"{{{NAMESPACE}}}credential"
_OLDER = f"{{{OLDER_NAMESPACE}}}assertion"
_BOM = b"\xef\xbb\xbf"
_ENCODING = re.compile(rb"""<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]*)["']""")
_PROLOG = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_ROOT_TAG = re.compile(rb"""<[^\s/>"']+(?:[^>"']|"[^"]*"|'[^']*')*>""")
_DECLARED = re.compile(rb"""\sxmlns:openbadges\s*=\s*["']([^"']*)["']""")
# A reader of XML turns a carriage return into a line feed and knows no control characters (XML 1.0, 2.2 and 2.11).
_NOT_XML = re.compile("[^\\t\\n\\u0020-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def bake(svg: bytes, payload: str) -> bytes:
    """The same picture with the credential directly after `<svg ...>`; every other byte stays.

    ContainerError: `already_baked`, or the picture is no sound SVG, or the payload no credential.
    """
    form = form_for_baking(payload, kind="svg")
    if _NOT_XML.search(payload):
        raise ContainerError("unsuitable_text", kind="svg")
    found = _read(svg)
    if found.credentials or found.is_older:
        raise ContainerError("already_baked", kind="svg")
    start, end = _root_tag(svg)
    tag = svg[start:end]
    element = _element(payload, form)
    if not (declared := _DECLARED.search(tag)):
        name = re.match(rb"<[^\s/>]+", tag)
        at = name.end() if name else 0
        tag = tag[:at] + f' xmlns:openbadges="{NAMESPACE}"'.encode() + tag[at:]
    elif declared[1] != NAMESPACE.encode():
        raise ContainerError("already_baked", kind="svg", where="xmlns:openbadges")
    if tag.endswith(b"/>"):
        name_of_root = tag[1:].split(None, 1)[0]
        tag, element = tag[:-2] + b">", element + b"</" + name_of_root + b">"
    baked = svg[:start] + tag + element + svg[end:]
    if extract(baked) != payload:
        raise ContainerError("unsuitable_text", kind="svg")
    return baked


def extract(svg: bytes) -> str:
    """The text of the one credential inside; ContainerError where there is none, several, or anything unsound."""
    found = _read(svg)
    if len(found.credentials) > 1:
        raise ContainerError("duplicate_credential", kind="svg")
    if not found.credentials:
        raise ContainerError("older_format" if found.is_older else "no_credential_inside", kind="svg")
    in_attribute, in_body = found.credentials[0]
    has_body = bool(in_body.strip(JSON_WHITESPACE))
    if in_attribute is None:
        if not has_body:
            raise ContainerError("no_credential_inside", kind="svg")
        return _checked(in_body, form="json")
    if has_body:
        raise ContainerError("duplicate_credential", kind="svg", where="verify")
    return _checked(in_attribute.strip(JSON_WHITESPACE), form="jwt")


def _checked(payload: str, *, form: Form) -> str:
    if form_of(payload) != form:
        raise ContainerError("not_a_credential", kind="svg", where="verify" if form == "jwt" else "")
    if len(payload.encode("utf-8")) > MAX_PAYLOAD_BYTES:
        raise ContainerError("too_large", kind="svg")
    return payload


def _element(payload: str, form: Form) -> bytes:
    if form == "jwt":  # its characters need no escaping
        return f'<openbadges:credential verify="{payload}"/>'.encode()
    in_sections = payload.replace("]]>", "]]]]><![CDATA[>")
    return f"<openbadges:credential><![CDATA[{in_sections}]]></openbadges:credential>".encode()


def _root_tag(svg: bytes) -> tuple[int, int]:
    """Where the root's start tag begins and ends, in a document that was read already."""
    prolog = _PROLOG.match(svg)
    start = prolog.end() if prolog else 0
    if (tag := _ROOT_TAG.match(svg, start)) is None:
        raise ContainerError("broken_svg", kind="svg", where=f"byte {start}")
    return tag.span()


class _Content:
    """Collects what matters while the parser walks: the target of ElementTree's parser."""

    def __init__(self) -> None:
        self.credentials: list[tuple[str | None, str]] = []
        self.is_older = False
        self._depth = 0
        self._elements = 0
        self._is_inside = False
        self._text: list[str] = []
        self._verify: str | None = None

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins; `tag` is `{namespace}name`."""
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_DEPTH or self._elements > MAX_ELEMENTS:
            raise ContainerError("too_complex", kind="svg")
        if self._depth == 1 and tag != _ROOT:
            raise ContainerError("not_svg", kind="svg", where=tag[:100])
        if self._is_inside:
            raise ContainerError("misplaced_credential", kind="svg", where=tag[:100])
        if tag == _OLDER:
            self.is_older = True
        elif tag == _CREDENTIAL:
            if self._depth != 2:
                raise ContainerError("misplaced_credential", kind="svg", where=f"depth {self._depth}")
            self._is_inside, self._text, self._verify = True, [], attributes.get("verify")

    def data(self, text: str) -> None:
        """Characters between tags."""
        if self._is_inside:
            self._text.append(text)

    def end(self, tag: str) -> None:
        """An element ends."""
        self._depth -= 1
        if self._is_inside:
            self._is_inside = False
            self.credentials.append((self._verify, "".join(self._text)))

    def close(self) -> "_Content":
        """What was collected."""
        return self


def _read(svg: bytes) -> _Content:
    if len(svg) > MAX_BYTES:
        raise ContainerError("too_large", kind="svg")
    try:
        text = svg.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ContainerError("not_utf8", kind="svg", where=f"byte {error.start}") from None
    # A declared encoding could give the same bytes a second reading.
    declared = _ENCODING.match(svg.removeprefix(_BOM)[:1024])
    if declared and declared[1].lower() not in (b"utf-8", b"utf8", b"us-ascii"):
        raise ContainerError("not_utf8", kind="svg", where=declared[1].decode())
    content = _Content()
    parser = DefusedXMLParser(target=content, encoding="utf-8", forbid_dtd=True)
    try:
        parser.feed(text)
        parser.close()
    except DefusedXmlException:
        raise ContainerError("svg_dtd", kind="svg") from None
    except (ParseError, ValueError):
        raise ContainerError("broken_svg", kind="svg") from None
    return content
