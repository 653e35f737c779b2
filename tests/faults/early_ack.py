"""A twin of the portal that shows the receipt before it stores anything: a run that finds no loss is blind.

Takes the words of the command `portal`. EARLY_BY says by how many seconds the receipt is early.
"""

from __future__ import annotations

import os
import sys
import threading

from portal.cli import main
from portal.database import Database
from portal.intake.submissions import Arrival, Receivers, Result, submit
from portal.sealing import KeyRing

EARLY_BY = float(os.environ.get("EARLY_BY", "0.05"))


def submit_later(database: Database, ring: KeyRing, arrival: Arrival, receivers: Receivers) -> Result:
    threading.Timer(EARLY_BY, submit, (database, ring, arrival, receivers)).start()
    return Result.STORED


if __name__ == "__main__":
    for module in list(sys.modules.values()):  # wherever it was imported to
        if module.__name__.startswith("portal.") and vars(module).get("submit") is submit:
            module.submit = submit_later  # type: ignore[attr-defined]
    main()
