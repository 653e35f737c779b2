"""Signing in and out: a password, a second factor, and the one-time links that let somebody in."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from flask import Blueprint, Response, request

from portal import throttles
from portal.accounts import passwords, people, second_factor, signing_in
from portal.accounts.guard import COOKIE, open_to, safe_place, signed_in_now, visit
from portal.accounts.people import Person
from portal.accounts.roles import Role
from portal.audit import PORTAL, Did, note, note_alone
from portal.pages import cookie, drop_cookie, redirect, render, said, set_cookie, settings, state
from portal.qr import squares
from portal.questions.messages import Message, _staff

blueprint = Blueprint("accounts", __name__)

HALF_MINUTES = 10
"""How long a half-done sign-in waits for its second half."""
CODES_MINUTES = 15
"""How long a browser can show new recovery codes."""
ANYBODY = tuple(Role)

NOT_RIGHT = _staff("The email address or the password is not right")
OLD_NOT_RIGHT = _staff("This is not your password")
CODE_NOT_RIGHT = _staff("The code is not right, or was used before. Wait for the next one")
TOO_MANY = _staff("Too many tries. Wait 15 minutes and try again")


def again(template: str, problems: list[tuple[str, Message]], status: int = 422, **values: Any) -> Response:
    """A page of this module once more, with what is wrong."""
    errors = [(f"#{field}", said(message)) for field, message in problems]
    texts = defaultdict(str, {field: said(message) for field, message in problems})
    return render(template, status=status, errors=errors, texts=texts, **values)


@blueprint.get("/sign-in")
def sign_in() -> Response:
    place = safe_place(request.args.get("next", ""))
    if signed_in_now():
        return redirect(place)
    return again("accounts/sign_in.html", [], 200, place=place, email="")


@blueprint.post("/sign-in")
def take_password() -> Response:
    typed, place = request.form.get("email", ""), safe_place(request.form.get("next", ""))
    tried = throttles.attempt(state().database, "password", request.remote_addr or "")
    if not tried.allowed:
        problems = [("email", TOO_MANY)]
        return again("accounts/sign_in.html", problems, 429, place=place, email=typed)
    with state().database.read() as connection:
        person = people.by_email(connection, people.read_email(typed) or "")
    who = person.reference if person and person.active else None
    if not signing_in.password_is_right(state().database, who, request.form.get("password", "")):
        refused(PORTAL, "password")
        return again("accounts/sign_in.html", [("email", NOT_RIGHT)], place=place, email=typed)
    tried.give_back()
    response = redirect("/sign-in/code")
    content = {"who": who, "place": place}
    set_cookie(response, "half", state().ring.seal_cookie("half", content, HALF_MINUTES), HALF_MINUTES)
    return response


def half_done() -> tuple[Person, str] | None:
    """Who has given the right password in this browser, and where they wanted to go."""
    content = state().ring.open_cookie("half", cookie("half"))
    if content is None:
        return None
    with state().database.read() as connection:
        person = people.find(connection, content["who"])
    return (person, content["place"]) if person and person.active else None


def refused(by: str, why: str) -> None:
    """Note that somebody was not let in. As long as no password was right, nobody is known."""
    what = "sign in" if by == PORTAL else f"account {by}"
    database, ring = state().database, state().ring
    note_alone(database, ring, by=by, did=Did.SIGN_IN_REFUSED, what=what, detail={"wrong": why})


@blueprint.get("/sign-in/code")
def ask_code() -> Response:
    return again("accounts/code.html", [], 200) if half_done() else redirect("/sign-in")


@blueprint.post("/sign-in/code")
def take_code() -> Response:
    half = half_done()
    if half is None:
        return redirect("/sign-in")
    person, place = half
    problem = wrong_code(person, request.form.get("code", ""))
    if problem:
        return again("accounts/code.html", [("code", problem)], 429 if problem is TOO_MANY else 422)
    response = redirect(place)
    drop_cookie(response, "half")
    return signed_in(response, person)


def signed_in(response: Response, person: Person) -> Response:
    """The response, with a new sign-in's cookie; the one before it in this browser ends."""
    secret = signing_in.start(state().database, state().ring, person.reference, cookie(COOKIE))
    set_cookie(response, COOKIE, secret)
    return response


def wrong_code(person: Person, typed: str) -> Message | None:
    """Use up a one-time or recovery code; why it cannot be taken, or None when it was right.

    Counted per person, and only after a right password: nobody can lock somebody else out.
    """
    database, ring = state().database, state().ring
    tried = throttles.attempt(database, "code", person.reference)
    if not tried.allowed:
        return TOO_MANY
    secret = signing_in.second_factor_of(database, ring, person.reference)
    step = second_factor.step_of(secret, typed) if secret else None
    if step is not None:
        right = second_factor.use_step(database, person.reference, step)
    else:
        right = second_factor.use_recovery_code(database, ring, person.reference, typed)
    if not right:
        refused(person.reference, "code")
        return CODE_NOT_RIGHT
    tried.give_back()
    return None


