"""Papers that we printed and that come back: each goes into its own kind of batch, and is counted once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal import references
from portal.accounts.roles import Role
from portal.database import Database
from portal.forms import EQUALITY
from portal.keying import closing, passes
from portal.keying.batches import NewBatch, find, form_of, open_batch
from portal.keying.passes import Work
from portal.paper import runs
from portal.paper.models import Paper
from portal.paper.runs import OPERATOR
from portal.questions import Form
from portal.sealing import KeyRing
from tests.conftest import MakePortal
from tests.everything import EVERYTHING
from tests.papers import SMALL
from tests.staff import Colleague

FORMS = (SMALL, EVERYTHING, EQUALITY)
KEYER, SUPERVISOR = "23456789C", "3456789AD"


def printed(database: Database, number: int, form: Form = SMALL, language: str = "ur", **other: Any) -> str:
    """A run; gives its reference."""
    here = form.here(other.get("variants"))
    return str(runs.order(database, here, language, "normal", False, "fair", number, OPERATOR).reference)


def papers_of(database: Database, run: str) -> list[str]:
    with database.read() as connection:
        query = select(Paper.reference).where(Paper.run == run).order_by(Paper.serial)
        return list(connection.execute(query).scalars())


def opened(database: Database, ring: KeyRing, declared: int, form: Form = SMALL, **other: Any) -> str:
    new = NewBatch(
        form=form.key,
        edition=form.edition,
        variants=form.here(other.get("variants"), office=True).variants,
        language=other.get("language", "ur"),
        source="post",
        collection=None,
        received=date(2026, 11, 16),
        declared=declared,
    )
    return open_batch(database, ring, new, SUPERVISOR)


def key(database: Database, ring: KeyRing, batch: str, paper: str, reject: bool = False) -> None:
    """One person keys a paper, or puts it aside."""
    work = passes.take_up(database, ring, batch, paper, KEYER)
    assert isinstance(work, Work)
    if reject:
        passes.reject(database, ring, work, "damaged")
    else:
        passes.save(database, ring, work, SMALL.here(office=True), {"region": ("north",)}, drawn=False)


def close(database: Database, ring: KeyRing, batch: str) -> object:
    with database.read() as connection:
        head = find(connection, batch)
    assert head is not None
    form = form_of(FORMS, head)
    assert form is not None
    return closing.close(database, ring, form, head, "", SUPERVISOR)


def test_of_twenty_given_out_nineteen_come_back_rejected_ones_too(database: Database, ring: KeyRing) -> None:
    run, other = printed(database, 25), printed(database, 25)
    runs.issued(database, run, 20)
    runs.issued(database, other, 5)
    batch = opened(database, ring, 21)
    for place, paper in enumerate(papers_of(database, run)[:19]):
        key(database, ring, batch, paper, reject=place == 7)
    key(database, ring, batch, papers_of(database, other)[0])
    key(database, ring, batch, references.new())  # with a sticker
    assert [runs.run(database, one).returned for one in (run, other)] == [0, 0]
    assert close(database, ring, batch) is None
    assert [runs.run(database, one).returned for one in (run, other)] == [19, 1]
    assert close(database, ring, batch) is not None, "it is closed already"
    assert runs.run(database, run).returned == 19
    assert runs.run(database, run).returned / runs.run(database, run).issued == 0.95


def test_a_batch_that_cannot_be_closed_counts_nothing(database: Database, ring: KeyRing) -> None:
    run = printed(database, 2)
    batch = opened(database, ring, 2)
    key(database, ring, batch, papers_of(database, run)[0])
    assert close(database, ring, batch) is not None
    assert runs.run(database, run).returned == 0


def test_a_paper_that_comes_back_twice_does_not_make_more_than_there_are(
    database: Database, ring: KeyRing
) -> None:
    run = printed(database, 1)
    for _copy in range(2):
        batch = opened(database, ring, 1)
        key(database, ring, batch, papers_of(database, run)[0])
        assert close(database, ring, batch) is None
    assert runs.run(database, run).returned == 1


@pytest.fixture
def keyer(make_portal: MakePortal, database: Database) -> Colleague:
    return Colleague(make_portal(database, forms=FORMS), Role.KEYER)


def portal_of(keyer: Colleague) -> Any:
    app: Flask = keyer.app
    return app.extensions["portal"]


SEX = {"sex": "with_note"}


def test_a_paper_of_another_kind_is_not_taken_and_it_is_said_what_it_is(keyer: Colleague) -> None:
    portal = portal_of(keyer)
    kinds: tuple[tuple[dict[str, Any], dict[str, Any], str], ...] = (
        ({"form": EVERYTHING}, {"form": SMALL}, "Everything, edition"),
        ({"language": "pl"}, {"language": "ur"}, "Small, edition 1 , Polish"),
        ({"form": EQUALITY, "variants": SEX}, {"form": EQUALITY}, "in other words"),
        ({"form": EQUALITY}, {"form": EQUALITY, "variants": SEX}, "in other words"),
        ({"form": EQUALITY, "variants": {"sex": "off"}}, {"form": EQUALITY}, "in other words"),
    )
    for paper, kind, sentence in kinds:
        (reference,) = papers_of(portal.database, printed(portal.database, 1, **paper))
        batch = opened(portal.database, portal.ring, 5, **kind)
        keyer.open(f"/staff/paper-in/{batch}").type("Reference of the next paper", reference)
        keyer.press("Key it")
        assert keyer.status == 422 and len(keyer.errors) == 1 and sentence in keyer.errors[0]
        assert keyer.typed("Reference of the next paper") == reference
        assert passes.work(portal.database, portal.ring, reference, keyer.reference) is None


def test_a_paper_of_the_same_kind_is_taken(keyer: Colleague) -> None:
    portal = portal_of(keyer)
    kinds: tuple[dict[str, Any], ...] = (
        {},
        {"form": EQUALITY},
        {"form": EQUALITY, "variants": {"sex": "off"}},
        {"form": EQUALITY, "variants": {**SEX, "armed_forces": "asked"}},
        {"form": EVERYTHING, "language": "pl"},
    )
    for kind in kinds:
        (reference,) = papers_of(portal.database, printed(portal.database, 1, **kind))
        batch = opened(portal.database, portal.ring, 5, **kind)
        scanned = f"P1|7K3PX92C4|ur|01/07|001|{reference}"
        keyer.open(f"/staff/paper-in/{batch}").type("Reference of the next paper", scanned)
        keyer.press("Key it")
        assert keyer.path == f"/staff/paper-in/{batch}/{reference}" and keyer.status == 200


def test_a_reference_that_we_did_not_print_is_a_sticker(keyer: Colleague) -> None:
    portal = portal_of(keyer)
    batch, reference = opened(portal.database, portal.ring, 5), references.new()
    keyer.open(f"/staff/paper-in/{batch}").type("Reference of the next paper", reference).press("Key it")
    assert keyer.path == f"/staff/paper-in/{batch}/{reference}" and keyer.status == 200
