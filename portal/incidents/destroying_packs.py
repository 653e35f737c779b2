"""Destroying what a link led to, once it leads there no more: too old, taken back, or used and read.

That it was shared, with whom and which fields, stays. An encrypted file is no link: whoever sent it has it.
"""

from __future__ import annotations

from sqlalchemy import bindparam, func, select, update

from portal import audit, clock
from portal.audit import PORTAL, Did
from portal.database import Database
from portal.incidents import links
from portal.incidents.agencies import LINK
from portal.incidents.consents import held
from portal.incidents.moving import NotNow
from portal.incidents.shared import Disclosure, PackLink
from portal.sealing import KeyRing

ROW = Disclosure
HAS_TIME = (
    select(PackLink.digest)
    .where(PackLink.disclosure == ROW.reference, PackLink.ends > bindparam("now"))
    .exists()
)
OVER = (
    select(ROW.reference, ROW.report)
    .where(ROW.route == LINK, func.length(ROW.pack) > 0, ~HAS_TIME)
    .order_by(ROW.reference)
)


def destroy_over(database: Database, ring: KeyRing) -> int:
    """Destroy the packs to which no link leads any more, and such links; how many packs."""
    with database.read() as connection:
        found = connection.execute(OVER, {"now": clock.seconds()}).all()
    return sum(_destroy(database, ring, row.reference, row.report) for row in found)


def _destroy(database: Database, ring: KeyRing, reference: str, report: str) -> bool:
    with database.write() as connection:
        try:
            case = held(connection, report)
        except NotNow:
            return False  # just being merged: the next time
        still = OVER.where(ROW.reference == reference)
        if connection.execute(still, {"now": clock.seconds()}).first() is None:
            return False
        connection.execute(update(ROW).where(ROW.reference == reference).values(pack=b""))
        connection.execute(links.FORGET, {"of": reference})
        what, detail = f"case disclosure {case.reference}", {"disclosure": reference}
        audit.note(connection, ring, by=PORTAL, did=Did.DELETED, what=what, detail=detail)
    return True
