"""Attaching files to an answer, without JavaScript: choose, see, remove, send, clear."""

from __future__ import annotations

import json
import os
import tempfile
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal import files, keeping
from portal.blobs import BLOCK, Folder
from portal.database import Database
from portal.files import MEGABYTE, File
from portal.intake import drafts
from portal.intake.models import Submission
from portal.intake.submissions import place_of
from portal.questions import Answer, DefinitionError, Files, Problem, Reader, as_written
from portal.sealing import KeyRing, Sealed
from portal.settings import Settings
from tests.attachments import pdf, picture
from tests.conftest import MakePortal
from tests.everything import EVERYTHING
from tests.test_everything_form import SAID
from tests.visitor import Visitor, words

PAPERS = "Which papers do you have?"
PHOTO = ("my photo.jpg", picture())
LETTER = ("letter.pdf", pdf(pages=2))


@pytest.fixture
def app(make_portal: MakePortal, database: Database) -> Flask:
    return make_portal(database, forms=(EVERYTHING,))


def at_papers(app: Flask) -> Visitor:
    """Somebody who is asked for papers now."""
    portal = app.extensions["portal"]
    form = portal.asked["everything"]
    draft = drafts.new(form.key, form.edition)
    while (page := form.next_page(draft.answers)) and "copies" not in page.keys:
        for question in form.asked_on(page, draft.answers):
            draft.answers[question.key] = SAID.get(question.key, ())
    portal.drafts.add(draft, form.draft_idle)
    visitor = Visitor(app)
    visitor.client.set_cookie("draft-everything", draft.secret)
    assert page
    visitor.open(f"/en/everything/{page.number}")
    assert visitor.heading == PAPERS
    return visitor


@pytest.fixture
def person(app: Flask) -> Visitor:
    return at_papers(app)


def owned(database: Database) -> dict[str, str]:
    """What each file belongs to."""
    with database.read() as connection:
        return {row.id: row.owner for row in connection.execute(select(File.id, File.owner))}


def listed(person: Visitor) -> list[str]:
    """What the page says is attached."""
    return [words(item).partition(" Remove")[0] for item in person.soup.select("form > ul.govuk-list li")]


def send(person: Visitor) -> Visitor:
    while not person.path.endswith("/check"):
        person.press("Skip this question")
    return person.press("Send")


# The page


def test_the_page_says_what_can_be_attached_and_works_without_script(person: Visitor) -> None:
    control = person.soup.select_one("input[type=file]")
    assert control and control.has_attr("multiple") and control["id"] == "copies"
    assert control["accept"] == "image/jpeg,image/png,image/tiff,image/webp,application/pdf"
    assert person.soup.select_one("form#form[enctype='multipart/form-data']")
    for words_there in (
        "On paper: attach copies",
        "You can attach up to 3 files.",
        "Kinds: JPEG, PNG, TIFF, WebP, PDF . Each one up to 25 MB.",
    ):
        assert words_there in person.text


def test_files_are_attached_counted_sent_and_sealed(
    person: Visitor, database: Database, ring: KeyRing, settings: Settings, app: Flask
) -> None:
    store = app.extensions["portal"].store
    person.attach(PAPERS, PHOTO, LETTER).press("Continue")
    assert not person.errors
    assert all(owner.startswith("draft ") for owner in owned(database).values())
    while not person.path.endswith("/check"):
        person.press("Skip this question")
    check = {words(key): words(key.find_next("dd")) for key in person.soup.select("dt")}
    assert check[PAPERS] == "2 files attached"
    assert person.press("Send").heading == "Thank you. Your answers are sent"

    with database.read() as connection:
        [row] = connection.execute(select(*Submission.__table__.columns)).all()
        made = set(connection.execute(select(File.made)).scalars())
    assert row.answers["copies"] == ["_sealed"]
    personal = json.loads(ring.open(place_of(row.id), Sealed(row.sealed, row.data_key, row.key_name)))
    assert owned(database) == dict.fromkeys(personal["copies"], f"submission {row.id}")
    assert made == {row.received}, "no finer than the answer itself"
    starts = [b"".join(files.read(database, ring, store, one))[:4] for one in personal["copies"]]
    assert starts == [b"\xff\xd8\xff\xe0", b"%PDF"]
    assert not [path for path in settings.data.rglob("*") if "photo" in path.name or "letter" in path.name]


def test_one_after_the_other_is_attached_and_one_removed(person: Visitor, database: Database) -> None:
    person.attach(PAPERS, PHOTO).press("Attach, and stay on this page")
    assert person.heading == PAPERS and listed(person) == ["File 1 JPEG, 0.0 MB"]
    person.attach(PAPERS, LETTER).press("Attach, and stay on this page")
    assert listed(person) == ["File 1 JPEG, 0.0 MB", "File 2 PDF, 0.0 MB"]
    person.press("Remove file 1")
    assert listed(person) == ["File 1 PDF, 0.0 MB"] and len(owned(database)) == 1
    page = person.path
    assert listed(person.press("Continue").open(page)) == ["File 1 PDF, 0.0 MB"]


