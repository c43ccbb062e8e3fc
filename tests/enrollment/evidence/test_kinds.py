"""What a file is, told by its content: each kind is known, and whoever lies about one is refused."""

from collections.abc import AsyncIterator

import pytest

from services.enrollment.evidence.kinds import KINDS, Glance, agreed, problem_of_name
from shared.problems import InvalidInputError
from tests.enrollment.evidence.documents import office, open_document, pdf, zipped

FILES = {
    "a.pdf": pdf(),
    "a.png": b"\x89PNG\r\n\x1a\n\x00\x00",
    "a.jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "A.JPEG": b"\xff\xd8\xff\xe1\x00\x10Exif",
    "a.gif": b"GIF89a\x01\x00",
    "a.webp": b"RIFF\x24\x00\x00\x00WEBPVP8 ",
    "a.heic": b"\x00\x00\x00\x18ftypheic\x00\x00",
    "a.docx": office("word"),
    "large.docx": office("word", padding=400_000),
    "a.xlsx": office("xl"),
    "a.pptx": office("ppt"),
    "a.odt": open_document("text"),
    "a.ods": open_document("spreadsheet"),
    "a.odp": open_document("presentation"),
    "a.rtf": b"{\\rtf1\\ansi Hello}",
    "a.txt": "Plain, \u0648\u0627\u0636\u062d, 明白".encode(),
    "a.md": b"# What I learned",
    "a.mp3": b"ID3\x04\x00\x00",
    "b.mp3": b"\xff\xfb\x90\x64\x00",
    "a.mp4": b"\x00\x00\x00\x18ftypisom\x00\x00",
    "a.m4a": b"\x00\x00\x00\x18ftypM4A \x00\x00",
    "a.mov": b"\x00\x00\x00\x14ftypqt  \x00\x00",
}
LIES = {
    "program.pdf": b"MZ\x90\x00\x03",
    "page.txt": b"text \xff\xfe not UTF-8",
    "half.txt": "é".encode()[:1],
    "nul.txt": b"a\x00b",
    "page.pdf": b"<!doctype html><script>alert(1)</script>",
    "late.pdf": b"MZ" + pdf(),
    "picture.pdf": FILES["a.png"],
    "archive.docx": zipped("a.exe", "word/a.exe"),
    "archive.odt": zipped("a.exe"),
    "macros.docx": office("word", more=("word/vbaProject.bin",)),
    "sheet.docx": office("xl"),
    "template.odt": zipped("mimetype", "content.xml", first=b"application/vnd.oasis.opendocument.text-template"),
    "short.docx": b"PK\x03\x04",
    "cut.docx": office("word")[:60],
    "empty.png": b"",
}


async def shown(content: bytes, *, chunk: int) -> Glance:
    """What one sees of a file that comes in chunks; it goes by unchanged."""

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(content), chunk):
            yield content[start : start + chunk]

    glance = Glance()
    assert b"".join([one async for one in glance.of(chunks())]) == content
    return glance


@pytest.mark.parametrize("chunk", [7, 65_536])
@pytest.mark.parametrize("name", FILES)
async def test_content_that_bears_out_its_name_is_taken(name: str, chunk: int) -> None:
    kind = agreed(name, (await shown(FILES[name], chunk=chunk)).kind())
    assert name.rpartition(".")[2].lower() in kind.endings
    assert problem_of_name(name) is None


@pytest.mark.parametrize("name", LIES)
async def test_content_that_is_something_else_is_refused(name: str) -> None:
    with pytest.raises(InvalidInputError):
        agreed(name, (await shown(LIES[name], chunk=16)).kind())


def test_every_kind_is_tried() -> None:
    assert {name.rpartition(".")[2].lower() for name in FILES} >= {kind.endings[0] for kind in KINDS}


@pytest.mark.parametrize("name", ["a.exe", "a.html", "a.svg", "a.docm", "a.zip", "a.pdf.js", "pdf", "a.", ""])
def test_other_kinds_are_refused_by_their_name(name: str) -> None:
    assert problem_of_name(name) is not None
