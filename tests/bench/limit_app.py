"""The limit: the same journey as the equality form, as plain Flask would do it.

It asks the same words on as many pages, holds back forgery, saves each step durably, and stores one
submission at the end. It has nothing else of the portal: one language, no encryption, no strict headers, no
design, no help, no skipping, no way back. It imports nothing of it. The portal's cost is stated as a multiple
of this one's, so it must not change by accident: `limit_app.sha256` holds its hash.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from flask import Flask, abort, redirect, render_template, request, session
from flask_wtf.csrf import CSRFProtect
from jinja2 import DictLoader
from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    String,
    Table,
    Text,
    bindparam,
    create_engine,
    event,
)
from sqlalchemy.pool import NullPool
from werkzeug.wrappers import Response as Redirect


class Option(NamedTuple):
    code: str
    text: str
    hint: str = ""


class Question(NamedTuple):
    key: str
    text: str
    options: tuple[Option, ...] = ()
    hint: str = ""
    many: bool = False
    after: tuple[str, tuple[str, ...]] | None = None
    """Asked only when this earlier question has one of these answers."""


PREFER = Option("prefer_not_to_say", "Prefer not to say")
YES_NO = (Option("yes", "Yes"), Option("no", "No"), PREFER)

QUESTIONS = (
    Question(
        "equality_consent",
        "Do you want to answer the equality questions?",
        (
            Option("yes", "Yes, answer the questions", "It takes about 3 minutes"),
            Option("no", "No, do not answer the questions"),
        ),
        "The questions are optional. Your answers will not affect the service you get.",
    ),
    Question(
        "age_band",
        "How old are you?",
        (
            Option("under_16", "Under 16"),
            Option("16_17", "16 to 17"),
            Option("18_24", "18 to 24"),
            Option("25_34", "25 to 34"),
            Option("35_44", "35 to 44"),
            Option("45_54", "45 to 54"),
            Option("55_64", "55 to 64"),
            Option("65_74", "65 to 74"),
            Option("75_84", "75 to 84"),
            Option("85_over", "85 or over"),
            PREFER,
        ),
        "We ask so that we can see whether people of every age get the same service.",
    ),
    Question(
        "long_term_condition",
        "Do you have any physical or mental health conditions or illnesses "
        "lasting or expected to last 12 months or more?",
        YES_NO,
        "We ask so that we can see whether disabled people get the same service.",
    ),
    Question(
        "activity_limitation",
        "Do any of your conditions or illnesses reduce your ability to carry out day-to-day activities?",
        (
            Option("yes_a_lot", "Yes, a lot"),
            Option("yes_a_little", "Yes, a little"),
            Option("not_at_all", "Not at all"),
            PREFER,
        ),
        "For example eating, washing, walking or going shopping",
    ),
    Question(
        "impairment",
        "Do any of these conditions or illnesses affect you in any of the following areas?",
        (
            Option("vision", "Vision", "For example blindness or partial sight"),
            Option("hearing", "Hearing", "For example deafness or partial hearing"),
            Option("mobility", "Mobility", "For example walking short distances or climbing stairs"),
            Option(
                "dexterity",
                "Using your hands",
                "For example lifting and carrying objects, or using a keyboard",
            ),
            Option("learning", "Learning, understanding or concentrating"),
            Option("memory", "Memory"),
            Option("mental_health", "Mental health"),
            Option("stamina", "Stamina, breathing or fatigue"),
            Option("social", "Social contact or behaviour"),
            Option("other", "Another area"),
            Option("none_of_these", "None of these"),
            PREFER,
        ),
        "Choose all that apply to you",
        many=True,
    ),
    Question(
        "ethnic_group",
        "What is your ethnic group?",
        (
            Option("white", "White", "Includes any White background"),
            Option("mixed", "Mixed or multiple ethnic groups", "Includes any Mixed background"),
            Option(
                "asian",
                "Asian or Asian British",
                "Includes any Asian background, for example Bangladeshi, Chinese, Indian or Pakistani",
            ),
            Option("black", "Black, Black British, Caribbean or African", "Includes any Black background"),
            Option("other", "Other ethnic group", "Includes any other ethnic group, for example Arab"),
            PREFER,
        ),
        "Choose the group that describes you best. The next page asks for more detail.",
    ),
    Question(
        "ethnic_detail",
        "Which of these best describes your Asian or Asian British background?",
        (
            Option("asian_indian", "Indian"),
            Option("asian_pakistani", "Pakistani"),
            Option("asian_bangladeshi", "Bangladeshi"),
            Option("asian_chinese", "Chinese"),
            Option("asian_other", "Any other Asian background"),
            PREFER,
        ),
    ),
    Question(
        "ethnic_words",
        "How would you describe your background?",
        hint="You can use your own words, in any language",
        after=("ethnic_detail", ("asian_other",)),
    ),
    Question(
        "marital_status",
        "What is your legal marital or registered civil partnership status?",
        (
            Option("never_married", "Never married and never registered in a civil partnership"),
            Option("married", "Married"),
            Option("civil_partnership", "In a registered civil partnership"),
            Option("separated_married", "Separated, but still legally married"),
            Option("separated_cp", "Separated, but still legally in a civil partnership"),
            Option("divorced", "Divorced"),
            Option("dissolved_cp", "Formerly in a civil partnership which is now legally dissolved"),
            Option("widowed", "Widowed"),
            Option("surviving_cp", "Surviving partner from a registered civil partnership"),
            PREFER,
        ),
    ),
    Question(
        "religion",
        "What is your religion?",
        (
            Option("no_religion", "No religion"),
            Option(
                "christian",
                "Christian",
                "Including Church of England, Catholic, Protestant and all other Christian denominations",
            ),
            Option("buddhist", "Buddhist"),
            Option("hindu", "Hindu"),
            Option("jewish", "Jewish"),
            Option("muslim", "Muslim"),
            Option("sikh", "Sikh"),
            Option("other", "Another religion"),
            PREFER,
        ),
    ),
    Question(
        "sex",
        "What is your sex?",
        (Option("female", "Female"), Option("male", "Male"), PREFER),
        "We ask so that we can see whether women and men get the same service.",
    ),
    Question(
        "gender_same", "Is the gender you identify with the same as your sex registered at birth?", YES_NO
    ),
    Question(
        "sexual_orientation",
        "Which of these best describes your sexual orientation?",
        (
            Option("heterosexual", "Heterosexual or straight"),
            Option("gay_lesbian", "Gay or lesbian"),
            Option("bisexual", "Bisexual"),
            Option("other", "Other"),
            PREFER,
        ),
    ),
    Question("pregnancy_maternity", "Are you pregnant or have you been pregnant in the last year?", YES_NO),
    Question(
        "carer",
        "Do you look after, or give any help or support to, anyone because they have long-term physical "
        "or mental health conditions or illnesses, or problems related to old age?",
        (
            Option("no", "No"),
            Option("yes_9_or_less", "Yes, 9 hours a week or less"),
            Option("yes_10_19", "Yes, 10 to 19 hours a week"),
            Option("yes_20_34", "Yes, 20 to 34 hours a week"),
            Option("yes_35_49", "Yes, 35 to 49 hours a week"),
            Option("yes_50_plus", "Yes, 50 hours a week or more"),
            PREFER,
        ),
        "Do not count anything you do as part of your paid work",
    ),
    Question(
        "main_language",
        "What is your main language?",
        (
            Option("eng", "English"),
            Option("ara", "Arabic"),
            Option("ben", "Bengali (with Sylheti and Chatgaya)"),
            Option("bfi", "British Sign Language (BSL)"),
            Option("yue", "Cantonese"),
            Option("guj", "Gujarati"),
            Option("hin", "Hindi"),
            Option("ckb", "Kurdish (Sorani)"),
            Option("kmr", "Kurdish (Kurmanji)"),
            Option("phr", "Pahari, Mirpuri or Potwari"),
            Option("pes", "Persian (Farsi)"),
            Option("pol", "Polish"),
            Option("pan", "Punjabi"),
            Option("pus", "Pashto"),
            Option("ron", "Romanian"),
            Option("som", "Somali"),
            Option("tir", "Tigrinya"),
            Option("ukr", "Ukrainian"),
            Option("urd", "Urdu"),
            Option("other", "Another language"),
            PREFER,
        ),
        "The language you use most easily, including sign language",
    ),
    Question(
        "english_proficiency",
        "How well can you speak English?",
        (
            Option("very_well", "Very well"),
            Option("well", "Well"),
            Option("not_well", "Not well"),
            Option("not_at_all", "Not at all"),
            PREFER,
        ),
    ),
)

TEMPLATES = {
    "frame.html": """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<link rel="stylesheet" href="/static/limit.css">
