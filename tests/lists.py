"""A form that names two lists, and what tests do with them."""

from __future__ import annotations

from portal import registers
from portal.database import Database
from portal.paper.runs import OPERATOR
from portal.questions import Choice, Form, Group, Option, Register, Text, as_written
from portal.registers import Given
from portal.sealing import KeyRing

FIRST = (Option("north", as_written("North office")), Option("south", as_written("South office")))
AGENCY = Choice(
    key="agency", text=as_written("Which agency helps you?"), many=True, options=Register("clubs")
)
OFFICE = Choice(
    key="nearest",
    text=as_written("Which office is nearest?"),
    required=as_written("Choose the nearest office"),
    options=Register("offices"),
)
FORM = Form(
    key="lists",
    edition="1",
    address="lists",
    title=as_written("Lists"),
    purpose=as_written("Names two lists"),
    registers={"offices": FIRST},
    parts=(
        OFFICE,
        Group(
            key="been",
            each=Register("offices"),
            questions=(
                Choice(
                    key="there",
                    text=as_written("Have you been there: %(member)s?"),
                    options=(Option("yes", as_written("Yes")), Option("no", as_written("No"))),
                ),
            ),
        ),
        AGENCY,
        Text(key="more", text=as_written("What else?")),
    ),
)


def lines(
    database: Database, register: str = "offices", carried: Given = FIRST
) -> list[tuple[str, str, bool]]:
    with database.read() as connection:
        return registers.every(connection, register, carried)


def offices(database: Database, active: bool = True) -> list[str]:
    return [name for _code, name, on in lines(database) if on == active]


def add(database: Database, ring: KeyRing, name: str, register: str = "offices") -> str:
    return registers.add(database, ring, register, FIRST if register == "offices" else (), name, OPERATOR)


def out(database: Database, ring: KeyRing, code: str, on: bool = False) -> None:
    registers.set_active(database, ring, "offices", FIRST, code, on, OPERATOR)
