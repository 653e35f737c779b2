"""Paper out, as staff see it: ordered on a page, made by the worker, downloaded, given out, come back."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal import audit, outbox, references
from portal.accounts.roles import Role
from portal.database import Database
from portal.equality.collections import keep
from portal.paper import bundles, runs
from portal.paper.bundles import PangoMissing
from portal.paper.models import Paper, PrintRun
from portal.paper.runs import BUNDLE, Run
from portal.sealing import KeyRing
from portal.settings import CollectionEntry, Settings
from portal.working import HANDLERS, do_one
from tests.conftest import MakePortal
from tests.papers import SMALL, come_back
from tests.staff import Colleague
from tests.visitor import Visitor

PLACES = [
    CollectionEntry(code="repairs-2026", name="Repairs & <b>doors</b>"),
    CollectionEntry(code="fair", name="Fair"),
]


@pytest.fixture
def app(make_portal: MakePortal, database: Database, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setattr("portal.paper.runs.FORMS", (SMALL,))
    monkeypatch.setattr(runs.make, "__defaults__", ((SMALL,),))
    keep(database, PLACES)
    return make_portal(database, forms=(SMALL,))


@pytest.fixture
def supervisor(app: Flask) -> Colleague:
    return Colleague(app, Role.SUPERVISOR)


def order(who: Visitor, **other: str) -> Run:
    """Order three forms on the page; gives the run."""
    who.open("/staff/paper-out").choose("Small 1").type("How many forms", "3").type("Note", "for the fair")
    who.press("Order the forms", **{"language": "ur", "collection": "repairs_2026", **other})
    assert who.status == 200, who.errors
    return everything(who)[0]


def everything(who: Visitor) -> list[Run]:
    return runs.runs(who.client.application.extensions["portal"].database)


def work(database: Database, settings: Settings, ring: KeyRing) -> bool:
    return do_one(settings, database, ring, HANDLERS)


def entries(database: Database) -> list[audit.Entry]:
    """What the log says of print runs."""
    with database.read() as connection:
        return [entry for entry in audit.page(connection) if entry.what.startswith("run ")]


def jobs(database: Database) -> list[Any]:
    with database.read() as connection:
        return list(connection.execute(select(*outbox.Job.__table__.columns)))


def test_a_run_its_papers_its_job_and_its_entry_are_there_together(
    supervisor: Colleague, database: Database
) -> None:
    run = order(supervisor)
    assert (run.form, run.edition, run.language, run.size, run.yellow) == (
        "small",
        "1",
        "ur",
        "normal",
        False,
    )
    assert (run.collection, run.number, run.note) == ("repairs-2026", 3, "for the fair")
    assert run.by == supervisor.reference
    (job,) = jobs(database)
    assert (job.kind, job.payload, job.name) == (BUNDLE, {"run": run.reference}, run.reference)
    (entry,) = entries(database)
    assert (entry.by, entry.did, entry.what) == (supervisor.reference, "printed", f"run {run.reference}")
    assert entry.detail == {"form": "small", "language": "ur", "copies": 3}
    assert supervisor.path == f"/staff/paper-out/{run.reference}"
    assert f"Print run {references.grouped(run.reference)}" == supervisor.heading


def test_when_the_job_cannot_be_put_nothing_is_ordered(
    supervisor: Colleague, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*given: Any, **more: Any) -> int:
        raise RuntimeError("no")

    monkeypatch.setattr("portal.paper.managing.audit.note", refuse)  # the last step of the transaction
    page = supervisor.open("/staff/paper-out").choose("Small 1").type("How many forms", "3")
    page.press("Order the forms", language="ur")
    assert page.status == 500
    with database.read() as connection:
        assert [connection.execute(select(table)).all() for table in (PrintRun, Paper, outbox.Job)] == [
            []
        ] * 3


@pytest.mark.paper
def test_what_is_ordered_is_made_and_can_be_downloaded(
    supervisor: Colleague, database: Database, settings: Settings, ring: KeyRing
) -> None:
    run = order(supervisor)
    assert "0 of 3 made" in supervisor.text
    assert supervisor.soup.select_one("meta[http-equiv=refresh]")["content"] == "3"  # type: ignore[index]
    supervisor.link("Stop that")
    assert supervisor.soup.select_one("meta[http-equiv=refresh]") is None and "0 of 3" in supervisor.text
    assert work(database, settings, ring)
    supervisor.link("Look again")
    assert supervisor.soup.select_one("meta[http-equiv=refresh]") is None
    assert "It is ready" in supervisor.text
    path = settings.papers / f"{run.reference}.pdf"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    before = len(entries(database))
    response = supervisor.client.get(f"/staff/paper-out/{run.reference}/pdf")
    assert response.data == path.read_bytes() and response.data.startswith(b"%PDF")
    assert response.headers["Content-Disposition"] == (f'attachment; filename="small-ur-{run.reference}.pdf"')
    assert response.headers["Content-Security-Policy"].startswith("sandbox;")
    assert response.headers["Cache-Control"] == "no-store"
    assert len(entries(database)) == before + 1
    assert (entries(database)[0].did, entries(database)[0].what) == ("printed", f"run {run.reference}")
    supervisor.open("/staff/paper-out")
    assert [words for words in ("Ready", "Urdu", "Repairs & <b>doors</b>") if words in supervisor.text] == [
        "Ready",
        "Urdu",
        "Repairs & <b>doors</b>",
    ]


def test_the_page_says_how_many_are_made(supervisor: Colleague, database: Database) -> None:
    run = order(supervisor)
    with database.write() as connection:
        connection.execute(update(outbox.Job).values(done_steps=40, of_steps=100))
    supervisor.open(f"/staff/paper-out/{run.reference}")
    assert "40 of 3 made" in supervisor.text
    assert "Being made, 40 %" in supervisor.open("/staff/paper-out").text


@pytest.mark.paper
def test_a_pdf_that_is_gone_can_be_made_again_with_the_same_references(
    supervisor: Colleague, database: Database, settings: Settings, ring: KeyRing
) -> None:
    run = order(supervisor)
    with database.read() as connection:
        papers = connection.execute(select(Paper.reference, Paper.serial).order_by(Paper.serial)).all()
    for _time in range(2):
        work(database, settings, ring)
        (settings.papers / f"{run.reference}.pdf").unlink()
        supervisor.open(f"/staff/paper-out/{run.reference}")
        assert "The PDF is not kept any more" in supervisor.text
        assert supervisor.client.get(f"/staff/paper-out/{run.reference}/pdf").status_code == 404
        supervisor.press("Make it again")
        assert "0 of 3 made" in supervisor.text
    work(database, settings, ring)
    assert (settings.papers / f"{run.reference}.pdf").exists()
    with database.read() as connection:
        assert (
            connection.execute(select(Paper.reference, Paper.serial).order_by(Paper.serial)).all() == papers
        )


def test_without_pango_the_page_says_so_and_offers_the_page_to_print(
    supervisor: Colleague,
    database: Database,
    settings: Settings,
    ring: KeyRing,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def gone(name: str) -> None:
        raise OSError("cannot load library 'libpango-1.0-0'")

    run = order(supervisor)
    with monkeypatch.context() as without:
        without.setattr(bundles, "import_module", gone)
        assert work(database, settings, ring)
    (job,) = jobs(database)
    assert (job.state, job.failed, job.tries) == ("dead", PangoMissing.__name__, 1)
    supervisor.open(f"/staff/paper-out/{run.reference}")
    assert "this server lacks Pango" in supervisor.text
    assert "Could not be made" in supervisor.open("/staff/paper-out").text
    supervisor.open(f"/staff/paper-out/{run.reference}").link("the page to print")
    assert supervisor.path == "/ur/small/print" and supervisor.status == 200
    supervisor.open(f"/staff/paper-out/{run.reference}").press("Make it again")
    assert jobs(database)[0].state == "new" and len(jobs(database)) == 1


def test_what_cannot_be_ordered_comes_back_with_all_that_was_typed(
    make_portal: MakePortal, sqlite: Database
) -> None:
    keep(sqlite, PLACES)
    who = Colleague(make_portal(sqlite, forms=(SMALL,)), Role.SUPERVISOR)
    for number, other, sentence in (
        ("501", {}, "500"),
        ("0", {}, "1"),
        ("many", {}, "number"),
        ("", {}, "Type how many forms to print"),
        ("3", {"language": ""}, "Choose the language of the paper"),
        ("3", {"language": "xx"}, ""),
        ("3", {"form": "other_1"}, ""),
        ("3", {"size": "huge"}, ""),
        ("3", {"collection": "nowhere"}, ""),
    ):
        who.open("/staff/paper-out").choose("Small 1", "Yellow").type("Note", "a <b>note</b>")
        who.type("How many forms", number).press("Order the forms", **{"language": "ur", **other})
        assert who.status == 422 and len(who.errors) == 1 and sentence in who.errors[0], (number, other)
        assert who.typed("Note") == "a <b>note</b>" and "Yellow" in who.chosen()
        assert who.typed("How many forms") == number
        if other.get("language") != "":
            chosen = [option["value"] for option in who.soup.select("#language option[selected]")]
            assert chosen == ([] if "language" in other else ["ur"])
    assert everything(who) == [] and jobs(sqlite) == []


def test_forms_given_out_are_counted_and_the_first_settle_the_place(
    supervisor: Colleague, database: Database
) -> None:
    run = order(supervisor)
    supervisor.type("How many forms were given out now", "2").press("Count them", collection="fair")
    now = runs.run(database, run.reference)
    assert (now.issued, now.collection) == (2, "fair")
    assert entries(database)[0].detail == {"given": 2} and entries(database)[0].did == "changed"
    assert supervisor.soup.select_one("#collection") is None
    supervisor.type("How many forms were given out now", "1").press("Count them", collection="repairs_2026")
    now = runs.run(database, run.reference)
    assert (now.issued, now.collection) == (3, "fair")
    assert "Count them" not in supervisor.buttons()


def test_no_more_are_given_out_than_there_are(supervisor: Colleague, database: Database) -> None:
    run = order(supervisor)
    for number in ("4", "0", "-1", ""):
        supervisor.type("How many forms were given out now", number).press("Count them", collection="fair")
        assert supervisor.status == 422 and len(supervisor.errors) == 1
        assert supervisor.typed("How many forms were given out now") == number
        now = runs.run(database, run.reference)
        assert (now.issued, now.collection) == (0, "repairs-2026")


def test_two_people_who_count_the_same_forms_do_not_make_more_of_them(
    supervisor: Colleague, app: Flask, database: Database
) -> None:
    run = order(supervisor)
    other = Colleague(app, Role.SUPERVISOR, name="Other")
    other.open(f"/staff/paper-out/{run.reference}").type("How many forms were given out now", "2")
    supervisor.type("How many forms were given out now", "2").press("Count them")
    other.press("Count them")
    assert other.status == 422
    assert runs.run(database, run.reference).issued == 2


def test_the_rate_of_return_of_each_place_is_on_the_page(supervisor: Colleague, database: Database) -> None:
    run = order(supervisor, number="20")
    runs.issued(database, run.reference, 20)
    come_back(database, run.reference, 19)
    assert "20 19 95 %" in supervisor.open("/staff/paper-out").text


@pytest.mark.parametrize("role", [Role.KEYER, Role.FRONTLINE])
def test_others_see_runs_and_can_change_nothing(app: Flask, database: Database, role: Role) -> None:
    run = order(Colleague(app, Role.SUPERVISOR))
    who = Colleague(app, role)
    who.open("/staff/paper-out")
    assert who.status == 200 and who.buttons() == ["Sign out", "Stay signed in"]
    who.open(f"/staff/paper-out/{run.reference}")
    assert who.status == 200 and who.buttons() == ["Sign out", "Stay signed in"]
    token = who.soup.select_one("input[name=csrf_token]")["value"]  # type: ignore[index]
    for path in ("", f"/{run.reference}/make", f"/{run.reference}/issued"):
        who.post(f"/staff/paper-out{path}", [("csrf_token", str(token)), ("number", "1")])
        assert who.status == 404
    assert who.client.get(f"/staff/paper-out/{run.reference}/pdf").status_code == 404
    assert runs.run(database, run.reference).issued == 0 and len(everything(who)) == 1


def test_for_everybody_else_the_pages_do_not_exist(make_portal: MakePortal, sqlite: Database) -> None:
    app = make_portal(sqlite, forms=(SMALL,))
    for role in set(Role) - {Role.SUPERVISOR, Role.KEYER, Role.FRONTLINE}:
        assert Colleague(app, role).open("/staff/paper-out").status == 404


def test_an_address_that_is_no_run_is_nothing(supervisor: Colleague, settings: Settings) -> None:
    Path(settings.data, "keys.pdf").write_bytes(b"%PDF secret")
    for name in ("..", "..%2fkeys", "7K3PX92C4", "%00"):
        assert supervisor.client.get(f"/staff/paper-out/{name}").status_code == 404
        assert supervisor.client.get(f"/staff/paper-out/{name}/pdf").status_code == 404
