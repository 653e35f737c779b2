"""Why something is not erased, and how staff made sure who asked: codes, their ground in law, and words.

UK GDPR, article 17(3), says when something may be kept though a person asks to have it erased; article 12
that we may ask who it is, that we answer within a month, and that we say why not and where to complain.
"""

from __future__ import annotations

from dataclasses import dataclass

from portal.questions.messages import Message, _, _staff


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is kept though the person asked to have it erased."""

    words: Message
    """For staff."""
    ground: str
    """Where the law says so."""
    told: Message
    """What the person reads."""


REFUSED_WHY: dict[str, Reason] = {
    "legal_claims": Reason(
        _staff("It may be needed for a legal claim, ours or somebody else's"),
        "UK GDPR, article 17(3)(e)",
        _("It may be needed in court."),
    ),
    "proceedings": Reason(
        _staff("The police or a court are dealing with it"),
        "UK GDPR, article 17(3)(b) and (e); Data Protection Act 2018, schedule 2, paragraphs 2 and 5",
        _("The police or a court are dealing with it."),
    ),
    "safeguarding": Reason(
        _staff("It is needed to protect a child, or an adult at risk, from harm"),
        "UK GDPR, article 17(3)(b); Data Protection Act 2018, schedule 1, paragraph 18",
        _("We need it to keep somebody safe."),
    ),
    "legal_duty": Reason(
        _staff("A law says that it must be kept"),
        "UK GDPR, article 17(3)(b)",
        _("The law says that we must keep it for some time."),
    ),
    "still_needed": Reason(
        _staff("The case is open, and its words are needed for what they were collected for"),
        "UK GDPR, article 17(1)(a)",
        _("We are still dealing with it. You can ask again when we have finished."),
    ),
    "not_sure_who": Reason(
        _staff("We cannot make sure that the person themselves asked"),
        "UK GDPR, articles 11(2) and 12(6)",
        _("We could not make sure that it was you who asked."),
    ),
}
"""Code of a reason -> what it is, in law and in words."""
CODE_ONLY = "code_only"
SURE: dict[str, Message] = {
    "spoke": _staff("I have spoken with the person in a way that they named when they told us: they want it"),
    "met": _staff("I have met the person: they want it"),
    CODE_ONLY: _staff("They can be reached by nothing but their code"),
}
"""How staff made sure that it was the person who asked, and not somebody who found the code."""

ASKED = _(
    "You have asked us to delete it. Somebody decides about it, and answers you here. Until then nothing is "
    "deleted."
)
WAITS = _(
    "We wait until %(when)s at least, so that nobody can do it who only found your code. If you did not ask "
    "for it, or want us to keep it, tell us here."
)
AGREED = _(
    "We are going to delete it, on %(when)s at the earliest. Then your code opens nothing any more. If you "
    "did not ask for it, or want us to keep it, tell us here."
)
KEPT = _("You asked us to delete it, and told us on %(when)s to keep it. Nothing was deleted.")
REFUSED = _("You asked us to delete it. We decided on %(when)s to keep it.")
COMPLAIN = _(
    "If you do not agree, write to us here. You can also complain to the Information Commissioner "
    "(ico.org.uk), or go to court."
)
