"""A desk where paper is keyed: a small form, batches of it, and keyers whose browsers have no JavaScript."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from bs4 import Tag
from flask import Flask
from sqlalchemy import insert, select

from portal import references
from portal.accounts.roles import Role
from portal.database import Database
from portal.forms import FORMS
from portal.keying import passes
from portal.keying.batches import NewBatch, find, open_batch
from portal.keying.models import Batch, KeyedForms, Pass, Sheet
from portal.keying.passes import Work
from portal.keying.states import State
from portal.questions import Answers, Choice, Date, Form, If, Number, Option, Text
from portal.questions import as_written as w
from portal.questions.keying import keys_of
from portal.sealing import KeyRing
from portal.tables import Base
from tests.conftest import MakePortal
from tests.staff import Colleague
from tests.visitor import Visitor

SMALL = Form(
    key="small",
    edition="1",
    address="small",
    title=w("A small form"),
    purpose=w("A form of a test"),
    parts=(
        Choice(
            key="colour",
            text=w("Which colour?"),
            options=(Option("red", w("Red")), Option("green", w("Green")), Option("blue", w("Blue"))),
        ),
        Text(key="shade", text=w("Which shade of red?"), asked=(If("colour", "red"),), personal=True),
        Choice(
            key="tools",
            text=w("Which tools?"),
            many=True,
            options=(
                Option("saw", w("Saw")),
                Option("plane", w("Plane")),
                Option("none", w("None"), alone=True),
            ),
        ),
        Number(key="rooms", text=w("How many rooms?"), least=1, most=20),
        Date(key="since", text=w("Since when?"), partial=True, when="past"),
    ),
)
"""Reading one answer of it takes one look."""
KEYS = {"colour": "2", "shade": "", "tools": "12", "rooms": "3", "since": "270384"}
"""A whole paper of it, as it is typed."""
ANSWERS: Answers = {
    "colour": ("green",),
    "tools": ("saw", "plane"),
    "rooms": ("3",),
    "since": ("1984-03-27",),
}
"""And as it is stored."""
RECEIVED = date(2026, 11, 12)
"""A Thursday."""


def office(make_portal: MakePortal, database: Database, *forms: Form, **changes: Any) -> Flask:
    """The portal with the small form beside its own."""
    return make_portal(database, forms=(*FORMS, SMALL, *forms), **changes)


def pile(database: Database, ring: KeyRing, form: Form = SMALL, **changes: Any) -> str:
    """Open a batch; gives its reference."""
    head: dict[str, Any] = {
        "form": form.key,
        "edition": form.edition,
        "variants": form.variants,
        "language": "ur",
        "source": "post",
        "collection": None,
        "received": RECEIVED,
        "declared": 3,
        "share": 0,
        **changes,
    }
    return open_batch(database, ring, NewBatch(**head), "SUPERV222")


def experienced(database: Database, ring: KeyRing, keyer: str, forms: int = 50) -> None:
    """Somebody who has keyed fifty forms in a batch that is long closed."""
    before = pile(database, ring)
    with database.write() as connection:
        connection.execute(Batch.__table__.update().where(Batch.reference == before).values(state="closed"))
        connection.execute(insert(KeyedForms).values(batch=before, keyer=keyer, forms=forms))


def key_paper(
    database: Database,
    ring: KeyRing,
    batch: str,
    sheet: str,
    keyer: str,
    answers: Answers = ANSWERS,
    *,
    form: Form = SMALL,
    drawn: bool = False,
) -> State | None:
    """Take a paper up and save it whole."""
    work = passes.take_up(database, ring, batch, sheet, keyer)
    assert isinstance(work, Work), work
    return passes.save(database, ring, work, form, answers, drawn)


def state_of(database: Database, sheet: str) -> State | None:
    """Where a paper is; None when it is gone."""
    with database.read() as connection:
        found = connection.execute(select(Sheet.state).where(Sheet.reference == sheet)).scalar()
    return State(found) if found else None


def keyings(database: Database, ring: KeyRing, sheet: str) -> list[tuple[int, str, bool, dict[str, Any]]]:
    """The keyings of a paper: number, keyer, whether it is whole, answers."""
    query = select(*Pass.__table__.columns).where(Pass.sheet == sheet).order_by(Pass.number)
    with database.read() as connection:
        rows = connection.execute(query).all()
    return [(row.number, row.keyer, row.saved, passes.opened(ring, row)) for row in rows]


def head_of(database: Database, batch: str) -> Any:
    """The row of a batch."""
    with database.read() as connection:
        return find(connection, batch)


def everything(database: Database, *but: str) -> dict[str, list[str]]:
    """Every row of every table but some, as text, in an order of its own."""
    found = {}
    with database.read() as connection:
        for table in Base.metadata.sorted_tables:
            if table.name not in but:
                rows = connection.execute(select(*table.columns)).mappings()
                found[table.name] = sorted(str(dict(row)) for row in rows)
    return found


class Keyer(Colleague):
    """Somebody who keys, with the mouse and the keyboard but no script."""

    def __init__(self, app: Flask, *roles: Role, name: str = "") -> None:
        super().__init__(app, *(roles or (Role.KEYER,)), name=name or f"keyer {references.new()}")

    def at(self, batch: str) -> Keyer:
        self.open(f"/staff/paper-in/{batch}")
        return self

    def take(self, batch: str, sheet: str) -> Keyer:
        """Type the reference of a paper on the page of its batch."""
        self.at(batch).type("Reference of the next paper", sheet).press("Key it")
        return self

    def fill(self, keys: Mapping[str, str]) -> Keyer:
        """Type into the fields of the keying screen, by the key of their question."""
        for key, typed in keys.items():
            field = self.soup.find(id=key)
            assert field is not None, f"no field {key}"
            field["value"] = typed  # type: ignore[index]
        return self

    def pick(self, name: str, text: str) -> Keyer:
        """Choose from a list."""
        for option in self.soup.select(f"select[name={name}] option"):
            option.attrs.pop("selected", None)
            if option.get_text() == text:
                option["selected"] = ""
        assert self.picked(name) == text, f"{name} has no {text!r}"
        return self

    def picked(self, name: str) -> str:
        """What stands in a list."""
        found = self.soup.select_one(f"select[name={name}] option[selected]")
        return found.get_text() if found else ""

    def form_fields(self, form: Tag) -> list[tuple[str, str]]:
        """With its lists: a browser sends the first option if none is chosen."""
        fields = super().form_fields(form)
        for chosen in form.select("select"):
            option = chosen.select_one("option[selected]") or chosen.select_one("option")
            assert option is not None
            fields.append((str(chosen["name"]), str(option["value"])))
        return fields

    def shown(self) -> dict[str, str]:
        """What stands in the fields of the keying screen."""
        return {str(field["name"]): str(field["value"]) for field in self.soup.select("input.k-field")}

    def keys(self, batch: str, sheet: str, keys: Mapping[str, str] = KEYS) -> Keyer:
        """Key a whole paper."""
        self.take(batch, sheet).fill(keys).press("Save")
        return self

    def token(self) -> str:
        field = self.soup.select_one("input[name=csrf_token]")
        assert field is not None
        return str(field["value"])

    def sends(self, path: str, **fields: str) -> Keyer:
        """Post what no page offers."""
        self.post(path, [("csrf_token", self.token()), *fields.items()])
        return self

    def keeps(self, batch: str, sheet: str, question: str, typed: str) -> str:
        """What the script does after each answer; gives what the portal says to it."""
        found = self.client.post(
            f"/staff/paper-in/{batch}/{sheet}/keep",
            data={"csrf_token": self.token(), "question": question, "typed": typed},
        )
        assert found.status_code == 200 and found.mimetype == "text/plain"
        return found.text


def typed_for(form: Form, answers: Answers) -> dict[str, str]:
    """What is typed for these answers, question by question."""
    return {question.key: keys_of(question, answers.get(question.key)) for question in form.questions}


def gone_in(visitor: Visitor) -> str:
    """The text of the notice on a page."""
    found = visitor.soup.select_one(".govuk-notification-banner__heading")
    return "".join(found.strings) if found else ""
