"""Small files of every kind that may be handed in, and some that pretend to be one."""

import io
import zipfile

_OPEN = "application/vnd.oasis.opendocument"


def pdf() -> bytes:
    """The beginning of a PDF is all that is looked at."""
    return b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"


def zipped(*names: str, first: bytes | None = None, padding: int = 0) -> bytes:
    """A ZIP with these files; the first one holds `first`, not compressed; `padding` bytes come before the others."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, name in enumerate(names):
            stored = number == 0 and first is not None
            archive.writestr(
                name, (first or b"") if stored else b"<x/>", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            )
        if padding:
            archive.writestr("media/1.bin", bytes(padding), zipfile.ZIP_STORED)
    return out.getvalue()


def office(folder: str, *, more: tuple[str, ...] = (), padding: int = 0) -> bytes:
    """A document of Office, whose folder is word, xl or ppt."""
    return zipped("[Content_Types].xml", "_rels/.rels", f"{folder}/document.xml", *more, padding=padding)


def open_document(kind: str) -> bytes:
    """A document of LibreOffice: text, spreadsheet or presentation."""
    return zipped("mimetype", "content.xml", first=f"{_OPEN}.{kind}".encode())
