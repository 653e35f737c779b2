"""Anonymous means it: nothing that is stored gives back who answered, when, or in which order."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from sqlalchemy import BigInteger, Date, DateTime, Float, Interval, Numeric, Time, select, text
from sqlalchemy.exc import DatabaseError

from portal.analysis.models import Export
from portal.database import Database
from portal.equality.collections import keep
from portal.equality.invitations import Invitation, write
from portal.files import File
from portal.forms import FORMS
from portal.intake.models import Draft, Submission
from portal.keying.models import Pass, Sheet
from portal.paper.models import Paper
from portal.receiving import RECEIVERS
from portal.sealing import KeyRing
from portal.settings import CollectionEntry, Settings
from portal.tables import Base
from portal.throttles import Throttle, ThrottleKey
from tests.arrivals import arrive, stored
from tests.visitor import Visitor

NOW = "2026-11-18T14:37:21Z"
"""A Wednesday."""
MONDAY = date(2026, 11, 16)

WHAT_EACH_TELLS = {
    # an answer that was sent
    "submission.id": "nothing: random",
    "submission.form": "which form",
    "submission.edition": "which edition of it",
    "submission.variants": "the landlord's wording, the same for everybody",
    "submission.language": "the language of the pages",
    "submission.channel": "web, paper, phone or outreach",
    "submission.collection": "where we asked",
    "submission.received": "the Monday of its week",
    "submission.helper": "whether somebody who works here filled it in",
    "submission.entered": "the Monday of the week in which it was entered",
    "submission.outcome": "of a survey after a case: whether anything was done in it",
    "submission.answers": "codes of answers",
    "submission.sealed": "words in the person's own words, sealed",
    "submission.data_key": "nothing without the key ring",
    "submission.key_name": "the key, the same for everybody",
    "submission.idempotency": "nothing: a digest under a secret",
    "submission.said": "nothing: a digest under a secret",
    "submission.receipt": "nothing: a digest under a secret",
    "submission.invitation": "nothing: a digest under a secret",
    # a form that is being filled in; gone when it is sent, and after its life
    "draft.id": "nothing without the person's cookie",
    "draft.sealed": "nothing without the person's cookie",
    "draft.version": "how often it was saved",
    "draft.ends": "the second of the last save; gone in the transaction that stores the answers",
    # guesses at receipt codes, for a day
    "throttle.id": "nothing once the day's key is gone",
    "throttle.day": "the day",
    "throttle.count": "how many guesses",
    "throttle_key.day": "the day",
    "throttle_key.key": "random; gone the next day",
    # people who work here: nothing of a tenant is in these
    "account.reference": "one who works here: random",
    "account.email": "with which address they sign in",
    "account.name": "their name",
    "account.active": "whether they may sign in",
    "account.password": "nothing: a hash",
    "account.totp": "nothing without the key ring",
    "account.data_key": "nothing without the key ring",
    "account.key_name": "the key, the same for everybody",
    "account.totp_step": "the half minute of their last one-time code",
    "account.shortcuts": "whether single keys do something for them",
    "account.made": "the day of their account",
    "account_role.account": "one who works here",
    "account_role.role": "what they are there for",
    "recovery_code.digest": "nothing: a digest under a secret",
    "recovery_code.account": "one who works here",
    "signed_in.digest": "nothing: a digest under a secret",
    "signed_in.account": "one who works here",
    "signed_in.started": "when they signed in",
    "signed_in.seen": "when they last used a page, to the minute",
    "signed_in.proved": "when they last gave a code",
    "sign_in_link.digest": "nothing: a digest under a secret",
    "sign_in_link.account": "one who works here",
    "sign_in_link.gives": "what the link is for",
    "sign_in_link.ends": "until when it can be used",
    # paper in: everything that leads from a paper to its answers is deleted when the batch closes
    "batch.reference": "a pile of paper: random",
    "batch.form": "which form",
    "batch.edition": "which edition of it",
    "batch.variants": "the wording on the paper",
    "batch.registers": "what the landlord's lists offered, the same for everybody",
    "batch.language": "the language of the paper",
    "batch.source": "office, surgery, post or event",
    "batch.collection": "where we asked",
    "batch.received": "the day the pile came in",
    "batch.declared": "how many papers it has",
    "batch.share": "per cent keyed twice",
    "batch.practice": "whether it is made up",
    "batch.by": "who opened it",
    "batch.opened": "the day",
    "batch.state": "open or closed",
    "batch.closed": "the day",
    "batch.stored": "how many were stored",
    "batch.rejected": "how many were put aside",
    "batch.reason": "why the count differs",
    "sheet.reference": "the paper, while its batch is open",
    "sheet.batch": "its pile",
    "sheet.state": "what was done with it",
    "sheet.token": "random; leads to the submission, and is gone in the transaction that closes the batch",
    "sheet.why": "why it was rejected",
    "pass.sheet": "the paper, while its batch is open",
    "pass.number": "first or second keying, or resolution",
    "pass.keyer": "who keyed it",
    "pass.sealed": "answers, sealed, while the batch is open",
    "pass.data_key": "nothing without the key ring",
    "pass.key_name": "the key, the same for everybody",
    "pass.saved": "whether it is whole",
    "pass.touched": "the second of the last key, while the batch is open",
    "keyed_forms.batch": "a closed pile",
    "keyed_forms.keyer": "who keyed",
    "keyed_forms.forms": "how many",
    "keying_errors.batch": "a closed pile",
    "keying_errors.question": "which question",
    "keying_errors.keyer": "who keyed",
    "keying_errors.compared": "how often",
    "keying_errors.wrong": "how often it was wrong",
    # a file that somebody attached; no form that is anonymous asks for one
    "file.id": "nothing: random",
    "file.kind": "the media type",
    "file.size": "its length in bytes",
    "file.pages": "how many pages",
    "file.width": "in pixels",
    "file.height": "in pixels",
    "file.owner": "the draft, submission or case that it belongs to",
    "file.made": "the day; for an anonymous submission the Monday of its week",
    "file.digest": "SHA-256 of the file as it was sent, of reports only",
    "file.data_key": "nothing without the key ring",
    "file.key_name": "the key, the same for everybody",
    # what the landlord does
    "collection.code": "a place where we ask",
    "collection.name": "its name",
    "collection.kind": "its kind",
    "collection.team": "who gives the service",
    "collection.outlet": "where",
    "collection.provider": "for whom",
    "collection.active": "whether it takes answers",
    # what people told us once that they need, with their name
    "profile.reference": "a person who chose to be known: random",
    "profile.submission": "what that person sent",
    "profile.by_name": "nothing without the key ring: a digest of the name",
    "profile.by_tenancy": "nothing without the key ring: a digest of the tenancy reference",
    "profile.review_by": "the day a year after",
    "print_run.reference": "a pile of empty forms",
    "print_run.form": "which form is printed",
    "print_run.edition": "which edition of it",
    "print_run.variants": "the landlord's wording, the same for everybody",
    "print_run.registers": "what the landlord's lists offered, the same for everybody",
    "print_run.language": "the language of the paper",
    "print_run.size": "the size of its letters",
    "print_run.yellow": "its colour",
    "print_run.collection": "who gives it out",
    "print_run.number": "how many copies",
    "print_run.made": "the day it was ordered",
    "print_run.by": "the member of staff who ordered it",
    "print_run.pages": "pages of a copy",
    "print_run.rectangles": "where the boxes are",
    "print_run.weasyprint": "the version that set it",
    "print_run.issued": "how many were given out, to nobody in particular",
    "print_run.returned": "how many came back",
    "print_run.note": "a note of the office about the pile",
    "paper.reference": "one empty form, and nobody it was given to",
    "paper.run": "the pile it was in",
    "paper.serial": "its place in the pile",
    "export.id": "the order of exports",
    "export.made": "the day",
    "export.by": "the operator",
    "export.form": "which form",
    "export.purpose": "the operator's reason",
    "export.period": "the period asked for",
    # what staff and operators do; an anonymous answer never has an entry
    "audit.number": "the order of what staff did",
    "audit.at": "the second of what staff did",
    "audit.by": "which of the staff",
    "audit.did": "what they did",
    "audit.what": "the reference of what they did it to",
    "audit.detail": "codes and numbers",
    "audit.previous": "nothing: a digest under a secret",
    "audit.digest": "nothing: a digest under a secret",
    "audit_head.id": "nothing: 1",
    "audit_head.number": "how many entries there are",
    "audit_head.digest": "nothing: a digest under a secret",
    # lists that the landlord keeps
    "register_member.register": "which list",
    "register_member.code": "an office, an agency, a language",
    "register_member.name": "what it is called",
    "register_member.active": "whether it is offered",
    "register_member.place": "its place in the list",
    "coded_language.words": "nothing: a digest, under a secret, of a language that somebody named",
    "coded_language.code": "which language that is",
    "language_panel.panel": "a set of languages that the landlord names",
    "language_panel.code": "a language in it",
    "interpreted_call.reference": "nothing: random",
    "interpreted_call.day": "the day of a call of staff with an interpreter",
    "interpreted_call.language": "its language",
    "interpreted_call.minutes": "how long it took",
    "interpreted_call.outcome": "how it ended",
    "interpreted_call.purpose": "what it was about, as a code",
    "interpreted_call.request": "the request of somebody who gave their name, if there was one",
    "managed_without.reference": "nothing: random",
    "managed_without.day": "the day on which an interpreter was missing",
    "managed_without.office": "at which office",
    "managed_without.language": "for which language",
    "managed_without.team": "in which team",
    "document.reference": "something that the landlord publishes",
    "document.title": "its title",
    "document.words": "its length",
    "document.updated": "the day it last changed",
    "document_edition.document": "something that the landlord publishes",
    "document_edition.language": "in which language",
    "document_edition.format": "in which format",
    "document_edition.state": "how far it is",
    "document_edition.made": "the day it was made",
    "document_edition.certified": "whether it is certified",
    "document_edition.maker": "who made it",
    "distribution.reference": "nothing: random",
    "distribution.document": "something that the landlord publishes",
    "distribution.language": "in which language",
    "distribution.format": "in which format",
    "distribution.office": "the office that has it",
    "distribution.venue": "another place that has it",
    "distribution.number": "how many copies",
    "distribution.day": "the day they went there",
    "register_version.id": "nothing: 1",
    "register_version.version": "how often lists were changed",
    # people who want to be reached, by their request or account: no anonymous answer has an owner here
    "contact_rule.owner": "the request or account whose person wants to be reached",
    "contact_rule.sealed": "name, numbers, addresses and safe word, sealed",
    "contact_rule.data_key": "nothing without the key ring",
    "contact_rule.key_name": "the key, the same for everybody",
    "contact_rule.methods": "by which ways they want to be reached",
    "contact_rule.hours": "when they can be reached",
    "contact_rule.voicemail": "whether a message may be left",
    "contact_rule.discreet": "whether messages must not say who we are",
    "contact_rule.who_else": "who else may hear or see what we send",
    "contact_rule.strict": "that what others may hear or see is not used",
    "contact_rule.blocked": "by which ways who did it could hear or see",
    "contact_rule.waiting": "nothing: random",
    "contact_rule.waiting_by": "who entered a new address",
    "contact_rule.named": "when they last said that it is safe",
    "contact_rule.language": "the language of their pages",
    "contact_rule.until": "until when they may be reached",
    "message.reference": "nothing: random",
    "message.owner": "the request or account whose person it is for",
    "message.event": "what it is about",
    "message.version": "which of its kind",
    "message.method": "the way it goes",
    "message.language": "the language of its words",
    "message.discreet": "whether it says who we are",
    "message.urgent": "whether it may disturb",
    "message.state": "how far it is",
    "message.why": "why it did not reach the person, and what staff did",
    "message.sealed": "its words, sealed; gone a week after its end",
    "message.data_key": "nothing without the key ring",
    "message.key_name": "the key, the same for everybody",
    "message.written": "the second at which it was written",
    "message.not_before": "when it may go out",
    "message.not_after": "when it is of no use any more",
    "message.attempt_started": "the second of the last attempt",
    "message.attempts": "how often it was tried",
    "message.round": "how often it was sent anew",
    "message.provider_id": "what the provider calls it",
    "message.ended": "the second at which it was sent; the row is gone three months later",
    # what the portal has to do; an anonymous answer never makes a job
    "job.id": "the order of jobs",
    "job.kind": "what is to be done",
    "job.payload": "references, codes and numbers",
    "job.name": "the hour of a periodic job",
    "job.since": "the second from which it was to be done",
    "job.due": "the second at which it is to be done",
    "job.lease": "nothing: random",
    "job.lease_until": "the minute of its worker",
    "job.tries": "how often it was begun",
    "job.state": "whether it is done",
    "job.done_steps": "how far it is done",
    "job.of_steps": "how far it has to go",
    "job.failed": "a name of code",
    "job.ended": "the second at which it was done",
}
"""Every column there is, and what it can tell about a person. A new one belongs here, after some thought."""

NAMED = {
    "interpreter_request": "what somebody who gave their name asked for; points at that form's answers",
    "request_person": "digests under a secret by which two requests are the same person's",
    "request_window": "times that suit that person",
    "request_step": "what became of the request",
    "booking": "the time that was agreed",
    "offer": "which interpreters were asked",
    "assignment": "which interpreter came, and their timesheet",
    "interpreter": "people who interpret",
    "interpreter_language": "in which languages they do",
    "interpreter_conflict": "digests of people whom an interpreter does not meet",
    "free_time": "when an interpreter can be asked",
    "interpreter_leave": "days on which not",
    "rota_slot": "when an interpreter is on duty",
    "request_question": "what a coordinator asks that person, sealed",
    "incident_report": "what somebody told us, who may be known; points at that form's answers",
    "incident_person": "digests under a secret by which two reports are the same person's",
    "incident_case": "what we do about it, and who deals with it",
    "case_step": "what became of it",
    "case_member": "who works on it",
    "case_conflict": "who must not know of it",
    "broken_glass": "who let themselves into it in an emergency",
    "case_party": "whom it is about, sealed",
    "case_note": "what staff wrote down, sealed",
    "incident_evidence": "which files prove it, and what the virus scanner said of them",
    "report_request": "that somebody who told us needs an interpreter; points at the answers of that request",
    "case_survey": "whether its people are asked how we dealt with it; never when they answered",
    "case_action": "what was done",
    "case_message": "what went to and fro with who told us, sealed",
    "erasure": "that somebody asked us to erase what they told us, and who decided about it",
    "tombstone": "that a report was erased, when and why: no words",
    "erased_words": "references of rows whose words were erased",
    "case_deadline": "until when something is to be done",
    "deadline_breach": "that it was not done in time",
    "deadline_pause": "when a time limit stood still",
    "deadline_change": "how a time limit was moved",
    "place_of_safety": "whether somebody who had nowhere safe was offered a place",
    "clock_length": "how long the landlord's time limits are",
    "agency": "what was agreed with an organisation",
    "share_consent": "what somebody said about telling an organisation",
    "share_override": "that an organisation is to be told without a yes, and who allows it",
    "disclosure": "what was shared with an organisation, sealed",
    "pack_link": "digest of the link by which an organisation opens it",
    "agency_feedback": "what an organisation told us about it, sealed",
    "document_request": "which published document a request of a named person is about",
}
"""Tables about people who gave their name, or work here: they may know moments, and nothing of them may lead
to an anonymous answer."""

SHARED = {"collection.code", "register_member.code", "print_run.registers", "batch.registers"}
"""Whose values may stand in a submission too."""
OF_THE_OFFICE = {"audit.at", "job.since", "job.due", "job.lease_until", "job.ended"}
"""Moments of what staff and the portal itself do."""
FINER_THAN_A_DAY = {
    *("contact_rule.until", "contact_rule.named"),  # of people who want to be reached
    *(f"message.{name}" for name in ("written", "not_before", "not_after", "attempt_started", "ended")),
    "draft.ends",  # gone with the draft
    "pass.touched",  # gone when the batch closes
    *(f"signed_in.{name}" for name in ("started", "seen", "proved")),  # of people who work here
    "account.totp_step",
    "sign_in_link.ends",
}
DAYS = {
    "profile.review_by",
    *("submission.received", "submission.entered", "throttle.day", "throttle_key.day", "export.made"),
    *("account.made", "batch.received", "batch.opened", "batch.closed", "file.made", "print_run.made"),
    *("interpreted_call.day", "managed_without.day", "distribution.day"),
    *("document.updated", "document_edition.made"),
}
OF_PEOPLE = (Submission, Draft, Throttle, ThrottleKey, File)
OF_PAPERS = (Sheet, Pass, Paper)
"""Papers, and what was keyed from them until their batch is closed."""


def test_it_has_been_thought_about_what_each_column_tells() -> None:
    columns = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if table.name not in NAMED
    ]
    assert sorted(columns) == sorted(WHAT_EACH_TELLS)


def test_what_knows_a_moment_is_about_who_works_here_or_is_soon_gone() -> None:
    moments = (DateTime, Time, Interval, BigInteger, Float, Numeric)
    for table in Base.metadata.sorted_tables:
        for column in table.columns if table.name not in NAMED else ():
            name = f"{table.name}.{column.name}"
            assert isinstance(column.type, moments) == (name in FINER_THAN_A_DAY | OF_THE_OFFICE), name
            assert isinstance(column.type, Date) == (name in DAYS), name


def test_nothing_points_at_an_answer_and_an_answer_points_at_nothing() -> None:
    alone = {table.__tablename__ for table in OF_PEOPLE}
    named = {
        "interpreter_request",
        "incident_report",
        "report_request",
        "profile",
    }  # forms that are not anonymous: their receivers make them
    assert not any(form.anonymous and form.key in RECEIVERS for form in FORMS)
    for table in Base.metadata.sorted_tables:
        pointed_at = {key.column.table.name for key in table.foreign_keys}
        pointed_at -= {"submission"} if table.name in named else set()
        assert not (pointed_at & alone or (pointed_at and table.name in alone)), table.name


# What journeys leave


def values(value: Any) -> Iterator[Any]:
    """Everything that stands in a cell, in whatever it is packed."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from (key, *values(inner))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from values(inner)
    elif value is not None:
        yield value


