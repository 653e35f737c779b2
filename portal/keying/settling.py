"""Pages on which differences are settled, error rates are read, and new keyers practise."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, request

from portal import clock, references
from portal.accounts import people
from portal.accounts.guard import open_to, visit
from portal.accounts.roles import Role
from portal.keying import batches, error_rates, practice, resolving, scans
from portal.keying.passes import FIND_SHEET
from portal.keying.resolving import Dispute
from portal.keying.screen import NO_REASON, WHY, Keyed, asked
from portal.keying.states import WORDS, State
from portal.keying.views import KEYERS, batch_of, form_of, form_on, paper_of, real
from portal.languages import LANGUAGES, months, say
from portal.pages import redirect, render, said, state
from portal.questions import Answer, Choice, Form, Problem, Question, Reader
from portal.questions.keying import QUERY, keyed, keys_of, to_key
from portal.questions.messages import Message, _staff

blueprint = Blueprint("settling", __name__)

YOUR_OWN = _staff("You have keyed this paper yourself: somebody else must settle it")
SETTLED_ALREADY = _staff("Somebody else has just settled it")
STILL_A_QUERY = _staff("Decide what the paper says: ? is not an answer here")
BY = {
    "question": _staff("Question"),
    "keyer": _staff("Keyer"),
    "edition": _staff("Form and edition"),
}


@blueprint.get("/staff/differences")
@open_to(Role.SUPERVISOR, label=_staff("Differences"))
def waiting() -> Response:
    rows = [
        {"row": row, "word": said(WORDS[State(row.state)]), "language": LANGUAGES[row.language].english}
        for row in resolving.waiting(state().database)
    ]
    return render("keying/differences.html", "staff/differences", rows=rows, grouped=references.grouped)


def dispute_of(sheet: str) -> tuple[Any, Form, Dispute]:
    """A paper that waits to be settled, with its batch and form. 404 when it does not."""
    with state().database.read() as connection:
        found = connection.execute(FIND_SHEET, {"sheet": paper_of(sheet)}).first() or abort(404)
    batch = real(found.batch)
    form = form_on(batch, sheet)
    dispute = resolving.dispute(state().database, state().ring, form, sheet) or abort(404)
    return batch, form, dispute


@blueprint.get("/staff/differences/<sheet>")
@open_to(Role.SUPERVISOR)
def show(sheet: str) -> Response:
    batch, form, dispute = dispute_of(sheet)
    if visit().person.reference in dispute.keyers:
        return settle_page(batch, form, dispute, Keyed({}, {}, {}), YOUR_OWN, 409)
    return settle_page(batch, form, dispute, Keyed({}, {}, {}))


def settle_page(
    batch: Any,
    form: Form,
    dispute: Dispute,
    found: Keyed,
    notice: Message | None = None,
    status: int = 200,
) -> Response:
    """Each question to settle, with what the keyings say; whose they are is not said."""
    typed, problems = found.typed, found.problems
    shown = {*dispute.open, *found.answers, *problems}
    questions = [question for question in form.questions if question.key in shown]
    fields = [
        {
            "key": question.key,
            "english": question.text.english,
            "text": say(question.text, batch.language),
            "keyings": [in_words(question, answers.get(question.key)) for answers in dispute.keyings],
            "keys": [keys_of(question, answers.get(question.key)) for answers in dispute.keyings],
            "value": typed.get(question.key, ""),
            "error": said(problems[question.key].message) if question.key in problems else "",
            "options": [(question.number(option.code), option.text.english) for option in question.known]
            if isinstance(question, Choice)
            else [],
        }
        for question in questions
    ]
    return render(
        "keying/settle.html",
        f"staff/differences/{dispute.sheet}",
        status,
        batch=batch,
        form=form,
        reference=references.grouped(dispute.sheet),
        sheet=dispute.sheet,
        scans=scans.shown(batch.reference, dispute.sheet, scans.of(state().database, dispute.sheet)),
        fields=fields,
        paper_language=LANGUAGES[batch.language],
        errors=[(f"#{key}", said(problem.message)) for key, problem in problems.items()],
        notice=said(notice) if notice else "",
        why=[{"value": code, "text": said(text), "selected": False} for code, text in WHY],
    )


MARKS = {
    "_illegible": _staff("cannot be read"),
    "_multiple": _staff("several ticks"),
    "_refused": _staff("refused or crossed out"),
    "_other": _staff("an answer that is no option"),
    "_query": _staff("a question for the supervisor"),
}
BLANK = _staff("left blank")
NOT_KEYED = _staff("not keyed")


def in_words(question: Question, answer: Answer | None) -> str:
    """What a keying says of a question, as staff read it."""
    if answer is None:
        return said(NOT_KEYED)
    if not answer:
        return said(BLANK)
    mark = [said(MARKS[answer[0]])] if answer[0] in MARKS else []
    rest = answer[1:] if mark else answer
    if isinstance(question, Choice):
        options = {option.code: option.text.english for option in question.known}
        rest = tuple(options.get(code, code) for code in rest)
    return ": ".join([*mark, ", ".join(rest)]) if mark and rest else "".join(mark) or ", ".join(rest)


@blueprint.post("/staff/differences/<sheet>")
@open_to(Role.SUPERVISOR)
def settle(sheet: str) -> Response:
    batch, form, dispute = dispute_of(sheet)
    found = read(
        form, dispute, {question.key: request.form.get(question.key, "") for question in asked(form)}
    )
    who = visit().person.reference
    if who in dispute.keyers:
        return settle_page(batch, form, dispute, found, YOUR_OWN, 409)
    if request.form.get("go") == "reject":
        return _reject(batch, form, dispute, found, who)
    if found.problems:
        return settle_page(batch, form, dispute, found, status=422)
    if not resolving.resolve(state().database, state().ring, dispute, found.answers, who):
        return settle_page(batch, form, dispute, found, SETTLED_ALREADY, 409)
    return redirect("/staff/differences")


def read(form: Form, dispute: Dispute, typed: dict[str, str]) -> Keyed:
    """Read what is settled; a question that only this leads to, and that nobody has keyed, is open too."""
    reader = Reader(months("en"), clock.today(), office=True, moment=clock.moment_of)
    keyed_before = dispute.keyings[0]
    settled: dict[str, Answer] = {}
    problems: dict[str, Problem] = {}
    for question in asked(form):
        now = {**keyed_before, **settled}
        if question.key not in dispute.open and (question.key in now or question not in to_key(form, now)):
            continue
        found = keyed(question, typed[question.key], now, reader)
        if found == QUERY:
            found = Problem(question.key, STILL_A_QUERY)
        if isinstance(found, Problem):
            problems[question.key] = found
        else:
            settled[question.key] = found
    return Keyed(typed, settled, problems)


def _reject(batch: Any, form: Form, dispute: Dispute, found: Keyed, who: str) -> Response:
    why = request.form.get("why", "")
    found = Keyed(found.typed, found.answers, {})
    if why not in dict(WHY):
        return settle_page(batch, form, dispute, found, NO_REASON, 422)
    if not resolving.set_aside(state().database, state().ring, dispute, why, who):
        return settle_page(batch, form, dispute, found, SETTLED_ALREADY, 409)
    return redirect("/staff/differences")


@blueprint.get("/staff/keying-errors")
@open_to(Role.SUPERVISOR, label=_staff("Keying errors"))
def rates() -> Response:
    by = request.args.get("by", "question")
    if by not in BY:
        abort(404)
    with state().database.read() as connection:
        found = error_rates.rates(connection, by)
        names = {}
        if by == "keyer":
            names = {one.reference: one.name for one in people.everybody(state().database)}
    return render(
        "keying/errors.html",
        "staff/keying-errors",
        by=by,
        kinds=[(name, said(word)) for name, word in BY.items()],
        rows=[(names.get(name, name), count) for name, count in found],
    )


@blueprint.get("/staff/practice")
@open_to(*KEYERS, label=_staff("Practice"))
def practise() -> Response:
    with state().database.read() as connection:
        own = practice.of_keyer(connection, visit().person.reference)
    return render(
        "keying/practice.html",
        "staff/practice",
        rows=own,
        forms=[
            {"value": form.address, "text": form.title.english, "selected": False}
            for form in state().asked.values()
        ],
        languages=[
            {"value": code, "text": LANGUAGES[code].english, "selected": False}
            for code in state().settings.languages
        ],
        number=practice.PAPERS,
        grouped=references.grouped,
    )


@blueprint.post("/staff/practice")
@open_to(*KEYERS)
def begin() -> Response:
    asked = state().asked.get(request.form.get("form", "")) or abort(404)
    language = request.form.get("language", "")
    if language not in state().settings.languages:
        abort(404)
    form = next(one for one in state().forms if (one.key, one.edition) == (asked.key, asked.edition))
    reference = practice.begin(
        state().database,
        state().ring,
        form.here(asked.wording, office=True),
        language,
        visit().person.reference,
    )
    return redirect(f"/staff/practice/{reference}")


@blueprint.get("/staff/practice/<batch>")
@open_to(*KEYERS)
def score(batch: str) -> Response:
    """The made-up papers of a practice and, when all are keyed, how many answers were wrong."""
    head = batch_of(batch)
    if not head.practice or head.by != visit().person.reference:
        abort(404)
    form = batches.as_on_paper(form_of(head), head, None)
    with state().database.read() as connection:
        papers = batches.sheets(connection, batch)
    return render(
        "keying/score.html",
        f"staff/practice/{batch}",
        batch=head,
        papers=[
            {"row": row, "waits": State(row.state) in (State.TO_VERIFY, State.VERIFYING)} for row in papers
        ],
        found=practice.score(state().database, state().ring, form, batch),
        grouped=references.grouped,
    )
