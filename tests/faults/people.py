"""People who fill in a form, the equality form if nothing else is said, and what should be stored of each."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from portal.forms.equality import EQUALITY
from portal.intake.drafts import OWN
from portal.intake.receipts import DIGITS, code_for
from portal.intake.submissions import Arrival, Result, submit
from portal.questions import Answer, Form, Text
from portal.questions.codebook import stored
from portal.questions.inventing import invented
from tests.faults.browser import Browser, Fields, Page
from tests.faults.places import Place

FORM = EQUALITY.here()
ADDRESS = FORM.address
COOKIE = f"draft-{ADDRESS}"
SPOKEN = ("en", "ur", "pa", "hi", "bn", "ar", "fa", "pl")
WORDS = (
    "Kashmiri",
    "کشمیری",
    "می‌خواهم",
    "ਪੰਜਾਬੀ",
    "कोई और",
    "অন্য ভাষা",
    "Żółć",
    "𝒳 & <b>",
    "5 > 3",
    "'; --",
    "=1+1",
)
PAGES = 100


@dataclass(slots=True)
class Person:
    """Somebody with a language and answers; `code` once the receipt was seen."""

    language: str
    answers: dict[str, Answer]
    code: str = ""
    sending: bool = False
    """Between the first press on Send and the receipt."""
    began_again: int = 0
    """How often the portal had forgotten what was answered."""
    secrets: list[str] = field(default_factory=list)
    """The secret of each draft they ever had."""
    form: Form = FORM

    @property
    def plain(self) -> dict[str, list[str]]:
        return stored(self.form, self.answers)[0]

    @property
    def personal(self) -> dict[str, list[str]]:
        return stored(self.form, self.answers)[1]

    @property
    def home(self) -> str:
        """Where the form begins."""
        return f"/{self.language}/{self.form.address}"

    def fields_of(self, page: Page) -> Fields:
        """What this person sends of a page of questions."""
        fields: Fields = [("csrf_token", page.field("csrf_token")), ("go", "next")]
        asked = self.form.page(int(page.path.rpartition("/")[2]))
        assert asked
        questions = self.form.asked_on(asked, self.answers)
        if self.form.lists:
            fields.append(("put", questions[0].key))
        for question in questions:
            answer = self.answers.get(question.key, ())
            for name, values in question.typed(answer).items():
                fields += [(name, value) for value in values]
        return fields


def somebody(dice: random.Random, short: float) -> Person:
    """A person; this share of them says no to the first question."""
    language = dice.choice(SPOKEN)
    if dice.random() < short:
        return Person(language, {"equality_consent": ("no",)})
    answers = invented(FORM, dice)
    while answers["equality_consent"] != ("yes",):
        answers = invented(FORM, dice)
    for question in FORM.questions:
        if isinstance(question, Text) and answers.get(question.key):
            answers[question.key] = (" ".join(dice.choices(WORDS, k=3)),)
    return Person(language, answers)


def begin(person: Person, browser: Browser) -> Page:
    """Open the form and press Start; the first page of questions."""
    start = browser.insist("GET", person.home)
    return browser.insist("POST", start.path, [("csrf_token", start.field("csrf_token"))])


def answer_all(person: Person, browser: Browser) -> Page:
    """Answer page by page, as far as the check page."""
    return answer_on(person, browser, begin(person, browser))


def answer_on(person: Person, browser: Browser, page: Page) -> Page:
    """Answer page by page from this one, as far as the check page."""
    for _page in range(PAGES):
        place = page.path.removeprefix(person.home)
        if place == "/check":
            cookie = f"draft-{person.form.address}"
            person.secrets = [value for name, value in browser.given if name == cookie]
            return page
        if place == "":
            person.began_again += 1
            page = begin(person, browser)
        elif place == "/before":
            page = browser.insist("GET", f"{person.home}/device")
        elif place == "/device":
            said = [("csrf_token", page.field("csrf_token")), ("device", OWN), ("go", "next")]
            page = browser.insist("POST", page.path, said)
        else:
            page = browser.insist("POST", page.path, person.fields_of(page))
    raise AssertionError(f"still at {page.path}")


def send_fields(page: Page) -> Fields:
    return [("csrf_token", page.field("csrf_token")), ("said", page.field("said")), ("go", "send")]


def send(person: Person, browser: Browser, page: Page) -> None:
    """Press Send until the receipt is there, and keep its code."""
    person.sending = True
    page = browser.insist("POST", page.path, send_fields(page))
    person.code = code_on(page)
    person.sending = False


def code_on(page: Page) -> str:
    """The receipt code that a page shows."""
    found = re.search(r'class="p-receipt__code" dir="ltr">(.*?)</p>', page.text)
    assert found, f"no receipt on {page.path} ({page.status})"
    code = re.sub(r"<[^>]*>|\s", "", found[1])
    assert len(code) == DIGITS, code
    return code


def send_directly(place: Place, people: Iterable[Person], dice: random.Random) -> None:
    """Send people's answers without the web: how a run fills a database quickly."""
    ring = place.ring
    with place.database() as database:
        for person in people:
            token = dice.randbytes(32)
            arrival = Arrival(
                form=person.form, answers=person.answers, token=token, language=person.language, channel="web"
            )
            assert submit(database, ring, arrival) is Result.STORED
            person.code = code_for(ring, token)
