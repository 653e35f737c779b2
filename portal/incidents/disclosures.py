"""Sharing with an organisation: what is allowed is asked once more in the moment of sending.

In one transaction the case is locked, consent or override is read, and what is sent is written down. Nobody
can take a yes back in between: who comes first is first.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, or_, select, update

from portal import audit, clock, references
from portal.audit import Did
from portal.database import Database
from portal.incidents import agencies, consents, links, overrides, packs, tombstones, words
from portal.incidents.agencies import LINK
from portal.incidents.consents import ALLOWS, held
from portal.incidents.models import IncidentReport
from portal.incidents.moving import NotNow
from portal.incidents.packs import Field, Pack
from portal.incidents.shared import AgencyFeedback, Disclosure, PackLink, ShareConsent
from portal.incidents.tombstones import Tombstone
from portal.questions import Form
from portal.questions.messages import Message, _staff
from portal.sealing import KeyRing

FEEDBACK: dict[str, Message] = {
    "helps": _staff("They help the person"),
    "helped": _staff("They have helped, and are done"),
    "no_action": _staff("They do nothing about it"),
    "not_for_them": _staff("It is not for them"),
    "not_reached": _staff("They could not reach the person"),
    "declined": _staff("The person does not want their help"),
    "other": _staff("Something else"),
}
CONSENT, OVERRIDE = "consent", "override"
NO_YES = _staff("The person has not agreed to this, or has taken it back. Nothing was sent.")
NO_OVERRIDE = _staff("No manager allows this, or it was used already. Nothing was sent.")
NO_AGREEMENT = _staff("Nothing was agreed with this organisation yet. Nothing was sent.")
TOO_MUCH = _staff("This is more than may be sent now. Nothing was sent: choose again.")
SAYS_WHO = _staff(
    "The person said: without my name. What you wrote holds a part of a name, a number or an address."
)
DESTROYED = _staff(
    "What was to be sent is not kept any more: the link was too old, or used. Choose it again and "
    "send it anew."
)
CHANGED = _staff("The person has changed what they told us. Nothing was sent: look at it again.")

ROW = Disclosure
EVERY = select(*ROW.__table__.columns)
FIND = EVERY.where(ROW.reference == bindparam("of"))
OF_CASE = (
    EVERY.add_columns(
        ShareConsent.withdrawn,
        PackLink.ends.label("link_ends"),
        Tombstone.erased,
    )
    .join(IncidentReport, IncidentReport.reference == ROW.report)
    .outerjoin(
        ShareConsent,
        (ShareConsent.report == ROW.report)
        & (ShareConsent.agency == ROW.agency)
        & (ShareConsent.number == ROW.consent),
    )
    .outerjoin(PackLink, PackLink.disclosure == ROW.reference)
    .outerjoin(Tombstone, Tombstone.reference == ROW.report)
)
IS_THERE = (ROW.route != LINK) | ROW.opened.is_not(None)
"""Whether the organisation has it, as far as anybody knows."""
TO_DELETE = (
    OF_CASE.where(or_(ShareConsent.withdrawn.is_not(None), Tombstone.erased.is_not(None)))
    .where(IS_THERE, ROW.deleted.is_(None))
    .add_columns(IncidentReport.case.label("now_in"))
)
"""What an organisation has of somebody who took the yes back since, or whose report was erased."""
WHO_HAVE = select(ROW.agency).where(ROW.report == bindparam("of"), IS_THERE, ROW.deleted.is_(None)).distinct()
FEEDBACK_OF = (
    select(*AgencyFeedback.__table__.columns)
    .where(AgencyFeedback.disclosure == bindparam("of"))
    .order_by(AgencyFeedback.at, AgencyFeedback.reference)
)


class NotAllowed(NotNow):
    """This may not be shared now; `why` says it to staff."""

    def __init__(self, why: Message) -> None:
        super().__init__(why.id)
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What somebody wants to send."""

    report: str
    agency: str
    fields: frozenset[Field]
    request: str = ""
    """What we ask the organisation to do, in our own words."""
    answers: str = ""
    """The id of the answers that were looked at; with none, whatever they are now."""
    override: str | None = None


