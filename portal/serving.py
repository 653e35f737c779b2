"""Running the portal: gunicorn with our settings, our logs, and a worker beside it that does the jobs."""

from __future__ import annotations

import fcntl
import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.http.errors import InvalidResponseHeader, InvalidResponseHeaderName, ParseException
from gunicorn.workers.gthread import ThreadWorker

from portal import create_app, logs, pages
from portal.database import Database
from portal.sealing import KeyRing
from portal.settings import Settings

PAUSE = 5
"""Seconds before a worker that ended is started again."""
MEMORY = Path("/dev/shm")
"""Where Linux keeps files in memory: a worker's sign of life must not wait for a slow disk."""

log = logging.getLogger("portal")


class QuietLogger(Logger):  # type: ignore[misc]
    """gunicorn's own words name addresses and paths of requests: they go through our form of line."""

    def setup(self, cfg: Any) -> None:
        logs.to_stderr()
        self.error_log = logging.getLogger("gunicorn.error")
        self.error_log.setLevel(logging.WARNING)
        self.error_log.propagate = True  # else Python prints its warnings as they are
        self.access_log = logging.getLogger("gunicorn.access")
        self.access_log.disabled = True

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        return None


OUR_FAULT = (InvalidResponseHeader, InvalidResponseHeaderName)


class PlainWorker(ThreadWorker):  # type: ignore[misc]
    """gunicorn answers malformed HTTP itself, quoting the request: our answer quotes nothing."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        malformed = isinstance(exc, ParseException) and not isinstance(exc, OUR_FAULT)
        if malformed:
            log.warning("malformed request", extra={"kind": type(exc).__name__})
        else:
            log.error("request failed outside the application", extra={"kind": type(exc).__name__})
        try:
            client.sendall(pages.bare_answer("400 Bad Request" if malformed else "500 Internal Server Error"))
        except OSError:
            log.info("nobody waited for the answer", extra={"kind": type(exc).__name__})


def open_portal(settings: Settings) -> Flask:
    """The application with its own connections: each worker calls this for itself."""
    return create_app(
        settings, Database(settings.database_url, pool=settings.threads), KeyRing.load(settings.key_file)
    )


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn for one portal. SIGTERM lets requests that are under way finish."""

    def __init__(self, settings: Settings, bind: str) -> None:
        self.settings = settings
        self.bind = bind
        super().__init__()

    def load_config(self) -> None:
        options = {
            "bind": self.bind,
            "workers": self.settings.workers,
            "threads": self.settings.threads,
            "worker_class": PlainWorker,
            "logger_class": QuietLogger,
            "timeout": 60,
            "graceful_timeout": 20,
            "keepalive": 5,
            "limit_request_line": 4094,
            "forwarded_allow_ips": "*" if self.settings.proxies else "127.0.0.1",
            "post_fork": self.start_supervising,
            "worker_tmp_dir": str(MEMORY) if MEMORY.is_dir() else None,
            "control_socket_disable": True,
        }
        for name, value in options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        return open_portal(self.settings)

    def start_supervising(self, server: Any, worker: Any) -> None:
        if self.settings.worker:
            threading.Thread(target=supervise, args=(self.settings,), daemon=True).start()


def supervise(settings: Settings) -> None:
    """Keep one `portal worker` running beside the server, in a process of its own.

    Every web process waits here for its turn; the first has a worker, and when that process ends the next
    one starts another. The worker ends when the pipe to its stdin does, however this process ends.
    """
    with (settings.data / "worker.lock").open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        while True:
            process = subprocess.Popen(
                [sys.executable, "-m", "portal.cli", "worker", "--beside-server"],
                stdin=subprocess.PIPE,
                env={**os.environ, "PORTAL_DATA": str(settings.data), "PORTAL_ADDRESS": settings.address},
            )
            log.warning("worker ended", extra={"status": process.wait()})
            time.sleep(PAUSE)
