"""Reads the body of another service's answer: all of it, and no more than was bargained for."""

import aiohttp

_CHUNK = 64 * 1024


class AnswerTooLargeError(Exception):
    """The body is larger than it may be."""


async def body_of(answer: aiohttp.ClientResponse, *, most_bytes: int) -> bytes:
    """The whole body; AnswerTooLargeError past the limit. (A single `read(n)` returns what has come so far.)"""
    found = bytearray()
    async for chunk in answer.content.iter_chunked(_CHUNK):
        found += chunk
        if len(found) > most_bytes:
            raise AnswerTooLargeError
    return bytes(found)
