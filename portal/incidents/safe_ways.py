"""How the people of a case can be reached safely: their contact rules, made of what they answered.

What is not said is taken the careful way. Words hide who we are unless the person says that they need not;
what others may hear or see gets no message; where somebody is abused at home it is not used at all. Each
person who told us has a rule, named for the case that their report made.
"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, delete, select

from portal import clock, contact, new_address
from portal.addresses import email_in, phone_in
from portal.contact import Hours, Method, Rule
from portal.database import Database
from portal.incidents import moving
from portal.incidents.facts import DOMESTIC
from portal.incidents.models import IncidentCase, IncidentReport
from portal.incidents.states import FINISHED
from portal.interpreting.requests import HOURS
from portal.questions import Answers
from portal.questions.answers import said
from portal.questions.messages import Message
from portal.sealing import KeyRing

CONTACT_KEYS = frozenset({"phone", "email", "post", "worker", "meet_where", "safe_word"})
"""Questions of the form whose answers are shown with a permit, never with the other words of a report."""
REACH: dict[str, Method] = {
    "phone": Method.CALL,
    "sms": Method.SMS,
    "email": Method.EMAIL,
    "post": Method.LETTER,
    "worker": Method.WORKER,
    "person": Method.MEETING,
}
SEEN: dict[str, frozenset[Method]] = {
    "post": frozenset({Method.LETTER, Method.VISIT}),
    "email": frozenset({Method.EMAIL}),
    "phone": frozenset({Method.CALL, Method.SMS, Method.VOICEMAIL}),
}
"""What who did it could see or hear -> the ways that we then do not use."""
AT_HOME = frozenset({"household", "partner_ex", "family"})
NOT_SURE = "not_sure"
YEAR = 366 * 86400
KEPT_AFTER = 90 * 86400
"""Seconds after a case was closed that it is still known how to reach its people."""

MADE = select(IncidentReport.made, IncidentReport.reference).where(
    IncidentReport.case == bindparam("of"), IncidentReport.made.is_not(None)
)


def owner_of(case: str) -> str:
    """Whose contact rule it is: of who told us what made this case."""
    return f"{contact.OF_CASES} {case}"


def owners(connection: Connection, case: str) -> list[str]:
    """The owners of the rules of everybody who told us something of a case, the first first."""
    rows = connection.execute(MADE.order_by(IncidentReport.received), {"of": case})
    return list(dict.fromkeys(owner_of(row.made) for row in rows))


def rule_of(case: str, answers: Answers, language: str) -> Rule:
    """The contact rule that answers to the incident form make, those that count, for the case it made."""

    def codes(key: str) -> frozenset[str]:
        return frozenset(said(answers.get(key, ())))

    def words(key: str) -> str:
        return next(iter(said(answers.get(key, ()))), "")

    span, now = HOURS.get(words("hours")), clock.seconds()
    until = _end_of(words("safe_until"))
    return Rule(
        owner=owner_of(case),
        name=words("name"),
        phone=phone_in(words("phone")),
        email=email_in(words("email")),
        address=words("post"),
        worker=words("worker"),
        meeting=words("meet_where"),
        safe_word=words("safe_word"),
        methods=_methods(answers),
        hours=(Hours(*span),) if span else (),
        voicemail=words("voicemail") == "yes",
        discreet=words("discreet") != "no",
        who_else=codes("who_else") | (codes("can_they_see") & {NOT_SURE}),
        strict=bool(codes("kind") & DOMESTIC or codes("perp_relationship") & AT_HOME),
        blocked=frozenset(way for code in codes("can_they_see") for way in SEEN.get(code, ())),
        language=language,
        named=0 if until else now,
        until=until or now + YEAR,
    )


def _methods(answers: Answers) -> tuple[Method, ...]:
    """The ways that are named, in the form's order. A visit at home is one only if that is where they want
    to talk."""
    reach = said(answers.get("reach", ()))
    found = [REACH[code] for code in reach if code in REACH]
    if found and "home" in said(answers.get("interview_place", ())):
        found.append(Method.VISIT)
    return tuple(found)


def _end_of(day: str) -> int | None:
    """The second after that day; None where no whole day was named."""
    if len(day) != len("2026-03-01"):
        return None
    return clock.second_of(clock.days_after(clock.day(day), 1), "00:00")


def keep(
    connection: Connection,
    ring: KeyRing,
    case: str,
    answers: Answers,
    language: str,
    *,
    by: str,
    new: bool,
) -> None:
    """Keep what a report says of how to reach who told it, in place of what they said before.

    `new` says that the case was made just now: nothing was said before.
    """
    rule = rule_of(case, answers, language)
    if new:
        contact.keep_rule(connection, ring, rule)
    else:
        new_address.keep_again(connection, ring, rule, by)


def be_careful(connection: Connection, case: str) -> None:
    """In a case of abuse at home nobody's ways are used that others may hear or see, whoever told us."""
    found = moving.find(connection, case)
    if found is not None and (found.compartment == "domestic_abuse" or DOMESTIC & set(found.kinds)):
        contact.be_strict(connection, owners(connection, case))


def to_mind(connection: Connection, case: str) -> tuple[Message, ...]:
    """What staff must see to before they reach anybody of a case: for the case's page; nothing is opened."""
    found = [words for owner in owners(connection, case) for words in contact.to_mind(connection, owner)]
    return tuple(dict.fromkeys(found))


def forget(connection: Connection, case: str) -> int:
    """Forget how to reach everybody of a case, as when it is erased; gives how many."""
    return sum(contact.forget_rule(connection, owner) for owner in owners(connection, case))


def forget_of_closed(database: Database) -> int:
    """Forget how to reach the people of cases that were closed 90 days ago and stayed so; gives how many."""
    case, before = IncidentCase, clock.seconds() - KEPT_AFTER
    over = select(case.reference).where(
        case.state.in_([state.value for state in FINISHED]), case.closed <= before
    )
    rule, made = contact.ContactRule, IncidentReport.made
    owned = select(f"{contact.OF_CASES} " + made).where(IncidentReport.case.in_(over), made.is_not(None))
    with database.write() as connection:
        return connection.execute(delete(rule).where(rule.owner.in_(owned))).rowcount
