"""EVERYTHING: a form that exists only in tests and uses all that a form can say.

A kind, an option's feature, a condition or a group that the kernel learns belongs in here too: the web
journey, the stored row, the codebook and the export must then take it without another line.
"""

from __future__ import annotations

from portal.questions import (
    AnyOf,
    Choice,
    Date,
    Each,
    Files,
    Form,
    Group,
    If,
    Line,
    Notice,
    Number,
    Option,
    Register,
    Text,
    Time,
    Unless,
    Worded,
    as_written,
)

YES = Option("yes", as_written("Yes"))
NO = Option("no", as_written("No"))
SAY_NOTHING = Option("prefer_not_to_say", as_written("Prefer not to say"), alone=True)

OFFICES = (Option("high_street", as_written("High Street")), Option("market_hall", as_written("Market Hall")))

REGION = Choice(
    key="region",
    text=as_written("Which region do you live in?"),
    options=(Option("north", as_written("The north")), Option("south", as_written("The south")), SAY_NOTHING),
)
TOWN = Choice(
    key="town",
    text=as_written("Which town do you live in?"),
    hint=as_written("Or the town that is nearest"),
    asked=(Unless("region", "prefer_not_to_say"),),
    narrow="region",
    worded=(
        Worded(If("region", "north"), as_written("Which northern town do you live in?")),
        Worded(
            If("region", "south"),
            as_written("Which southern town do you live in?"),
            hint=as_written("Or the southern town that is nearest"),
        ),
    ),
    options=(
        Option("ash", as_written("Ash"), heading=as_written("In the north"), parent="north"),
        Option("beech", as_written("Beech"), parent="north", standards={"trees": "2", "maps": "B7"}),
        Option("cedar", as_written("Cedar"), parent="north"),
        Option("elm", as_written("Elm"), parent="north"),
        Option("fir", as_written("Fir"), heading=as_written("In the south"), parent="south"),
        Option("hazel", as_written("Hazel"), parent="south"),
        Option("larch", as_written("Larch"), parent="south"),
        Option("maple", as_written("Maple"), parent="south"),
        Option("abroad", as_written("A town in another country")),
        SAY_NOTHING,
    ),
)