</head>
<body>
<main>
{% block main %}{% endblock %}
</main>
</body>
</html>
""",
    "home.html": """{% extends "frame.html" %}
{% block main %}<h1>{{ title }}</h1>
<p><a href="/en/about-you">About you</a></p>
<p>A few questions that help us treat everyone fairly</p>{% endblock %}
""",
    "start.html": """{% extends "frame.html" %}
{% block main %}<h1>{{ title }}</h1>
<p>These questions help us find out whether everyone gets the same good service.</p>
<p>We do not ask your name or address.</p>
<form method="post" action="/en/about-you">
<input type="hidden" name="csrf_token" value="{{ csrf_token() }}">
<button>Start</button>
</form>{% endblock %}
""",
    "question.html": """{% extends "frame.html" %}
{% block main %}<form method="post" action="/en/about-you/{{ number }}">
<input type="hidden" name="csrf_token" value="{{ csrf_token() }}">
{% if error %}<p role="alert">{{ error }}</p>{% endif %}
{% if question.options %}
<fieldset>
<legend><h1>{{ title }}</h1></legend>
{% if question.hint %}<p>{{ question.hint }}</p>{% endif %}
{% for option in question.options %}
<div><input id="{{ option.code }}" type="{{ 'checkbox' if question.many else 'radio' }}"
 name="{{ question.key }}" value="{{ option.code }}"{% if option.code in answer %} checked{% endif %}>
