"""A page of questions: their words, their fields, and what was answered or typed before."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

from flask import Response

from portal.files import MEGABYTE, MOST_BYTES
from portal.intake.attaching import accepted, attached, new_field
from portal.intake.drafts import Draft, TypedPage
from portal.intake.steps import watched
from portal.pages import hint_of, render, render_once, said
from portal.questions import Answers, Choice, Date, Files, Form, Notice, Page, Problem, Question
from portal.questions.messages import Message, _


def question_page(
    form: Form,
    page: Page,
    questions: tuple[Question, ...],
    answers: Answers,
    typed: TypedPage | None = None,
    problems: dict[str, Problem] | None = None,
    status: int = 200,
    notice: Message | None = None,
    draft: Draft | None = None,
) -> Response:
    """One page of questions, with what was answered or typed before.

    A private form's page also says when its draft ends; without a draft it offers to begin anew.
    """
    kept = form.kept(answers)
    rest = f"{form.address}/{page.number}"
    asked_anew = typed is None and notice is None and not problems
    if not form.private and asked_anew and not any(kept.get(question.key) for question in questions):
        depends = (form.members, *(_depends(question, kept) for question in questions))
        return render_once(
            "intake/question.html",
            rest,
            depends,
            lambda: _values(form, questions, kept, None, {}, None, watched(form, draft)),
        )
    values = _values(form, questions, kept, typed, problems or {}, notice, watched(form, draft))
    return render("intake/question.html", rest, status, **values)


def _depends(question: Question, kept: Answers) -> Hashable:
    """What the page of an unanswered question depends on, of the answers before it."""
    options = question.shown(kept) if isinstance(question, Choice) else ()
    return (question.key, question.words(kept), tuple(option.code for option in options))


def _values(
    form: Form,
    questions: tuple[Question, ...],
    kept: Answers,
    typed: TypedPage | None,
    problems: dict[str, Problem],
    notice: Message | None,
    watch: dict[str, Any],
) -> dict[str, Any]:
    """What the template of a page of questions says."""
    return {
        "form": form,
        "watch": watch,
        "fields": fields_of(questions, kept, typed, problems),
        "errors": [(f"#{problem.field}", said(problem.message)) for problem in problems.values()],
        "notice": notice,
        "with_files": any(isinstance(question, Files) for question in questions),
        "skippable": skippable(questions),
    }


def skippable(questions: Iterable[Question]) -> bool:
    """Whether a page can be left unanswered: it asks something, and nothing that must be answered."""
    asked = [question for question in questions if not isinstance(question, Notice)]
    return bool(asked) and all(question.required is None for question in asked)


def fields_of(
    questions: Iterable[Question],
    kept: Answers,
    typed: TypedPage | None,
    problems: dict[str, Problem],
    *,
    heading: bool = True,
) -> list[dict[str, Any]]:
    """Each question with its words, fields and error, as its template takes it; the first may be the h1."""
    fields: list[dict[str, Any]] = []
    for question in questions:
        text, hint = question.words(kept)
        values = typed if typed is not None else question.typed(kept.get(question.key, ()))
        problem = problems.get(question.key)
        fields.append(
            {
                "question": question,
                "first": heading and not fields,
                "text": said(text),
                "hint": said(hint) if hint else "",
                "why": said(question.why) if question.why else "",
                "problem": problem,
                "error": said(problem.message) if problem else "",
                "values": {name: (values.get(name) or [""])[0] for name in question.fields},
                "options": _options(question, kept, values) if isinstance(question, Choice) else (),
                "parts": _parts(question, values, problem) if isinstance(question, Date) else (),
                "files": _files(question, values) if isinstance(question, Files) else {},
            }
        )
    return fields


def _files(question: Files, values: TypedPage) -> dict[str, Any]:
    ids = values.get(question.key, [])
    return {
        "field": new_field(question),
        "accept": ",".join(kind.media for kind in accepted(question)),
        "kinds": ", ".join(kind.word for kind in accepted(question)),
        "megabytes": MOST_BYTES // MEGABYTE,
        "attached": attached(question, ids) if ids else [],
    }


def _options(question: Choice, answers: Answers, values: TypedPage) -> list[dict[str, Any]]:
    options = question.shown(answers)
    several = [option for option in options if not option.alone]
    narrowed = len({option.parent for option in options if option.parent}) == 1
    chosen = values.get(question.key, ())
    divided = False
    shown_options = []
    for option in options:
        divider = option.alone and not divided and bool(several)
        divided = divided or divider
        shown_options.append(
            {
                "value": option.code,
                "text": said(option.text),
                "hint": hint_of(option),
                "heading": said(option.heading) if option.heading and not narrowed else "",
                "divider": said(OR) if divider else "",
                "checked": option.code in chosen,
                "exclusive": option.alone,
                "lang": "",
                "dir": "",
            }
        )
    return shown_options


OR = _("or")
PARTS = (
    ("day", _("Day"), 2, False),
    ("month", _("Month"), 5, True),
    ("year", _("Year"), 4, False),
)


def _parts(question: Date, values: TypedPage, problem: Problem | None) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "label": said(label),
            "value": (values.get(field) or [""])[0],
            "width": width,
            "wrong": problem is not None and problem.field in (field, question.fields[0]),
            "autocomplete": "",
            "text": words,
        }
        for (name, label, width, words), field in zip(PARTS, question.fields, strict=True)
    ]
