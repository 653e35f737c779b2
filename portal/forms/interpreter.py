"""The interpreter form: what somebody needs in order to understand us and be understood.

An interpreter speaks or signs, a translation is written. What we ask a person to speak, to sign and to read
are different answers, and none is taken from another. Codes of languages are ISO 639-3.
"""

from __future__ import annotations

from portal.forms.reaching import (
    DISCREET,
    EMAIL,
    HOURS,
    NAME,
    PHONE,
    POST,
    POSTCODE,
    REACH,
    VOICEMAIL,
    WORKER,
)
from portal.forms.shared import NO, YES
from portal.forms.speech import SIGNED_OPTIONS, SPOKEN_OPTIONS
from portal.forms.talking import (
    DIALECT,
    ESSENTIAL,
    FORMAT,
    GENDER,
    INTERPRETING,
    NEEDED,
    OUTSIDE,
    READ,
    SIGN,
    SPEAK,
    SPEAK_WORDS,
    SUPPORT,
    WRITING,
)
from portal.questions import (
    Choice,
    Date,
    Form,
    Group,
    If,
    Notice,
    Option,
    Question,
    Register,
    Text,
    Time,
    Unless,
)
from portal.questions.messages import _, _in

WINDOWS = 3
"""Times that a person may offer."""

NEED = Choice(
    key="need",
    text=_("What do you need?"),
    hint=_("Choose all that apply to you. It is free."),
    required=_("Choose what you need"),
    many=True,
    options=(
        *NEEDED,
        Option("call", _("I am not sure. Please call me."), alone=True),
    ),
)

SECOND = Choice(
    key="second",
    text=_("If nobody speaks your language, which other language is fine for you?"),
    hint=_("We ask somebody who speaks this other language only if you choose it here"),
    options=Register("spoken_languages", also=(Option("none", _("No other language")),)),
)
HOW = Choice(
    key="how",
    text=_("How should we meet?"),
    required=_("Choose how we should meet"),
    asked=(INTERPRETING,),
    options=(
        Option("office", _("At our office")),
        Option("home", _("At my home")),
        Option("place", _("At another place"), hint=_("For example a school, a surgery or a court")),
        Option("phone", _("By phone, at an agreed time")),
        Option("phone_now", _("By phone, now")),
        Option("video", _("By video")),
        Option("any", _in("how to meet", "Any of these")),
    ),
)
OFFICE = Choice(
    key="office",
    text=_("Which office is best for you?"),
    asked=(If("how", "office"),),
    options=Register("offices"),
)
WHERE = Text(
    key="where",
    text=_("Where should the interpreter come?"),
    hint=_("The address with the postcode. The interpreter sees it only from the day before."),
    required=_("Tell us where the interpreter should come"),
    asked=(If("how", "home", "place"),),
    personal=True,
    lines=3,
    most=300,
)
DOCUMENT = Text(
    key="document",
    text=_("Which letter, leaflet or document is it?"),
    hint=_("Its name, or what it is about"),
    required=_("Tell us which document it is"),
    asked=(WRITING,),
    personal=True,
)
CERTIFIED = Choice(
    key="certified",
    text=_("What do you need it for?"),
    asked=(If("need", "translation"),),
    options=(
        Option("information", _("To know what it says")),
        Option("legal", _("For a court or an authority: it must be certified")),
    ),
)
NEEDED_BY = Date(
    key="needed_by",
    text=_("When do you need it?"),
    asked=(WRITING,),
    when="future",
)
DELIVER = Choice(
    key="deliver",
    text=_("How should you get it?"),
    asked=(WRITING,),
    options=(
        Option("post", _("By post")),
        Option("email", _("By email")),
        Option("office", _("I will collect it from an office")),
        Option("by_phone", _("Somebody calls me and reads it to me")),
    ),
)

ABOUT = Choice(
    key="about",
    text=_("What is it about?"),
    hint=_("You do not have to tell us more here"),
    options=(
        Option("sign_up", _("A new home: signing the agreement")),
        Option("rent", _("Rent")),
        Option("repairs", _("Repairs or an inspection")),
        Option("neighbours", _("Trouble with neighbours")),
        Option("homeless", _("I have no home, or may lose it")),
        Option("moving", _("Moving to another home")),
        Option("legal", _("A legal letter or a court")),
        Option("complaint", _("A complaint")),
        Option("money", _("Money, benefits or debt")),
        Option("event", _("A meeting or an event")),
        Option("private", _("Something private")),
        Option("other", _("Something else")),
    ),
)
SOON = Choice(
    key="soon",
    text=_("How soon must it be?"),
    asked=(INTERPRETING,),
    options=(
        Option("today", _("Today")),
        Option("three_days", _("In the next three days")),
        Option("later", _("Later")),
    ),
)
WINDOW = Group(
    key="window",
    times=WINDOWS,
    asked=(INTERPRETING, Unless("how", "phone_now")),
    questions=(
        Date(
            key="day",
            text=_("On which day would it suit you? (%(number)s)"),
            hint=_("You may give up to three days. Leave it empty when you have no more."),
            when="future",
        ),
        Time(key="from", text=_("From what time? (%(number)s)"), on="day", beside=True),
        Time(key="to", text=_("Until what time? (%(number)s)"), on="day", after="from", beside=True),
    ),
)
LENGTH = Choice(
    key="length",
    text=_("How long will you need?"),
    hint=_("With an interpreter everything takes about half as long again"),
    asked=(INTERPRETING,),
    options=(
        Option("30", _("Half an hour")),
        Option("60", _("An hour")),
        Option("90", _("An hour and a half")),
        Option("120", _("Two hours")),
        Option("180", _("Longer")),
        Option("not_sure", _("I am not sure")),
    ),
)