def standing(database: Database, *tables: str) -> dict[str, set[Any]]:
    """Every value in these tables, by column."""
    found: dict[str, set[Any]] = {}
    with database.read() as connection:
        for name in tables:
            table = Base.metadata.tables[name]
            for row in connection.execute(select(*table.columns)).mappings():
                for column, cell in row.items():
                    found.setdefault(f"{name}.{column}", set()).update(values(cell))
    return found


OTHERS = [table.name for table in Base.metadata.sorted_tables if table.name != "submission"]
Seen = dict[str, set[Any]]


def journey(visitor: Visitor, take_part: bool, look: Callable[[], None]) -> str:
    """From the start page that is open to the receipt code, looking around after each page."""
    visitor.send(visitor.soup.select_one("main form button"))  # type: ignore[arg-type]
    while not visitor.path.endswith("/check"):
        look()
        options = visitor.soup.select("input[type=radio], input[type=checkbox]")
        wanted = ("other", "yes", "asian") if take_part else ("no",)
        leading = [option for option in options if str(option["value"]).startswith(wanted)]
        if options:
            (leading or options)[-1]["checked"] = ""
        for words in visitor.soup.select("input[type=text]"):
            words["value"] = "Amina Khan"
        visitor.send(visitor.soup.select("main button")[0])
    look()
    visitor.send(visitor.soup.select_one("main button[value=send]"))  # type: ignore[arg-type]
    code = visitor.soup.select_one(".p-receipt__code")
    assert code is not None
    return "".join(code.get_text().split())


