"""What an organisation is told: a pack of fields, chosen one by one, and none that it may not receive.

A field names the answers that it is made of. What is in no line of the table is shared with nobody: answers
about equality, what staff noted, the safe word, evidence.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from portal import clock, contact
from portal.contact import Permit
from portal.incidents import safe_ways
from portal.incidents.models import IncidentReport
from portal.intake.models import Submission
from portal.intake.submissions import place_of
from portal.interpreting.requests import outward
from portal.languages import template
from portal.questions import Answers, Choice, Form, Message, Question
from portal.questions.answers import said
from portal.questions.messages import _staff
from portal.questions.typing_in import western_digits
from portal.sealing import KeyRing, Sealed


class Field(StrEnum):
    """What there is to tell. The codes are stored."""

    KIND = "kind"
    ACTS = "acts"
    MOTIVE = "motive"
    WHEN = "when"
    WHERE = "where"
    AREA = "area"
    RISK = "risk"
    HARM = "harm"
    OTHERS = "others"
    EARLIER = "earlier"
    WISHES = "wishes"
    LANGUAGE = "language"
    REQUEST = "request"
    NAME = "name"
    CONTACT = "contact"
    HOME = "home"
    NARRATIVE = "narrative"
    PLACE_WORDS = "place_words"
    OTHERS_WORDS = "others_words"
    WITNESSES_WORDS = "witnesses_words"
    EARLIER_WORDS = "earlier_words"


class Tells(StrEnum):
    """How near a field comes to the person."""

    CODES = "codes"
    """What was ticked, and days."""
    OURS = "ours"
    """What we write ourselves."""
    PERSON = "person"
    """Who it is, and where they can be found."""
    WORDS = "words"
    """Their own words, which may say who they are."""


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a pack."""

    text: Message
    tells: Tells
    keys: tuple[str, ...] = ()
    """The questions whose answers it is made of."""
    at_first: bool = False
    """Whether it is ticked before anybody chooses, where it may be sent at all."""


C, P, W = Tells.CODES, Tells.PERSON, Tells.WORDS
TABLE: dict[Field, Part] = {
    Field.KIND: Part(_staff("What it is about"), C, ("kind",), at_first=True),
    Field.ACTS: Part(_staff("What was done"), C, ("acts",)),
    Field.MOTIVE: Part(_staff("Why, as people feel it"), C, ("motive", "motive_faith", "perceived_by")),
    Field.WHEN: Part(
        _staff("When and how often"), C, ("first_date", "last_date", "time_band", "frequency"), at_first=True
    ),
    Field.WHERE: Part(_staff("Kind of place"), C, ("where",)),
    Field.AREA: Part(_staff("Area: the first half of the postcode"), C, at_first=True),
    Field.RISK: Part(
        _staff("Danger"),
        C,
        ("danger_now", "safe_tonight", "children_adults_at_risk", "perp_weapon"),
        at_first=True,
    ),
    Field.HARM: Part(_staff("Harm"), C, ("injury", "effects")),
    Field.OTHERS: Part(
        _staff("Who did it, in codes"), C, ("perp_known", "perp_relationship", "perp_our_tenant")
    ),
    Field.EARLIER: Part(_staff("What was reported before"), C, ("earlier", "police")),
    Field.WISHES: Part(_staff("What the person wants"), C, ("want",)),
    Field.LANGUAGE: Part(
        _staff("Language and support"),
        C,
        ("speak", "sign", "support", "gender", "interviewer"),
        at_first=True,
    ),
    Field.REQUEST: Part(_staff("What we ask the organisation to do"), Tells.OURS, at_first=True),
    Field.NAME: Part(_staff("Name"), P, ("name", "victim_name"), at_first=True),
    Field.CONTACT: Part(
        _staff("How to reach the person safely"),
        P,
        ("reach", "phone", "email", "post", "worker", "hours", "voicemail", "discreet", "who_else"),
        at_first=True,
    ),
    Field.HOME: Part(_staff("Postcode of the home"), P, ("postcode",)),
    Field.NARRATIVE: Part(_staff("What happened, in the person’s words"), W, ("narrative",)),
    Field.PLACE_WORDS: Part(_staff("Where, in the person’s words"), W, ("where_words",)),
    Field.OTHERS_WORDS: Part(_staff("Who did it, in the person’s words"), W, ("perp_desc",)),
    Field.WITNESSES_WORDS: Part(_staff("Witnesses, in the person’s words"), W, ("witnesses_words",)),
    Field.EARLIER_WORDS: Part(_staff("Earlier reports, in the person’s words"), W, ("earlier_words",)),
}
NAMED = frozenset(TABLE)
NAMELESS = frozenset(field for field, part in TABLE.items() if part.tells in (C, Tells.OURS))
"""What may be sent where the person said: without my name."""
WAYS = {"phone": "phone", "sms": "phone", "email": "email", "post": "post", "worker": "worker"}
"""A way -> the answer that says where it leads. What stands there in a pack is the gate's, as it is now."""
BY_THE_GATE = frozenset(WAYS.values()) | {"reach"}
SHORTEST = 3
"""Letters from which a part of a name is looked for in what we write."""

