"""People of a demonstration: one for each role, marked as synthetic, and what they need to sign in."""

from __future__ import annotations

import os
from pathlib import Path

from portal.accounts import passwords, people, second_factor
from portal.accounts.roles import Role
from portal.audit import OPERATOR
from portal.database import Database
from portal.sealing import KeyRing

PASSWORD = "invented people only"
FILE = "demo-people.txt"
HEAD = """\
People of this demonstration. They are invented; the same password lets all of them in: {password}
Then each is asked for a code: from an authenticator app that has the key, or one of those below, once each.
"""


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
    return path
