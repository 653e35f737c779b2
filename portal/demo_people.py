"""People of a demonstration: one for each role, marked as synthetic, and what they need to sign in."""

from __future__ import annotations

import os
from pathlib import Path

from portal.accounts import passwords, people, second_factor
from portal.accounts.roles import Role
from portal.audit import OPERATOR
from portal.database import Database
from portal.interpreting import interpreters
from portal.sealing import KeyRing

PASSWORD = "invented people only"
FILE = "demo-people.txt"
HEAD = """\
People of this demonstration. They are invented; the same password lets all of them in: {password}
Then each is asked for a code: from an authenticator app that has the key, or one of those below, once each.
"""


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
        email = f"{Role.INTERPRETER.value}@demo.example" if place == 0 else ""
        reference = interpreters.keep(database, ring, None, columns, email, OPERATOR)
        with database.read() as connection:
            row = next(
                row for row, _codes, _end in interpreters.every(connection) if row.reference == reference
            )
        for code in codes:
            level = {"level": "registered", "dialects": ""}
            interpreters.keep_language(database, ring, row, code, level, OPERATOR)


def make(database: Database, ring: KeyRing, folder: Path) -> Path:
    """Make one account for each role, unless they are there; returns the file that says how to sign in."""
    path = folder / FILE
    if path.exists():
        return path
    hash = passwords.hashed(PASSWORD)
    lines = [HEAD.format(password=PASSWORD)]
    for role in Role:
        email = f"{role.value.replace('_', '-')}@demo.example"
        name = f"{role.value.replace('_', ' ').capitalize()} (synthetic)"
        with database.read() as connection:
            found = people.by_email(connection, email)
        who = found.reference if found else people.add(database, ring, email, name, [role], OPERATOR)
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
    make_interpreters(database, ring)
    return path
