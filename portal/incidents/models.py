"""The tables of incidents: what people told us, the cases made of it, and the steps of their life.

A case is never deleted. When its time is over its data key is destroyed, and with it every word of it; what
stays are codes and dates. The rows that prove what happened can be added to, not changed: see promises.py.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import JSON, BigInteger, CheckConstraint, Date, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base
from portal.incidents.states import FINISHED, Stage, State

STATES = ", ".join(f"'{state.value}'" for state in State)
STAGES = ", ".join(f"'{stage.value}'" for stage in Stage)
CLOSED = ", ".join(f"'{state.value}'" for state in State if state in FINISHED)
COMPARTMENTS = ("none", "domestic_abuse", "staff")
"""Who besides its own team may see that a case exists: nobody, for the last two."""


class IncidentCase(Base):
    """What we do about what we were told."""

    __tablename__ = "incident_case"
    __table_args__ = (
        CheckConstraint(f"state IN ({STATES})", name="state"),
        CheckConstraint(f"stage IN ({STAGES})", name="stage"),
        CheckConstraint("category IN ('A', 'B')", name="category"),
        CheckConstraint("compartment IN ('none', 'domestic_abuse', 'staff')", name="compartment"),
        CheckConstraint(
            f"state NOT IN ({CLOSED}) OR (reason IS NOT NULL AND closed IS NOT NULL AND officer IS NOT NULL "
            "AND reviewer IS NOT NULL AND reviewer <> officer)",
            name="second_person",
        ),
        CheckConstraint(
            "stage_two IS NULL OR (stage_one IS NOT NULL AND stage_two <> stage_one)", name="other_stage_two"
        ),
        CheckConstraint(
            "(stage NOT IN ('one', 'one_answered', 'two_asked', 'two', 'two_answered') "
            "OR stage_one IS NOT NULL) AND (stage NOT IN ('two', 'two_answered') OR stage_two IS NOT NULL)",
            name="stage_handled",
        ),
        CheckConstraint(
            "(state = 'merged' AND merged_into IS NOT NULL AND merged_into <> reference) "
            "OR (state <> 'merged' AND merged_into IS NULL)",
            name="merged",
        ),
        CheckConstraint(
            "(data_key IS NULL AND key_name IS NULL) OR (data_key IS NOT NULL AND key_name IS NOT NULL)",
            name="key",
        ),
    )

    reference: Mapped[str] = mapped_column(String(9), primary_key=True)
    state: Mapped[str] = mapped_column(String(20), index=True)
    """A value of State."""
    back_to: Mapped[str | None] = mapped_column(String(20))
    """The state to go back to, while it waits."""
    version: Mapped[int]
    """Counts its steps, so that two people cannot decide on it unseen by each other."""
    category: Mapped[str] = mapped_column(String(1))
    """A: violence, threat or danger. B: anything else."""
    kinds: Mapped[list[str]] = mapped_column(JSON)
    """What it is about: codes of the form, of all its reports."""
    hate: Mapped[bool]
    """Whether anybody thinks that it was hate. Nobody can take that back; an assessment may be added."""
    strands: Mapped[list[str]] = mapped_column(JSON)
    """Why people think that it happened: codes of the form."""
    flags: Mapped[list[str]] = mapped_column(JSON)
    """Facts that start or change time limits: codes of facts.FLAGS."""
    compartment: Mapped[str] = mapped_column(String(16))
    """none, domestic_abuse or staff."""
    queue: Mapped[str] = mapped_column(String(16))
    """Whose list it stands in while it has no officer: a code of facts.QUEUES."""
    officer: Mapped[str | None] = mapped_column(String(9), index=True)
    """The account of who deals with it."""
    manager: Mapped[str | None] = mapped_column(String(9), index=True)
    """The account of the manager who is answerable for it."""
    received: Mapped[int] = mapped_column(BigInteger)
    """When we were told first, in seconds since 1970: for paper the beginning of the day it came in."""
    entered: Mapped[int] = mapped_column(BigInteger)
    """When it was entered here."""
    changed: Mapped[int] = mapped_column(BigInteger)
    """When its state last changed."""
    area: Mapped[str | None] = mapped_column(String(4))
    """Outward half of the postcode."""
    channel: Mapped[str] = mapped_column(String(20))
    """How it reached us: web, paper, phone or outreach, or what staff say more exactly."""
    outlet: Mapped[str | None] = mapped_column(String(60))
    """Code of the place where we were told."""
    language: Mapped[str] = mapped_column(String(12))
    """The language of the pages of who told us first."""
    interpreter: Mapped[str | None] = mapped_column(String(10))
    """What was decided before a talk is arranged: needed, not_needed or declined."""
    spoken: Mapped[str | None] = mapped_column(String(10))
    """Whether the person was spoken to before closing: yes, offered, unsafe or unknown."""
    outcome_told: Mapped[str | None] = mapped_column(String(10))
    """How the person was told the outcome and how to ask again: message, letter, call, unsafe or unknown."""
    reason: Mapped[str | None] = mapped_column(String(20))
    """Code of why it was closed or handed on."""
    reviewer: Mapped[str | None] = mapped_column(String(9))
    """The account of the second person, who closed it."""
    closed: Mapped[int | None] = mapped_column(BigInteger)
    """When it was closed or handed on."""
    merged_into: Mapped[str | None] = mapped_column(String(9), index=True)
    """The case that it became part of."""
    stage: Mapped[str] = mapped_column(String(12))
    """How far a complaint in it is: a value of Stage."""
    stage_one: Mapped[str | None] = mapped_column(String(9))
    """The account of who answers the complaint at stage 1."""
    stage_two: Mapped[str | None] = mapped_column(String(9))
    """The account of who answers it at stage 2: somebody else."""
    data_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The key of its sealed words, itself wrapped; none when it was destroyed."""
    key_name: Mapped[str | None] = mapped_column(String(40), index=True)
    """The key of the key ring that wrapped it."""


