"""Logs: one JSON object a line, made of a few allowed fields. No answer, no address, no person."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

ALLOWED = ("kind", "job", "endpoint", "places", "status", "milliseconds", "method", "count", "reference")
"""What a record may carry besides its event: names of code and numbers."""


class Line(logging.Formatter):
    """A record as JSON. What is not ours is reduced to its source and level: it may quote a request."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="seconds"),
            "level": record.levelname.lower(),
        }
        if record.name == "portal" or record.name.startswith("portal."):
            line["event"] = record.msg
            line.update({name: getattr(record, name) for name in ALLOWED if hasattr(record, name)})
        else:
            line["event"] = f"message from {record.name}"
            line["places"] = [f"{record.filename}:{record.lineno}"]
        return json.dumps(line)


def places(error: BaseException) -> list[str]:
    """Where in the code an error came from, the innermost last: never its words."""
    found = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        found.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}:{code.co_name}")
        trace = trace.tb_next
    return found[-8:]


def to_stderr(level: int = logging.INFO) -> None:
    """Send every logger's records to stderr in this form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Line())
    logging.basicConfig(level=level, handlers=[handler], force=True)
