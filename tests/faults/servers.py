"""A server in a process group of its own: started, watched, killed."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

from tests.faults.places import ROOT, Place
from tests.faults.waiting import until


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Server:
    """`portal serve` at a place, or another module that takes the same words."""

    def __init__(self, place: Place, module: str = "portal.cli") -> None:
        self.place = place
        self.module = module
        self.port = free_port()
        self.log = place.data / "server.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start it; returns the seconds until it was ready."""
        began = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module, "serve", "--port", str(self.port)],
                cwd=ROOT,
                env=self.place.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until(self._is_ready, f"a server at port {self.port}: {self.log.read_text()[-2000:]}")
        return time.monotonic() - began

    def _is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"the server ended: {self.log.read_text()[-2000:]}"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def kill(self) -> None:
        """kill -9 of every process of the server at once."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Let it finish what is under way."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
            self.process = None

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            group, process = self.process.pid, self.process
            os.killpg(group, how)
            process.wait(30)
            until(lambda: not _is_group(group), "the end of every process of the server")
            self.process = None

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    @property
    def workers(self) -> list[int]:
        """The process ids of its workers."""
        assert self.process is not None
        parent = self.process.pid
        return sorted(int(pid) for pid in _children(parent).split())

    @property
    def unforeseen(self) -> list[str]:
        """What the log says of errors that nobody foresaw."""
        lines = self.log.read_text(errors="replace").splitlines()
        found = [json.loads(line) for line in lines if line.startswith("{")]
        errors = [line for line in found if line["level"] in ("error", "critical")]
        traces = [line for line in lines if line.startswith("Traceback")]
        return [str(line) for line in errors if not _foreseen(line)] + traces


def _foreseen(line: dict[str, str]) -> bool:
    """The database was busy or away: a person was told, or the worker tries again."""
    away = line.get("kind") in ("Busy", "OperationalError")
    return line["event"] == "unavailable" or (away and line["event"] in ("worker in trouble", "job failed"))


def _is_group(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def _children(parent: int) -> str:
    return Path(f"/proc/{parent}/task/{parent}/children").read_text()
