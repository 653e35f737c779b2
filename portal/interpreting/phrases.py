"""The words of what people are told of a request.

Neutral: they say when, and who will come, never what it is about. Whoever asked for discretion gets words
that do not say who we are either.
"""

from __future__ import annotations

from portal.questions.messages import Message, _, _staff
from portal.wording import Template, Wording


def _template(
    event: str,
    sms: Message,
    subject: Message,
    words: Message,
    discreet: tuple[Message, Message] | None = None,
    letter: bool = True,
    urgent: bool = False,
) -> Template:
    """An email and a letter say the same. Discreet words are a subject and one sentence for every way."""
    hidden = None
    if discreet is not None:
        short, said = discreet
        hidden = Wording(sms=said, email_subject=short, email=said, letter=said if letter else None)
    return Template(
        event=event,
        sms=sms,
        email_subject=subject,
        email=words,
        letter=words if letter else None,
        discreet=hidden,
        urgent=urgent,
    )


HOW: dict[str, Message] = {
    "office": _("At our office"),
    "home": _("At your home"),
    "place": _("At the place you told us"),
    "phone": _("By phone"),
    "phone_now": _("By phone"),
    "video": _("By video"),
}
"""Ways of meeting, as we say them to the person."""

RECEIVED = _template(
    "interpreter asked",
    _("%(organisation)s: we have what you asked for. Your number is %(reference)s."),
    _("We have what you asked for"),
    _("We have what you asked for. Your number is %(reference)s. We will tell you when it is arranged."),
    discreet=(_("We have your message"), _("We have your message. Your number is %(reference)s.")),
)
QUESTION = _template(
    "interpreter question",
    _("%(organisation)s: we have a question about %(reference)s. Please call %(phone)s."),
    _("We have a question"),
    _("We have a question about %(reference)s. Please call us on %(phone)s."),
)
BOOKED = _template(
    "interpreter booked",
    _("%(organisation)s: booked. %(when)s. %(how)s. Interpreter: %(name)s. Your number: %(reference)s."),
    _("Your interpreter is booked"),
    _(
        "Your interpreter is booked. %(when)s. %(how)s. The interpreter: %(name)s. "
        "If you know this person or want somebody else, use your code or call %(phone)s. "
        "Your number is %(reference)s."
    ),
    discreet=(
        _("It is arranged"),
        _("It is arranged: %(when)s. You will meet %(name)s. Your number is %(reference)s."),
    ),
)
REMINDER = _template(
    "interpreter reminder",
    _("%(organisation)s: a reminder. %(when)s. %(how)s. Interpreter: %(name)s. Number: %(reference)s."),
    _("A reminder"),
    _("A reminder: %(when)s. %(how)s. Your interpreter: %(name)s. Your number is %(reference)s."),
    discreet=(_("A reminder"), _("A reminder: %(when)s. Your number is %(reference)s.")),
    letter=False,
)
CHANGED = _template(
    "interpreter changed",
    _("%(organisation)s: what was booked has changed. We are arranging it anew. Number: %(reference)s."),
    _("What was booked has changed"),
    _("What was booked has changed. We are arranging it anew. Your number is %(reference)s."),
    discreet=(
        _("The appointment has changed"),
        _("The appointment has changed. Your number is %(reference)s."),
    ),
)
CANCELLED = _template(
    "interpreter cancelled",
    _("%(organisation)s: %(reference)s is cancelled. If that is wrong, call %(phone)s."),
    _("It is cancelled"),
    _("What you asked for, number %(reference)s, is cancelled. If that is wrong, call %(phone)s."),
    discreet=(_("It is cancelled"), _("It is cancelled. Your number is %(reference)s.")),
)
UNFILLED = _template(
    "interpreter not found",
    _("%(organisation)s: we have not found an interpreter for %(reference)s. Please call %(phone)s."),
    _("We have not found an interpreter"),
    _("We are sorry: we have not found an interpreter for %(reference)s. Please call %(phone)s."),
    urgent=True,
)
HOW_IT_WAS = _template(
    "how it was",
    _("%(organisation)s: how was it? Tell us, without your name: %(address)s"),
    _("How was it?"),
    _("How was it? You can tell us here, without your name: %(address)s"),
    letter=False,
)
OF_PERSON = (RECEIVED, QUESTION, BOOKED, REMINDER, CHANGED, CANCELLED, UNFILLED, HOW_IT_WAS)

OFFERED = Template(
    event="offer",
    email_subject=_staff("An interpreting offer"),
    email=_staff("There is an offer for you: %(address)s. It can be accepted until %(until)s."),
)
FILLED = Template(
    event="offer filled",
    email_subject=_staff("An offer has been filled"),
    email=_staff("The offer for %(when)s has been filled. You need do nothing."),
)
WITHDRAWN = Template(
    event="booking withdrawn",
    email_subject=_staff("Not needed any more"),
    email=_staff("The booking on %(when)s is not yours any more: it was cancelled, moved or given back."),
    urgent=True,
)
BOOKING_CONFIRMED = Template(
    event="booking confirmed",
    email_subject=_staff("A booking is confirmed"),
    email=_staff("Your booking on %(when)s is confirmed: %(address)s"),
)
BOOKING_CHANGED = Template(
    event="booking changed",
    email_subject=_staff("A booking has changed"),
    email=_staff("Something about your booking on %(when)s has changed: %(address)s"),
    urgent=True,
)
BOOKING_REMINDER = Template(
    event="booking reminder",
    email_subject=_staff("A reminder of a booking"),
    email=_staff("You are booked on %(when)s: %(address)s"),
)
