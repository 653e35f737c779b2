"""The command `portal` with a death in it: at its n-th step it is gone, as by kill -9.

    python -m tests.faults.dying STEP WORDS...

A step is a moment before or after a statement, before a commit, or around putting a file in its place.
A command that has fewer steps ends as ever, and writes how many it has into the file FAULTS_STEPS, if any.
FAULTS_MIGRATIONS and FAULTS_BATCH stand in for the folder of migrations and for how many keys are moved at
once.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from portal import keeping, migrating
from portal.cli import main

left = 0


def step(*anything: Any) -> None:
    """One step of the command; the last one is its end."""
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)


def around(function: Callable[..., Any]) -> Callable[..., Any]:
    def stepping(*words: Any, **more: Any) -> Any:
        step()
        result = function(*words, **more)
        step()
        return result

    return stepping


if __name__ == "__main__":
    left = dies_at = int(sys.argv.pop(1))
    for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(Engine, name, step)
    os.replace, os.fsync = around(os.replace), around(os.fsync)
    if "FAULTS_MIGRATIONS" in os.environ:
        folder = Path(os.environ["FAULTS_MIGRATIONS"])
        migrating.migrations_folder = lambda: folder
    keeping.BATCH = int(os.environ.get("FAULTS_BATCH", keeping.BATCH))
    try:
        main()
    finally:
        if "FAULTS_STEPS" in os.environ:
            Path(os.environ["FAULTS_STEPS"]).write_text(str(dies_at - left))
