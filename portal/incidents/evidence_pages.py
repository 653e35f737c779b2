"""The evidence of a case for staff: what there is, and each file after it was noted who looks at it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, request
from sqlalchemy import Row

from portal import audit, files, references
from portal.accounts.guard import open_to, visit
from portal.audit import Did
from portal.files import KINDS
from portal.incidents import access, evidence, seeing
from portal.incidents.access import Facet
from portal.incidents.evidence import OVERRIDDEN_WHY, WORDS, Scan
from portal.pages import file_response, redirect, render, said, state
from portal.questions.messages import _staff

blueprint = Blueprint("evidence", __name__)

ONE = "/staff/cases/<reference>/evidence/<identity>"
CHOOSE_WHY = _staff("Choose why it is to be opened")


@blueprint.get("/staff/cases/<reference>/evidence")
@open_to(*access.WORKERS)
def everything(reference: str) -> Response:
    """What there is, without a look into any of it."""
    found, facets = seeing.case(reference)
    if Facet.EVIDENCE not in facets:
        seeing.refused(reference)
    return _page(found.reference)


def _page(case: str, refused: str = "", status: int = 200) -> Response:
    with state().database.read() as connection:
        rows = evidence.of_case(connection, case)
    about = files.about(state().database, [row.file for row in rows])
    lines = [
        {
            "reference": row.reference,
            "kind": KINDS[about[row.file].kind].word,
            "size": f"{about[row.file].size / files.MEGABYTE:.1f} MB",
            "scan": said(WORDS[Scan(row.scan)]),
            "why": said(OVERRIDDEN_WHY[row.overridden]) if row.overridden else "",
            "opens": evidence.may_be_opened(row),
        }
        for row in rows
        if row.file in about
    ]
    return render(
        "incidents/evidence.html",
        f"staff/cases/{case}/evidence",
        status,
        case=case,
        lines=lines,
        reasons=[
            {"value": code, "text": said(words), "selected": False} for code, words in OVERRIDDEN_WHY.items()
        ],
        refused=refused,
    )


@blueprint.get(ONE)
@open_to(*access.WORKERS)
def one(reference: str, identity: str) -> Response:
    """One file: a copy made anew, to be downloaded. It is noted who saw it before the first byte is sent."""
    row = _of_case(reference, identity)
    if not evidence.may_be_opened(row):
        return _page(reference, said(WORDS[Scan(row.scan)]), 409)
    audit.note_alone(
        state().database,
        state().ring,
        by=visit().person.reference,
        did=Did.VIEWED,
        what=f"case {reference}",
        detail={"evidence": identity},
    )
    kept = files.about(state().database, [row.file]).get(row.file) or abort(404)
    pieces = files.read(state().database, state().ring, state().store, row.file)
    return file_response(pieces, kept.kind, f"{identity}.{KINDS[kept.kind].endings[0]}")


@blueprint.post(ONE)
@open_to(*access.WORKERS)
def override(reference: str, identity: str) -> Response:
    """Let a file be opened that was not found clean. The reason stays with it, and in the audit log."""
    _of_case(reference, identity)
    why = request.form.get(f"why-{identity}", "")
    if why not in OVERRIDDEN_WHY:
        return _page(reference, said(CHOOSE_WHY), 422)
    by = visit().person.reference
    with seeing.change(reference, Facet.EVIDENCE) as (connection, _case):
        if evidence.override(connection, identity, why, by=by):
            what, detail = f"case {reference}", {"evidence": identity, "override": why}
            audit.note(connection, state().ring, by=by, did=Did.CHANGED, what=what, detail=detail)
    return redirect(f"/staff/cases/{reference}/evidence")


def _of_case(reference: str, identity: str) -> Row[Any]:
    """A piece of evidence that the person of this request may see; else 404, which is noted."""
    if references.read(identity) != identity:
        abort(404)
    found, facets = seeing.case(reference)
    if Facet.EVIDENCE not in facets:
        seeing.refused(reference)
    with state().database.read() as connection:
        return evidence.find(connection, found.reference, identity) or abort(404)