@blueprint.get("/staff/prove")
@open_to(*ANYBODY)
def ask_proof() -> Response:
    place = safe_place(request.args.get("next", ""))
    return again("accounts/prove.html", [], 200, place=place)


@blueprint.post("/staff/prove")
@open_to(*ANYBODY)
def take_proof() -> Response:
    place = safe_place(request.form.get("next", ""))
    problem = wrong_code(visit().person, request.form.get("code", ""))
    if problem:
        status = 429 if problem is TOO_MANY else 422
        return again("accounts/prove.html", [("code", problem)], status, place=place)
    response = redirect(place)
    old, who = cookie(COOKIE) or "", visit().person.reference
    set_cookie(response, COOKIE, signing_in.prove(state().database, state().ring, old, who))
    return response


@blueprint.post("/staff/stay")
@open_to(*ANYBODY)
def stay() -> Response:
    """Asked by the dialog that says that the sign-in is about to end: the request itself extends it."""
    return Response(str(visit().seconds_left), mimetype="text/plain")


@blueprint.post("/staff/sign-out")
@open_to(*ANYBODY)
def sign_out() -> Response:
    signing_in.end(state().database, state().ring, cookie(COOKIE) or "")
    return left()


def left() -> Response:
    """The way out: nothing of this person's stays in the browser."""
    response = redirect("/sign-in/out")
    for name in (COOKIE, "half", "codes"):
        drop_cookie(response, name)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@blueprint.post("/staff/sign-out-everywhere")
@open_to(*ANYBODY)
def sign_out_everywhere() -> Response:
    who = visit().person.reference
    signing_in.end_everywhere(state().database, state().ring, who, who)
    return left()


@blueprint.get("/sign-in/out")
def signed_out() -> Response:
    return render("accounts/out.html")


@blueprint.get("/sign-in/with/<secret>")
def swap(secret: str) -> Response:
    """Swap the link for a cookie, so that it stays in no history. Looking at it does not use it up."""
    if people.of_link(state().database, state().ring, secret) is None:
        return link_gone()
    fresh = {"link": secret, "totp": second_factor.new_secret()}
    response = redirect("/sign-in/join")
    set_cookie(response, "join", state().ring.seal_cookie("join", fresh, 60), 60)
    return response


def link_gone() -> Response:
    return render("accounts/link_gone.html", status=404)


@blueprint.get("/sign-in/join")
def ask_new_password() -> Response:
    return join_page([], 200)


def join_page(problems: list[tuple[str, Message]], status: int = 422) -> Response:
    """Choose a password and, where the link gives everything, set up the second factor."""
    content = state().ring.open_cookie("join", cookie("join"))
    found = people.of_link(state().database, state().ring, content["link"]) if content else None
    if content is None or found is None:
        return link_gone()
    person, gives = found
    values = {"person": person, "gives": gives, "least": passwords.LEAST}
    if gives == "everything":
        values["secret"] = content["totp"]
        address = second_factor.address_for_app(content["totp"], person.email, settings().organisation)
        values["width"], values["path"] = squares(address)
    return again("accounts/join.html", problems, status, **values)


@blueprint.post("/sign-in/join")
def join() -> Response:
    content = state().ring.open_cookie("join", cookie("join"))
    found = people.of_link(state().database, state().ring, content["link"]) if content else None
    if content is None or found is None:
        return link_gone()
    person, gives = found
    problems = wrong_with_new_password(person)
    if problems:
        return join_page(problems)
    password = request.form.get("password", "")
    if gives == "password":
        return _new_password(person, password, content["link"])
    step = second_factor.step_of(content["totp"], request.form.get("code", ""))
    if step is None:
        return join_page([("code", CODE_NOT_RIGHT)])
    return _come_in(person, password, content, step)


def wrong_with_new_password(person: Person) -> list[tuple[str, Message]]:
    """What is wrong with the new password that was typed twice, and in which field."""
    password = request.form.get("password", "")
    own = [*person.name.split(), person.name, person.email, *person.email.split("@"), settings().organisation]
    wrong = passwords.wrong_with(password, own)
    if wrong:
        return [("password", wrong)]
    return [] if password == request.form.get("again", "") else [("again", passwords.DIFFER)]


