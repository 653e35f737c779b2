"""Signing in: what people do, what attackers try, and when a sign-in ends."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any

import pyotp
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from portal import audit, clock, throttles
from portal.accounts import passwords, people, second_factor, signing_in, views
from portal.accounts.guard import safe_place
from portal.accounts.models import RecoveryCode, SignedIn
from portal.accounts.people import PeopleError
from portal.accounts.roles import Role
from portal.audit import OPERATOR
from portal.database import Database
from portal.sealing import KeyRing
from portal.tables import Base
from tests.conftest import MakePortal
from tests.staff import Colleague
from tests.visitor import Visitor, words

PASSWORD = "vier Zebras am Kanal"
OTHER = "fünf Dohlen im Apfelbaum"


@dataclass
class Member:
    """Somebody who works here and has come in by a link."""

    app: Flask
    reference: str
    email: str
    totp: str
    codes: list[str]

    def code(self) -> str:
        return pyotp.TOTP(self.totp).at(clock.now())


def link_for(app: Flask, *roles: Role, email: str = "ada@example.org", gives: str = "everything") -> str:
    """The path of a one-time link for a new account, or for the one that has this address."""
    portal = app.extensions["portal"]
    with portal.database.read() as connection:
        person = people.by_email(connection, email)
    who = person.reference if person else ""
    who = who or people.add(portal.database, portal.ring, email, "Ada Byron", roles, OPERATOR)
    return f"/sign-in/with/{people.make_link(portal.database, portal.ring, who, gives, OPERATOR)}"


def come_in(app: Flask, visitor: Visitor, *roles: Role, email: str = "ada@example.org") -> Member:
    """The whole way in: link, password, phone, recovery codes."""
    visitor.open(link_for(app, *roles, email=email))
    assert visitor.heading == "Choose your password"
    totp = words(visitor.soup.select_one("form code"))
    visitor.type("New password", PASSWORD).type("The same password again", PASSWORD)
    visitor.type("6 digits from the app", pyotp.TOTP(totp).at(clock.now())).press("Continue")
    assert visitor.heading == "Your recovery codes", visitor.text
    codes = [words(one) for one in visitor.soup.select(".p-codes code")]
    visitor.press("I have kept them")
    with app.extensions["portal"].database.read() as connection:
        person = people.by_email(connection, email)
    assert person
    return Member(app, person.reference, email, totp, codes)


def give_password(visitor: Visitor, email: str, password: str, place: str = "") -> Visitor:
    visitor.open(f"/sign-in{place}")
    return visitor.type("Email address", email).type("Password", password).press("Sign in")


def give_code(visitor: Visitor, code: str) -> Visitor:
    return visitor.type("Code from your phone", code).press("Continue")


def later(**time: float) -> Any:
    return time_machine.travel(clock.now() + timedelta(**time), tick=False)


@pytest.fixture
def ada(portal: Flask, frozen: None) -> Member:
    """Came in a minute ago."""
    return come_in(portal, Visitor(portal, "198.51.100.1"), Role.ADMINISTRATOR, Role.GOVERNANCE)


@pytest.fixture
def frozen() -> Any:
    """A moment that is right after a slot of the throttles began."""
    with time_machine.travel("2026-11-18T14:30:05Z", tick=False):
        yield


def cookie(visitor: Visitor, name: str = "signed-in") -> str | None:
    found = visitor.client.get_cookie(name, domain="localhost")
    return found.value if found else None


def replay(app: Flask, secret: str | None, path: str = "/staff/me") -> int:
    """What a browser gets that has only this cookie."""
    client = app.test_client()
    client.set_cookie("signed-in", secret or "", domain="localhost")
    return client.get(path).status_code


def log(database: Database) -> list[tuple[str, str, str]]:
    """The audit log, oldest first."""
    with database.read() as connection:
        return [(one.by, one.did, one.what) for one in reversed(audit.page(connection, limit=1000))]


def at_once(work: Callable[[int], Any], times: int = 4) -> list[Any]:
    """The results of threads that begin at the same moment."""
    gate, results = threading.Barrier(times), [None] * times

    def run(number: int) -> None:
        gate.wait()
        results[number] = work(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


# The way in


def test_somebody_comes_in_by_link_and_later_by_password_and_code(
    portal: Flask, visitor: Visitor, database: Database, frozen: None
) -> None:
    ada = come_in(portal, visitor, Role.ADMINISTRATOR)
    assert visitor.heading == "Home" and len(ada.codes) == second_factor.CODES
    visitor.press("Sign out")
    assert visitor.heading == "You are signed out" and cookie(visitor) is None
    with later(minutes=2):
        give_password(visitor, " ADA@example.org ", PASSWORD, "?next=/staff/people")
        assert visitor.heading == "Code from your phone"
        assert visitor.open("/staff/me").heading == "Sign in", "a password alone opens nothing"
        visitor.open("/sign-in/code")
        assert give_code(visitor, ada.code()).heading == "People"
    who = ada.reference
    assert log(database) == [
        ("operator", "created", f"account {who}"),
        ("operator", "invited", f"account {who}"),
        (who, "used", f"sign in link {who}"),
        (who, "signed in", f"account {who}"),
        (who, "signed out", f"account {who}"),
        (who, "signed in", f"account {who}"),
    ]


@pytest.mark.parametrize("shape", [str, str.lower, lambda code: code.replace("-", " ")])
def test_a_recovery_code_takes_the_place_of_the_phone_once(
    ada: Member, visitor: Visitor, database: Database, shape: Callable[[str], str]
) -> None:
    give_code(give_password(visitor, ada.email, PASSWORD), shape(ada.codes[0]))
    assert visitor.heading == "Home"
    assert (ada.reference, "used", f"recovery code {ada.reference}") in log(database)
    visitor.press("Sign out")
    give_code(give_password(visitor, ada.email, PASSWORD), ada.codes[0])
    assert visitor.status == 422 and visitor.errors == [views.CODE_NOT_RIGHT.english]
    assert (ada.reference, "sign-in refused", f"account {ada.reference}") in log(database)


@pytest.mark.parametrize("code", ["", "000000", "12345", "abcdef", "1" * 5000, "٣٤٥٦٧٨", "\0", "७K3P-X92C"])
def test_a_wrong_code_opens_nothing(ada: Member, visitor: Visitor, code: str) -> None:
    give_code(give_password(visitor, ada.email, PASSWORD), code)
    assert visitor.status == 422 and cookie(visitor) is None
    assert visitor.open("/staff").heading == "Sign in"


def test_digits_of_another_script_are_the_same_code(ada: Member, visitor: Visitor) -> None:
    with later(minutes=1):
        typed = ada.code().translate({ord(str(n)): chr(ord("۰") + n) for n in range(10)})
        assert give_code(give_password(visitor, ada.email, PASSWORD), typed).heading == "Home"


def test_a_link_for_a_password_leaves_the_phone_as_it_is(
    ada: Member, portal: Flask, visitor: Visitor
) -> None:
    visitor.open(link_for(portal, email=ada.email, gives="password"))
    assert not visitor.soup.select("form code"), "no secret is shown"
    visitor.type("New password", OTHER).type("The same password again", OTHER).press("Continue")
    assert visitor.heading == "Sign in"
    with later(minutes=1):
        assert give_password(visitor, ada.email, PASSWORD).status == 422
        assert give_code(give_password(visitor, ada.email, OTHER), ada.code()).heading == "Home"


def test_an_interpreter_comes_to_a_page_that_is_there(portal: Flask, visitor: Visitor, frozen: None) -> None:
    come_in(portal, visitor, Role.INTERPRETER)
    assert visitor.status == 200 and visitor.path == "/interpreters" and visitor.heading == "My work"


# One-time links


def test_looking_at_a_link_never_uses_it_up(portal: Flask, frozen: None) -> None:
    link = link_for(portal, Role.KEYER)
    for _look in range(3):
        assert Visitor(portal).open(link).heading == "Choose your password"


def test_a_link_is_used_once_even_by_four_at_once(portal: Flask, database: Database, frozen: None) -> None:
    link, visitors = link_for(portal, Role.KEYER), [Visitor(portal) for _ in range(4)]
    for visitor in visitors:
        visitor.open(link)
        totp = words(visitor.soup.select_one("form code"))
        visitor.type("New password", PASSWORD).type("The same password again", PASSWORD)
        visitor.type("6 digits from the app", pyotp.TOTP(totp).at(clock.now()))
    at_once(lambda number: visitors[number].press("Continue"))
    headings = sorted(visitor.heading for visitor in visitors)
    assert headings == ["This link cannot be used"] * 3 + ["Your recovery codes"]
    assert [did for _by, did, _what in log(database)].count("used") == 1
    with database.read() as connection:
        assert len(connection.execute(select(RecoveryCode.digest)).all()) == second_factor.CODES


@pytest.mark.parametrize("secret", ["x", "A" * 43, "A" * 5000, "..", "%00", "é"])
def test_a_made_up_link_opens_nothing(sqlite_visitor: Visitor, secret: str) -> None:
    assert sqlite_visitor.open(f"/sign-in/with/{secret}").status == 404


def test_a_link_ends_with_its_hours_and_with_the_next_one(portal: Flask, frozen: None) -> None:
    first = link_for(portal, Role.KEYER)
    second = link_for(portal)
    assert Visitor(portal).open(first).status == 404
    with later(hours=people.LINK_HOURS, seconds=1):
        assert Visitor(portal).open(second).status == 404


# What ends a sign-in


def test_a_sign_in_ends_after_a_quarter_of_an_hour_of_silence(ada: Member, portal: Flask) -> None:
    colleague = Colleague(portal, Role.KEYER)
    with later(minutes=14):
        assert colleague.open("/staff").heading == "Home"
    with later(minutes=28):
        assert colleague.open("/staff").heading == "Home", "use extends it"
    with later(minutes=28 + 16):
        assert colleague.open("/staff").heading == "Sign in"


def test_no_use_extends_a_sign_in_beyond_its_hours(portal: Flask, frozen: None) -> None:
    colleague = Colleague(portal, Role.KEYER)
    for minutes in range(10, 8 * 60, 10):
        with later(minutes=minutes):
            assert colleague.open("/staff").heading == "Home", minutes
    with later(hours=9):
        assert colleague.open("/staff").heading == "Sign in"
    with later(hours=8, seconds=1):
        assert colleague.open("/staff").heading == "Sign in", "and from the eighth hour on"


def test_the_dialog_that_asks_to_stay_extends_a_sign_in(portal: Flask, frozen: None) -> None:
    colleague = Colleague(portal, Role.KEYER)
    colleague.open("/staff")
    token = str(colleague.soup.select_one("[data-csrf]")["data-csrf"])  # type: ignore[index]
    with later(minutes=14):
        left = colleague.client.post("/staff/stay", data={"csrf_token": token})
        assert left.text == "900"
    with later(minutes=28):
        assert colleague.open("/staff").heading == "Home"


def test_signing_out_kills_the_cookie_that_somebody_copied(portal: Flask) -> None:
    colleague = Colleague(portal, Role.KEYER)
    copied = cookie(colleague)
    assert replay(portal, copied) == 200
    colleague.open("/staff").press("Sign out")
    assert replay(portal, copied) == 303


def test_signing_out_everywhere_ends_every_browser_of_one_person(portal: Flask, database: Database) -> None:
    colleague, other = Colleague(portal, Role.KEYER), Colleague(portal, Role.ANALYST)
    first = cookie(colleague)
    colleague.come_in()
    colleague.open("/staff/me").press("Sign me out everywhere")
    assert colleague.heading == "You are signed out"
    assert replay(portal, first) == replay(portal, colleague.secret) == 303
    assert replay(portal, other.secret) == 200
    assert log(database)[-1] == (colleague.reference, "signed out", f"account {colleague.reference}")


def test_somebody_who_is_disabled_is_out_at_once_and_stays_out(
    ada: Member, portal: Flask, visitor: Visitor
) -> None:
    boss, half, signed_in = Colleague(portal, Role.ADMINISTRATOR), Visitor(portal), visitor
    with later(minutes=1):
        give_code(give_password(signed_in, ada.email, PASSWORD), ada.code())
        give_password(half, ada.email, PASSWORD)
        copied = cookie(signed_in)
        boss.open(f"/staff/people/{ada.reference}")
        for box in boss.soup.select("input[name=active]"):
            box.attrs.pop("checked")
        assert boss.press("Save").heading == "People"
        assert replay(portal, copied) == 303
    with later(minutes=2):
        assert give_code(half, ada.code()).heading == "Sign in"
        assert give_password(visitor, ada.email, PASSWORD).errors == [views.NOT_RIGHT.english]


def test_the_last_administrator_stays(portal: Flask) -> None:
    boss = Colleague(portal, Role.ADMINISTRATOR)
    boss.open(f"/staff/people/{boss.reference}")
    for box in boss.soup.select("input[name=active]"):
        box.attrs.pop("checked")
    boss.press("Save")
    assert boss.status == 422 and boss.errors == [people.LAST_ADMINISTRATOR.english]


def test_two_administrators_cannot_disable_each_other_at_once(portal: Flask, database: Database) -> None:
    state, both = portal.extensions["portal"], [Colleague(portal, Role.ADMINISTRATOR, name=n) for n in "AB"]

    def disable(number: int) -> bool:
        other, one = both[number].reference, both[1 - number].reference
        try:
            people.change(
                database, state.ring, other, name="X", roles=[Role.ADMINISTRATOR], active=False, by=one
            )
        except PeopleError:
            return False
        return True

    assert sorted(at_once(disable, 2)) == [False, True]


# A new secret at each step


def test_each_step_makes_a_new_secret_and_the_old_one_is_dead(
    ada: Member, portal: Flask, visitor: Visitor
) -> None:
    with later(minutes=1):
        give_code(give_password(visitor, ada.email, PASSWORD), ada.code())
        first = cookie(visitor)
    with later(minutes=12):
        visitor.open("/staff/people")
        assert visitor.heading == "Show that it is you"
        give_code(visitor, ada.code())
        assert visitor.heading == "People"
        second = cookie(visitor)
        assert replay(portal, first) == 303 and replay(portal, second) == 200
    with later(minutes=13):
        visitor.open("/staff/me/password").type("Password now", PASSWORD)
        visitor.type("New password", OTHER).type("The same password again", OTHER).press("Change my password")
        assert visitor.heading == "My account"
        third = cookie(visitor)
        assert replay(portal, second) == 303 and replay(portal, third) == 200
    with later(minutes=14):
        visitor.open("/sign-in")
        assert visitor.heading == "Home", "already signed in"
        other = Visitor(portal)
        other.client.set_cookie("signed-in", third or "", domain="localhost")
        give = Visitor(portal)
        give_code(give_password(give, ada.email, OTHER), ada.code())
        assert cookie(give) not in (first, second, third)


def test_a_new_password_does_not_make_a_sign_in_last_longer(portal: Flask, visitor: Visitor) -> None:
    with time_machine.travel("2026-11-18T14:30:05Z", tick=False):
        come_in(portal, visitor, Role.KEYER)
    with time_machine.travel("2026-11-18T14:40:00Z", tick=False):
        visitor.open("/staff/me/password").type("Password now", PASSWORD)
        visitor.type("New password", OTHER).type("The same password again", OTHER).press("Change my password")
        assert visitor.heading == "My account"
    with time_machine.travel("2026-11-18T14:40:10Z", tick=False):
        assert visitor.open("/staff/me/password").heading == "Show that it is you"


def test_what_is_sent_too_late_for_the_second_factor_is_still_in_the_browser(portal: Flask) -> None:
    with time_machine.travel("2026-11-18T14:30:05Z", tick=False):
        boss = Colleague(portal, Role.ADMINISTRATOR)
        boss.open("/staff/people").type("Email address", "new@example.org").type("Name", "New").choose(
            "Keyer"
        )
    with time_machine.travel("2026-11-18T14:40:10Z", tick=False):
        boss.press("Add")
        assert boss.status == 403 and "Nothing was done with what you sent" in boss.text
    with time_machine.travel("2026-11-18T14:56:10Z", tick=False):
        boss.post("/staff/people", boss.fields)
        assert boss.status == 403 and boss.heading == "You are signed out"
        assert "Nothing was done with what you sent" in boss.text


def test_recovery_codes_are_shown_to_their_person_only(portal: Flask, frozen: None) -> None:
    """Also where the next person uses the same browser."""
    browser = Visitor(portal)
    browser.open(link_for(portal, Role.KEYER))
    totp = words(browser.soup.select_one("form code"))
    browser.type("New password", PASSWORD).type("The same password again", PASSWORD)
    browser.type("6 digits from the app", pyotp.TOTP(totp).at(clock.now())).press("Continue")
    assert browser.heading == "Your recovery codes"
    kept = cookie(browser, "codes")
    browser.press("Sign out")
    assert cookie(browser, "codes") is None
    other = Colleague(portal, Role.ANALYST)
    other.client.set_cookie("codes", kept or "", domain="localhost")
    assert other.open("/staff/codes").heading == "My account"


# Once means once


def test_a_one_time_code_is_taken_once_even_by_four_at_once(ada: Member, portal: Flask) -> None:
    visitors = [Visitor(portal) for _ in range(4)]
    with later(minutes=1):
        for visitor in visitors:
            give_password(visitor, ada.email, PASSWORD)
        at_once(lambda number: give_code(visitors[number], ada.code()))
        assert sorted(visitor.heading for visitor in visitors) == ["Code from your phone"] * 3 + ["Home"]
    with later(seconds=61 - 30):
        assert give_code(give_password(Visitor(portal), ada.email, PASSWORD), ada.code()).status == 422, (
            "an older code than the last is not taken either"
        )


def test_a_recovery_code_is_taken_once_even_by_four_at_once(
    ada: Member, portal: Flask, database: Database
) -> None:
    visitors = [Visitor(portal) for _ in range(4)]
    for visitor in visitors:
        give_password(visitor, ada.email, PASSWORD)
    at_once(lambda number: give_code(visitors[number], ada.codes[3]))
    assert sorted(visitor.heading for visitor in visitors) == ["Code from your phone"] * 3 + ["Home"]
    with database.read() as connection:
        assert len(connection.execute(select(RecoveryCode.digest)).all()) == second_factor.CODES - 1


def test_new_recovery_codes_end_the_old_ones(ada: Member, portal: Flask, visitor: Visitor) -> None:
    give_code(give_password(visitor, ada.email, PASSWORD), ada.codes[0])
    visitor.open("/staff/me/codes").press("Make new codes")
    fresh = [words(one) for one in visitor.soup.select(".p-codes code")]
    assert not set(fresh) & set(ada.codes)
    assert give_code(give_password(Visitor(portal), ada.email, PASSWORD), ada.codes[1]).status == 422
    assert give_code(give_password(Visitor(portal), ada.email, PASSWORD), fresh[1]).heading == "Home"


# Guessing


def test_ten_wrong_passwords_slow_down_one_address_and_nobody_else(ada: Member, portal: Flask) -> None:
    attacker = Visitor(portal, "203.0.113.66")
    for _guess in range(throttles.TRIES):
        assert give_password(attacker, ada.email, "not the password").status == 422
    assert give_password(attacker, ada.email, PASSWORD).status == 429
    assert attacker.errors == [views.TOO_MANY.english]
    assert give_password(Visitor(portal, "203.0.113.67"), ada.email, PASSWORD).status == 200
    with later(minutes=16):
        assert give_password(attacker, ada.email, PASSWORD).heading == "Code from your phone"


def test_ten_wrong_codes_slow_down_whoever_has_the_password(ada: Member, portal: Flask) -> None:
    for number in range(throttles.TRIES):
        thief = Visitor(portal, f"203.0.113.{number}")
        assert give_code(give_password(thief, ada.email, PASSWORD), "000000").status == 422
    assert give_code(give_password(Visitor(portal), ada.email, PASSWORD), ada.codes[0]).status == 429


def test_without_the_password_nobody_can_slow_somebody_down(ada: Member, portal: Flask) -> None:
    for number in range(throttles.TRIES + 2):
        stranger = Visitor(portal, f"203.0.113.{number}")
        assert give_password(stranger, ada.email, "not the password").status == 422
        assert stranger.open("/sign-in/code").heading == "Sign in"
    assert give_code(give_password(Visitor(portal), ada.email, PASSWORD), ada.codes[0]).heading == "Home"


def test_the_old_password_cannot_be_guessed_in_a_browser_left_open(ada: Member, visitor: Visitor) -> None:
    give_code(give_password(visitor, ada.email, PASSWORD), ada.codes[0])
    for _guess in range(throttles.TRIES):
        visitor.open("/staff/me/password").type("Password now", "a guess").press("Change my password")
        assert visitor.status == 422
    visitor.open("/staff/me/password").type("Password now", PASSWORD).press("Change my password")
    assert visitor.status == 429


def test_nobody_learns_who_has_an_account(
    ada: Member, portal: Flask, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    """Status, words, headers, cookies and the work done are the same."""
    state = portal.extensions["portal"]
    ben = people.add(database, state.ring, "ben@example.org", "Ben", [Role.KEYER], OPERATOR)
    people.change(database, state.ring, ben, name="Ben", roles=[Role.KEYER], active=False, by=OPERATOR)
    people.add(database, state.ring, "new@example.org", "New", [Role.KEYER], OPERATOR)
    checked: list[bool] = []

    class Counting:
        def verify(self, hash: str, password: str) -> bool:
            checked.append(True)
            return real.verify(hash, password)

    real = passwords.HASHER
    passwords.is_right("warm", None)
    monkeypatch.setattr(passwords, "HASHER", Counting())
    seen = set()
    for address, email in enumerate(
        (ada.email, ben and "ben@example.org", "new@example.org", "no@example.org")
    ):
        visitor = Visitor(portal, f"203.0.113.{address}")
        checked.clear()
        give_password(visitor, email, "not the password")
        body = visitor.response.text.replace(email, "EMAIL")
        body = re.sub(r'name="csrf_token" value="[^"]+"', "", body)
        headers = [
            pair for pair in visitor.response.headers if pair[0] not in ("Content-Length", "Set-Cookie")
        ]
        set_cookies = tuple(one.partition("=")[0] for one in visitor.response.headers.getlist("Set-Cookie"))
        seen.add((visitor.status, body, tuple(headers), set_cookies, len(checked)))
    assert len(seen) == 1
    assert next(iter(seen))[0] == 422 and next(iter(seen))[4] == 1
    refused = [entry for entry in log(database) if entry[1] == "sign-in refused"]
    assert refused == [("portal", "sign-in refused", "sign in")] * 4


# Passwords

COMMON = FREQUENCY_LISTS["passwords"]


def test_common_passwords_are_refused_also_when_decorated() -> None:
    dice = random.Random(7)
    long = [one for one in COMMON if len(one) >= passwords.LEAST]
    assert len(long) > 200, "the list has that many of this length"
    decorated = []
    while len(decorated) < 1000 - len(long):
        word = dice.choice(COMMON)
        tail = "".join(dice.choice("0123456789!?.*#$ ") for _ in range(max(1, passwords.LEAST - len(word))))
        head = "".join(dice.choice("0123456789!") for _ in range(dice.randrange(3)))
        decorated.append(dice.choice((str, str.upper, str.title))(f"{head}{word}{tail}"))
    accepted = [one for one in (*long, *decorated) if not passwords.wrong_with(one, [])]
    assert accepted == []


@pytest.mark.parametrize(
    "password", ["aaaaaaaaaaaaaa", "abababababab", "Ada Byron", "adabyron1815!!", "ADA@EXAMPLE.ORG"]
)
def test_what_anyone_would_guess_is_refused(password: str) -> None:
    assert passwords.wrong_with(password, ["Ada Byron", "ada@example.org"])


LONG = (
    "vier Zebras " * 6,
    "چار زیبرا نہر پر " * 5,
    "চারটি জেব্রা খালে " * 5,
    "四匹の縞馬が運河に" * 8,
    "🦓🌊🐟🌲🐿" * 14,
)


@pytest.mark.parametrize("password", LONG)
def test_a_long_passphrase_of_any_script_is_taken_whole(password: str) -> None:
    assert 64 <= len(password) <= passwords.MOST
    assert passwords.wrong_with(password, ["Ada"]) is None
    hash = passwords.hashed(password)
    assert passwords.is_right(password, hash)
    assert not passwords.is_right(password[:-1], hash)
    assert not passwords.is_right(password[:-1] + "x", hash)


def test_letters_that_keyboards_send_differently_are_the_same_password() -> None:
    composed, decomposed = "caf\u00e9 am kanal links", "cafe\u0301 am kanal links"
    assert passwords.is_right(decomposed, passwords.hashed(composed))


def test_the_hash_is_of_the_strength_that_owasp_advises() -> None:
    assert passwords.hashed("x").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


# Where signing in leads

PAYLOADS = (
    *("//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\\/evil.example"),
    *("https://evil.example", "http:evil.example", "https:evil.example", "//evil.example/staff"),
    *("/staff//evil.example", "/staff/../..//evil.example", "javascript:alert(1)", "JAVASCRIPT:alert(1)"),
    *("data:text/html,x", "vbscript:x", "/staff@evil.example", "/staff\\@evil.example", "ftp://evil.example"),
    *("/staff?next=//evil.example", "/staff#//evil.example", "/%2f%2fevil.example", "/%5cevil.example"),
    *("//%65vil.example", "/staff/%2e%2e/%2fevil.example", "/.evil.example", "//evil%E3%80%82example"),
    *("／／evil.example", "/／evil.example", "https://localhost@evil.example", "evil.example", "staff"),
    *("https://localhost.evil.example", "//localhost:80@evil.example", "/sign-in", "/en/", "/staffevil"),
    *("/staff/..", "/staff/.", "/staff/./x", "/staff/-x", "/staff/é", "/staff\r\nSet-Cookie: a=b", ""),
    *("/staff\nx", "/staff\n", " /staff", "/staff ", "/\tevil.example", "\t//evil.example"),
)


def test_there_are_enough_of_them() -> None:
    assert len(PAYLOADS) >= 40


@pytest.mark.parametrize("place", PAYLOADS)
def test_signing_in_leads_nowhere_else(place: str) -> None:
    assert safe_place(place) == "/staff"


@pytest.mark.parametrize("place", ["/staff", "/staff/people", "/staff/people/7K3PX92CM", "/interpreters/x"])
def test_signing_in_leads_to_where_somebody_wanted_to_go(place: str) -> None:
    assert safe_place(place) == place


def test_no_step_of_signing_in_leads_elsewhere(ada: Member, portal: Flask) -> None:
    for place in ("//evil.example", "/\\evil.example", "https://evil.example"):
        visitor = Visitor(portal)
        visitor.open("/sign-in").type("Email address", ada.email).type("Password", PASSWORD)
        visitor.press("Sign in", next=place)
        assert give_code(visitor, ada.codes.pop()).path == "/staff"
        assert visitor.open(f"/sign-in?next={place}").path == "/staff"
        visitor.open("/staff/prove")
        assert visitor.soup.select_one("input[name=next]")["value"] == "/staff"  # type: ignore[index]


# What is kept, and what is not


def test_no_secret_is_anywhere_in_plain(
    portal: Flask, visitor: Visitor, database: Database, frozen: None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    ada = come_in(portal, visitor, Role.ADMINISTRATOR)
    give_password(Visitor(portal), ada.email, "a wrong password")
    give_password(Visitor(portal), "typo-of-hers@example.org", PASSWORD)
    half = Visitor(portal)
    give_code(give_password(half, ada.email, PASSWORD), "999999")
    link = link_for(portal, email=ada.email)
    secrets = [PASSWORD, ada.totp, cookie(visitor) or "", link.rpartition("/")[2], "a wrong password"]
    secrets += ada.codes + [code.replace("-", "") for code in ada.codes] + ["typo-of-hers", "999999"]
    with database.read() as connection:
        rows = "\n".join(
            repr(row)
            for table in Base.metadata.sorted_tables
            for row in connection.execute(select(*table.columns))
        )
    assert ada.reference in rows
    for secret in secrets:
        assert secret and secret not in rows and secret not in caplog.text
    assert ada.email not in caplog.text and ada.reference not in caplog.text


def test_a_form_changes_only_what_it_is_for(portal: Flask, database: Database) -> None:
    keyer = Colleague(portal, Role.KEYER)
    extra = {"roles": "administrator", "role": "administrator", "active": "", "reference": "AAAAAAAAA"}
    keyer.open("/staff/me").press("Save", **extra, email="root@example.org", password="x" * 20, name="Root")
    with database.read() as connection:
        person = people.find(connection, keyer.reference)
    assert person and (person.roles, person.email, person.active) == ({Role.KEYER}, keyer.email, True)
    assert person.name == "keyer"


def test_a_field_sent_twice_is_no_error(ada: Member, portal: Flask) -> None:
    visitor = Visitor(portal)
    visitor.open("/sign-in")
    token = str(visitor.soup.select_one("input[name=csrf_token]")["value"])  # type: ignore[index]
    fields = [("csrf_token", token), ("csrf_token", "x")]
    fields += [("email", ada.email), ("email", "b@example.org"), ("password", PASSWORD), ("password", "x")]
    fields += [("next", "/staff/me"), ("next", "//evil.example")]
    assert visitor.post("/sign-in", fields).heading == "Code from your phone"
    visitor.post("/sign-in/code", [("csrf_token", token), ("code", ada.codes[0]), ("code", "1")])
    assert visitor.path == "/staff/me"


def test_cookies_are_for_this_host_and_no_script(
    make_portal: MakePortal, sqlite: Database, frozen: None
) -> None:
    app = make_portal(sqlite, address="https://portal.example")
    client, seen = app.test_client(), {}
    how: dict[str, Any] = {"base_url": "https://portal.example"}

    def keep(response: Any) -> Any:
        for line in response.headers.getlist("Set-Cookie"):
            for name, morsel in SimpleCookie(line).items():
                seen[name] = morsel
        return response

    keep(client.get(link_for(app, Role.KEYER), **how))
    page = keep(client.get("/sign-in/join", **how)).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    totp = re.search(r'<code dir="ltr">([A-Z2-7]+)</code>', page)
    assert token and totp
    data = {"csrf_token": token[1], "password": PASSWORD, "again": PASSWORD}
    data["code"] = pyotp.TOTP(totp[1]).at(clock.now())
    headers = {"Referer": "https://portal.example/"}
    keep(client.post("/sign-in/join", data=data, headers=headers, **how))
    data = {"csrf_token": token[1], "email": "ada@example.org", "password": PASSWORD}
    keep(app.test_client().get("/sign-in", **how))
    keep(client.post("/sign-in", data=data, headers=headers, **how))
    keep(client.post("/staff/sign-out", data={"csrf_token": token[1]}, headers=headers, **how))
    assert set(seen) == {f"__Host-{name}" for name in ("session", "join", "signed-in", "codes", "half")}
    for name, morsel in seen.items():
        assert morsel["secure"] and morsel["httponly"], name
        assert (morsel["samesite"], morsel["path"], morsel["domain"]) == ("Lax", "/", ""), name


def test_old_sign_ins_are_deleted(portal: Flask, database: Database, ring: KeyRing, frozen: None) -> None:
    Colleague(portal, Role.KEYER)
    with later(minutes=16):
        assert signing_in.end_old(database) == 1
    with database.read() as connection:
        assert connection.execute(select(SignedIn.digest)).all() == []
