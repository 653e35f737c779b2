"""What people said about telling others: for each organisation apart, every answer kept, with who asked.

No answer means "ask me first". The newest answer counts; one that takes back what was allowed stops whatever
has not been opened yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from portal import audit, clock
from portal.audit import Did
from portal.database import Database
from portal.forms.sharing import ASK_FIRST
from portal.incidents.models import IncidentReport
from portal.incidents.moving import NotNow, locked
from portal.incidents.packs import NAMED, NAMELESS, Field
from portal.incidents.shared import ANSWERS, Disclosure, PackLink, ShareConsent
from portal.questions import Answers
from portal.questions.answers import said
from portal.questions.messages import Message, _staff
from portal.sealing import KeyRing

REPORTER = "reporter"
"""Who asked, where the person answered by themselves."""
WORDS: dict[str, Message] = {
    "yes_named": _staff("Yes, with my name"),
    "yes_without_name": _staff("Yes, but without my name"),
    "ask_me_first": _staff("Ask me first"),
    "no": _staff("No"),
}
SPOKEN: dict[str, Message] = {
    "phone": _staff("By phone"),
    "meeting": _staff("Face to face"),
    "letter": _staff("In a letter"),
    "message": _staff("In a message"),
}
"""How staff hear it."""
HOWS: dict[str, Message] = {
    "web": _staff("On the website"),
    "paper": _staff("On paper"),
    "outreach": _staff("With somebody from outreach"),
    "reply": _staff("With the code"),
    **SPOKEN,
}
ALLOWS: dict[str, frozenset[Field]] = {"yes_named": NAMED, "yes_without_name": NAMELESS}
"""Answer -> what may be sent with it. Any other answer allows nothing."""

CONSENT = ShareConsent
ADD = insert(CONSENT).returning(CONSENT.number)  # all rows in one statement
OF_REPORT = (
    select(*CONSENT.__table__.columns)
    .where(CONSENT.report == bindparam("of"))
    .order_by(CONSENT.agency, CONSENT.number)
)
CASE_OF = select(IncidentReport.case).where(IncidentReport.reference == bindparam("of"))
LAST_SENT = select(func.max(Disclosure.sent)).where(
    Disclosure.report == bindparam("of"), Disclosure.agency == bindparam("to")
)
SENT_WITH_YES = select(Disclosure.reference).where(
    Disclosure.report == bindparam("of"), Disclosure.agency == bindparam("to"), Disclosure.ground == "consent"
)


def held(connection: Connection, report: str) -> Row[Any]:
    """The case of a report, locked before anything else: for whatever is decided about sharing.

    Raises NotNow when there is none, or the report went to another case meanwhile.
    """
    found = connection.execute(CASE_OF, {"of": report}).scalar()
    if found is None:
        raise NotNow(report)
    case = locked(connection, found)
    if connection.execute(CASE_OF, {"of": report}).scalar() != case.reference:
        raise NotNow(report)
    return case


def ledger(connection: Connection, report: str) -> list[Row[Any]]:
    """All that was ever said about a report, for each organisation the oldest first."""
    return list(connection.execute(OF_REPORT, {"of": report}))


def current(connection: Connection, report: str) -> dict[str, Row[Any]]:
    """The answer that counts, by organisation. One that is not in it was never asked about: ask first."""
    return {row.agency: row for row in ledger(connection, report)}


def say(
    connection: Connection, report: str, answers: Mapping[str, str], *, by: str, how: str, language: str
) -> list[str]:
    """Note what somebody says now, by organisation; gives those for which it is something else than before.

    Whoever calls it has locked the case. Raises ValueError for what is no answer.
    """
    _refuse(answers)
    before, changed = current(connection, report), []
    for agency, answer in sorted(answers.items()):
        rank = ANSWERS.index(answer)
        last = before.get(agency)
        if last is not None and last.answer == answer:
            continue
        # never before the last sending, even if the machine's clock was set back since
        sent = connection.execute(LAST_SENT, {"of": report, "to": agency}).scalar() or 0
        now = max(clock.seconds(), sent, last.at if last is not None else 0)
        if last is not None and last.answer in ALLOWS and rank > ANSWERS.index(last.answer):
            _take_back(connection, last, now)
        row = {"report": report, "agency": agency, "number": last.number + 1 if last is not None else 1}
        row |= {"answer": answer, "asked_by": by, "how": how, "language": language, "at": now}
        connection.execute(ADD, row)
        changed.append(agency)
    return changed


def _refuse(answers: Mapping[str, str]) -> None:
    strange = set(answers.values()) - set(ANSWERS)
    if strange:
        raise ValueError(f"no answer: {', '.join(sorted(strange))}")


def _say_first(
    connection: Connection, report: str, answers: Mapping[str, str], *, by: str, how: str, language: str
) -> None:
    """The same of a report that is stored just now: nothing was said or shared before."""
    _refuse(answers)
    same = {"report": report, "number": 1, "asked_by": by, "how": how, "language": language}
    same["at"] = clock.seconds()
    if answers:
        connection.execute(
            ADD, [{**same, "agency": agency, "answer": answer} for agency, answer in sorted(answers.items())]
        )


def _take_back(connection: Connection, row: Row[Any], now: int) -> None:
    """A yes ends: links that nobody has opened yet lead nowhere from now on."""
    same = (CONSENT.report == row.report, CONSENT.agency == row.agency, CONSENT.number == row.number)
    connection.execute(update(CONSENT).where(*same).values(withdrawn=now))
    links = delete(PackLink).where(PackLink.disclosure.in_(SENT_WITH_YES))
    connection.execute(links, {"of": row.report, "to": row.agency})


def change(
    database: Database,
    ring: KeyRing,
    report: str,
    answers: Mapping[str, str],
    *,
    by: str,
    how: str,
    language: str,
) -> list[str]:
    """The same in a transaction of its own, with its entry in the log: for the person, or for staff who heard
    it. Gives the organisations for which something changed. Raises NotNow.
    """
    with database.write() as connection:
        case = held(connection, report)
        changed = say(connection, report, answers, by=by, how=how, language=language)
        if changed:
            detail = {"report": report, "agencies": changed, "how": how}
            what = f"case consent {case.reference}"
            audit.note(connection, ring, by=by, did=Did.CHANGED, what=what, detail=detail)
    return changed


def arrived(
    connection: Connection,
    report: str,
    answers: Answers,
    *,
    by: str | None,
    channel: str,
    language: str,
    new: bool,
) -> None:
    """Note what a form says: what was put and skipped is "ask me first", and so is what is no longer said.

    `new` says that the report is stored just now, and no change of one.
    """
    found = {
        key.split(".")[1]: next(iter(said(answer)), ASK_FIRST)
        for key, answer in answers.items()
        if key.startswith("share.") and key.endswith(".may")
    }
    if new:
        _say_first(connection, report, found, by=by or REPORTER, how=channel, language=language)
        return
    for agency, row in current(connection, report).items():
        if row.answer in ALLOWS:
            found.setdefault(agency, ASK_FIRST)
    say(connection, report, found, by=by or REPORTER, how=channel, language=language)
