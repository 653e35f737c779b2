"""Every page is valid HTML, from left to right and from right to left: the Nu checker finds nothing."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from portal import clock
from portal.accounts.guard import COOKIE
from portal.accounts.roles import Role
from portal.equality.collections import keep
from portal.settings import CollectionEntry
from tests import caseload, machine
from tests.bookings import Desk
from tests.browsing import OnAir
from tests.staff import Colleague, Own, pages_of
from tests.visitor import Visitor, words

pytestmark = pytest.mark.html

LANGUAGES = ("en", "ur", "ar", "en-xa")
NOT_WRONG = (
    # The pseudo-language is English with accents, and the checker takes it for another one
    "This document appears to be written in",
    # Browsers that do not know it ignore it, and show all their keys
    "The “inputmode” attribute is not supported in all browsers",
    # govuk-frontend writes it at the parts of a date, for the sake of old screen readers
    "The “group” role is unnecessary for element “fieldset”",
)


def checked(folder: Path) -> list[str]:
    """What the Nu checker says of the pages in a folder. It runs here and asks nobody."""
    java = [str(machine.java()), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]  # a short life: half the time
    jar = ["-jar", str(machine.html_checker()), "--format", "json", "--exit-zero-always"]
    command = [*java, *jar, str(folder)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    return [
        f"{Path(unquote(one['url'])).stem}: {one['message']} ({one.get('extract', '')[:200]})"
        for one in json.loads(said)["messages"]
        if not one["message"].startswith(NOT_WRONG)
    ]


def office_pages(on_air: OnAir) -> Iterator[tuple[str, str]]:
    """The pages of people who work here, some of them with what is wrong on them, and those of signing in."""
    keep(on_air.database, [CollectionEntry(code="repairs", name="Repairs", outlet="Market Hall")])
    roles = (Role.ADMINISTRATOR, Role.GOVERNANCE, Role.SUPERVISOR, Role.KEYER, Role.FRONTLINE)
    colleague = Colleague(on_air.app, *roles, name="Hilda Html")
    colleague.client.set_cookie(COOKIE, colleague.secret)  # of the name that the test client calls the host
    for number, path in enumerate(pages_of(colleague)):
        yield f"office {number}", colleague.open(path).response.text
    for number, path in enumerate(("/staff/people", "/staff/collections")):
        yield f"office wrong {number}", colleague.open(path).press("Add").response.text
    person = colleague.open(f"/staff/people/{colleague.reference}").press("Link for password and phone")
    yield "office link", person.response.text
    visitor = Visitor(on_air.app)
    link = words(person.soup.select_one("section code")).removeprefix(on_air.address)
    yield "office join", visitor.open(link).response.text
    yield "office join wrong", visitor.press("Continue").response.text
    yield "office sign in", visitor.open("/sign-in").response.text
    yield "office sign in wrong", visitor.press("Sign in").response.text
    yield "office out", visitor.open("/sign-in/out").response.text
    yield "office link gone", visitor.open("/sign-in/with/x").response.text
    colleague.open("/staff/practice").pick("Language of the paper", "Urdu").press("Practise")
    yield "office practice", colleague.response.text
    colleague.send(colleague.soup.select("main form button")[0])
    yield "office paper", colleague.response.text
    yield "office paper wrong", colleague.press("Save").response.text
    colleague.open("/staff/for-someone").choose("About you", "By phone")
    yield "office aloud", colleague.pick("Language of the person", "Urdu").press("Continue").response.text
    colleague.choose("The person has heard this and agrees to answer")
    yield "office question", colleague.press("Begin").response.text


def own_pages(on_air: OnAir) -> Iterator[tuple[str, str]]:
    """An interpreter's own pages, some of them with what is wrong on them, and timesheets on the desk."""
    desk = Desk(on_air.database, on_air.ring)
    own = Own(on_air.app, desk, name="Nora Html", kind="staff")
    own.client.set_cookie(COOKIE, own.secret)
    soon = clock.seconds() // 3600 * 3600
    desk.ready(own.id, starts=soon + 80 * 3600, ends=soon + 81 * 3600)
    own.accepts(desk, starts=soon + 90 * 3600, ends=soon + 91 * 3600)
    yield "own who", own.press("Show initials and neighbourhood").response.text
    own.accepts(desk, starts=soon - 3 * 3600, ends=soon + 60)
    yield "own day", own.press("I do not know this person").response.text
    own.press("Finish now")
    for number, path in enumerate(own.pages()):
        yield f"own {number}", own.open(path).response.text
    yield "own timesheet", own.open(f"/interpreters/bookings/{own.booking}/timesheet").response.text
    yield "own timesheet wrong", own.press("Send the timesheet").response.text
    own.choose("Done").press("Send the timesheet")
    yield "own address", own.open("/interpreters/calendar").press("Make a new address").response.text
    yield "own leave wrong", own.open("/interpreters/times").press("Add the leave").response.text
    officer = Colleague(on_air.app, Role.COORDINATOR, name="Olive Html")
    officer.client.set_cookie(COOKIE, officer.secret)
    yield "own timesheets", officer.open("/staff/timesheets").response.text
    yield "own to sign", officer.open(f"/staff/timesheets/{own.booking}").response.text
    yield "own to sign wrong", officer.press("Send it back").response.text


def test_the_checker_finds_nothing_but_what_is_wrong(with_a_list: OnAir, tmp_path: Path) -> None:
    """Every page of ours, and one with a mistake, so that we know that it looks."""
    for seen in (seen for language in LANGUAGES for seen in with_a_list.kinds(language)):
        (tmp_path / f"{seen}.html").write_text(seen.html, "utf-8")
    for name, html in office_pages(with_a_list):
        (tmp_path / f"{name}.html").write_text(html, "utf-8")
    for seen in caseload.pages(with_a_list.app):
        (tmp_path / f"{seen}.html").write_text(seen.html, "utf-8")
    assert len(list(tmp_path.iterdir())) > 100
    bad = "<!DOCTYPE html><html lang=en><title>x</title><p id=a>a<p id=a>b"
    (tmp_path / "wrong.html").write_text(bad, "utf-8")
    found = checked(tmp_path)
    assert any(one.startswith("wrong: Duplicate ID") for one in found)
    wrong = [one for one in found if not one.startswith("wrong: ")]
    assert not wrong, "\n".join(wrong)


def test_the_checker_finds_nothing_on_pages_of_interpreters(on_air: OnAir, tmp_path: Path) -> None:
    for name, html in own_pages(on_air):
        (tmp_path / f"{name}.html").write_text(html, "utf-8")
    assert len(list(tmp_path.iterdir())) > 14
    wrong = checked(tmp_path)
    assert not wrong, "\n".join(wrong)
