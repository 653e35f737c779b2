"""What comes before the first question of a private form: how to leave it, and whose device this is."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from portal.database import Busy
from portal.intake.drafts import OWN
from portal.intake.steps import clear, form_at, life, next_place, open_draft, wished, wished_language
from portal.pages import plain_options, redirect, render, said, state
from portal.questions import Form
from portal.questions.messages import Message, _

blueprint = Blueprint("beforehand", __name__)

TRIES = 3
NOT_SAID = "prefer_not_say"
DEVICES: dict[str, Message] = {
    OWN: _("Yes, only I use it"),
    "shared_or_public": _("No, other people use it too"),
    "someone_may_check": _("Somebody may look at it"),
    NOT_SAID: _("Prefer not to say"),
}
"""What can be said of the device. It is kept in the draft and nowhere else; what is not said is not safe."""


def private_form(address: str) -> Form:
    """The private form at an address; 404 for another one."""
    form = form_at(address)
    if not form.private:
        abort(404)
    return form


@blueprint.get("/<language>/<address>/before")
def before(language: str, address: str) -> Response:
    """Once, before the first question: what the way out does, and what it cannot do."""
    form = private_form(address)
    if open_draft(form) is None:
        return redirect(f"/{language}/{address}")
    return render("intake/before.html", f"{address}/before", form=form)


@blueprint.get("/<language>/<address>/device")
def device(language: str, address: str) -> Response:
    form = private_form(address)
    draft = open_draft(form)
    if draft is None:
        return redirect(f"/{language}/{address}")
    return render(
        "intake/device.html",
        f"{address}/device",
        form=form,
        minutes=int(form.draft_idle_shared.total_seconds() // 60),
        options=plain_options(
            [(code, said(text)) for code, text in DEVICES.items()], [draft.device] if draft.device else []
        ),
    )


@blueprint.post("/<language>/<address>/device")
def choose(language: str, address: str) -> Response:
    form, wish = private_form(address), wished("next")
    if wish == "clear":
        return clear(form)
    chosen = request.form.get("device", "")
    for _attempt in range(TRIES):
        draft = open_draft(form)
        if draft is None:
            return redirect(f"/{language}/{address}")
        if chosen in DEVICES or wish == "next":
            draft.device = chosen if chosen in DEVICES else NOT_SAID
        if state().drafts.save(draft, life(form, draft)):
            there = {
                "language": f"/{wished_language()}/{address}/device",
                "talk": f"/{language}/{address}/talk",
            }
            return redirect(there.get(wish) or next_place(form, draft))
    raise Busy
