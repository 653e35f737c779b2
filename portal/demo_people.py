"""People of a demonstration: one for each role, marked as synthetic, and what they need to sign in.

With them comes a little of what they work with: who interprets, when they are on duty, what is published.
"""

from __future__ import annotations

import os
from pathlib import Path

from portal import clock
from portal.accounts import passwords, people, second_factor
from portal.accounts.roles import Role
from portal.audit import OPERATOR
from portal.database import Database
from portal.interpreting import documents, interpreters, rota
from portal.sealing import KeyRing

PASSWORD = "invented people only"
FILE = "demo-people.txt"
HEAD = """\
People of this demonstration. They are invented; the same password lets all of them in: {password}
Then each is asked for a code: from an authenticator app that has the key, or one of those below, once each.
"""


BESIDES: dict[Role, tuple[Role, ...]] = {
    Role.DOMESTIC_ABUSE: (Role.CASE_OFFICER,),
    Role.ABOUT_STAFF: (Role.CASE_OFFICER,),
}
"""Roles that do nothing by themselves, and the one that comes with each."""


def email_of(role: Role) -> str:
    """The address with which the person of a role signs in."""
    return f"{role.value.replace('_', '-')}@demo.example"


INTERPRETERS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("Nasreen (synthetic)", "woman", "staff", ("urd", "pan", "phr")),
    ("Bushra (synthetic)", "woman", "bank", ("phr", "urd")),
    ("Kamal (synthetic)", "man", "bank", ("ben", "syl")),
    ("Ewa (synthetic)", "woman", "bank", ("pol",)),
    ("Rojin (synthetic)", "woman", "bank", ("kmr",)),
    ("Yusuf (synthetic)", "man", "staff", ("ara", "som")),
    ("Dawn (synthetic)", "woman", "provider", ("bfi",)),
)
"""Name, gender, kind, languages. The first has the account of the role."""


def make_interpreters(database: Database, ring: KeyRing) -> None:
    """People who interpret in a demonstration, unless there are some."""
    with database.read() as connection:
        if interpreters.every(connection):
            return
    for place, (name, gender, kind, codes) in enumerate(INTERPRETERS):
        columns = {
            "name": name,
            "gender": gender,
            "kind": kind,
            "active": True,
            "modes": ["office", "home", "place", "phone", "video"],
            "travel": 30,
        }
        email = email_of(Role.INTERPRETER) if place == 0 else ""
        reference = interpreters.keep(database, ring, None, columns, email, OPERATOR)
        with database.read() as connection:
            row = next(
                row for row, _codes, _end in interpreters.every(connection) if row.reference == reference
            )
        for code in codes:
            level = {"level": "registered", "dialects": ""}
            interpreters.keep_language(database, ring, row, code, level, OPERATOR)


MORNING, AFTERNOON = (9 * 60, 13 * 60), (13 * 60, 17 * 60)
ROTA: tuple[tuple[str, str, tuple[int, ...], tuple[int, int]], ...] = (
    ("Nasreen (synthetic)", "urd", (1, 2, 3, 4, 5), MORNING),
    ("Bushra (synthetic)", "phr", (2, 4), AFTERNOON),
    ("Ewa (synthetic)", "pol", (1, 3), MORNING),
    ("Yusuf (synthetic)", "ara", (1, 2, 3, 4, 5), AFTERNOON),
)
"""Name, language, days of the week (1 is Monday), minutes since midnight. They are reached by phone."""


def make_rota(database: Database, ring: KeyRing) -> None:
    """When those who interpret in a demonstration are on duty, unless somebody is."""
    today = clock.today()
    with database.read() as connection:
        if rota.slots(connection, today):
            return
        people_of = {row.name: row.id for row, _codes, _end in interpreters.every(connection)}
    for name, language, days, (begins, ends) in ROTA:
        for day in days if name in people_of else ():
            slot = rota.NewSlot(
                language=language,
                office=None,
                weekday=day,
                begins=begins,
                ends=ends,
                interpreter=people_of[name],
                first=today,
            )
            rota.add(database, ring, slot, OPERATOR)


MAKER, VENUE = "Translators (synthetic)", "Market Hall (synthetic)"
DOCUMENTS: tuple[tuple[str, int, dict[str, str]], ...] = (
    ("Your tenancy agreement (synthetic)", 5200, {"urd": "ready", "pan": "ready", "pol": "ordered"}),
    ("How to report a repair (synthetic)", 640, {"urd": "ready", "ben": "ready", "ara": "asked"}),
    ("Damp and mould (synthetic)", 900, {"pol": "ordered"}),
)
"""Title, words, how it stands in each language."""


def make_documents(database: Database, ring: KeyRing) -> None:
    """What the landlord of a demonstration publishes, unless there is something."""
    with database.read() as connection:
        if documents.every(connection):
            return
    today = clock.today()
    for title, words, languages in DOCUMENTS:
        document = documents.put(database, ring, title, words, clock.years_before(today), OPERATOR)
        assert document is not None
        for language, how in languages.items():
            edition = documents.Edition(language=language, format=documents.STANDARD, state=how, maker=MAKER)
            documents.keep_edition(database, ring, document, edition, OPERATOR)
            if how == "ready":
                given = documents.Given(
                    language=language,
                    format=documents.STANDARD,
                    office=None,
                    venue=VENUE,
                    number=20,
                    day=today,
                )
                documents.give_out(database, document, given)


def make(database: Database, ring: KeyRing, folder: Path) -> Path:
    """Make all that is not there yet; returns the file that says how to sign in."""
    path = folder / FILE
    if not path.exists():
        _make_accounts(database, ring, path)
    make_interpreters(database, ring)
    make_rota(database, ring)
    make_documents(database, ring)
    return path


def _make_accounts(database: Database, ring: KeyRing, path: Path) -> None:
    """One account for each role, and the file."""
    hash = passwords.hashed(PASSWORD)
    lines = [HEAD.format(password=PASSWORD)]
    for role in Role:
        email = email_of(role)
        name = f"{role.value.replace('_', ' ').capitalize()} (synthetic)"
        with database.read() as connection:
            found = people.by_email(connection, email)
        roles = {role, *BESIDES.get(role, ())}
        who = found.reference if found else people.add(database, ring, email, name, roles, OPERATOR)
        secret = second_factor.new_secret()
        sealed = ring.seal("identity", people.place_of(who), secret.encode())
        with database.write() as connection:
            people.set_password(connection, who, hash)
            people.set_second_factor(connection, who, sealed, 0)
            codes = second_factor.new_recovery_codes(connection, ring, who)
        lines.append(f"{email}\n  key {secret}\n  codes {' '.join(map(second_factor.grouped, codes))}\n")
    beside = path.with_suffix(".part")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write("\n".join(lines))
    beside.replace(path)