<label for="{{ option.code }}">{{ option.text }}</label>
{% if option.hint %}<p>{{ option.hint }}</p>{% endif %}</div>
{% endfor %}
</fieldset>
{% else %}
<h1><label for="words">{{ title }}</label></h1>
<p>{{ question.hint }}</p>
<input id="words" type="text" name="{{ question.key }}" value="{{ answer | join }}">
{% endif %}
<button>Continue</button>
</form>{% endblock %}
""",
    "check.html": """{% extends "frame.html" %}
{% block main %}<h1>{{ title }}</h1>
<dl>
{% for row in rows %}
<dt>{{ row.text }}</dt>
<dd>{{ row.answer }} <a href="/en/about-you/{{ row.number }}">Change</a></dd>
{% endfor %}
</dl>
<form method="post" action="/en/about-you/check">
<input type="hidden" name="csrf_token" value="{{ csrf_token() }}">
<button>Send</button>
</form>{% endblock %}
""",
    "sent.html": """{% extends "frame.html" %}
{% block main %}<h1>{{ title }}</h1>
<p>Your reference is {{ reference }}.</p>{% endblock %}
""",
}

metadata = MetaData()
draft = Table("draft", metadata, Column("id", String(43), primary_key=True), Column("answers", Text))
submission = Table(
    "submission", metadata, Column("id", String(43), primary_key=True), Column("answers", Text)
)

FIND = draft.select().with_only_columns(draft.c.answers).where(draft.c.id == bindparam("row"))
ADD = draft.insert()
SAVE = draft.update().where(draft.c.id == bindparam("row")).values(answers=bindparam("words"))
DROP = draft.delete().where(draft.c.id == bindparam("row"))
SEND = submission.insert()

Answers = dict[str, list[str]]


class Store:
    """Short reads, and write transactions that queue on a file lock before SQLite's own."""

    def __init__(self, url: str, pool: int) -> None:
        self.sqlite = url.startswith("sqlite")
        if self.sqlite:
            try:
                import pysqlite3.dbapi2 as module
            except ImportError:
                import sqlite3 as module
            self.engine = create_engine(
                url, module=module, pool_size=pool, connect_args={"check_same_thread": False}
            )
            event.listen(self.engine, "connect", self._durable)
            self.reader = self.engine
            self.turn = threading.Lock()
            self.queue = os.open(f"{self.engine.url.database}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        else:
            self.engine = create_engine(url, pool_size=pool)
            self.reader = create_engine(url, pool_size=pool, isolation_level="AUTOCOMMIT")

    @staticmethod
    def _durable(connection: Any, record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}")

    @contextmanager
    def write(self) -> Iterator[Connection]:
        if not self.sqlite:
            with self.engine.begin() as connection:
                yield connection
            return
        with self.turn:
            fcntl.flock(self.queue, fcntl.LOCK_EX)
            try:
                with self.engine.connect() as connection:
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                    yield connection
                    connection.commit()
            finally:
                fcntl.flock(self.queue, fcntl.LOCK_UN)

    def answers(self) -> Answers:
        """What this browser has answered so far; without a draft, go and start."""
        with self.reader.connect() as connection:
            return read(connection)


def read(connection: Connection) -> Answers:
    words = connection.execute(FIND, {"row": session.get("draft")}).scalar()
    if words is None:
        abort(redirect("/en/about-you", 303))
    answers: Answers = json.loads(words)
    return answers


def asked(question: Question, answers: Answers) -> bool:
    return question.after is None or not set(question.after[1]).isdisjoint(answers.get(question.after[0], ()))


def following(number: int, answers: Answers) -> str:
    """The address of the next page that these answers lead to."""
    for place in range(number, len(QUESTIONS)):
        if asked(QUESTIONS[place], answers):
            return f"/en/about-you/{place + 1}"
    return "/en/about-you/check"


def problem(question: Question, answer: list[str]) -> str:
    if not question.options:
        return "Make your answer shorter" if any(len(words) > 200 for words in answer) else ""
    if set(answer) - {option.code for option in question.options} or len(set(answer)) != len(answer):
        return "Choose an answer from the list"
    return "Choose one answer only" if len(answer) > 1 and not question.many else ""


def words_of(question: Question, answer: list[str]) -> str:
    texts = {option.code: option.text for option in question.options}
    return ", ".join(texts.get(one, one) for one in answer)


def create_app(url: str, secret: str, threads: int = 4) -> Flask:
    app = Flask(__name__, static_folder=None)
    app.config.update(
        SECRET_KEY=secret,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        TEMPLATES_AUTO_RELOAD=False,
        MAX_CONTENT_LENGTH=128 * 1024,
    )
    app.jinja_loader = DictLoader(TEMPLATES)
    CSRFProtect(app)
    store = Store(url, threads)

    @app.get("/en/")
    def home() -> str:
        return render_template("home.html", title="What would you like to do?")

    @app.get("/en/about-you")
    def start() -> str:
        return render_template("start.html", title="About you")

    @app.post("/en/about-you")
    def begin() -> Redirect:
        row = secrets.token_urlsafe(32)
        with store.write() as connection:
            connection.execute(ADD, {"id": row, "answers": "{}"})
        session["draft"] = row
        return redirect("/en/about-you/1", 303)

    def question_page(number: int, question: Question, answer: list[str], error: str = "") -> str:
        return render_template(
            "question.html",
            title=question.text,
            number=number,
            question=question,
            answer=answer,
            error=error,
        )

    def question_at(number: int) -> Question:
        return QUESTIONS[number - 1] if 1 <= number <= len(QUESTIONS) else abort(404)

    @app.get("/en/about-you/<int:number>")
    def show(number: int) -> str:
        question = question_at(number)
        return question_page(number, question, store.answers().get(question.key, []))

    @app.post("/en/about-you/<int:number>")
    def take(number: int) -> Redirect | tuple[str, int]:
        question = question_at(number)
        answer = [words for words in request.form.getlist(question.key) if words]
        error = problem(question, answer)
        if error:
            return question_page(number, question, answer, error), 422
        with store.write() as connection:
            answers = read(connection)
            answers[question.key] = answer
            connection.execute(SAVE, {"row": session["draft"], "words": json.dumps(answers)})
        return redirect(following(number, answers), 303)

    @app.get("/en/about-you/check")
    def check() -> str:
        answers = store.answers()
        rows = [
            {
                "text": question.text,
                "answer": words_of(question, answers.get(question.key, [])) or "Not answered",
                "number": number,
            }
            for number, question in enumerate(QUESTIONS, start=1)
            if asked(question, answers)
        ]
        return render_template("check.html", title="Check your answers", rows=rows)

    @app.post("/en/about-you/check")
    def send() -> Redirect:
        reference = secrets.token_hex(8)
        with store.write() as connection:
            answers = read(connection)
            connection.execute(SEND, {"id": reference, "answers": json.dumps(answers)})
            connection.execute(DROP, {"row": session["draft"]})
        del session["draft"]
        session["reference"] = reference
        return redirect("/en/about-you/sent", 303)

    @app.get("/en/about-you/sent")
    def sent() -> str:
        return render_template("sent.html", title="Thank you", reference=session.get("reference", ""))

    return app


def prepare(url: str) -> None:
    """Make the two tables."""
    engine = create_engine(url, poolclass=NullPool)
    metadata.create_all(engine)
    engine.dispose()


def served() -> Flask:
    """What gunicorn serves."""
    return create_app(
        os.environ["LIMIT_DATABASE"], os.environ["LIMIT_SECRET"], int(os.environ["LIMIT_THREADS"])
    )
