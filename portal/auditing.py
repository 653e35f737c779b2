"""The page on which information governance reads the audit log."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from portal import anchors, audit, clock, references
from portal.accounts import people
from portal.accounts.guard import open_to, visit
from portal.accounts.roles import Role
from portal.audit import OPERATOR, PORTAL, WHO, Did, Entry
from portal.pages import render, said, settings, state
from portal.questions.messages import Message, _staff

blueprint = Blueprint("auditing", __name__)

A_PAGE = 50
WORDS: dict[Did, Message] = {
    Did.SIGNED_IN: _staff("signed in"),
    Did.SIGNED_OUT: _staff("signed out"),
    Did.SIGN_IN_REFUSED: _staff("was not let in"),
    Did.VIEWED: _staff("looked at"),
    Did.KEYED: _staff("keyed"),
    Did.VERIFIED: _staff("keyed a second time"),
    Did.RESOLVED: _staff("resolved"),
    Did.CHANGED: _staff("changed"),
    Did.CREATED: _staff("made"),
    Did.DELETED: _staff("deleted"),
    Did.EXPORTED: _staff("exported"),
    Did.PRINTED: _staff("printed"),
    Did.RELEASED: _staff("released"),
    Did.REFUSED: _staff("was refused"),
    Did.INVITED: _staff("made a one-time link for"),
    Did.USED: _staff("used"),
    Did.ANCHORED: _staff("anchored"),
}
NO_REFERENCE = _staff("Type a reference: 9 letters and digits, as they stand in the log")


@blueprint.get("/staff/audit")
@open_to(Role.GOVERNANCE, label=_staff("Audit"))
def log() -> Response:
    """The newest entries, or those of one person, act or reference. That somebody looked is an entry too."""
    wanted, error = _wanted()
    before = _number(request.args.get("before", ""))
    with state().database.read() as connection:
        found = audit.page(connection, before=before, limit=A_PAGE + 1, **wanted)
    _note_look(before, wanted)
    names = {person.reference: person.name for person in people.everybody(state().database)}
    older = found[A_PAGE - 1].number if len(found) > A_PAGE else None
    return render(
        "staff/audit.html",
        "staff/audit",
        422 if error else 200,
        rows=[_row(entry, names) for entry in found[:A_PAGE]],
        older=f"/staff/audit?{urlencode(_sent() | {'before': older})}" if older else "",
        by=_who_options(names, wanted["by"]),
        did=_did_options(wanted["did"]),
        about=request.args.get("about", ""),
        error=said(error) if error else "",
        anchored=_anchored(),
    )


def _wanted() -> tuple[dict[str, Any], Message | None]:
    """What the filters ask for. What is no person or act filters nothing."""
    sent = _sent()
    by, typed = sent.get("by", ""), sent.get("about", "").strip()
    about = references.read(typed) if typed else None
    did = next((one for one in Did if one.name == sent.get("did")), None)
    wanted = {"by": by if WHO.fullmatch(by) else None, "did": did, "about": about}
    return wanted, NO_REFERENCE if typed and about is None else None


def _sent() -> dict[str, str]:
    return {name: request.args[name] for name in ("by", "did", "about") if request.args.get(name)}


def _number(typed: str) -> int | None:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None


def _note_look(before: int | None, wanted: dict[str, Any]) -> None:
    by, did, about = wanted["by"], wanted["did"], wanted["about"]
    given: dict[str, str | int | None] = {
        "before": before,
        "by": by,
        "did": did and did.name,
        "about": about,
    }
    detail = {name: value for name, value in given.items() if value is not None}
    who = visit().person.reference
    audit.note_alone(state().database, state().ring, by=who, did=Did.VIEWED, what="audit", detail=detail)


def _row(entry: Entry, names: dict[str, str]) -> dict[str, Any]:
    """An entry as it is shown: references with the names of the accounts that they are of."""
    known = {did.value: said(words) for did, words in WORDS.items()}
    return {
        "number": entry.number,
        "at": f"{clock.in_london(clock.moment(entry.at)):%Y-%m-%d %H:%M:%S}",
        "by": entry.by,
        "by_name": names.get(entry.by, ""),
        "did": known.get(entry.did, entry.did),
        "what": entry.what,
        "what_name": names.get(entry.what.rpartition(" ")[2], ""),
        "detail": [(key, _plain(value)) for key, value in entry.detail.items()],
    }


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _who_options(names: dict[str, str], chosen: str | None) -> list[dict[str, Any]]:
    people_first = [(who, f"{name} ({who})") for who, name in names.items()]
    others = [(OPERATOR, said(_staff("the command line"))), (PORTAL, said(_staff("the portal itself")))]
    return [_option("", said(_staff("Anybody")), chosen)] + [
        _option(who, name, chosen) for who, name in people_first + others
    ]


def _did_options(chosen: Did | None) -> list[dict[str, Any]]:
    name = chosen.name if chosen else None
    return [_option("", said(_staff("Anything")), name)] + [
        _option(did.name, said(words), name) for did, words in WORDS.items()
    ]


def _option(value: str, text: str, chosen: str | None) -> dict[str, Any]:
    return {"value": value, "text": text, "selected": value == (chosen or "")}


def _anchored() -> tuple[int, str] | None:
    """Up to which entry, and when, the log was last anchored outside the database."""
    made = anchors.newest(state().ring, settings().audit_anchors)
    return (made.number, f"{clock.in_london(clock.moment(made.at)):%Y-%m-%d %H:%M}") if made else None
