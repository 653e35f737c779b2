"""Forms that are filled in already, but for what a measurement is about: drafts, and a browser for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from portal.database import Database
from portal.forms import EQUALITY
from portal.forms.incident import INCIDENT
from portal.intake import drafts
from portal.intake.drafts import OWN, Drafts
from portal.questions import Answer, Form
from portal.sealing import KeyRing
from portal.settings import Settings
from tests.bench.journey import ANSWERS, Offered, Person, Way

Given = Mapping[str, tuple[str, ...]]

REPORT: Given = {
    "danger_now": ("no",),
    "journey": ("victim",),
    "kind": ("hate_incident",),
    "motive": ("race_colour_nationality_ethnic", "religion_belief_none"),
    "acts": ("verbal_abuse", "threats"),
    "narrative": (
        "Synthetic words. For three weeks the people next door have shouted at us whenever we come home, "
        "and on Friday one of them said that he would burn the car. The children do not sleep. " * 3,
    ),
    "narrative_lang": ("page",),
    "safe_tonight": ("yes",),
    "when": ("exact",),
    "first_date": ("2025-03-14",),
    "where": ("my_home",),
    "perp_known": ("unknown",),
    "anonymity": ("named",),
    "name": ("Parveen (synthetic)",),
    "reach": ("phone",),
    "phone": ("07700 900123",),
}
"""A hate incident, told with a name and a phone number: as many answers as ANSWERS of the equality form."""
FORMS: tuple[tuple[Form, Given], ...] = ((EQUALITY.here(), ANSWERS), (INCIDENT.here(), REPORT))


def whole(form: Form, given: Given, but: tuple[str, ...] = ()) -> dict[str, Answer]:
    """These answers and, of all other questions that they lead to, that they were skipped; but for some."""
    keys = [question.key for question, _answer in form.reached(given)]
    return {key: given.get(key, ()) for key in keys if key not in but}


def answered(form: Form, given: Given) -> int:
    """How many questions these answers answer, of those that they lead to."""
    return sum(bool(answer) for _question, answer in form.reached(given))


def checking(person: Person, form: Form) -> tuple[str, bytes]:
    """The check page is open; gives the address and what a press on Send posts to it."""
    path = f"/en/{form.address}/check"
    return path, urlencode([*Offered(person.get(path)).hidden, ("go", "send")]).encode()


@dataclass
class Place:
    """A portal that is being served, as seen from beside it: it can be given drafts."""

    data: Path
    url: str
    people: int = 0

    def __post_init__(self) -> None:
        self.database = Database(self.url, pool=1)
        ring = KeyRing.load(Settings(data=self.data).key_file)
        self.drafts = Drafts(self.database, ring)

    def person(self, way: Way, form: Form, answers: Mapping[str, Answer]) -> Person:
        """Somebody whose form holds these answers, on a device and with a phone number of their own."""
        device = OWN if form.private else None
        draft = drafts.new(form.key, form.edition, device=device)
        draft.answers.update(answers)
        self.people += 1
        if "phone" in answers:
            draft.answers["phone"] = (f"07{self.people:09}",)
        self.drafts.add(draft, form.draft_idle)
        return Person(way, cookies={f"draft-{form.address}": draft.secret})

    def close(self) -> None:
        self.database.close()
