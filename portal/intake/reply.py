"""Coming back with a receipt code: take the answers back, or answer again. What was sent is never shown."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from portal import files, throttles
from portal.intake import submissions
from portal.intake.drafts import Draft
from portal.intake.receipts import digest_of, read_code
from portal.intake.steps import begin
from portal.pages import cookie, drop_cookie, redirect, render, said, set_cookie, state
from portal.questions import Form
from portal.questions.messages import Message, _

blueprint = Blueprint("reply", __name__)

MINUTES = 15
"""How long a code that was entered stays open."""

NOT_A_CODE = _("Check the code: it has 20 digits, and one of them seems to be different")
WRONG = _(
    "We cannot find this code. It may be mistyped, its time may be over, or its answers have been deleted."
)
TOO_MANY = _("Too many codes were tried. Please wait 15 minutes and try again, or call us.")


@blueprint.get("/<language>/reply")
def ask(language: str) -> Response:
    return ask_page()


def ask_page(error: Message | None = None, status: int = 200) -> Response:
    return render(
        "intake/reply.html",
        "reply",
        status,
        error=said(error) if error else "",
        typed=request.form.get("code", "")[:100],
    )


@blueprint.post("/<language>/reply")
def enter(language: str) -> Response:
    code = read_code(request.form.get("code", ""))
    if code is None:
        return ask_page(NOT_A_CODE, 422)
    attempt = throttles.attempt(state().database, "reply", request.remote_addr or "")
    if not attempt.allowed:
        return ask_page(TOO_MANY, 429)
    receipt = digest_of(state().ring, code)
    key = form_of(receipt)
    if key is None:
        return ask_page(WRONG, 422)
    attempt.give_back()
    return keep_open(redirect(f"/{language}/reply/{place_of(key)}"), receipt)


def form_of(receipt: bytes) -> str | None:
    """The key of the form that a receipt opens; None for a wrong one, and for one whose time is over."""
    key = submissions.form_of_receipt(state().database, receipt)
    opens = state().living.get(key)
    if opens is not None:
        with state().database.read() as connection:
            return key if opens(connection, receipt) else None
    return key


def keep_open(response: Response, receipt: bytes) -> Response:
    """From now on the code stays open in this browser for so many minutes."""
    content = {"receipt": receipt.hex()}
    set_cookie(response, "reply", state().ring.seal_cookie("reply", content, MINUTES), MINUTES)
    return response


def basket(receipt: bytes) -> Draft:
    """What files belong to that somebody with a code attaches, until they are sent. It is never stored."""
    return Draft(f"reply {receipt.hex()}", "", "")


def forget_files() -> None:
    """Delete what was attached with the code of this browser, and not sent."""
    content = state().ring.open_cookie("reply", cookie("reply"))
    if content is not None:
        owner = state().drafts.owner(basket(bytes.fromhex(content["receipt"])).secret)
        files.delete_of(state().database, state().store, owner)


def place_of(form: str) -> str:
    """Where somebody with a code of this form goes on: most forms can be answered again or taken back."""
    return str(state().replies.get(form, "choose"))


def entered() -> tuple[bytes, Form] | None:
    """The receipt of the code that was entered in this browser, and its form; None if there is none."""
    content: dict[str, Any] | None = state().ring.open_cookie("reply", cookie("reply"))
    if content is None:
        return None
    receipt = bytes.fromhex(content["receipt"])
    key = form_of(receipt)
    form = next((form for form in state().asked.values() if form.key == key), None)
    return (receipt, form) if form else None


@blueprint.get("/<language>/reply/choose")
def choose(language: str) -> Response:
    found = entered()
    if found is None:
        return redirect(f"/{language}/reply")
    if place_of(found[1].key) != "choose":
        return redirect(f"/{language}/reply/{place_of(found[1].key)}")
    return render("intake/choose.html", "reply/choose", form=found[1])


@blueprint.post("/<language>/reply/choose")
def do(language: str) -> Response:
    found = entered()
    if found is None:
        return redirect(f"/{language}/reply")
    receipt, form = found
    if place_of(form.key) != "choose":
        return redirect(f"/{language}/reply/{place_of(form.key)}")
    wish = request.form.get("go")
    if wish == "again":
        return begin(form, replaces=receipt.hex())
    if wish == "withdraw":
        submissions.withdraw(state().database, receipt)
        response = redirect(f"/{language}/reply/deleted")
    else:
        response = redirect(f"/{language}/")
    drop_cookie(response, "reply")
    return response


DELETED_TITLE = _("Your answers are deleted")
DELETED = _("We no longer have them. Safety copies may still hold them until these are replaced.")


@blueprint.get("/<language>/reply/deleted")
def deleted(language: str) -> Response:
    return render("message.html", "reply/deleted", title=said(DELETED_TITLE), texts=[said(DELETED)])