def test_what_people_leave_gives_back_neither_who_nor_when(
    visitor: Visitor, database: Database, ring: KeyRing, settings: Settings
) -> None:
    """One browser answers by itself, at a collection and invited; then somebody guesses codes."""
    seen: Seen = defaultdict(set)

    def look() -> None:
        """Write down all that stands beside the answers, and what the browser holds."""
        for column, found in standing(database, *OTHERS).items():
            seen[column] |= found
        seen["cookies"] |= {cookie.value for cookie in visitor.client._cookies.values()}

    keep(database, [CollectionEntry(code="repairs", name="Repairs")])
    with time_machine.travel(NOW, tick=False):
        invitation = Invitation("repairs", "event-0001", "en", date(2026, 12, 1))
        link = write(ring, settings, invitation).partition("localhost")[2]
        seen["invitation"] = {"event-0001", link.rpartition("/")[2]}
        for place, take_part in (("/en/about-you", True), ("/en/about-you/at/repairs", False), (link, False)):
            visitor.open(place)
            seen["code"].add(journey(visitor, take_part, look))
            look()
        for guess in ("1" * 20, "97" + "0" * 16 + "01"):
            visitor.open("/en/reply")
            visitor.soup.select("input[type=text]")[0]["value"] = guess
            visitor.send(visitor.soup.select("main form button")[-1])
    look()
    assert {"draft.id", "draft.ends", "throttle.id", "throttle_key.key", "cookies", "code"} <= set(seen)
    rows, answers = stored(database), standing(database, "submission")
    assert len(rows) == 3 and {row.received for row in rows} == {MONDAY}
    nothing_tells_a_moment(answers)
    nothing_is_shared(answers, seen)
    for name in ("id", "idempotency", "said", "receipt"):
        assert len({getattr(row, name) for row in rows}) == 3, f"{name} ties two answers of one browser"
    assert standing(database, "draft") == {}, "a draft knows the second"
    for column, found in (answers | standing(database, *OTHERS)).items():
        assert not any(visitor.address in str(value) for value in found), f"{column} holds an address"


