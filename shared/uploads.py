"""What strangers upload: a file's name as it can be shown, and a table's text whatever program saved it. Pure."""

_LONGEST_NAME = 200


def shown_name(name: str, *, otherwise: str) -> str:
    """The last part of a file's name, without control characters; `otherwise` where nothing is left."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable())[:_LONGEST_NAME] or otherwise


def text_of(content: bytes) -> str | None:
    """The text of a CSV file; None where it is none."""
    is_utf_16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    # In the west, Excel saves CSV in cp1252.
    for encoding in ["utf-16"] if is_utf_16 else ["utf-8-sig", "cp1252"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\x00" in text else text
    return None
