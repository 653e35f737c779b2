"""A woman tells us in Urdu from a shared computer, leaves in a hurry, tells it again, and comes back."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import delete, select

from portal.forms.incident import INCIDENT
from portal.incidents import exchange, interpreters, moving, reports
from portal.incidents.states import State
from portal.incidents.wording import TOLD
from portal.intake import amending
from portal.intake.models import Draft, Submission
from portal.intake.receipts import DIGITS, digest_of
from portal.languages import template
from portal.questions import Date, Text
from portal.questions.messages import Message
from tests.browsing import DESK, PHONE, OnAir, axe_violations, go_back, window

pytestmark = pytest.mark.browser

HOME = f"/ur/{INCIDENT.address}"
STORY = "وہ روز ہمارے دروازے پر آتے ہیں اور گالیاں دیتے ہیں۔ canary"
WRITES = "کل رات وہ پھر آئے تھے۔ second canary"
PHONE_NUMBER = "07700 900777"
WAY_OUT = ".govuk-exit-this-page a"
ANSWERS: Mapping[str, tuple[str, ...]] = {
    "danger_now": ("no",),
    "journey": ("victim",),
    "kind": ("hate_incident", "racial_harassment"),
    "motive": ("race_colour_nationality_ethnic", "religion_belief_none"),
    "motive_faith": ("anti_muslim",),
    "acts": ("verbal_abuse", "graffiti"),
    "narrative": (STORY,),
    "narrative_lang": ("page",),
    "talk": ("no",),
    "children_adults_at_risk": ("child",),
    "when": ("exact",),
    "first_date": ("2025-11-02",),
    "where": ("my_home",),
    "perp_known": ("unknown",),
    "repairs_urgent": ("graffiti_offensive",),
    "want": ("stop_it", "remove_graffiti"),
    "share.police.may": ("yes_without_name",),
    "anonymity": ("named_restricted",),
    "name": ("Parveen Canary",),
    "reach": ("phone",),
    "phone": (PHONE_NUMBER,),
    "voicemail": ("no",),
    "who_else": ("family",),
    "need": ("interpreter",),
    "speak": ("urd",),
    "gender": ("woman",),
    "interviewer": ("woman",),
}
"""All other questions she leaves out."""


def ur(words: Message) -> str:
    return template(words, "ur")


def begin(page: Page) -> None:
    """From the first page in Urdu to the first question, on a device that is not hers alone."""
    page.goto("/ur/")
    page.locator(f"main a[href='{HOME}']").first.click()
    page.click("main form button")
    expect(page).to_have_url(re.compile(f"{HOME}/before$"))
    page.click("main .p-actions a")
    page.check("[value=shared_or_public]")
    page.click("main .p-actions button")


def fill(page: Page) -> None:
    """Answer the page that is open."""
    found = INCIDENT.page(int(page.url.rpartition("/")[2]))
    assert found is not None
    for key in found.keys:
        question, wanted = INCIDENT.question(key), ANSWERS.get(key, ())
        if isinstance(question, Text) and wanted:
            page.fill(f"main [name='{key}']", wanted[0])
        elif isinstance(question, Date) and wanted:
            for name, [typed] in question.typed(wanted).items():
                page.fill(f"main [name='{name}']", typed)
        else:
            for code in wanted:
                page.check(f"main [name='{key}'][value='{code}']")


def go_on(page: Page, until: str) -> None:
    """Answer page by page until the address ends so."""
    for _page in INCIDENT.pages:
        if page.url.endswith(HOME + until):
            return
        before = page.url
        fill(page)
        page.click("main .p-actions [value=next]")
        assert page.url != before, page.locator("main").inner_text()
    raise AssertionError(page.url)


def shows_nothing(page: Page) -> None:
    said = page.content()
    assert not any(word in said for word in ("canary", "Canary", PHONE_NUMBER)), page.url
    assert not page.locator("main :checked").count() and not page.locator(".p-receipt__code").count()


def back_and_forth(page: Page) -> int:
    """Press Back as far as it goes, then Forward: nothing is shown anywhere. How far it went."""
    steps = 0
    while steps < 15 and go_back(page) is not None and page.url != "about:blank":
        shows_nothing(page)
        steps += 1
    for _step in range(steps):
        if page.go_forward() is None:
            break
        shows_nothing(page)
    return steps


def drafts(on_air: OnAir) -> int:
    with on_air.database.read() as connection:
        return len(connection.execute(select(Draft.id)).all())


def test_she_leaves_in_a_hurry_tells_it_again_and_comes_back(
    browser: Browser, on_air: OnAir, weather: str
) -> None:
    settings = on_air.app.extensions["portal"].settings
    before = settings.leave_to
    object.__setattr__(settings, "leave_to", weather + "/")  # only https is taken; this machine has none
    with on_air.database.write() as connection:
        connection.execute(delete(Draft))
    try:
        with window(browser, on_air, True, DESK, elsewhere=weather) as page:
            leaves(page, on_air)
            computer = page.context.storage_state()
        with window(browser, on_air, False, DESK, weather, storage_state=computer) as page:
            code = tells(page, on_air)
    finally:
        object.__setattr__(settings, "leave_to", before)
    is_stored(on_air, code)
    with window(browser, on_air, True, PHONE) as page:
        comes_back(page, code)
    is_told(on_air, code)


def leaves(page: Page, on_air: OnAir) -> None:
    """With JavaScript: somebody comes in while she writes. Shift three times would do as well."""
    begin(page)
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    narrative = INCIDENT.page_of("narrative")
    assert narrative is not None
    go_on(page, f"/{narrative.number}")
    assert "canary" not in page.title() and axe_violations(page) == []
    page.fill("#narrative", STORY)
    page.click("main .p-actions [value=next]")
    go_back(page)
    expect(page.locator("#narrative")).to_have_value(STORY)  # hers until she leaves
    assert drafts(on_air) == 1
    page.click(WAY_OUT)
    expect(page).to_have_title("Weather")
    assert drafts(on_air) == 0
    assert back_and_forth(page) > 3
    assert drafts(on_air) == 0
    assert not [one for one in page.context.cookies() if one["name"].startswith(("draft", "sent", "reply"))]


def tells(page: Page, on_air: OnAir) -> str:
    """Without JavaScript, at the same computer: all of it again, to the code that she writes down."""
    page.goto(f"{HOME}/{len(INCIDENT.pages) // 2}")
    expect(page).to_have_url(re.compile(f"{HOME}$"))  # nothing is resumed
    begin(page)
    go_on(page, "/check")
    words = page.locator(".govuk-details__text bdi", has_text="canary")
    expect(words.first).to_be_hidden()  # who looks over her shoulder
    page.click("main [value=send]")
    expect(page).to_have_url(re.compile(f"{HOME}/sent$"))
    assert "canary" not in page.content()
    code = "".join(page.locator(".p-receipt__code span").all_inner_texts())
    assert len(code) == DIGITS and code.isdigit()
    page.click("main [value=finish]")
    expect(page).to_have_url(re.compile(f"{HOME}/cleared$"))
    back_and_forth(page)
    assert code not in page.content() and drafts(on_air) == 0
    return code


def is_stored(on_air: OnAir, code: str) -> None:
    """What she said is there, once, under her code; and nothing of the device."""
    with on_air.database.read() as connection:
        report = reports.of_receipt(connection, digest_of(on_air.ring, code))
        assert report is not None
        case = moving.find(connection, report.case)
        assert case is not None and (case.state, case.hate, case.language) == ("received", True, "ur")
        found = select(*Submission.__table__.columns).where(Submission.id == report.submission)
        row = connection.execute(found).one()
        assert len(interpreters.of_report(connection, report.reference)) == 1
    answers = amending.answers_of(on_air.ring, row)
    assert {key: answers[key] for key in ANSWERS} == dict(ANSWERS)
    assert "shared_or_public" not in str(row) and "canary" not in str(row)


def comes_back(page: Page, code: str) -> None:
    """On her own phone, days later: how it goes, and a message. Nothing of what she told is shown."""
    page.goto("/ur/reply")
    page.fill("#code", code)
    page.click("main form button")
    expect(page).to_have_url(re.compile("/ur/reply/told$"))
    expect(page.locator("main")).to_contain_text(ur(TOLD[State.RECEIVED]))
    shows_nothing(page)
    assert axe_violations(page) == []
    page.fill("#words", WRITES)
    page.click("#form .p-actions button")
    expect(page).to_have_url(re.compile("/ur/reply/told$"))
    shows_nothing(page)
    page.click("button[value=finish]")
    go_back(page)
    page.reload()
    expect(page).to_have_url(re.compile("/ur/reply$"))


def is_told(on_air: OnAir, code: str) -> None:
    """Whoever deals with it can read her message."""
    with on_air.database.read() as connection:
        report = reports.of_receipt(connection, digest_of(on_air.ring, code))
        assert report is not None
        [message] = exchange.of_case(connection, on_air.ring, report.case)
    assert (message.words, message.of_person, message.answered) == (WRITES, True, None)
