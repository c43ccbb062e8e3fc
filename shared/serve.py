"""Run one process: an ASGI application under uvicorn that stops gracefully on SIGTERM, SIGINT or a lost supervisor."""

import os
import signal

import uvicorn
import uvloop

from shared import lifeline, logs
from shared.settings import ProcessSettings
from shared.web import Observation

#: Requests under way get this long to end.
GRACE_SECONDS = 8


def configuration(application: Observation, settings: ProcessSettings) -> uvicorn.Config:
    """How uvicorn serves a process."""
    return uvicorn.Config(
        application,
        host=settings.host,
        port=settings.port,
        loop="none",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        # Who asks is a balancer, unless it is trusted to say for whom: limits for each address would be one for all.
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=[one.strip() for one in settings.trusted_proxies.split(",")],
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=30,
        h11_max_incomplete_event_size=64 * 1024,
    )


def serve(application: Observation, settings: ProcessSettings) -> int:
    """Serve until told to stop; 0, or 1 where the process could not start."""
    server = uvicorn.Server(configuration(application, settings))
    lifeline.start(lambda: os.kill(os.getpid(), signal.SIGTERM))
    with_uvloop = uvloop.new_event_loop()
    with_uvloop.run_until_complete(server.serve())
    return 0 if server.started else 1


def configure_logs(service: str, settings: ProcessSettings) -> None:
    """JSON in production, readable lines in development."""
    logs.configure(service, as_json=settings.environment == "production", level=settings.log_level)
