"""Pages about languages: which a panel has, and the sheet on which people at the counter point to theirs."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from portal import registers
from portal.accounts.guard import may, open_to, visit
from portal.accounts.roles import OFFICE, Role
from portal.forms.speech import SPEECH
from portal.interpreting import panels
from portal.interpreting.panels import PANELS
from portal.languages import LANGUAGES, template
from portal.pages import plain_options, redirect, render, settings, state
from portal.questions import Option
from portal.questions.messages import _, _staff

blueprint = Blueprint("choosing", __name__)

HELPERS = (Role.FRONTLINE, Role.SUPERVISOR)
POINT = _("Point to your language. We will get an interpreter. It is free.")


@blueprint.get("/staff/panels/<panel>")
@open_to(Role.ADMINISTRATOR)
def panel(panel: str) -> Response:
    """Which languages a panel has."""
    name = _name(panel)
    with state().database.read() as connection:
        offered = panels.languages(connection)
        chosen = panels.panels(connection).get(panel, frozenset())
    return render(
        "interpreting/panel.html",
        f"staff/panels/{panel}",
        panel=panel,
        called=name,
        options=plain_options([(option.code, option.text.english) for option in offered], chosen),
    )


@blueprint.post("/staff/panels/<panel>")
@open_to(Role.ADMINISTRATOR)
def keep(panel: str) -> Response:
    _name(panel)
    codes = set(request.form.getlist("languages"))
    with state().database.read() as connection:
        offered = {option.code for option in panels.languages(connection)}
        before = panels.panels(connection).get(panel, frozenset())
    if not codes <= offered:
        abort(404)
    # the page shows only what is offered: what is not cannot have been unticked
    panels.put(state().database, state().ring, panel, codes | (before - offered), visit().person.reference)
    return redirect(f"/staff/registers/{PANELS}/{panel}")


def _name(panel: str) -> str:
    """What a panel in use is called. 404 for any other."""
    with state().database.read() as connection:
        found = registers.every(connection, PANELS, ())
    return next((name for code, name, active in found if code == panel and active), None) or abort(404)


@blueprint.get("/staff/point")
@open_to(*OFFICE, label=_staff("Point to your language"))
def point() -> Response:
    """All languages in their own names, for the counter: on a tablet, or printed."""
    with state().database.read() as connection:
        offered = panels.languages(connection)
    return render(
        "interpreting/point.html",
        "staff/point",
        sentences=[(LANGUAGES[code], template(POINT, code)) for code in settings().languages],
        cells=[_cell(option) for option in offered],
    )


def _cell(option: Option) -> dict[str, str]:
    """A language as the sheet shows it; one that the landlord added has only the name that it was given."""
    one = SPEECH.get(option.code)
    pages = one.tag if one and one.tag in settings().languages and may(*HELPERS) else ""
    return {
        "name": one.endonym if one else option.text.english,
        "lang": one.lang if one else "",
        "direction": one.direction if one else "auto",
        "english": option.text.english,
        "href": f"/staff/for-someone?language={pages}" if pages else "",
    }