def _new_password(person: Person, password: str, link: str) -> Response:
    """A new password for somebody whose second factor stays: the code is asked for as at every sign-in."""
    hash, ring, who = passwords.hashed(password), state().ring, person.reference
    with state().database.write() as connection:
        used = people.use_link(connection, ring, link)
        if used:
            people.set_password(connection, who, hash)
            detail = {"gives": "password"}
            note(connection, ring, by=who, did=Did.USED, what=f"sign in link {who}", detail=detail)
    if not used:
        return link_gone()
    response = redirect("/sign-in")
    drop_cookie(response, "join")
    return response


def _come_in(person: Person, password: str, content: dict[str, Any], step: int) -> Response:
    """Password, second factor and recovery codes at once; the link is used up; then signed in."""
    ring, who = state().ring, person.reference
    hash = passwords.hashed(password)
    sealed = ring.seal("identity", people.place_of(who), content["totp"].encode())
    codes: list[str] = []
    with state().database.write() as connection:
        if people.use_link(connection, ring, content["link"]):
            people.set_password(connection, who, hash)
            people.set_second_factor(connection, who, sealed, step)
            codes = second_factor.new_recovery_codes(connection, ring, who)
            detail = {"gives": "everything"}
            note(connection, ring, by=who, did=Did.USED, what=f"sign in link {who}", detail=detail)
    if not codes:
        return link_gone()
    response = signed_in(shown_once(who, codes), person)
    drop_cookie(response, "join")
    return response


def shown_once(who: str, codes: list[str]) -> Response:
    """To the page of new recovery codes, which only this browser can show, and only to this person."""
    response = redirect("/staff/codes")
    content = {"who": who, "codes": codes}
    set_cookie(response, "codes", state().ring.seal_cookie("codes", content, CODES_MINUTES), CODES_MINUTES)
    return response


@blueprint.get("/staff/codes")
@open_to(*ANYBODY)
def show_codes() -> Response:
    """The recovery codes, until they are kept or 15 minutes are over; then never again."""
    content = state().ring.open_cookie("codes", cookie("codes"))
    if content is None or content["who"] != visit().person.reference:
        return redirect("/staff/me")
    groups = [second_factor.grouped(code) for code in content["codes"]]
    return render("accounts/codes.html", codes=groups)


@blueprint.post("/staff/codes")
@open_to(*ANYBODY)
def codes_kept() -> Response:
    response = redirect("/staff")
    drop_cookie(response, "codes")
    return response


@blueprint.get("/staff/me")
@open_to(*ANYBODY)
def me() -> Response:
    return render("accounts/me.html")


@blueprint.post("/staff/me/shortcuts")
@open_to(*ANYBODY)
def choose_shortcuts() -> Response:
    person = visit().person
    people.set_shortcuts(state().database, person.reference, request.form.get("shortcuts") == "on")
    return redirect("/staff/me")


@blueprint.get("/staff/me/password")
@open_to(*ANYBODY, grave=True)
def ask_other_password() -> Response:
    return again("accounts/password.html", [], 200)


@blueprint.post("/staff/me/password")
@open_to(*ANYBODY, grave=True)
def change_password() -> Response:
    """Everybody who was signed in as this person is out, but for this browser."""
    person, database, ring = visit().person, state().database, state().ring
    who = person.reference
    tried = throttles.attempt(database, "old password", who)
    if not tried.allowed:
        return again("accounts/password.html", [("old", TOO_MANY)], 429)
    if not signing_in.password_is_right(database, who, request.form.get("old", "")):
        refused(who, "password")
        return again("accounts/password.html", [("old", OLD_NOT_RIGHT)])
    tried.give_back()
    problems = wrong_with_new_password(person)
    if problems:
        return again("accounts/password.html", problems)
    hash = passwords.hashed(request.form.get("password", ""))
    with database.write() as connection:
        people.set_password(connection, who, hash)
        secret = signing_in.go_on(connection, ring, visit())
        note(connection, ring, by=who, did=Did.CHANGED, what=f"password {who}")
    response = redirect("/staff/me")
    set_cookie(response, COOKIE, secret)
    return response


@blueprint.get("/staff/me/codes")
@open_to(*ANYBODY, grave=True)
def ask_new_codes() -> Response:
    return render("accounts/new_codes.html")


@blueprint.post("/staff/me/codes")
@open_to(*ANYBODY, grave=True)
def make_new_codes() -> Response:
    ring, who = state().ring, visit().person.reference
    with state().database.write() as connection:
        codes = second_factor.new_recovery_codes(connection, ring, who)
        note(connection, ring, by=who, did=Did.CREATED, what=f"recovery codes {who}")
    return shown_once(who, codes)
