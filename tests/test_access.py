"""Who may see and do what: every address there is, each role, and nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from portal import audit
from portal.accounts.guard import GUARDED, access_of
from portal.accounts.roles import OFFICE, Role
from portal.audit import Did
from portal.database import Database
from portal.equality.collections import keep
from portal.questions import Form
from portal.settings import CollectionEntry
from portal.tables import Base
from tests.conftest import MakePortal
from tests.everything import EVERYTHING
from tests.staff import Colleague, everybody
from tests.visitor import Visitor

ALL = frozenset(Role)
KEYERS = frozenset({Role.KEYER, Role.SUPERVISOR})
SUPERVISOR = frozenset({Role.SUPERVISOR})
ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
GOVERNANCE = frozenset({Role.GOVERNANCE})
GRAVE = True

ANYONE = {
    "front.start front.first front.help_page front.privacy front.accessibility front.brand front.alive",
    "journey.start journey.begin journey.question journey.answer journey.check",
    "sending.send sending.sent reply.reply reply.show",
    "equality.at equality.begin_at equality.swap equality.invited equality.begin_invited",
    "accounts.sign_in accounts.take_password accounts.ask_code accounts.take_code accounts.signed_out",
    "accounts.swap accounts.ask_new_password accounts.join",
}
STAFF: dict[str, tuple[frozenset[Role], bool]] = {
    "accounts.ask_proof": (ALL, False),
    "accounts.take_proof": (ALL, False),
    "accounts.stay": (ALL, False),
    "accounts.sign_out": (ALL, False),
    "accounts.sign_out_everywhere": (ALL, False),
    "accounts.show_codes": (ALL, False),
    "accounts.codes_kept": (ALL, False),
    "accounts.me": (ALL, False),
    "accounts.choose_shortcuts": (ALL, False),
    "accounts.ask_other_password": (ALL, GRAVE),
    "accounts.change_password": (ALL, GRAVE),
    "accounts.ask_new_codes": (ALL, GRAVE),
    "accounts.make_new_codes": (ALL, GRAVE),
    "office.home": (ALL, False),
    "office.find": (OFFICE, False),
    "auditing.log": (GOVERNANCE, False),
    "managing.everybody": (ADMINISTRATOR, GRAVE),
    "managing.add": (ADMINISTRATOR, GRAVE),
    "managing.one": (ADMINISTRATOR, GRAVE),
    "managing.change": (ADMINISTRATOR, GRAVE),
    "managing.make_link": (ADMINISTRATOR, GRAVE),
    "managing.sign_out": (ADMINISTRATOR, GRAVE),
    "collections.everywhere": (ADMINISTRATOR | SUPERVISOR, False),
    "collections.one": (ADMINISTRATOR | SUPERVISOR, False),
    "collections.add": (ADMINISTRATOR, False),
    "collections.change": (ADMINISTRATOR, False),
    "collections.close": (ADMINISTRATOR, False),
    "collections.reopen": (ADMINISTRATOR, False),
}
