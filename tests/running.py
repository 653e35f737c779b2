"""The command `portal` as an operator runs it: another process, in its own folder."""

from __future__ import annotations

import http.client
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portal.cli import main
from portal.database import Database
from tests.fresh import address_of

COMMAND = Path(sys.executable).parent / "portal"
PATIENCE = 60
"""Seconds after which a process that should have answered or ended is given up."""


def environment(data: Path, **given: str) -> dict[str, str]:
    """This machine's environment, with no setting of a portal but these."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("PORTAL_", "PORT"))}
    return {**ours, "PORTAL_DATA": str(data), **given}


def at_home(database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Lets `portal` work on this database; gives the data folder, which has no keys yet."""
    data = folder / "data"
    data.mkdir(mode=0o700)
    monkeypatch.setenv("PORTAL_DATA", str(data))
    monkeypatch.setenv("PORTAL_DATABASE", address_of(database))
    return data


def portal(*words: str) -> Result:
    """`portal` with these words, in this process; an error that is not a sentence fails the test."""
    found = CliRunner().invoke(main, words)
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    assert "Traceback" not in found.output
    return found


def refusal(*words: str) -> str:
    """The sentence with which `portal` refuses to do this."""
    found = portal(*words)
    assert found.exit_code == 1, found.output
    return found.stderr.splitlines()[-1].removeprefix("Error: ")


def run(data: Path, *words: str, **given: str) -> subprocess.CompletedProcess[str]:
    """`portal` with these words, to its end."""
    return subprocess.run(
        [COMMAND, *words],
        env=environment(data, **given),
        cwd=data.parent,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
    return port


class Serving:
    """A running `portal serve`, with what it printed."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
        self.process = process
        self.port = port
        self.folder = folder

    @property
    def said(self) -> str:
        return (self.folder / "said.txt").read_text("utf-8", "replace")

    @property
    def logged(self) -> str:
        return (self.folder / "logged.txt").read_text("utf-8", "replace")

    def get(self, path: str, patience: float = PATIENCE, **headers: str) -> tuple[int, str]:
        """Status and text of a page."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=patience)
        try:
            connection.request("GET", path, headers={"Connection": "close", **headers})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def send_bytes(self, request: bytes) -> bytes:
        """What is answered to bytes that need not be HTTP."""
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as wire:
            wire.sendall(request)
            wire.shutdown(socket.SHUT_WR)
            answer = b""
            while found := wire.recv(65536):
                answer += found
            return answer

    def stop(self) -> int:
        """Ask it to end as a service manager does; gives its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


@contextmanager
def serving(data: Path, *words: str, command: str = "serve", **given: str) -> Iterator[Serving]:
    """`portal serve` on a free port, from its first answer to its end."""
    port = free_port()
    data.parent.mkdir(exist_ok=True)
    with (data.parent / "said.txt").open("wb") as said, (data.parent / "logged.txt").open("wb") as logged:
        process = subprocess.Popen(
            [COMMAND, command, "--port", str(port), *words],
            env=environment(data, **given),
            cwd=data.parent,
            stdout=said,
            stderr=logged,
        )
    running = Serving(process, port, data.parent)
    try:
        _until_it_answers(running)
        yield running
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _until_it_answers(running: Serving) -> None:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        assert running.process.poll() is None, running.logged
        try:
            running.get("/healthz", Host="127.0.0.1")
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"no answer: {running.logged}")


def forked(work: Callable[[], object], processes: int = 1) -> list[int]:
    """Let so many processes of their own do this at once; gives their exit codes."""
    context = multiprocessing.get_context("fork")
    made = [context.Process(target=work) for _number in range(processes)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # from Python 3.12 on: a fork beside threads
        for process in made:
            process.start()
    for process in made:
        process.join(PATIENCE)
    return [process.exitcode if process.exitcode is not None else -1 for process in made]
