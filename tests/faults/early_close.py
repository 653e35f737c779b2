"""A twin of the portal that forgets a batch's papers before it stores their answers: to be found out.

Takes the words of the command `portal`. EARLY_BY says by how many seconds the closing is early.
"""

from __future__ import annotations

import os
import threading

from portal.cli import main
from portal.database import Database
from portal.intake.submissions import Arrival, Receivers
from portal.keying import closing
from portal.sealing import KeyRing

EARLY_BY = float(os.environ.get("EARLY_BY", "2"))
store = closing._store


def store_later(database: Database, ring: KeyRing, arrival: Arrival, receivers: Receivers) -> None:
    threading.Timer(EARLY_BY, store, (database, ring, arrival, receivers)).start()


if __name__ == "__main__":
    closing._store = store_later
    main()
