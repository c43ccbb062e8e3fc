"""How a pool and its child process talk: each message is its length in 4 bytes and then its bytes."""

import struct
from typing import BinaryIO

LENGTH = struct.Struct(">I")


def read_frame(source: BinaryIO) -> bytes | None:
    """The next message, or None where the input has ended."""
    head = source.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    frame = source.read(length)
    return frame if len(frame) == length else None


def write_frame(target: BinaryIO, frame: bytes) -> None:
    """Write a message, whole."""
    target.write(LENGTH.pack(len(frame)))
    target.write(frame)
    target.flush()
