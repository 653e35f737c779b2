"""Scans on the keying screen: attached with what is typed so far, and shown to whoever has the paper."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, request
from sqlalchemy import Row
from werkzeug.datastructures import FileStorage

from portal import audit, files
from portal.accounts.guard import may, open_to, visit
from portal.accounts.roles import Role
from portal.audit import Did
from portal.files import KINDS, MEGABYTE, Refused
from portal.keying import passes, scans
from portal.keying.passes import TAKEN_OVER, Work
from portal.keying.screen import Keyed, lost, mine, posted, screen
from portal.keying.views import KEYERS, batch_of, form_on
from portal.pages import file_response, redirect, said_plainly, state
from portal.questions import Form
from portal.questions.messages import Message, _staff

blueprint = Blueprint("scanning", __name__)

MOST_AT_ONCE = 100 * MEGABYTE
"""Bytes of all files that are sent at once."""
FIELD = "scan"
ATTACH = "scanning.attach"
NO_FILE = _staff("Choose the file of the scan first")


def prepare(app: Flask) -> None:
    """Let files in where a scan is attached, and nowhere else."""
    app.before_request(_let_scans_in)


def _let_scans_in() -> None:
    if request.mimetype == "multipart/form-data" and request.endpoint == ATTACH:
        request.max_content_length = MOST_AT_ONCE + current_app.config["MAX_CONTENT_LENGTH"]


@blueprint.post("/staff/paper-in/<batch>/<sheet>/scan")
@open_to(*KEYERS)
def attach(batch: str, sheet: str) -> Response:
    """Take a scan. What is typed is kept or comes back; a script gets what the page needs to show it."""
    head = batch_of(batch)
    form = form_on(head, sheet)
    found = posted(form)
    work = mine(head, sheet)
    if work is None:
        return _for_script(TAKEN_OVER) or lost(head, form, sheet, found)
    passes.keep(state().database, state().ring, work, found.answers)
    refused = _attach(work, [one for one in request.files.getlist(FIELD) if one.filename])
    return _for_script(refused, sheet, batch) or _once_more(head, form, work, found, refused)


@blueprint.post("/staff/paper-in/<batch>/<sheet>/scan/<identity>/remove")
@open_to(*KEYERS)
def remove(batch: str, sheet: str, identity: str) -> Response:
    """Delete one scanned page, such as one of another paper. What is typed is kept or comes back."""
    head = batch_of(batch)
    form = form_on(head, sheet)
    found = posted(form)
    work = mine(head, sheet)
    if work is None:
        return lost(head, form, sheet, found)
    portal = state()
    passes.keep(portal.database, portal.ring, work, found.answers)
    scans.remove(portal.database, portal.ring, portal.store, identity, work)  # gone already is gone
    return _once_more(head, form, work, found)


def _once_more(
    head: Row[Any], form: Form, work: Work, found: Keyed, refused: Message | None = None
) -> Response:
    """The screen again, with what is typed and cannot be kept."""
    typed_only = any(found.typed.get(key, "").strip() for key in found.problems)
    if refused or typed_only:
        status = 422 if refused else 200
        shown = Keyed(found.typed, found.answers, {})
        return screen(head, form, work, shown, status=status, scan_refused=refused)
    return redirect(f"/staff/paper-in/{head.reference}/{work.sheet}")


def _attach(work: Work, sent: list[FileStorage]) -> Message | None:
    """Store the files in the order in which they came; gives why one was not taken, the rest with it."""
    portal = state()
    if not sent:
        return NO_FILE
    for one in sent:
        name = one.filename or ""
        found = scans.attach(portal.database, portal.ring, portal.store, one.stream, name, work)
        if isinstance(found, Refused):
            return found.message
    return None


def _for_script(refused: Message | None, sheet: str = "", batch: str = "") -> Response | None:
    if request.accept_mimetypes.best != "application/json":
        return None
    pictures = scans.shown(batch, sheet, scans.of(state().database, sheet)) if sheet else []
    words = {"refused": said_plainly(refused) if refused else "", "pictures": pictures}
    return Response(json.dumps(words), mimetype="application/json")


@blueprint.get("/staff/paper-in/<batch>/<sheet>/scan/<identity>")
@open_to(*KEYERS)
def show(batch: str, sheet: str, identity: str) -> Response:
    """One scanned page. It is noted who saw it before the first byte is sent."""
    head, who = batch_of(batch), visit().person.reference
    database = state().database
    if not scans.may_see(database, head.reference, sheet, who, may(Role.SUPERVISOR)):
        abort(404)
    kept = next((one for one in scans.of(database, sheet) if one.id == identity), None) or abort(404)
    audit.note_alone(
        database, state().ring, by=who, did=Did.VIEWED, what=f"paper {sheet}", detail={"scan": identity}
    )
    pieces = files.read(database, state().ring, state().store, kept.id)
    return file_response(pieces, kept.kind, f"{sheet}.{KINDS[kept.kind].endings[0]}", view=True)