class IncidentReport(Base):
    """What somebody told us, once. Its answers are a submission."""

    __tablename__ = "incident_report"

    reference: Mapped[str] = mapped_column(String(9), primary_key=True)
    case: Mapped[str] = mapped_column(ForeignKey("incident_case.reference"), index=True)
    submission: Mapped[str | None] = mapped_column(ForeignKey("submission.id"), unique=True)
    """Its answers, which cannot be deleted while it points at them; a change points to the newest."""
    journey: Mapped[str | None] = mapped_column(String(24))
    """Who told us: victim, witness, ... as the form codes it."""
    anonymity: Mapped[str | None] = mapped_column(String(24))
    """How known the person wants to be: a code of the form."""
    kinds: Mapped[list[str]] = mapped_column(JSON)
    motive: Mapped[list[str]] = mapped_column(JSON)
    perceived_by: Mapped[list[str]] = mapped_column(JSON)
    """Who thinks that this was the motive: codes of the form."""
    acts: Mapped[list[str]] = mapped_column(JSON)
    happened: Mapped[date | None] = mapped_column(Date)
    """The last day on which it happened, where that is known."""
    received: Mapped[int] = mapped_column(BigInteger, index=True)
    """When we were told, in seconds since 1970: for paper the beginning of the day it came in."""
    entered: Mapped[int] = mapped_column(BigInteger)
    """When it was entered here."""
    channel: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(12))
    """The language of the pages."""
    narrative_language: Mapped[str | None] = mapped_column(String(60))
    """The language of what was told."""
    made: Mapped[str | None] = mapped_column(String(9))
    """The case that it made when it came: whose contact rule is that of who told it, also after a merge."""


class IncidentPerson(Base):
    """What tells that two reports are the same person's, without saying whose: keyed digests."""

    __tablename__ = "incident_person"

    report: Mapped[str] = mapped_column(
        ForeignKey("incident_report.reference", ondelete="CASCADE"), primary_key=True
    )
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True, index=True)
    """Of a phone number, an email address, or a name with a postcode."""