def nothing_tells_a_moment(answers: Seen) -> None:
    second = str(int(datetime.fromisoformat(NOW).timestamp()))
    for column, found in answers.items():
        for value in found - {MONDAY}:
            assert isinstance(value, str | bytes), f"{column} may count seconds or rows"
            for moment in ("2026-11", "14:37", second):
                assert moment not in str(value), f"{column} tells a moment"


def nothing_is_shared(answers: Seen, seen: Seen) -> None:
    """No value of an answer stands anywhere else, nor is part of one, but the place where we asked."""
    for column, found in answers.items():
        for other, held in seen.items():
            common = {value for value in found & held if len(str(value)) > 1}
            assert not common or other in SHARED, f"{common} in {column} and {other}"
            for value, part in itertools.product(found, held):
                if isinstance(part, str | bytes) and type(value) is type(part) and len(part) >= 16:
                    assert part not in value, f"{other} in {column}"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("submission.said", b"\1" * 32),
        ("submission.answers", "secret of a cookie"),
        ("submission.answers", "2026-11-18"),
        ("submission.version", 3),
    ],
)
def test_a_tie_would_be_found(column: str, value: Any) -> None:
    seen = {"draft.id": {b"\1" * 32}, "cookies": {"secret of a cookie"}}
    with pytest.raises(AssertionError):
        nothing_is_shared({column: {value}}, seen)
        nothing_tells_a_moment({column: {value}})


