"""Waiting for something to be so, never for a time to pass."""

from __future__ import annotations

import time
from collections.abc import Callable


class TooLate(AssertionError):
    """What was waited for did not come."""


def until(condition: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Return as soon as the condition holds. Raises TooLate, with these words, after some seconds."""
    ends = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > ends:
            raise TooLate(f"not within {seconds:.0f} seconds: {what}")
        time.sleep(0.002)
