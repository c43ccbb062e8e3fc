"""Documents are drawn in children that reach nothing, know no secret, and are replaced when they fail."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import msgspec
import pikepdf
import pytest

from shared.documents import (
    Attachment,
    DocumentPool,
    DocumentPoolBusyError,
    DocumentsUnavailableError,
    DrawingFailedError,
    PageOverflowError,
    Picture,
)
from shared.documents.model import Ready
from shared.documents.pool import Limits
from shared.limited.frames import LENGTH
from tests.conftest import ROOT, require

MOMENT = datetime(2026, 5, 28, 15, 0, tzinfo=UTC)
PAGE = "<html lang=en><title>A page</title><h1>A page</h1>{body}</html>"
DOT = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4" width="4" height="4"><circle cx="2" cy="2" r="1"/></svg>'
)
CREDENTIAL = Attachment(
    name="credential.json", media_type="application/vc", content='{"name": "Siân"}'.encode(), description="The badge"
)


@pytest.fixture(scope="module")
async def pool() -> AsyncIterator[DocumentPool]:
    """One warm child."""
    async with DocumentPool() as started:
        yield started


async def drawn(pool: DocumentPool, body: str = "", *, pictures: tuple[Picture, ...] = ()) -> bytes:
    return await pool.render(PAGE.format(body=body), created=MOMENT, pictures=pictures)


def shows_picture(page: bytes) -> bool:
    """Whether a picture is drawn on the first page: then it is tagged as a figure."""
    with pikepdf.open(BytesIO(page)) as document:
        return b"/Figure" in document.pages[0].Contents.read_bytes()


async def test_a_document_is_a_tagged_pdf_a_3a_with_its_attachment_listed_once(pool: DocumentPool) -> None:
    content = await pool.render(PAGE.format(body=""), created=MOMENT, attachments=[CREDENTIAL])
    with pikepdf.open(BytesIO(content)) as document:
        assert document.Root.MarkInfo.Marked
        assert "/StructTreeRoot" in document.Root
        assert [one.S for one in document.Root.OutputIntents] == ["/GTS_PDFA1"]
        with document.open_metadata() as metadata:
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
        assert [file.UF for file in document.Root.AF] == ["credential.json"]
        assert document.Root.AF[0].AFRelationship == "/Data"
        assert document.Root.AF[0].EF.F.Subtype == "/application/vc"
        assert document.attachments["credential.json"].get_file().read_bytes() == CREDENTIAL.content


async def test_equal_inputs_give_equal_bytes_in_every_child(pool: DocumentPool) -> None:
    async def made(one: DocumentPool) -> bytes:
        return await one.render(PAGE.format(body="<p>Siân"), created=MOMENT, attachments=[CREDENTIAL])

    async with DocumentPool() as other:
        assert await made(pool) == await made(pool) == await made(other)
    assert await drawn(pool, "<p>Siôn") != await drawn(pool, "<p>Siân")


async def test_more_pages_than_allowed_are_refused_with_their_number(pool: DocumentPool) -> None:
    body = "<p style='break-before: page'>Next</p>" * 2
    with pytest.raises(PageOverflowError) as raised:
        await pool.render(PAGE.format(body=body), created=MOMENT, max_pages=1)
    assert raised.value.pages == 3


async def test_a_document_reaches_neither_the_network_nor_files(pool: DocumentPool, tmp_path: Path) -> None:
    (tmp_path / "dot.svg").write_text(DOT)
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: image/svg+xml\r\n\r\n" + DOT.encode())
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1")
    async with server:
        web = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/dot.svg"
        for url in (web, (tmp_path / "dot.svg").as_uri(), f"data:image/svg+xml,{DOT.replace('#', '%23')}"):
            escaped = url.replace('"', "&quot;")
            body = f'<style>@import "{web}"; body {{ background: url({web}) }}</style><img alt="A dot" src="{escaped}">'
            assert not shows_picture(await drawn(pool, body)), url
    assert asked == []


async def test_the_pictures_that_come_with_a_document_are_drawn(pool: DocumentPool) -> None:
    body = '<img alt="A dot" src="picture:dot">'
    dot = Picture(name="dot", media_type="image/svg+xml", content=DOT.encode())
    assert shows_picture(await drawn(pool, body, pictures=(dot,)))
    assert not shows_picture(await drawn(pool, body))


async def test_a_picture_becomes_a_png_of_the_size_asked_for(pool: DocumentPool) -> None:
    png = await pool.png(DOT.encode(), size=64)
    assert png.startswith(b"\x89PNG")
    assert (int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")) == (64, 64)


async def test_after_a_job_that_fails_the_next_one_succeeds(pool: DocumentPool) -> None:
    for svg, size in ((b"<svg", 64), (DOT.encode(), 40_000)):  # not XML; more pixels than a child may hold
        with pytest.raises(DrawingFailedError):
            await pool.png(svg, size=size)
        assert await pool.png(DOT.encode(), size=8)


async def test_a_failure_names_a_kind_of_error_and_no_content(pool: DocumentPool) -> None:
    with pytest.raises(DrawingFailedError) as raised:
        await pool.png(b"<svg>Si\xc3\xa2n", size=8)
    assert raised.value.reason == "ValueError"


async def test_a_document_that_takes_too_long_is_given_up(pool: DocumentPool) -> None:
    async with DocumentPool(limits=Limits(seconds=0)) as hasty:
        with pytest.raises(DrawingFailedError, match="time"):
            await drawn(hasty)
    assert await drawn(pool)


async def test_callers_beyond_the_queue_are_told_to_come_back() -> None:
    async with DocumentPool(1, queue=2) as small:
        answers = await asyncio.gather(*(drawn(small) for _ in range(5)), return_exceptions=True)
    assert [type(one) for one in answers] == [bytes] * 3 + [DocumentPoolBusyError] * 2


def started_child() -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "shared.documents.child", str(2 << 30)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def test_a_child_ends_when_its_parent_is_gone() -> None:
    with started_child() as child:
        assert child.stdin is not None
        assert child.stdout is not None
        (length,) = LENGTH.unpack(child.stdout.read(LENGTH.size))
        assert msgspec.msgpack.decode(child.stdout.read(length), type=Ready) == Ready()
        assert child.poll() is None
        child.stdin.close()  # as the kernel does when the parent dies
        assert child.wait(60) == 0


async def test_a_child_knows_no_setting_of_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    require(sys.platform == "linux", "/proc")
    monkeypatch.setenv("LAUREL_KEY_ENCRYPTION_KEY", "a secret of the parent")
    before = documents_children()
    async with DocumentPool() as other:
        await drawn(other)
        (child,) = documents_children() - before
        environment = (Path("/proc") / str(child) / "environ").read_bytes().split(b"\0")
    assert any(line.startswith(b"PATH=") for line in environment)
    assert not [line for line in environment if line.startswith(b"LAUREL")]
    assert not (Path("/proc") / str(child)).exists()


async def test_a_child_is_replaced_after_its_share_of_documents() -> None:
    require(sys.platform == "linux", "/proc")
    before = documents_children()
    async with DocumentPool(limits=Limits(documents=2)) as other:
        await other.png(DOT.encode(), size=8)
        first = documents_children() - before
        for _ in range(2):
            await other.png(DOT.encode(), size=8)
        third = documents_children() - before
    assert len(first) == len(third) == 1
    assert first != third


def documents_children() -> set[int]:
    children = (Path("/proc/self/task") / str(os.getpid()) / "children").read_text().split()
    return {int(one) for one in children if b"shared.documents" in (Path("/proc") / one / "cmdline").read_bytes()}


async def test_without_pango_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    require(sys.platform == "linux", "a dynamic linker that reads LD_LIBRARY_PATH")
    (tmp_path / "libpango-1.0.so.0").write_bytes(b"no library at all" * 100)
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    async with DocumentPool() as lacking:
        with pytest.raises(DocumentsUnavailableError, match="Pango") as raised:
            await drawn(lacking)
    assert "./run system-packages" in raised.value.sentence
