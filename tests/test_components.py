"""Our macros against govuk-frontend's own examples, and what they promise beyond those.

tests/govuk_fixtures holds govuk-frontend's examples of each component: the options it was
given and the HTML that came out. Each is handed to our macro and the two trees are compared.

Ours differs on purpose, and only so (`tree` and the functions below take these out):

- headings: a question that is the page's heading is always size l, another group's legend m;
- every text box says its direction;
- a control's name is its id (govuk-frontend lets them differ), and options are numbered
  without counting the dividers between them;
- a value in a summary list is a paragraph with <bdi>, whatever came in;
- a language's direction stands on a <bdi> inside its link, so that a list does not zigzag;
- a part of a date stands in its item without a form group of its own;
- a link that looks like a button is announced as the link it is: without script the space
  bar would not press it.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup, NavigableString, Tag
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

HERE = Path(__file__).parent
TEMPLATES = HERE.parent / "portal" / "templates"
ASSETS = HERE.parent / "portal" / "assets"

environment = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
ui: Any = environment.get_template("components.html").module

SIZES = {
    f"govuk-{block}--{size}" for block in ("fieldset__legend", "label") for size in ("xl", "l", "m", "s")
}


def option(**given: Any) -> SimpleNamespace:
    """An option of a question, plain but for what is given."""
    plain = dict.fromkeys(("value", "text", "hint", "heading", "divider", "lang", "dir"), "")
    return SimpleNamespace(**{**plain, "checked": False, "exclusive": False, **given})


def tree(html: str) -> Any:
    """The HTML as nested tuples, without spaces that do not show and the differences on purpose."""
    soup = BeautifulSoup(html, "html5lib")
    for bdi in soup("bdi"):
        bdi.unwrap()
    for value in soup.select("dd.govuk-summary-list__value"):
        if len(value("p")) == 1:
            value.p.unwrap()
    for group in soup.select(".govuk-date-input__item > .govuk-form-group"):
        group.unwrap()
    for link in soup.select("a.govuk-button"):
        for attribute in ("role", "data-module"):
            link.attrs.pop(attribute, None)
    named_by_id(soup)
    body = soup.body
    assert body is not None
    return [branch(child) for child in body.children if shows(child)]


def named_by_id(soup: BeautifulSoup) -> None:
    for box in soup.select("input[type=text], input[type=number], textarea"):
        box["name"] = box["id"]
    options = soup.select("input[type=radio], input[type=checkbox]")
    for number, option in enumerate(options, 1):
        prefix, old = str(options[0]["id"]), str(option["id"])
        option["name"], option["id"] = prefix, prefix if number == 1 else f"{prefix}-{number}"
        for label in soup.select(f'label[for="{old}"]'):
            if label.parent is option.parent:
                label["for"] = option["id"]
        for hint in option.parent.select(".govuk-hint") if option.parent else ():
            hint["id"] = option["aria-describedby"] = f"{option['id']}-item-hint"


def branch(node: Any) -> Any:
    if isinstance(node, NavigableString):
        return " ".join(node.split())
    attributes = {}
    for name, value in node.attrs.items():
        if name == "class":
            value = tuple(sorted(set(value) - SIZES))
        if name != "dir":
            attributes[name] = value
    node.smooth()
    return (node.name, attributes, [branch(child) for child in node.children if shows(child)])


def shows(node: Any) -> bool:
    return isinstance(node, Tag) or bool(node.strip())


# --- how an example's options become our arguments


def words(given: dict[str, Any] | None) -> str:
    """The text of an option of an example, as html where it is given so."""
    if not given:
        return ""
    return Markup(given["html"]) if given.get("html") else given.get("text", "")


def error_of(options: dict[str, Any]) -> dict[str, Any]:
    message = options.get("errorMessage")
    if not message:
        return {}
    return {"error": words(message), "error_prefix": message.get("visuallyHiddenText", "Error")}


def choice(options: dict[str, Any], many: bool) -> str:
    chosen = options.get("values", []) if many else [options.get("value")]
    items = []
    divider = ""
    for item in options["items"]:
        if "divider" in item:
            divider = item["divider"]
            continue
        items.append(
            option(
                value=str(item["value"]),
                text=words(item),
                hint=words(item.get("hint")),
                divider=divider,
                checked=item.get("checked", item["value"] in chosen),
                exclusive=item.get("behaviour") == "exclusive",
            )
        )
        divider = ""
    legend = options["fieldset"]["legend"]
    return ui.choice(
        options.get("idPrefix") or options["name"],
        items,
        words(legend),
        hint=words(options.get("hint")),
        many=many,
        page_heading=legend.get("isPageHeading", False),
        **error_of(options),
    )


def radios(options: dict[str, Any]) -> str:
    return choice(options, many=False)


def checkboxes(options: dict[str, Any]) -> str:
    return choice(options, many=True)


def input(options: dict[str, Any], rows: int = 0) -> str:
    classes = options.get("classes", "").split("--width-")
    return ui.text_input(
        options.get("id") or options["name"],
        words(options["label"]),
        value=str(options.get("value", "")),
        hint=words(options.get("hint")),
        page_heading=options["label"].get("isPageHeading", False),
        kind=options.get("type", "text"),
        autocomplete=options.get("autocomplete", ""),
        inputmode=options.get("inputmode", ""),
        width=classes[1] if len(classes) > 1 else "",
        spellcheck=options.get("spellcheck"),
        rows=rows,
        **error_of(options),
    )


def textarea(options: dict[str, Any]) -> str:
    return input(options, rows=options.get("rows", 5))


def date_input(options: dict[str, Any]) -> str:
    prefix = f"{options['namePrefix']}-" if "namePrefix" in options else ""
    items = {item["name"]: item for item in options.get("items", [])}
    given = {name: options.get(name) or items.get(name, {}) for name in ("day", "month", "year")}
    all_wrong = "errorMessage" in options and not any("error" in part for part in given.values())
    parts = [
        {
            "name": name,
            "label": part.get("label", name.capitalize()),
            "value": options.get("values", {}).get(prefix + name, ""),
            "width": 4 if name == "year" else 2,
            "wrong": all_wrong or part.get("error", False),
            "autocomplete": part.get("autocomplete", ""),
            "text": False,
        }
        for name, part in given.items()
    ]
    legend = options["fieldset"]["legend"]
    return ui.date_input(
        options["id"],
        words(legend),
        parts,
        hint=words(options.get("hint")),
        page_heading=legend.get("isPageHeading", False),
        **error_of(options),
    )


def button(options: dict[str, Any]) -> str:
    if options.get("href"):
        return ui.link_button(options["text"], options["href"])
    kind = options.get("classes", "").removeprefix("govuk-button--")
    return ui.button(
        options["text"],
        name=options.get("name", ""),
        value=options.get("value", ""),
        kind=kind,
        double_click=options.get("preventDoubleClick", False),
    )


def summary_list(options: dict[str, Any]) -> str:
    rows = []
    for row in options["rows"]:
        actions = row.get("actions", {}).get("items", [])
        action = actions[0] if actions else {}
        rows.append(
            {
                "key": words(row["key"]),
                "values": [words(row["value"])],
                "href": action.get("href", ""),
                "action": words(action),
                "hidden": action.get("visuallyHiddenText", ""),
            }
        )
    return ui.summary_list(rows)


def language_navigation(options: dict[str, Any]) -> str:
    languages = [
        {
            "href": item.get("href", ""),
            "endonym": item["text"],
            "tag": item["lang"],
            "direction": item.get("dir", "ltr"),
            "current": item.get("current", not item.get("href")),
        }
        for item in options["items"]
    ]
    return ui.language_list(languages, "", options.get("ariaLabel", "Language"))


def exit_this_page(options: dict[str, Any]) -> str:
    default = Markup('<span class="govuk-visually-hidden">Emergency</span> Exit this page')
    spoken = ("activated", "pressTwoMoreTimes", "pressOneMoreTime", "timedOut")
    return ui.exit_this_page(
        words(options) or default,
        options.get("redirectUrl", "https://www.bbc.co.uk/weather"),
        *(options.get(f"{name}Text", "") for name in spoken),
    )


def called(macro: Any, *arguments: Any, inside: str) -> str:
    """A macro used with {% call %} around some words."""
    return macro(*arguments, caller=lambda: Markup(inside))


OURS = {
    "back-link": lambda options: ui.back_link(words(options), options.get("href", "#")),
    "button": button,
    "checkboxes": checkboxes,
    "date-input": date_input,
    "details": lambda options: called(ui.details, options["summaryText"], inside=escape(words(options))),
    "error-summary": lambda options: ui.error_summary(
        options["titleText"], [(error["href"], words(error)) for error in options["errorList"]]
    ),
    "exit-this-page": exit_this_page,
    "input": input,
    "inset-text": lambda options: called(ui.inset, inside=escape(words(options))),
    "language-navigation": language_navigation,
    "notification-banner": lambda options: ui.notice_banner(
        options.get("titleText", "Success" if options.get("type") == "success" else "Important"),
        words(options),
        options.get("type", ""),
    ),
    "panel": lambda options: called(
        ui.panel, options.get("titleText") or Markup(options["titleHtml"]), inside=escape(words(options))
    ),
    "radios": radios,
    "skip-link": lambda options: ui.skip_link(words(options), options.get("href", "#content")),
    "summary-list": summary_list,
    "textarea": textarea,
}

EXAMPLES = [
    pytest.param(component, example, id=f"{component}: {example['name']}")
    for component in OURS
    for example in json.loads((HERE / "govuk_fixtures" / f"{component}.json").read_text("utf-8"))["examples"]
]


@pytest.mark.parametrize(("component", "example"), EXAMPLES)
def test_our_markup_is_govuk_frontends(component: str, example: dict[str, Any]) -> None:
    assert tree(OURS[component](example["options"])) == tree(example["html"])


def test_the_examples_are_of_the_version_we_build_with() -> None:
    built_with = json.loads((ASSETS / "package.json").read_text("utf-8"))["devDependencies"]["govuk-frontend"]
    for fixture in (HERE / "govuk_fixtures").glob("*.json"):
        assert json.loads(fixture.read_text("utf-8"))["govuk-frontend"] == built_with, fixture.name


# --- what ours do beyond those


def soup(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html5lib")


def test_words_are_escaped_everywhere_unless_they_are_markup() -> None:
    bad = '<i title="x">&'
    pages = [
        ui.choice(
            bad,
            [option(value=bad, text=bad, hint=bad, heading=bad, divider=bad, lang=bad, dir=bad)],
            *(bad, bad, bad, bad),
            lead=bad,
            lang=bad,
            direction=bad,
        ),
        ui.text_input(bad, bad, bad, bad, bad, bad, True, bad, bad, bad, bad, bad, bad),
        ui.text_input(bad, bad, bad, rows=2),
        ui.date_input(
            bad,
            bad,
            [dict.fromkeys(("name", "label", "value", "width", "autocomplete", "wrong", "text"), bad)],
            *(bad, bad, bad),
            lead=bad,
        ),
        ui.summary_list([{"key": bad, "values": [bad], "href": bad, "action": bad, "hidden": bad}]),
        ui.error_summary(bad, [(bad, bad)]),
        ui.button(bad, bad, bad, bad, bad, bad),
        ui.link_button(bad, bad),
        ui.exit_this_page(bad, bad, bad, bad, bad, bad),
        ui.back_link(bad, bad),
        ui.skip_link(bad, bad),
        ui.notice_banner(bad, bad),
        ui.receipt([bad]),
        called(ui.panel, bad, inside=""),
        called(ui.details, bad, inside=""),
        ui.language_list(
            [{"href": bad, "endonym": bad, "tag": bad, "direction": bad, "current": False}], "", bad
        ),
    ]
    for page in pages:
        assert "<i " not in page
        assert soup(page).i is None
    assert soup(ui.choice("name", [], "legend", lead=Markup("<i>why</i>"))).i


def test_a_heading_opens_a_labelled_group_that_ends_at_the_next_or_at_a_divider() -> None:
    page = soup(
        ui.choice(
            "ethnic",
            [
                option(value="a", text="A"),
                option(value="b", text="B", heading="White"),
                option(value="c", text="C"),
                option(value="d", text="D", heading="Asian"),
                option(value="e", text="E", divider="or"),
            ],
            "Which?",
        )
    )
    groups = page.select("[role=group]")
    assert [[box["value"] for box in group("input")] for group in groups] == [["b", "c"], ["d"]]
    for group, name in zip(groups, ("White", "Asian"), strict=True):
        assert page.find(id=str(group["aria-labelledby"])).get_text() == name  # type: ignore[union-attr]
    assert [box["id"] for box in page("input")] == ["ethnic", "ethnic-2", "ethnic-3", "ethnic-4", "ethnic-5"]
    ids = [tag["id"] for tag in page.select("[id]")]
    assert len(ids) == len(set(ids))


def test_a_group_still_open_at_the_end_is_closed() -> None:
    html = ui.choice("name", [option(value="a", text="A", heading="White")], "Which?")
    assert html.count("<div") == html.count("</div>")


def test_an_option_in_another_language_says_so_without_moving_its_box() -> None:
    page = soup(ui.choice("language", [option(value="ur", text="اردو", lang="ur", dir="rtl")], "Which?"))
    name = page.select_one("label > bdi")
    assert name is not None
    assert (name["lang"], name["dir"], name.get_text()) == ("ur", "rtl", "اردو")
    assert "dir" not in page.select_one("label").attrs  # type: ignore[union-attr]


def test_a_question_in_another_language_than_its_page_says_so() -> None:
    fieldset = soup(ui.choice("name", [], "Which?", lang="en", direction="ltr")).fieldset
    assert fieldset is not None
    assert (fieldset["lang"], fieldset["dir"]) == ("en", "ltr")


def test_only_a_checkbox_can_be_exclusive() -> None:
    options = [option(value="none", text="None", exclusive=True)]
    assert soup(ui.choice("name", options, "Which?", many=True)).select("[data-behaviour=exclusive]")
    assert not soup(ui.choice("name", options, "Which?")).select("[data-behaviour]")


def test_text_boxes_say_their_direction() -> None:
    assert soup(ui.text_input("name", "Name")).input["dir"] == "auto"  # type: ignore[index]
    assert soup(ui.text_input("tel", "Telephone", direction="ltr")).input["dir"] == "ltr"  # type: ignore[index]
    assert soup(ui.text_input("name", "What?", rows=4)).textarea["dir"] == "auto"  # type: ignore[index]


def test_a_textarea_keeps_an_empty_first_line() -> None:
    textarea = soup(ui.text_input("what", "What?", "\nsecond", rows=4)).textarea
    assert textarea is not None and textarea.string == "\nsecond"


def test_a_month_may_be_a_word_and_a_day_may_not() -> None:
    common = {"value": "", "width": 4, "wrong": False, "autocomplete": "", "label": "x"}
    page = soup(
        ui.date_input(
            "dob",
            "When?",
            [{"name": "day", "text": False, **common}, {"name": "month", "text": True, **common}],
        )
    )
    day, month = page("input")
    assert (day["name"], day["inputmode"], day["dir"]) == ("dob-day", "numeric", "ltr")
    assert (month["name"], month.get("inputmode"), month["dir"]) == ("dob-month", None, "auto")


def test_a_row_that_cannot_be_changed_still_lines_up_with_those_that_can() -> None:
    fixed = {"key": "Code", "values": ["1", "2"], "href": "", "action": "", "hidden": ""}
    open_ = {"key": "Name", "values": ["A"], "href": "/x", "action": "Change", "hidden": "your name"}
    rows = soup(ui.summary_list([fixed, open_])).select(".govuk-summary-list__row")
    assert ["govuk-summary-list__row--no-actions" in row["class"] for row in rows] == [True, False]
    assert [bdi.get_text() for bdi in rows[0]("bdi")] == ["1", "2"]
    assert not soup(ui.summary_list([fixed])).select(".govuk-summary-list__row--no-actions")
    link = rows[1].a
    assert link is not None and link.get_text() == "Change your name"


def test_a_plain_button_is_a_button() -> None:
    button = soup(ui.button("Skip", "skip", "1", "plain", form="f", formaction="/x", novalidate=True)).button
    assert button is not None
    assert button.attrs == {
        "type": "submit",
        "class": ["p-plain-button"],
        "data-module": "govuk-button",
        "name": "skip",
        "value": "1",
        "form": "f",
        "formaction": "/x",
        "formnovalidate": "",
        "data-prevent-double-click": "true",
    }


def test_a_receipt_reads_as_groups_from_left_to_right() -> None:
    code = soup(ui.receipt(["4823", "0019"])).select_one(".p-receipt__code")
    assert code is not None
    assert (code["dir"], code.get_text()) == ("ltr", "4823 0019")
    assert "Your code" in called(ui.receipt, ["4823"], inside="Your code")


def test_the_list_of_languages_knows_the_one_being_read() -> None:
    languages = [
        {"href": "/en", "endonym": "English", "tag": "en", "direction": "ltr", "current": False},
        {"href": "/ur", "endonym": "اردو", "tag": "ur", "direction": "rtl", "current": False},
    ]
    page = soup(ui.language_list(languages, "en", "Languages"))
    assert page.select_one("[aria-current]").get_text() == "English"  # type: ignore[union-attr]
    assert [(link["href"], link["hreflang"], link["lang"]) for link in page("a")] == [("/ur", "ur", "ur")]
    assert page.nav is not None and page.nav["aria-label"] == "Languages"