class CaseStep(Base):
    """One step in the life of a case. It cannot be changed or deleted."""

    __tablename__ = "case_step"

    case: Mapped[str] = mapped_column(ForeignKey("incident_case.reference"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    """The version that it led to."""
    event: Mapped[str] = mapped_column(String(20))
    """A value of Event."""
    state: Mapped[str] = mapped_column(String(20))
    """The state that it led to."""
    reason: Mapped[str | None] = mapped_column(String(20))
    by: Mapped[str] = mapped_column(String(12))
    """The reference of an account, `reporter` or `portal`."""
    who: Mapped[str] = mapped_column(String(10))
    """As what they did it: a value of Who."""
    at: Mapped[int] = mapped_column(BigInteger)
    """Seconds since 1970."""


class CaseParty(Base):
    """Somebody whom a case is about."""

    __tablename__ = "case_party"
    __table_args__ = (
        CheckConstraint(
            "role IN ('victim', 'witness', 'reporter', 'alleged', 'child', 'adult_at_risk', 'professional')",
            name="role",
        ),
    )

    reference: Mapped[str] = mapped_column(String(9), primary_key=True)
    case: Mapped[str] = mapped_column(ForeignKey("incident_case.reference"), index=True)
    role: Mapped[str] = mapped_column(String(16))
    """victim, witness, reporter, alleged, child, adult_at_risk or professional."""
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """Name and notes, sealed under the case's key."""
    by: Mapped[str] = mapped_column(String(12))
    at: Mapped[int] = mapped_column(BigInteger)
    """When it was noted, in seconds since 1970."""


class CaseNote(Base):
    """What a member of staff wrote down, decided or assessed. It cannot be changed: another is added."""

    __tablename__ = "case_note"
    __table_args__ = (
        CheckConstraint("kind IN ('note', 'decision', 'assessment', 'risk', 'safety')", name="kind"),
    )

    reference: Mapped[str] = mapped_column(String(9), primary_key=True)
    case: Mapped[str] = mapped_column(ForeignKey("incident_case.reference"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    """note, decision, assessment, risk or safety."""
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """Its words, sealed under the case's key."""
    by: Mapped[str] = mapped_column(String(12))
    at: Mapped[int] = mapped_column(BigInteger)


class CaseAction(Base):
    """Something that was done: support for a person, or a measure against somebody."""

    __tablename__ = "case_action"
    __table_args__ = (
        CheckConstraint("victim_told IN ('yes', 'not_yet', 'unsafe', 'unknown')", name="victim_told"),
    )

    reference: Mapped[str] = mapped_column(String(9), primary_key=True)
    case: Mapped[str] = mapped_column(ForeignKey("incident_case.reference"), index=True)
    code: Mapped[str] = mapped_column(String(24))
    """A code of actions.ACTIONS."""
    basis: Mapped[str | None] = mapped_column(String(24))
    """The legal basis: a code of actions.BASES."""
    party: Mapped[str | None] = mapped_column(String(9))
    """Whom it is for or against: a case_party."""
    victim_told: Mapped[str] = mapped_column(String(8))
    """yes, not_yet, unsafe or unknown."""
    day: Mapped[date] = mapped_column(Date)
    """When it was done."""
    by: Mapped[str] = mapped_column(String(12))
    at: Mapped[int] = mapped_column(BigInteger)
    """When it was noted."""


class PlaceOfSafety(Base):
    """Somebody had nowhere safe to stay: when we heard of it, and what we offered."""

    __tablename__ = "place_of_safety"
    __table_args__ = (
        CheckConstraint(
            "result IN ('offered', 'accepted', 'declined', 'unreached')",
            name="result",
        ),
        CheckConstraint(
            "result IS NULL OR result = 'unreached' OR (offered IS NOT NULL AND offered >= disclosed)",
            name="offered",
        ),
    )

    reference: Mapped[str] = mapped_column(String(9), primary_key=True)
    case: Mapped[str] = mapped_column(ForeignKey("incident_case.reference"), index=True)
    disclosed: Mapped[int] = mapped_column(BigInteger)
    """When anybody of us first heard of it, in seconds since 1970: from then 24 hours are counted."""
    channel: Mapped[str] = mapped_column(String(20))
    """How the person approached us: a code of safety.APPROACHES."""
    outlet: Mapped[str | None] = mapped_column(String(60))
    """Code of the place where."""
    offered: Mapped[int | None] = mapped_column(BigInteger)
    """When a place was offered."""
    result: Mapped[str | None] = mapped_column(String(10))
    """offered, accepted, declined or unreached; nothing while nobody has tried."""
    kind: Mapped[str | None] = mapped_column(String(16))
    """What was offered: a code of safety.PLACES."""
    no_funds: Mapped[bool | None]
    """Whether the person needs help because of rules on public funds. Nobody is asked for their status."""
    late_why: Mapped[str | None] = mapped_column(String(16))
    """Code of why it took longer than 24 hours."""
