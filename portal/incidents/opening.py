"""What people said and what staff wrote down: opened for one response, and noted in the audit log before.

Who a case is about and what was told are opened apart, each for those who may see it. How to reach a person
is not shown here at all: that goes through the one gate that knows what is safe.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from portal.accounts.guard import visit
from portal.audit import Did, note_alone
from portal.incidents import reports, safe_ways, words
from portal.incidents.access import Facet
from portal.incidents.adding import NOTE_KINDS, PARTY_ROLES
from portal.incidents.models import CaseNote, CaseParty
from portal.incidents.showing import arrived
from portal.intake.answers import shown
from portal.intake.models import Submission
from portal.intake.submissions import place_of
from portal.interpreting.showing import when
from portal.pages import said, state
from portal.questions import Files, Form, Notice, Question
from portal.questions.codebook import SEALED
from portal.sealing import Sealed

OF_IDENTITY = frozenset({"name", "postcode", "victim_name", "org_name", "org_role", "org_ref"})
"""Answers that say who somebody is."""
OF_CONTACT = safe_ways.CONTACT_KEYS | {
    *("org_email", "reach", "hours", "voicemail", "discreet", "can_they_see", "who_else", "safe_until"),
    "anonymity",
}
"""Answers about reaching somebody."""
OPENED = (Facet.IDENTITY, Facet.WORDS)
"""What can be opened on the page of a case."""
SAID = select(
    Submission.id,
    Submission.edition,
    Submission.answers,
    Submission.sealed,
    Submission.data_key,
    Submission.key_name,
).where(Submission.id == bindparam("of"))
NUMBERS = {
    CaseNote: select(CaseNote.kind, CaseNote.by, CaseNote.at).where(CaseNote.case == bindparam("of")),
    CaseParty: select(CaseParty.role).where(CaseParty.case == bindparam("of")),
}


def note_look(reference: str, did: Did) -> None:
    """That somebody looks at the page of a case, its codes and dates, or was refused it."""
    who, detail = visit().person.reference, {"facet": "page"}
    note_alone(state().database, state().ring, by=who, did=did, what=f"case {reference}", detail=detail)


def facet_of(question: Question) -> Facet:
    """To what an answer belongs."""
    if question.key in OF_IDENTITY:
        return Facet.IDENTITY
    if question.key in OF_CONTACT:
        return Facet.CONTACT
    return Facet.EVIDENCE if isinstance(question, Files) else Facet.WORDS


def reported(
    connection: Connection, case: str, seen: frozenset[Facet], wanted: Facet | None
) -> list[dict[str, Any]]:
    """The reports of a case: their codes, and the sealed answers of the facet that is wanted.

    `seen` is what the person may see. Whoever wants sealed answers has noted it before.
    """
    return [_report(connection, row, seen, wanted) for row in reports.of_case(connection, case)]


def _report(
    connection: Connection, row: Row[Any], seen: frozenset[Facet], wanted: Facet | None
) -> dict[str, Any]:
    kept = connection.execute(SAID, {"of": row.submission}).first() if row.submission else None
    sealed: Mapping[str, list[str]] = {}
    if kept is not None and wanted in seen and wanted in OPENED and kept.sealed is not None:
        opened = state().ring.open(place_of(kept.id), Sealed(kept.sealed, kept.data_key, kept.key_name))
        sealed = json.loads(opened)
    questions = form_of(kept.edition).questions if kept is not None else ()
    return {
        "reference": row.reference,
        "received": when(row.received),
        "channel": arrived(row.channel),
        "codes": _shown(questions, kept.answers if kept else {}, seen & {Facet.WORDS}),
        "words": _shown(questions, sealed, seen & ({wanted} if wanted else set())),
    }


def _shown(
    questions: Iterable[Question], answers: Mapping[str, list[str]], facets: frozenset[Facet]
) -> list[tuple[str, list[str]]]:
    """The answers of these facets in words, question by question."""
    asked = [one for one in questions if not isinstance(one, Notice) and said_in(answers, one)]
    found = [(one, shown(one, tuple(answers[one.key]))) for one in asked if facet_of(one) in facets]
    return [(said(one.text), lines) for one, lines in found if lines]


def said_in(answers: Mapping[str, list[str]], question: Question) -> bool:
    """Whether these answers hold one: where it is sealed elsewhere they hold only that it is."""
    found = answers.get(question.key)
    return bool(found) and found != [SEALED]


def form_of(edition: str) -> Form:
    """The edition of the form in which something was said, with all members that its lists ever had."""
    known: tuple[Form, ...] = state().known_forms
    mine = [form for form in known if form.key == reports.FORM]
    return next((form for form in mine if form.edition == edition), mine[-1])


def people(connection: Connection, row: Row[Any], opened: bool) -> list[dict[str, str]]:
    """Whom a case is about: by their part in it, and opened with name and notes."""
    if opened and row.data_key is not None:
        return [
            {"role": said(PARTY_ROLES[one.role]), "name": one.name, "notes": one.notes}
            for one in words.parties_of(connection, state().ring, row.reference)
        ]
    rows = connection.execute(NUMBERS[CaseParty].order_by(CaseParty.at), {"of": row.reference})
    return [{"role": said(PARTY_ROLES[one.role]), "name": "", "notes": ""} for one in rows]


def notes(
    connection: Connection, row: Row[Any], opened: bool, named: Mapping[str, str]
) -> list[dict[str, str]]:
    """What staff wrote down: when and by whom, and opened with its words; the newest first."""
    if opened and row.data_key is not None:
        found: list[Any] = list(words.notes_of(connection, state().ring, row.reference))
    else:
        found = list(connection.execute(NUMBERS[CaseNote].order_by(CaseNote.at), {"of": row.reference}))
    return [
        {
            "kind": said(NOTE_KINDS[one.kind]),
            "when": when(one.at),
            "by": named.get(one.by, ""),
            "words": getattr(one, "words", ""),
        }
        for one in reversed(found)
    ]