def test_another_language_and_back_keep_what_was_chosen(person: Visitor) -> None:
    person.attach(PAPERS, PHOTO).press("Polski")
    assert person.path.startswith("/pl/") and len(person.soup.select("main ul.govuk-list li")) == 1
    person.press("English").attach(PAPERS, LETTER).press("Back")
    person.press("Continue")
    assert len(listed(person)) == 2


def test_a_file_that_is_refused_is_said_on_the_page_and_the_others_stay(
    person: Visitor, database: Database
) -> None:
    person.attach(PAPERS, PHOTO, ("a.pdf", b"Dear landlord")).press("Continue")
    assert person.status == 422 and person.heading == PAPERS
    assert person.errors == [
        "We cannot take this kind of file. Attach one of these kinds: JPEG, PNG, TIFF, WebP, PDF"
    ]
    assert listed(person) == ["File 1 JPEG, 0.0 MB"]
    person.press("Continue")
    assert not person.errors and len(owned(database)) == 1


def test_a_file_that_is_too_large_is_said_on_the_page(person: Visitor, database: Database) -> None:
    person.attach(PAPERS, ("a.jpg", picture() + bytes(25 * MEGABYTE))).press("Continue")
    assert person.errors == ["This file is too large: 25 MB at most"] and owned(database) == {}


def test_more_files_than_asked_for_are_not_taken(person: Visitor, database: Database) -> None:
    person.attach(PAPERS, PHOTO, PHOTO).press("Attach, and stay on this page")
    person.attach(PAPERS, PHOTO, PHOTO).press("Continue")
    assert person.errors == ["Attach 3 files at most"]
    assert len(listed(person)) == 2 == len(owned(database))