# Order


def test_the_tables_of_people_have_no_row_numbers(sqlite: Database) -> None:
    with sqlite.read() as connection:
        made = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'")).all()
        without = {row.name for row in made if row.sql.rstrip().endswith("WITHOUT ROWID")}
        assert without == {table.__tablename__ for table in OF_PEOPLE + OF_PAPERS}
        for name in without:
            with pytest.raises(DatabaseError, match="no such column: rowid"):
                connection.execute(text(f"SELECT rowid FROM {name}"))


def test_on_sqlite_the_file_gives_answers_back_in_the_order_of_their_ids(
    sqlite: Database, ring: KeyRing
) -> None:
    arrived = [arrive(sqlite, ring).id for _person in range(30)]
    for question in ("SELECT id FROM submission", "SELECT id, answers FROM submission NOT INDEXED"):
        with sqlite.read() as connection:
            found = [row.id for row in connection.execute(text(question))]
        assert found == sorted(arrived) != arrived


def test_an_id_is_random(database: Database, ring: KeyRing) -> None:
    ids = [arrive(database, ring).id for _person in range(40)]
    assert all(len(one) == 32 and int(one, 16) >= 0 for one in ids)
    assert ids != sorted(ids)
    for place in range(32):
        assert len({one[place] for one in ids}) >= 5, f"digit {place} hardly changes"


def test_the_note_of_an_export_tells_no_moment_and_no_count() -> None:
    kinds = {column.name: column.type.python_type for column in Export.__table__.columns}
    assert kinds == {"id": int, "made": date, "by": str, "form": str, "purpose": str, "period": str}