REPORT_ANSWERS = (
    select(
        IncidentReport.reference,
        IncidentReport.case,
        IncidentReport.made,
        IncidentReport.submission,
        Submission.edition,
        Submission.answers,
        Submission.sealed,
        Submission.data_key,
        Submission.key_name,
    )
    .outerjoin(Submission, Submission.id == IncidentReport.submission)
    .where(IncidentReport.reference == bindparam("of"))
)

Pack = list[dict[str, Any]]
"""For each field its code and its lines: pairs of what is asked and what was answered."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one report says, opened."""

    report: str
    case: str
    submission: str
    """The id of its answers: other answers have another one."""
    form: Form
    answers: Answers
    ways: Answers = dataclasses.field(default_factory=dict)
    """How to reach the person: only ways that the gate opens at some hour, and where they lead by now."""


def told(connection: Connection, ring: KeyRing, forms: Iterable[Form], report: str) -> Told | None:
    """What a report says, opened; None when its answers were erased. Whoever calls it has noted it before."""
    row = connection.execute(REPORT_ANSWERS, {"of": report}).first()
    if row is None or row.submission is None or row.edition is None:
        return None
    form = next((one for one in forms if (one.key, one.edition) == ("incident", row.edition)), None)
    if form is None:
        return None
    answers = _answers(ring, row)
    return Told(report, row.case, row.submission, form, answers, _ways(connection, ring, row, answers))


def _ways(connection: Connection, ring: KeyRing, row: Row[Any], answers: Answers) -> Answers:
    owner, now = safe_ways.owner_of(row.made or row.case), clock.seconds()
    reach, leads = [], {}
    for way in said(answers.get("reach", ())):
        leave = (
            contact.permit_from(connection, ring, owner, safe_ways.REACH[way], now) if way in WAYS else None
        )
        if isinstance(leave, Permit):
            leads[WAYS[way]] = (leave.to,)
        if way not in WAYS or isinstance(leave, Permit):
            reach.append(way)
    return {"reach": tuple(reach), **leads}


def _answers(ring: KeyRing, row: Row[Any]) -> Answers:
    personal: dict[str, list[str]] = {}
    if row.sealed is not None:
        sealed = Sealed(row.sealed, row.data_key, row.key_name)
        personal = json.loads(ring.open(place_of(row.submission), sealed))
    return {key: tuple(answer) for key, answer in {**row.answers, **personal}.items()}


def at_first(allowed: frozenset[Field]) -> frozenset[Field]:
    """What is ticked before anybody chooses: the least that helps, of what may be sent."""
    return frozenset(field for field in allowed if TABLE[field].at_first)


def built(found: Told, fields: Iterable[Field], request: str) -> Pack:
    """A pack of these fields, in the order of the table; what was not answered is left out."""
    wanted, pack = set(fields), []
    for field in TABLE:
        lines = list(_lines(found, field, request)) if field in wanted else []
        if lines:
            pack.append({"field": field.value, "lines": [list(line) for line in lines]})
    return pack


def _lines(found: Told, field: Field, request: str) -> Iterator[tuple[str, str]]:
    part = TABLE[field]
    if field is Field.REQUEST:
        yield from [(template(part.text, "en"), request)] if request else []
    if field is Field.AREA:
        area = outward(_one(found.answers, "postcode"))
        yield from [(template(part.text, "en"), area)] if area else []
    questions = {question.key: question for question in found.form.questions}
    for key in part.keys:
        answer = said((found.ways if key in BY_THE_GATE else found.answers).get(key, ()))
        if key in questions and answer:
            yield template(questions[key].text, "en"), _in_words(questions[key], answer)


def _in_words(question: Question, answer: tuple[str, ...]) -> str:
    if not isinstance(question, Choice):
        return answer[0]
    texts = {option.code: template(option.text, "en") for option in question.known}
    return "; ".join(texts.get(code, code) for code in answer)


def _one(answers: Answers, key: str) -> str:
    return next(iter(said(answers.get(key, ()))), "")


def says_who(words: str, answers: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether what we write holds a part of the person's name, or a number or address of theirs."""
    plain = western_digits(words).casefold()
    names = {
        part
        for key in ("name", "victim_name")
        for part in re.findall(r"\w+", _one(answers, key).casefold())
        if len(part) >= SHORTEST
    }
    if names & set(re.findall(r"\w+", plain)):
        return True
    numbers = re.sub(r"[^0-9]", "", plain)
    number = re.sub(r"[^0-9]", "", western_digits(_one(answers, "phone"))).removeprefix("44").lstrip("0")
    squeezed = re.sub(r"\s", "", plain)
    places = [re.sub(r"\s", "", _one(answers, key).casefold()) for key in ("email", "postcode")]
    return (len(number) >= 7 and number in numbers) or any(one and one in squeezed for one in places)