def test_all_files_of_a_form_have_a_limit_together(
    person: Visitor, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.intake.attaching.MOST_OF_A_FORM", len(picture()) + 100)
    person.attach(PAPERS, PHOTO, PHOTO).press("Continue")
    assert person.errors == ["All files together are too large: 100 MB at most"]
    assert len(owned(database)) == 1


def test_a_page_that_sends_too_much_at_once_comes_again(
    person: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    person.attach(PAPERS, PHOTO).press("Attach, and stay on this page")
    monkeypatch.setattr("portal.intake.attaching.MOST_OF_A_FORM", 1000)
    person.attach(PAPERS, ("a.jpg", bytes(300_000))).press("Continue")
    assert person.status == 413 and person.heading == PAPERS
    assert person.errors == ["All files together are too large: 100 MB at most"]
    assert len(listed(person)) == 1


def test_only_the_page_that_asks_for_files_takes_more_than_a_little(person: Visitor) -> None:
    fields = [*person.form_fields(person.soup.select_one("form#form")), ("more", "x" * 300_000)]  # type: ignore[arg-type]
    for page, status in ((3, 413), (int(person.path.rpartition("/")[2]), 413)):
        data = dict(fields)
        assert person.client.post(f"/en/everything/{page}", data=data).status_code == status, "words"
    data = {**dict(fields[:1]), "colour-new": (BytesIO(bytes(300_000)), "a.jpg")}
    assert person.client.post("/en/everything/3", data=data).status_code == 413, "a file elsewhere"


# Whose it is


def test_the_files_of_somebody_else_cannot_be_named_or_removed(
    app: Flask, person: Visitor, database: Database
) -> None:
    person.attach(PAPERS, PHOTO).press("Attach, and stay on this page")
    [theirs] = owned(database)
    stranger = at_papers(app)
    stranger.press("Attach, and stay on this page", copies=theirs)
    assert listed(stranger) == []
    stranger.press("Continue", copies=theirs, go=f"remove-{theirs}")
    stranger.press("Skip this question", copies=theirs)
    assert set(owned(database)) == {theirs}
    assert listed(person.open(person.path)) == ["File 1 JPEG, 0.0 MB"]


# What goes


def test_clearing_skipping_and_starting_again_delete_the_files(app: Flask, database: Database) -> None:
    store: Folder = app.extensions["portal"].store
    for press in ("Stop and clear everything", "Skip this question"):
        person = at_papers(app).attach(PAPERS, PHOTO).press("Attach, and stay on this page")
        assert len(owned(database)) == len(list(store.names())) == 1
        person.press(press)
        assert owned(database) == {} and list(store.names()) == [], press
    person = at_papers(app).attach(PAPERS, PHOTO).press("Attach, and stay on this page")
    person.open("/en/everything").press("Begin again")
    assert owned(database) == {} and list(store.names()) == []


def test_a_draft_that_ends_takes_its_files_with_it(
    app: Flask, database: Database, ring: KeyRing, settings: Settings
) -> None:
    with time_machine.travel("2026-11-18T12:00:00Z", tick=False) as clock:
        at_papers(app).attach(PAPERS, PHOTO).press("Attach, and stay on this page")
        tidied = keeping.delete_what_has_had_its_time(database, ring, settings)
        assert tidied["files"] == 0 and len(owned(database)) == 1
        clock.shift(86400)
        assert keeping.delete_what_has_had_its_time(database, ring, settings)["files"] == 1
    assert owned(database) == {} and list(app.extensions["portal"].store.names()) == []


def test_what_no_answer_names_any_more_is_deleted_when_the_form_is_sent(
    person: Visitor, database: Database
) -> None:
    person.attach(PAPERS, PHOTO, LETTER).press("Continue")
    papers, taking_part = person.path, "/en/everything/1"
    assert papers
    person.open(taking_part).choose("No").press("Continue")
    assert person.path.endswith("/check")
    person.press("Send")
    assert owned(database) == {}


def test_taking_answers_back_erases_their_files(person: Visitor, database: Database) -> None:
    send(person.attach(PAPERS, PHOTO).press("Continue"))
    code = words(person.soup.select_one(".p-receipt__code"))
    [identity] = owned(database)
    person.open("/en/reply").type("Your code", code).press("Continue").press("Delete my answers")
    assert person.heading == "Your answers are deleted"
    assert owned(database) == {}, f"{identity} cannot be opened without its row"


def test_new_answers_take_the_place_of_old_ones_with_their_files(
    person: Visitor, database: Database, app: Flask
) -> None:
    send(person.attach(PAPERS, PHOTO).press("Continue"))
    code = words(person.soup.select_one(".p-receipt__code"))
    [before] = owned(database)
    person.open("/en/reply").type("Your code", code).press("Continue").press("Answer again")
    person.choose("No").press("Continue").press("Send")
    assert person.heading == "Thank you. Your answers are sent"
    assert before not in owned(database)


def test_whoever_lost_the_draft_gets_the_page_again_with_the_file_kept(
    person: Visitor, database: Database
) -> None:
    """An old page is posted without a cookie: it begins a draft, as any page does, and the file is in it."""
    person.client.delete_cookie("draft-everything")
    person.attach(PAPERS, PHOTO).press("Continue")
    assert person.heading == "Will you take part?" and len(owned(database)) == 1
    person.press("Stop and clear everything")
    assert owned(database) == {}


# The question itself

READER = Reader({}, date(2026, 11, 18))
ONE, OTHER = "a1" * 16, "b2" * 16


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ((), ()),
        (("",), ()),
        ((ONE,), (ONE,)),
        ((ONE, "", OTHER, ONE), (ONE, OTHER)),
        (("A1" * 16,), "Attach the file again: we do not have it any more"),
        (("../keys.json",), "Attach the file again: we do not have it any more"),
        ((ONE, OTHER, "c3" * 16), "Attach 2 files at most"),
    ],
)
def test_an_answer_is_the_ids_that_the_field_holds(typed: Answer, answer: Answer | str) -> None:
    question = Files(key="copies", text=as_written("Papers?"), most=2)
    found = question.read({"copies": list(typed)}, {}, READER)
    assert (found.message.with_values().english if isinstance(found, Problem) else found) == answer or (
        isinstance(found, Problem) and found.message.plural and "2 file" in found.message.english
    )
    if not isinstance(found, Problem):
        assert question.read(question.typed(found), {}, READER) == found


def test_files_are_always_personal() -> None:
    assert Files(key="copies", text=as_written("Papers?")).personal
    for wrong in ({"personal": False}, {"accept": ()}, {"most": 0}):
        with pytest.raises(DefinitionError, match="copies: files are personal"):
            Files(key="copies", text=as_written("Papers?"), **wrong)  # type: ignore[arg-type]


def test_no_file_that_is_not_sealed_touches_a_disk(
    person: Visitor, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Uploads above 500 kB would be put into a temporary file by the web library."""
    made = []
    real = tempfile.TemporaryFile

    def watched() -> Any:
        file = real()
        made.append(os.dup(file.fileno()))
        return file

    def never(*arguments: object, **how: object) -> None:
        raise AssertionError("a temporary file was opened")

    monkeypatch.setattr("tempfile.TemporaryFile", watched)
    monkeypatch.setattr("werkzeug.formparser.SpooledTemporaryFile", never)
    person.attach(PAPERS, ("a.jpg", picture() + bytes(MEGABYTE))).press("Continue")
    assert not person.errors and len(owned(database)) == 1
    (one,) = made
    noise = os.pread(one, 2 * MEGABYTE, 0)
    os.close(one)
    assert len(noise) > MEGABYTE and bytes(BLOCK) not in noise
