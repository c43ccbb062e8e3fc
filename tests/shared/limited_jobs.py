"""Functions that the limited children of the tests run: one good, the others as strangers would have them."""

import ctypes
import os
import signal
import socket
import time


def turned(payload: bytes) -> bytes:
    """The bytes from back to front."""
    return payload[::-1]


def burning(payload: bytes) -> bytes:
    """Never ends, in Python."""
    while True:
        payload = payload[::-1]


def stuck_in_c(payload: bytes) -> bytes:
    """Takes minutes inside one call of a C function, where no Python signal handler runs."""
    return str(pow(7, 10**8) % 2).encode() + payload


def hogging(payload: bytes) -> bytes:
    """Takes memory until there is none."""
    kept = [payload]
    while True:
        kept.append(bytearray(16 << 20))  # type: ignore[arg-type]  # only its size counts


def taking(payload: bytes) -> bytes:
    """Takes as many bytes as it is told."""
    return str(len(bytearray(int(payload)))).encode()


def sleeping(payload: bytes) -> bytes:
    """Waits for an hour and uses no CPU."""
    time.sleep(3600)
    return payload


def crashing(payload: bytes) -> bytes:
    """Reads where nothing is."""
    return ctypes.string_at(0) + payload


def leaving(payload: bytes) -> bytes:
    """Ends its process."""
    os._exit(int(payload))


def raising(payload: bytes) -> bytes:
    """Fails with the stranger's words in the message."""
    raise LookupError(payload.decode())


def printing(payload: bytes) -> bytes:
    """Writes to standard output, where the answers go, as a chatty library would."""
    print("hello", flush=True)
    os.write(1, b"hello")
    return payload


def swelling(payload: bytes) -> bytes:
    """Answers more than it was given."""
    return b"x" * int(payload)


def surroundings(payload: bytes) -> bytes:
    """The names of its environment, a line each; then the descriptors that it has."""
    names = sorted(os.environ)
    open_ones = [str(fd) for fd in range(64) if _is_open(fd)]
    return "\n".join((" ".join(names), " ".join(open_ones), str(os.getpid()))).encode() + payload


def writing(payload: bytes) -> bytes:
    """Writes a file where it is told."""
    with open(payload, "wb", buffering=0) as target:  # noqa: PTH123  # the plainest way
        target.write(b"written")
    return b"done"


def opening(payload: bytes) -> bytes:
    """Opens as many sockets as it is told."""
    return str(len([socket.socket() for _ in range(int(payload))])).encode()


def undisturbed(payload: bytes) -> bytes:
    """The seconds that its timers have left."""
    return b"%d %d" % (
        round(signal.getitimer(signal.ITIMER_PROF)[0]),
        round(signal.getitimer(signal.ITIMER_REAL)[0]),
    )


def _is_open(fd: int) -> bool:
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True