NOT_WANTED = Text(
    key="not_wanted",
    text=_("Is there an interpreter whom you do not want?"),
    hint=_("A name, or what you know. You do not have to say why."),
    asked=(INTERPRETING,),
    personal=True,
)
AGAIN = Text(
    key="again",
    text=_("Is there an interpreter whom you had before and want again?"),
    hint=_("A name, or when it was"),
    asked=(INTERPRETING,),
    personal=True,
)
WHO = Choice(
    key="who",
    text=_("Who will be there with you?"),
    hint=_("Choose all that apply. Children are never asked to interpret."),
    asked=(INTERPRETING,),
    many=True,
    options=(
        Option("family", _("Family or friends")),
        Option("children", _("Children")),
        Option("worker", _("Somebody who supports me in their work")),
        Option("nobody", _("Nobody else"), alone=True),
    ),
)
OFFICER_GENDER = Choice(
    key="officer_gender",
    text=_("Should our member of staff be a woman or a man?"),
    asked=(INTERPRETING,),
    options=GENDER.known,
)
OFFICER_LGBT = Choice(
    key="officer_lgbt",
    text=_("Do you want a member of staff who understands lesbian, gay, bisexual and trans people?"),
    hint=_("The interpreter does not see this answer"),
    asked=(INTERPRETING,),
    options=(YES, NO),
)

SEES = Notice(
    key="sees",
    text=_("What the interpreter will see"),
    hint=_(
        "Before they accept: the language, the day, how long, and the area. "
        "Not your name and not your address. "
        "When it is agreed: how to address you. For a visit: the address, from the day before. "
        "Never your phone number, and nothing else of what you have told us."
    ),
    asked=(INTERPRETING,),
)
AGREED = Choice(
    key="agreed",
    text=_("Do you agree that the interpreter sees this?"),
    required=_("Choose an answer"),
    asked=(INTERPRETING,),
    options=(
        Option("yes", _("Yes, I agree")),
        Option("call", _("No. Please talk to me first.")),
    ),
)

QUESTIONS: tuple[Question | Group, ...] = (
    # what, in which language
    *(NEED, SPEAK, SPEAK_WORDS, SIGN, DIALECT, SECOND, READ),
    # how and where; written things
    *(HOW, OFFICE, WHERE, SUPPORT, DOCUMENT, FORMAT, CERTIFIED, NEEDED_BY, DELIVER),
    # about what, when
    *(ABOUT, SOON, WINDOW, LENGTH),
    # who should come, who is there
    *(GENDER, ESSENTIAL, OUTSIDE, NOT_WANTED, AGAIN, WHO, OFFICER_GENDER, OFFICER_LGBT),
    # how to be reached, what the interpreter sees
    *(NAME, POSTCODE, REACH, PHONE, EMAIL, POST, WORKER, HOURS, VOICEMAIL, DISCREET, SEES, AGREED),
)

INTERPRETER = Form(
    key="interpreter",
    edition="2026-1",
    address="interpreter",
    title=_("Interpreter, translation or another format"),
    purpose=_("Ask for somebody who speaks or signs your language, or for a letter you can read"),
    intro=(
        _("Use this form when you need an interpreter, a translation, or a letter in another format."),
        _("It is free. You do not need to bring family or friends to interpret."),
        _("You can skip most questions. If it is urgent, call us: we can add an interpreter to the call."),
    ),
    thanks=(_("We look for the right person and tell you who it will be, in the way that is safe for you."),),
    code_is_for=_(
        "With this code you can see how far we are, change what you asked for, or cancel it. "
        "Write it down or print it. We cannot give it to you again."
    ),
    parts=QUESTIONS,
    anonymous=False,
    registers={"spoken_languages": SPOKEN_OPTIONS, "signed_languages": SIGNED_OPTIONS, "offices": ()},
)
