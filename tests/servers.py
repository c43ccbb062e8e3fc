"""Serves an application over real HTTP on a free port of the loopback interface, in this event loop."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

from shared.web import Observation


def free_port() -> int:
    """A port of the loopback interface that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def running(application: Observation, port: int) -> AsyncIterator[str]:
    """The base address of `application`, served on `port` until the block ends."""
    config = uvicorn.Config(
        application, host="127.0.0.1", port=port, log_config=None, access_log=False, ws="none", lifespan="on"
    )
    async with configured(config) as url:
        yield url


@asynccontextmanager
async def configured(config: uvicorn.Config) -> AsyncIterator[str]:
    """The base address of what uvicorn serves by `config` until the block ends."""
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve())
    while not server.started:
        if task.done():
            task.result()
            raise RuntimeError("the application did not start")
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{config.port}"
    finally:
        server.should_exit = True
        await task
