"""What was done in a case: support for people, and measures against those who did it."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select

from portal import clock, references
from portal.incidents.models import CaseAction
from portal.questions.messages import Message, _staff

SUPPORT: dict[str, Message] = {
    "alarm_carelink": _staff("Emergency alarm"),
    "locks": _staff("Locks changed"),
    "fireproof_letterbox": _staff("Fireproof letterbox"),
    "cctv": _staff("Camera"),
    "sanctuary": _staff("Safe room or other work to make the home safer"),
    "escort": _staff("Somebody goes with the person"),
    "temp_move": _staff("Moved for a time"),
    "management_transfer": _staff("Moved to another home"),
    "refuge": _staff("Refuge"),
    "interpreter": _staff("Interpreter"),
    "floating_support": _staff("Support at home"),
    "counselling": _staff("Counselling"),
    "other_support": _staff("Other support"),
}
AGAINST: dict[str, Message] = {
    "advice": _staff("Advice given"),
    "verbal_warning": _staff("Spoken warning"),
    "written_warning": _staff("Written warning"),
    "abc": _staff("Acceptable behaviour contract"),
    "undertaking": _staff("Undertaking"),
    "mediation": _staff("Mediation, agreed by both"),
    "restorative": _staff("Restorative meeting, agreed by both"),
    "programme": _staff("Programme for people who did harm"),
    "tenancy_caution": _staff("Tenancy caution"),
    "injunction": _staff("Injunction"),
    "nosp": _staff("Notice seeking possession"),
    "possession": _staff("Possession"),
    "demotion": _staff("Tenancy demoted"),
    "cpn": _staff("Community protection notice"),
    "closure_order": _staff("Closure order"),
    "prosecution_police": _staff("Prosecution, or passed to the police"),
    "other_landlord_told": _staff("Their landlord was told"),
    "none_unknown": _staff("None: nobody knows who did it"),
    "none_insufficient": _staff("None: too little is known"),
    "none_victim_wish": _staff("None: as the person harmed wishes"),
}
OF_STAFF: dict[str, Message] = {
    "conduct_referral": _staff("Passed on under the rules of conduct"),
    "training": _staff("Training"),
    "contract_action": _staff("Step under the contract with a contractor"),
}
ACTIONS: dict[str, Message] = {**SUPPORT, **AGAINST, **OF_STAFF}
BASES: dict[str, Message] = {
    "tenancy": _staff("Tenancy agreement"),
    "asb_act_2014": _staff("Anti-social Behaviour, Crime and Policing Act 2014"),
    "housing_act_1985": _staff("Housing Act 1985"),
    "housing_act_1988": _staff("Housing Act 1988"),
    "housing_act_1996": _staff("Housing Act 1996"),
    "protection_1997": _staff("Protection from Harassment Act 1997"),
    "domestic_abuse_2021": _staff("Domestic Abuse Act 2021"),
    "equality_2010": _staff("Equality Act 2010"),
    "agreement": _staff("Agreed with the person"),
    "employment": _staff("Contract of employment, or with a contractor"),
}
TOLD: dict[str, Message] = {
    "yes": _staff("The person harmed was told"),
    "not_yet": _staff("The person harmed was not told yet"),
    "unsafe": _staff("To tell the person harmed would not be safe"),
    "unknown": _staff("Nobody knows how to reach the person harmed"),
}
NEEDS_BASIS = AGAINST.keys() - {"advice", "none_unknown", "none_insufficient", "none_victim_wish"}
"""What is done against somebody stands on a legal basis."""
NOT_FOR_ABUSE = frozenset({"mediation", "restorative"})
"""Never between a person and who abuses them at home."""
OF_CASE = (
    select(*CaseAction.__table__.columns)
    .where(CaseAction.case == bindparam("of"))
    .order_by(CaseAction.day, CaseAction.at, CaseAction.reference)
)


class Unfit(ValueError):
    """This cannot be noted so; `why` says it to staff."""

    def __init__(self, why: Message) -> None:
        super().__init__(why.id)
        self.why = why


NOT_KNOWN = _staff("Choose what was done, and whether the person harmed was told")
NO_BASIS = _staff("Choose the legal basis: this is done against somebody")
NEVER_IN_ABUSE = _staff("In domestic abuse nobody is asked to sit down with who abuses them")
NOT_AHEAD = _staff("The day must not lie ahead: note what was done, not what is planned")


def note_action(
    connection: Connection,
    case: Row[Any],
    code: str,
    *,
    day: date,
    told: str,
    by: str,
    basis: str | None = None,
    party: str | None = None,
) -> str:
    """Note something that was done in a case, which is locked; gives its reference. Raises Unfit."""
    if code not in ACTIONS or told not in TOLD or (basis is not None and basis not in BASES):
        raise Unfit(NOT_KNOWN)
    if code in NEEDS_BASIS and basis is None:
        raise Unfit(NO_BASIS)
    if code in NOT_FOR_ABUSE and case.compartment == "domestic_abuse":
        raise Unfit(NEVER_IN_ABUSE)
    if day > clock.today():
        raise Unfit(NOT_AHEAD)
    reference = references.new()
    row = {"reference": reference, "case": case.reference, "code": code, "basis": basis, "party": party}
    connection.execute(
        insert(CaseAction), {**row, "victim_told": told, "day": day, "by": by, "at": clock.seconds()}
    )
    return reference


def actions_of(connection: Connection, case: str) -> list[Row[Any]]:
    """What was done in a case, the first first."""
    return list(connection.execute(OF_CASE, {"of": case}))
