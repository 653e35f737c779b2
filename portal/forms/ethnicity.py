"""The questions on ethnic group: the 19 groups of the Census 2021 for England under its five headings.

`standards` holds each group's code in the census, in the lettings log (CORE) and in the Protected
Characteristics Questionnaire (PCQ).
"""

from __future__ import annotations

from portal.forms.shared import PREFER_NOT_TO_SAY
from portal.questions import Choice, If, Option, Text, Unless, Worded
from portal.questions.messages import _

ETHNIC_GROUP = Choice(
    key="ethnic_group",
    text=_("What is your ethnic group?"),
    hint=_("Choose the group that describes you best. The next page asks for more detail."),
    why=_("We ask so that we can see whether people of every ethnic group get the same service."),
    options=(
        Option(
            "white",
            _("White"),
            hint=_("Includes any White background"),
            standards={"core": "0"},
        ),
        Option(
            "mixed",
            _("Mixed or multiple ethnic groups"),
            hint=_("Includes any Mixed background"),
            standards={"core": "1"},
        ),
        Option(
            "asian",
            _("Asian or Asian British"),
            hint=_("Includes any Asian background, for example Bangladeshi, Chinese, Indian or Pakistani"),
            standards={"core": "2"},
        ),
        Option(
            "black",
            _("Black, Black British, Caribbean or African"),
            hint=_("Includes any Black background"),
            standards={"core": "3"},
        ),
        Option(
            "other",
            _("Other ethnic group"),
            hint=_("Includes any other ethnic group, for example Arab"),
            standards={"core": "4"},
        ),
        Option("prefer_not_to_say", PREFER_NOT_TO_SAY.text, alone=True, standards={"core": "17"}),
    ),
)


# Translators: the 19 groups of the 2021 census; use its published wording where there is one.
ETHNIC_DETAIL = Choice(
    key="ethnic_detail",
    text=_("Which of these best describes your ethnic group or background?"),
    asked=(Unless("ethnic_group", "prefer_not_to_say"),),
    narrow="ethnic_group",
    worded=(
        Worded(If("ethnic_group", "white"), _("Which of these best describes your White background?")),
        Worded(
            If("ethnic_group", "mixed"),
            _("Which of these best describes your Mixed or multiple ethnic background?"),
        ),
        Worded(
            If("ethnic_group", "asian"),
            _("Which of these best describes your Asian or Asian British background?"),
        ),
        Worded(
            If("ethnic_group", "black"),
            _("Which of these best describes your Black, Black British, Caribbean or African background?"),
        ),
    ),
    options=(
        Option(
            "white_british",
            _("English, Welsh, Scottish, Northern Irish or British"),
            heading=_("White"),
            parent="white",
            standards={"census2021": "13", "core": "1", "pcq": "1"},
        ),
        Option(
            "white_irish",
            _("Irish"),
            parent="white",
            standards={"census2021": "14", "core": "2", "pcq": "2"},
        ),
        Option(
            "white_gypsy_irish_traveller",
            _("Gypsy or Irish Traveller"),
            parent="white",
            standards={"census2021": "15", "core": "18", "pcq": "3"},
        ),
        # PCQ has no Roma: what it holds of them is in its code 4, so that crosswalk loses this group.
        Option("white_roma", _("Roma"), parent="white", standards={"census2021": "16", "core": "20"}),
        Option(
            "white_other",
            _("Any other White background"),
            parent="white",
            standards={"census2021": "17", "core": "3", "pcq": "4"},
        ),
        Option(
            "mixed_white_black_caribbean",
            _("White and Black Caribbean"),
            heading=_("Mixed or multiple ethnic groups"),
            parent="mixed",
            standards={"census2021": "11", "core": "4", "pcq": "5"},
        ),
        Option(
            "mixed_white_black_african",
            _("White and Black African"),
            parent="mixed",
            standards={"census2021": "10", "core": "5", "pcq": "6"},
        ),
        Option(
            "mixed_white_asian",
            _("White and Asian"),
            parent="mixed",
            standards={"census2021": "9", "core": "6", "pcq": "7"},
        ),
        Option(
            "mixed_other",
            _("Any other Mixed or multiple ethnic background"),
            parent="mixed",
            standards={"census2021": "12", "core": "7", "pcq": "8"},
        ),
        Option(
            "asian_indian",
            _("Indian"),
            heading=_("Asian or Asian British"),
            parent="asian",
            standards={"census2021": "3", "core": "8", "pcq": "9"},
        ),
        Option(
            "asian_pakistani",
            _("Pakistani"),
            parent="asian",
            standards={"census2021": "4", "core": "9", "pcq": "10"},
        ),
        Option(
            "asian_bangladeshi",
            _("Bangladeshi"),
            parent="asian",
            standards={"census2021": "1", "core": "10", "pcq": "11"},
        ),
        Option(
            "asian_chinese",
            _("Chinese"),
            parent="asian",
            standards={"census2021": "2", "core": "15", "pcq": "12"},
        ),
        Option(
            "asian_other",
            _("Any other Asian background"),
            parent="asian",
            standards={"census2021": "5", "core": "11", "pcq": "13"},
        ),
        Option(
            "black_african",
            _("African"),
            heading=_("Black, Black British, Caribbean or African"),
            parent="black",
            standards={"census2021": "6", "core": "13", "pcq": "14"},
        ),
        Option(
            "black_caribbean",
            _("Caribbean"),
            parent="black",
            standards={"census2021": "7", "core": "12", "pcq": "15"},
        ),
        Option(
            "black_other",
            _("Any other Black, Black British or Caribbean background"),
            parent="black",
            standards={"census2021": "8", "core": "14", "pcq": "16"},
        ),
        Option(
            "other_arab",
            _("Arab"),
            heading=_("Other ethnic group"),
            parent="other",
            standards={"census2021": "18", "core": "19", "pcq": "17"},
        ),
        Option(
            "other_any",
            _("Any other ethnic group"),
            parent="other",
            standards={"census2021": "19", "core": "16", "pcq": "18"},
        ),
        Option(
            "prefer_not_to_say",
            PREFER_NOT_TO_SAY.text,
            alone=True,
            standards={"core": "17", "pcq": "0"},
        ),
    ),
)

ETHNIC_WORDS = Text(
    key="ethnic_words",
    text=_("How would you describe your background?"),
    hint=_("You can use your own words, in any language"),
    asked=(
        If(
            "ethnic_detail",
            "white_other",
            "mixed_other",
            "asian_other",
            "black_african",
            "black_other",
            "other_any",
        ),
    ),
    personal=True,
)
