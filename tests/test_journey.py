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
