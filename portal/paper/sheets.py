"""The sheet: one form in one language at one size, as HTML that WeasyPrint sets and a person fills in."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from portal.languages import HELP, LANGUAGES, is_draft, template
from portal.pages import filled
from portal.paper.printed import Printed, printed
from portal.questions import Form, Message, Option
from portal.settings import Settings

Size = Literal["normal", "large", "larger"]
SIZES: tuple[Size, ...] = get_args(Size)
POINTS: dict[Size, int] = {"normal": 11, "large": 16, "larger": 20}
"""Height of the letters, in points. Large print begins at 16."""
TALLER = {"ar": 1.06, "fa": 1.06}
"""Naskh letters look smaller than Latin ones of the same height."""
YELLOW = "#fff6a8"
SHEET_CSS = (Path(__file__).parent / "sheet.css").read_text("utf-8")
TEMPLATES = Path(__file__).parent.parent / "templates"


def sheet_html(form: Form, code: str, settings: Settings, size: Size = "normal") -> str:
    """The sheet of a form in use (`form.here()`), with an id at every box: b-<question>-<option>."""
    questions = printed(form)
    return (
        words_of(code)
        .get_template("paper/sheet.html")
        .render(
            language=LANGUAGES[code],
            settings=settings,
            form=form,
            size=size,
            draft=is_draft(code),
            phone=_number(settings.phone),
            panel=[_cell(one, settings) for one in settings.languages],
            questions=questions,
            columns={one.question.key: columns(one, code, size) for one in questions},
        )
    )


def sheet_css(code: str, size: Size = "normal", yellow: bool = False) -> str:
    """The style of a sheet: that of all, and what depends on size, colour and direction."""
    start = "right" if LANGUAGES[code].direction == "rtl" else "left"
    ground = f"background: {YELLOW};" if yellow else ""
    margin = "margin: 32mm 14mm 13mm;" if size == "normal" else ""
    letters = POINTS[size] * TALLER.get(code, 1)
    return (
        f"{SHEET_CSS}\nhtml {{ font-size: {letters:.2f}pt }}\n"
        f"@page {{ font-size: {POINTS[size]}pt; {margin} {ground} "
        f"@top-{start} {{ content: element(head); width: 130mm; text-align: {start} }} }}\n"
    )


def columns(one: Printed, code: str, size: Size) -> int:
    """How many options stand side by side, in every line the same.

    As many as the longest has room for in one line; at normal size two also where some take a second line,
    since a shorter form is what more people fill in.
    """
    hints = any(tick.option.hint or tick.option.opts_out for tick in one.ticks)
    longest = max((len(template(tick.option.text, code)) for tick in one.ticks), default=0)
    room = longest * POINTS[size] / POINTS["normal"]
    if size == "normal" and (hints or room > 36):
        return 2 if one.ticks else 1
    if len(one.ticks) < 3 or hints:
        return 1
    return 3 if room <= 21 else 2 if room <= 36 else 1


@cache
def words_of(code: str) -> Environment:
    """Templates that speak one language, outside of any request."""

    def say(message: Message) -> Markup:
        values = (
            (name, say(value) if isinstance(value, Message) else value) for name, value in message.values
        )
        return filled(template(message, code), values)

    def hint_of(option: Option) -> Markup:
        words = say(option.hint) if option.hint else Markup("")
        return Markup('<bdi lang="%s">%s</bdi>') % (option.hint_lang, words) if option.hint_lang else words

    def public(id: str, **values: Any) -> Markup:
        return say(Message(id, values=tuple(values.items())))

    def staff(id: str, **values: Any) -> Markup:
        return say(Message(id, catalogue="staff", values=tuple(values.items())))

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(_=public, _staff=staff, say=say, hint_of=hint_of, bdi=apart, phone=_number)
    return environment


def apart(words: str) -> Markup:
    """Words of the landlord's, kept apart. WeasyPrint does not look for their direction, so it is written."""
    strong = (unicodedata.bidirectional(letter) for letter in words)
    first = next((one for one in strong if one in ("L", "R", "AL")), "L")
    return Markup('<bdi dir="%s">%s</bdi>') % ("ltr" if first == "L" else "rtl", words)


def _number(phone: str) -> Markup:
    return Markup('<bdi dir="ltr">%s</bdi>') % phone


def _cell(code: str, settings: Settings) -> dict[str, Any]:
    """A language's own name, and how to get help in it."""
    return {
        "language": LANGUAGES[code],
        "help": filled(template(HELP, code), [("phone", _number(settings.phone))]),
    }
