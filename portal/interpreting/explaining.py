"""The help page of the desk: the tables that the code walks, in words."""

from __future__ import annotations

from flask import Blueprint, Response

from portal.accounts.guard import open_to
from portal.accounts.roles import Role
from portal.interpreting import consequences
from portal.interpreting.consequences import Change
from portal.interpreting.purposes import PURPOSES
from portal.interpreting.queue import DESK
from portal.interpreting.showing import EVENTS, NEXT, REASONS, WHO
from portal.interpreting.states import TABLE, TOLD, WORDS, State, Who
from portal.pages import render, said
from portal.questions.messages import Message, _staff

blueprint = Blueprint("explaining", __name__)

CHANGES: dict[Change, Message] = {
    Change.DATE: _staff("Another day, or morning for afternoon"),
    Change.SHIFT: _staff("Another hour of the same half day"),
    Change.LANGUAGE: _staff("Another language"),
    Change.MODE: _staff("Another way to meet"),
    Change.GENDER: _staff("Whether it must be a woman or a man, or somebody from outside"),
    Change.PLACE: _staff("Another place of the same kind"),
    Change.TIER_UP: _staff("The purpose needs a higher qualification"),
    Change.NOTES: _staff("Anything else that who comes should know"),
}
AS_BEFORE = _staff("The same as before that")


@blueprint.get(f"{DESK}/help")
@open_to(Role.COORDINATOR)
def tables() -> Response:
    """Every step, state and consequence there is."""
    return render(
        "interpreting/explained.html",
        f"{DESK[1:]}/help",
        steps=[
            {
                "event": said(EVENTS[step.event]),
                "since": [said(WORDS[one]) for one in State if one in step.since],
                "to": said(WORDS[step.to]),
                "who": [said(WHO[one]) for one in Who if one in step.who],
                "reasons": [said(REASONS[one]) for one in REASONS if one in step.reasons],
            }
            for step in TABLE
        ],
        states=[
            {
                "name": said(WORDS[one]),
                "next": said(NEXT[one]) if one in NEXT else "",
                "told": said(TOLD.get(one, AS_BEFORE)),
            }
            for one in State
        ],
        changes=[
            (said(CHANGES[change]), said(consequences.WORDS[then]))
            for change, then in consequences.TABLE.items()
        ],
        purposes=[(said(one.name), one.tier, one.own_person) for one in PURPOSES.values()],
    )