EVERYTHING = Form(
    key="everything",
    edition="test-1",
    address="everything",
    title=as_written("Everything"),
    purpose=as_written("All that a form can ask"),
    intro=(as_written("This form asks everything."),),
    thanks=(as_written("That was everything."),),
    registers={"offices": OFFICES},
    parts=(
        Choice(
            key="take_part",
            text=as_written("Will you take part?"),
            required=as_written("Say whether you will take part"),
            options=(
                YES,
                Option("no", as_written("No"), hint=as_written("This ends the form"), opts_out=True),
            ),
        ),
        Notice(
            key="welcome",
            text=as_written("Before you begin"),
            hint=as_written("Nothing here is real."),
            lines=(
                Line(text=as_written("Call everybody’s number: %(phone)s"), number="112"),
                Line(text=as_written("Call us: %(phone)s"), setting="phone"),
                Line(text=as_written("Call us at night: %(phone)s"), setting="out_of_hours_phone"),
                Line(text=as_written("Or do not call.")),
            ),
        ),
        Choice(
            key="colour",
            text=as_written("Which colour do you like best?"),
            hint=as_written("Of paint"),
            why=as_written("We ask so that we can paint the doors."),
            options=(
                Option("red", as_written("Red"), hint=as_written("Like a letter box")),
                Option("green", as_written("Green")),
                Option("blue", as_written("Blue")),
                SAY_NOTHING,
                Option("another", as_written("Named another colour"), by="office"),
            ),
        ),
        Text(
            key="no_colour",
            text=as_written("Why do you like no colour?"),
            asked=(Unless("colour"),),
            most=30,
        ),
        Group(
            key="pets",
            asked=(If("colour", "red", "green"),),
            questions=(
                Choice(key="pet", text=as_written("Do you have a pet?"), options=(YES, NO)),
                Text(
                    key="pet_name",
                    text=as_written("What is your pet called?"),
                    asked=(If("pet", "yes"),),
                    personal=True,
                ),
            ),
        ),
        Choice(
            key="tools",
            text=as_written("Which tools do you have?"),
            many=True,
            options=(
                Option("saw", as_written("Saw"), heading=as_written("For wood")),
                Option("plane", as_written("Plane")),
                Option("spanner", as_written("Spanner"), heading=as_written("For metal")),
                Option("none", as_written("No tools"), alone=True),
                SAY_NOTHING,
                Option("unknown_tool", as_written("Named another tool"), by="office"),
            ),
        ),
        Group(
            key="tool",
            each="tools",
            questions=(
                Number(key="years", text=as_written("%(member)s: how many years have you had it?"), most=80),
                Date(
                    key="since",
                    text=as_written("%(member)s: when did you get it?"),
                    beside=True,
                    partial=True,
                    when="past",
                ),
                Text(
                    key="lent_to",
                    text=as_written("%(member)s: who may borrow it?"),
                    asked=(Each("saw", "plane"), If("years")),
                    personal=True,
                ),
            ),
        ),
        Group(
            key="open",
            each=(Option("weekdays", as_written("Weekdays")), Option("sunday", as_written("Sunday"))),
            questions=(
                Time(key="from", text=as_written("%(member)s: from what time are you at home?")),
                Time(
                    key="until", text=as_written("%(member)s: until what time are you at home?"), beside=True
                ),
            ),
        ),
        Choice(
            key="nearest",
            text=as_written("Which office is nearest?"),
            required=as_written("Choose the nearest office"),
            options=Register(
                "offices",
                also=(
                    Option("nowhere", as_written("No office is near")),
                    Option("not_said", as_written("Named no office"), by="office"),
                ),
            ),
        ),
        Group(
            key="office",
            each=Register("offices"),
            questions=(
                Choice(
                    key="visited",
                    text=as_written("Have you been to this office: %(member)s?"),
                    options=(YES, NO),
                ),
            ),
        ),
        REGION,
        TOWN,
        Choice(
            key="crafts",
            text=as_written("What do you work with?"),
            many=True,
            options=(
                Option("wood", as_written("Wood")),
                Option("metal", as_written("Metal")),
                Option("neither", as_written("Neither"), alone=True),
            ),
        ),
        Choice(
            key="craft",
            text=as_written("What do you make?"),
            asked=(Unless("crafts", "neither"),),
            many=True,
            narrow="crafts",
            options=(
                Option("chairs", as_written("Chairs"), heading=as_written("From wood"), parent="wood"),
                Option("spoons", as_written("Spoons"), parent="wood"),
                Option("gates", as_written("Gates"), heading=as_written("From metal"), parent="metal"),
                Option("rings", as_written("Rings"), parent="metal"),
            ),
        ),
        Group(
            key="trip",
            times=2,
            questions=(
                Choice(
                    key="region",
                    text=as_written("Trip %(number)s: which region was it to?"),
                    options=REGION.options,
                ),
                Choice(
                    key="town",
                    text=as_written("Trip %(number)s: which town was it to?"),
                    narrow="region",
                    options=TOWN.options,
                    worded=(
                        Worded(
                            If("region", "north"),
                            as_written("Trip %(number)s: which northern town was it to?"),
                        ),
                    ),
                ),
                Date(
                    key="start",
                    text=as_written("Trip %(number)s: when did it begin?"),
                    asked=(If("town"),),
                    when="past",
                ),
                Date(
                    key="end",
                    text=as_written("Trip %(number)s: when did it end?"),
                    asked=(If("town"),),
                    beside=True,
                    partial=True,
                    after="start",
                ),
            ),
        ),
        Group(
            key="helper",
            times=3,
            questions=(
                Text(key="name", text=as_written("What is helper %(number)s called?"), personal=True),
                Number(
                    key="hours",
                    text=as_written("For how many hours does helper %(number)s come?"),
                    required=as_written("Say for how many hours helper %(number)s comes"),
                    asked=(If("name"),),
                    least=1,
                    most=168,
                ),
            ),
        ),
        Choice(
            key="language",
            text=as_written("Which language do you dream in?"),
            options=(Option("eng", as_written("English")), Option("urd", as_written("Urdu")), SAY_NOTHING),
        ),
        Date(key="moved_in", text=as_written("When did you move in?"), when="past"),
        Date(key="moved_out", text=as_written("When did you move out?"), partial=True, after="moved_in"),
        Date(key="visit", text=as_written("When may we come?"), partial=True, when="future"),
        Time(key="wake", text=as_written("When do you get up?")),
        Number(key="rooms", text=as_written("How many rooms do you have?"), least=1, most=20),
        Number(key="floor", text=as_written("On which floor?"), beside=True, least=-3, most=40),
        Notice(
            key="pause",
            text=as_written("Nearly done"),
            asked=(AnyOf(If("tools", "saw"), If("rooms"), Unless("wake")),),
        ),
        Text(key="motto", text=as_written("What is your motto?"), asked=(If("language"),)),
        Text(
            key="story",
            text=as_written("What else?"),
            lines=5,
            most=1000,
            personal=True,
            worded=(Worded(If("pet", "yes"), as_written("What else, about you and your pet?")),),
        ),
        Choice(
            key="names",
            text=as_written("Which of these names do you use?"),
            many=True,
            personal=True,
            options=(Option("sam", as_written("Sam")), Option("alex", as_written("Alex")), SAY_NOTHING),
        ),
        Files(
            key="copies",
            text=as_written("Which papers do you have?"),
            hint=as_written("On paper: attach copies"),
            most=3,
        ),
        Choice(
            key="greeting",
            variant="formal",
            text=as_written("How should we greet you?"),
            options=(Option("sir", as_written("Dear sir")), Option("madam", as_written("Dear madam"))),
        ),
        Choice(
            key="greeting",
            variant="friendly",
            text=as_written("How shall we say hello?"),
            options=(Option("hello", as_written("Hello")), Option("hiya", as_written("Hiya"))),
        ),
        Choice(
            key="song",
            variant="asked",
            off=True,
            text=as_written("Do you sing?"),
            options=(YES, NO),
        ),
        Date(key="keyed_on", text=as_written("When was this keyed?"), by="office", when="past"),
        Text(key="keyed_by", text=as_written("Who keyed it?"), by="office", asked=(If("keyed_on"),)),
    ),
)