@dataclass(frozen=True, slots=True)
class Allowed:
    """What allows a sending, and what may be in it."""

    ground: str
    consent: int | None
    override: str | None
    fields: frozenset[Field]
    nameless: bool
    route: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A disclosure that was made, and the secret of its link, which nobody can show again."""

    reference: str
    secret: str | None


def permit(
    connection: Connection, report: str, agency: str, *, by: str, override: str | None = None
) -> Allowed:
    """What may be sent now. Raises NotAllowed. It holds only while the case is locked."""
    agreed = agencies.find(connection, agency, hold=True)
    if agreed is None:
        raise NotAllowed(NO_AGREEMENT)
    most = agencies.fields_of(agreed.fields)
    if override is not None:
        wish = overrides.usable(connection, override, by)
        if wish is None or (wish.report, wish.agency) != (report, agency):
            raise NotAllowed(NO_OVERRIDE)
        fields = most & agencies.fields_of(wish.fields)
        return Allowed(OVERRIDE, None, override, fields, False, agreed.route)
    consent = consents.current(connection, report).get(agency)
    if consent is None or consent.answer not in ALLOWS:
        raise NotAllowed(NO_YES)
    fields, nameless = most & ALLOWS[consent.answer], consent.answer == "yes_without_name"
    return Allowed(CONSENT, consent.number, None, fields, nameless, agreed.route)


def send(database: Database, ring: KeyRing, forms: Iterable[Form], sending: Sending, by: str) -> Sent:
    """Send what was chosen, if it may be sent in this moment. Raises NotAllowed, NotNow, Erased."""
    reference, secret = references.new(), secrets.token_urlsafe(32)
    with database.read() as connection:
        told = packs.told(connection, ring, forms, sending.report)
        if told is None or sending.answers not in ("", told.submission):
            raise NotAllowed(CHANGED)
        pack = packs.built(told, sending.fields, sending.request)
        sealed = words.seal(connection, ring, told.case, _place(reference), pack)
    nameless = packs.says_who(sending.request, told.answers)
    with database.write() as connection:
        case = held(connection, sending.report)
        if case.reference != told.case or case.data_key is None or not _same(connection, told):
            raise NotAllowed(CHANGED)
        allowed = permit(connection, sending.report, sending.agency, by=by, override=sending.override)
        if not pack or not sending.fields <= allowed.fields:
            raise NotAllowed(TOO_MUCH)
        if allowed.nameless and nameless:
            raise NotAllowed(SAYS_WHO)
        row = {
            "reference": reference,
            "case": case.reference,
            "report": sending.report,
            "agency": sending.agency,
            "ground": allowed.ground,
            "consent": allowed.consent,
            "override": allowed.override,
            "fields": [part["field"] for part in pack],
            "pack": sealed,
            "route": allowed.route,
            "by": by,
            "sent": clock.seconds(),
        }
        connection.execute(insert(ROW), row)
        if allowed.route == LINK:
            links.make(connection, ring, reference, secret)
        detail = {"disclosure": reference, "agency": sending.agency, "ground": allowed.ground}
        what = f"case disclosure {case.reference}"
        more = {"fields": row["fields"]}
        audit.note(connection, ring, by=by, did=Did.RELEASED, what=what, detail=detail | more)
    return Sent(reference, secret if allowed.route == LINK else None)


def _same(connection: Connection, told: packs.Told) -> bool:
    """Whether the person has not answered otherwise since the pack was made."""
    row = connection.execute(packs.REPORT_ANSWERS, {"of": told.report}).first()
    return row is not None and row.submission == told.submission


def _place(reference: str) -> str:
    return f"disclosure/pack/{reference}"


def find(connection: Connection, reference: str) -> Row[Any] | None:
    """A disclosure by its reference."""
    return connection.execute(FIND, {"of": reference}).first()


def of_case(connection: Connection, case: str) -> list[Row[Any]]:
    """What was shared of a case, the oldest first; with when the yes was taken back and until when a link
    that nobody has opened leads somewhere."""
    query = OF_CASE.where(IncidentReport.case == bindparam("of")).order_by(ROW.sent, ROW.reference)
    return list(connection.execute(query, {"of": case}))


def to_delete(connection: Connection, case: str | None = None) -> list[Row[Any]]:
    """What organisations have of people who took their yes back, or whose report was erased, and have not
    said that they deleted it: of one case (`now_in`), or of all. Somebody has to ask them."""
    query = TO_DELETE if case is None else TO_DELETE.where(IncidentReport.case == case)
    return list(connection.execute(query.order_by(ROW.sent, ROW.reference)))


def who_have(connection: Connection, report: str) -> list[str]:
    """The organisations that have something of a report, as far as anybody knows."""
    return sorted(connection.execute(WHO_HAVE, {"of": report}).scalars())


def still_allowed(connection: Connection, row: Row[Any]) -> bool:
    """Whether what allowed a disclosure still does. It holds only while the case is locked."""
    if tombstones.is_erased(connection, row.report):
        return False
    if row.ground == OVERRIDE:
        return True
    return any(
        said.number == row.consent and said.withdrawn is None
        for said in consents.ledger(connection, row.report)
        if said.agency == row.agency
    )


def opened(connection: Connection, ring: KeyRing, row: Row[Any]) -> Pack:
    """What was shared, opened. Whoever calls it has noted it before. Raises Erased, also when it is not kept
    any more."""
    if not row.pack:
        raise words.Erased(row.reference)
    pack: Pack = words.opened(connection, ring, row.case, _place(row.reference), row.pack)
    return pack


def new_link(database: Database, ring: KeyRing, reference: str, by: str) -> str:
    """The secret of a new link in place of one that got lost or too old. Raises NotAllowed, NotNow."""
    secret = secrets.token_urlsafe(32)
    with database.write() as connection:
        row, case = _held(connection, reference)
        if row.route != LINK or row.acknowledged is not None:
            raise NotNow(reference)
        if not still_allowed(connection, row):
            raise NotAllowed(NO_YES)
        if not row.pack:
            raise NotAllowed(DESTROYED)
        links.make(connection, ring, reference, secret)
        detail = {"disclosure": reference, "agency": row.agency}
        what = f"case disclosure {case.reference}"
        audit.note(connection, ring, by=by, did=Did.INVITED, what=what, detail=detail)
    return secret


MARKS = ("acknowledged", "deletion_asked", "deleted")


def mark(database: Database, ring: KeyRing, reference: str, what: str, by: str) -> None:
    """Note one of MARKS, once. An organisation says that it deleted something after it was asked.

    Raises NotNow.
    """
    column = {"acknowledged": ROW.acknowledged, "deletion_asked": ROW.deletion_asked, "deleted": ROW.deleted}[
        what
    ]
    with database.write() as connection:
        row, case = _held(connection, reference)
        ready = what != "deleted" or row.deletion_asked is not None
        where = (ROW.reference == reference, column.is_(None))
        done = connection.execute(update(ROW).where(*where).values({column: clock.seconds()}))
        if not ready or done.rowcount != 1:
            raise NotNow(reference)
        detail = {"disclosure": reference, "agency": row.agency, "mark": what}
        named = f"case disclosure {case.reference}"
        audit.note(connection, ring, by=by, did=Did.CHANGED, what=named, detail=detail)


def note_feedback(database: Database, ring: KeyRing, reference: str, code: str, said: str, by: str) -> None:
    """What an organisation tells us about it: a code of FEEDBACK, and words, which are sealed.

    Raises NotNow, Erased.
    """
    if code not in FEEDBACK:
        raise NotNow(code)
    new = references.new()
    with database.write() as connection:
        row, case = _held(connection, reference)
        sealed = words.seal(connection, ring, row.case, f"agency_feedback/sealed/{new}", said)
        feedback = {"reference": new, "disclosure": reference, "code": code, "sealed": sealed, "by": by}
        connection.execute(insert(AgencyFeedback), feedback | {"at": clock.seconds()})
        detail = {"disclosure": reference, "agency": row.agency, "feedback": code}
        what = f"case disclosure {case.reference}"
        audit.note(connection, ring, by=by, did=Did.CHANGED, what=what, detail=detail)


def feedback_of(connection: Connection, ring: KeyRing, row: Row[Any]) -> list[tuple[Row[Any], str]]:
    """What an organisation told us about a disclosure, each with its words, opened. Raises Erased."""
    return [
        (one, words.opened(connection, ring, row.case, f"agency_feedback/sealed/{one.reference}", one.sealed))
        for one in connection.execute(FEEDBACK_OF, {"of": row.reference})
    ]


def _held(connection: Connection, reference: str) -> tuple[Row[Any], Row[Any]]:
    """A disclosure and the case of its report, which is locked before anything is read that counts."""
    row = find(connection, reference)
    if row is None:
        raise NotNow(reference)
    case = held(connection, row.report)
    row = find(connection, reference)
    assert row is not None, "a disclosure is not deleted"
    return row, case
