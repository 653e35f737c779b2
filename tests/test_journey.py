"""The web journey of the equality form, as a person without JavaScript walks it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.database import Database
from portal.intake.models import Draft, Submission
from tests.visitor import Visitor


def rows(database: Database) -> list[Submission]:
    with database.read() as connection:
        return list(connection.execute(select(*Submission.__table__.columns)))  # type: ignore[arg-type]


def drafts(database: Database) -> int:
    with database.read() as connection:
        return len(connection.execute(select(Draft.id)).all())


def begin(visitor: Visitor, language: str = "en") -> Visitor:
    visitor.open(f"/{language}/about-you")
    return visitor.send(visitor.soup.select_one("main form button"))


def test_a_person_answers_checks_and_sends(visitor: Visitor, database: Database) -> None:
    begin(visitor)
    visitor.choose("Yes, answer the questions").press("Continue")
    visitor.choose("35 to 44").press("Continue")
    visitor.choose("Prefer not to say").press("Continue")
    visitor.choose("Asian or Asian British").press("Continue")
    assert visitor.heading == "Which of these best describes your Asian or Asian British background?"
    visitor.choose("Any other Asian background").press("Continue")
    visitor.type("How would you describe your background?", "Kashmiri").press("Continue")
    for _question in range(8):
        visitor.press("Skip this question")
    assert visitor.heading == "Check your answers"
    assert "Kashmiri" in visitor.text
    visitor.press("Send")
    assert visitor.heading == "Thank you. Your answers are sent"
    assert "Kashmiri" not in visitor.text
    [row] = rows(database)
    assert row.answers["ethnic_detail"] == ["asian_other"]
    assert row.answers["ethnic_words"] == ["_sealed"]
    assert row.sealed and "Kashmiri" not in str(row)
    assert drafts(database) == 0


@pytest.mark.parametrize("language", ["en", "ur", "pa", "hi", "bn", "ar", "fa", "pl", "en-xa"])
def test_every_page_of_a_rich_journey_stands_in_every_language(
    sqlite_visitor: Visitor, language: str
) -> None:
    visitor = begin(sqlite_visitor, language)
    for _page in range(40):
        if visitor.path.endswith("/check"):
            break
        options = visitor.soup.select("input[type=radio], input[type=checkbox]")
        other = [option for option in options if str(option["value"]).startswith(("other", "yes", "asian"))]
        texts = visitor.soup.select("input[type=text]")
        if options:
            (other or options)[-1]["checked"] = ""
        for text in texts:
            text["value"] = "لفظ words"
        visitor.send(visitor.soup.select("main button")[0])
    assert visitor.path == f"/{language}/about-you/check"
    visitor.send(visitor.soup.select_one("main button[value=send]"))
    assert visitor.soup.select_one(".p-receipt__code")


def to_ethnic_words(visitor: Visitor) -> Visitor:
    begin(visitor)
    visitor.choose("Yes, answer the questions").press("Continue")
    visitor.press("Skip this question").press("Skip this question")
    visitor.choose("White").press("Continue").choose("Any other White background").press("Continue")
    assert visitor.heading == "How would you describe your background?"
    return visitor


def to_check(visitor: Visitor, language: str = "en") -> Visitor:
    """The shortest way: no wish to answer."""
    begin(visitor, language)
    visitor.soup.select("input")[-1]["checked"] = ""
    return visitor.send(visitor.soup.select("main button")[0])


def test_a_question_can_be_skipped_and_says_so_on_the_check_page(sqlite_visitor: Visitor) -> None:
    visitor = begin(sqlite_visitor)
    visitor.press("Skip this question")
    assert visitor.heading == "How old are you?"
    for _page in range(40):
        if visitor.heading == "Check your answers":
            break
        visitor.press("Skip this question")
    assert "Not answered" in visitor.text


def test_whoever_does_not_want_to_answer_goes_straight_to_the_check_page(sqlite_visitor: Visitor) -> None:
    assert to_check(sqlite_visitor).heading == "Check your answers"


def test_a_change_leads_straight_back_to_the_check_page(sqlite_visitor: Visitor) -> None:
    visitor = to_check(sqlite_visitor)
    visitor.link("Change Do you want to answer the equality questions?")
    assert visitor.chosen() == ["No, do not answer the questions"]
    assert visitor.press("Continue").heading == "Check your answers"


def test_a_changed_group_asks_for_the_detail_again(sqlite_visitor: Visitor) -> None:
    visitor = to_ethnic_words(sqlite_visitor)
    visitor.press("Back").press("Back")
    assert visitor.heading == "What is your ethnic group?"
    visitor.choose("Black, Black British, Caribbean or African").press("Continue")
    assert visitor.heading.startswith("Which of these best describes your Black")
    assert visitor.chosen() == []


def test_back_keeps_what_was_typed(sqlite_visitor: Visitor) -> None:
    visitor = to_ethnic_words(sqlite_visitor)
    visitor.type("How would you describe your background?", "half a wo")
    visitor.press("Back").press("Continue")
    assert visitor.typed("How would you describe your background?") == "half a wo"


def test_another_language_keeps_what_was_typed(sqlite_visitor: Visitor) -> None:
    visitor = to_ethnic_words(sqlite_visitor)
    visitor.type("How would you describe your background?", "کشمیری").press("اردو")
    assert visitor.soup.html and visitor.soup.html["lang"] == "ur" and visitor.soup.html["dir"] == "rtl"
    [field] = visitor.soup.select("input[type=text]")
    assert field["value"] == "کشمیری"
    visitor.press("English")
    assert visitor.typed("How would you describe your background?") == "کشمیری"


def test_an_error_says_what_to_do_and_keeps_what_was_typed(sqlite_visitor: Visitor) -> None:
    visitor = to_ethnic_words(sqlite_visitor)
    visitor.type("How would you describe your background?", "x" * 201).press("Continue")
    assert visitor.status == 422
    assert visitor.errors == ["Make your answer shorter: 200 characters at most"]
    assert visitor.soup.title and visitor.soup.title.get_text().startswith("Error: ")
    assert visitor.typed("How would you describe your background?") == "x" * 201
    [link] = visitor.soup.select(".govuk-error-summary a")
    assert visitor.soup.select_one(str(link["href"])).name == "input"  # type: ignore[union-attr]


def test_a_stale_page_comes_again_with_what_was_typed(visitor: Visitor) -> None:
    to_ethnic_words(visitor)
    visitor.client.delete_cookie("session")
    visitor.type("How would you describe your background?", "Roma from Košice").press("Continue")
    assert visitor.status == 400
    assert "Nothing is lost" in visitor.text
    assert visitor.typed("How would you describe your background?") == "Roma from Košice"
    assert (
        visitor.press("Continue").heading
        == "What is your legal marital or registered civil partnership status?"
    )


def test_a_stale_check_page_comes_again_and_can_be_sent(visitor: Visitor, database: Database) -> None:
    to_check(visitor)
    visitor.client.delete_cookie("session")
    visitor.press("Send")
    assert visitor.status == 400 and visitor.heading == "Check your answers"
    assert rows(database) == []
    visitor.press("Send")
    assert len(rows(database)) == 1


def test_answers_of_a_draft_that_is_gone_are_not_lost(sqlite_visitor: Visitor) -> None:
    visitor = begin(sqlite_visitor)
    visitor.client.delete_cookie("draft-about-you")
    visitor.choose("Yes, answer the questions").press("Continue")
    assert visitor.heading == "How old are you?"


def test_pressing_send_twice_stores_once_and_shows_one_code(visitor: Visitor, database: Database) -> None:
    to_check(visitor)
    form, draft = visitor.soup.select_one("#form"), visitor.client.get_cookie("draft-about-you")
    assert form and draft
    fields = visitor.form_fields(form)
    visitor.press("Send")
    code = visitor.soup.select_one(".p-receipt__code")
    visitor.client.set_cookie("draft-about-you", draft.value)
    visitor.post("/en/about-you/check", fields)
    assert visitor.soup.select_one(".p-receipt__code") == code
    assert len(rows(database)) == 1


def test_a_token_that_has_sent_other_answers_is_told_so(visitor: Visitor, database: Database) -> None:
    to_check(visitor)
    draft = visitor.client.get_cookie("draft-about-you")
    form = visitor.soup.select_one("#form")
    assert draft and form
    fields = [(name, value if name != "said" else "0" * 64) for name, value in visitor.form_fields(form)]
    visitor.press("Send")
    visitor.client.set_cookie("draft-about-you", draft.value)
    visitor.post("/en/about-you/check", fields)
    assert visitor.status == 409
    assert visitor.heading == "Your answers have already been sent"
    assert len(rows(database)) == 1


def test_answers_that_changed_in_another_window_are_checked_again(
    visitor: Visitor, database: Database
) -> None:
    to_check(visitor)
    visitor.press("Send", said="0" * 64)
    assert visitor.status == 409 and visitor.heading == "Check your answers"
    assert "changed in another window" in visitor.text
    assert rows(database) == []


def test_stop_and_clear_deletes_the_draft(visitor: Visitor, database: Database) -> None:
    begin(visitor)
    visitor.choose("Yes, answer the questions").press("Stop and clear everything")
    assert visitor.heading == "Everything is cleared"
    assert drafts(database) == 0
    assert visitor.open("/en/about-you/1").heading == "About you"


def test_after_finishing_the_code_is_nowhere_any_more(sqlite_visitor: Visitor) -> None:
    visitor = to_check(sqlite_visitor).press("Send")
    visitor.press("I have written it down: finish")
    assert visitor.heading == "Everything is cleared"
    visitor.open("/en/about-you/sent")
    assert visitor.heading == "Nothing is shown here any more"


def test_a_draft_that_waits_can_be_gone_on_with(sqlite_visitor: Visitor) -> None:
    visitor = begin(sqlite_visitor)
    visitor.choose("Yes, answer the questions").press("Continue")
    visitor.open("/en/about-you").link("Go on with my answers")
    assert visitor.heading == "How old are you?"


def test_a_page_that_the_answers_do_not_lead_to_is_not_shown(sqlite_visitor: Visitor) -> None:
    visitor = begin(sqlite_visitor)
    assert visitor.open("/en/about-you/4").heading == "Do you want to answer the equality questions?"


def test_under_16s_are_not_asked_what_needs_16(sqlite_visitor: Visitor) -> None:
    visitor = begin(sqlite_visitor)
    visitor.choose("Yes, answer the questions").press("Continue").choose("Under 16").press("Continue")
    headings = []
    for _page in range(40):
        if visitor.heading == "Check your answers":
            break
        headings.append(visitor.heading)
        visitor.press("Skip this question")
    assert not [heading for heading in headings if "sex" in heading or "marital" in heading]
