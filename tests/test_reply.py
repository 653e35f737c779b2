"""Coming back with the code: take the answers back, or answer again."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from portal.database import Database
from portal.intake.models import Submission
from portal.intake.receipts import code_for, digest_of, grouped, read_code
from portal.sealing import KeyRing
from portal.throttles import TRIES
from tests.test_journey import rows, to_check
from tests.visitor import Visitor, words


def sent_code(visitor: Visitor) -> str:
    to_check(visitor).press("Send")
    code = words(visitor.soup.select_one(".p-receipt__code"))
    visitor.press("I have written it down: finish")
    return code


def enter(visitor: Visitor, code: str) -> Visitor:
    return visitor.open("/en/reply").type("Your code", code).press("Continue")


def test_the_answers_can_be_taken_back(visitor: Visitor, database: Database) -> None:
    other = Visitor(visitor.client.application)
    sent_code(other)
    code = sent_code(visitor)
    enter(visitor, code)
    assert visitor.heading == "What do you want to do?"
    visitor.press("Delete my answers")
    assert visitor.heading == "Your answers are deleted"
    assert len(rows(database)) == 1, "somebody else's answers stay"
    assert enter(visitor, code).errors == [
        "We cannot find this code. It may be mistyped, its time may be over, or its answers have been "
        "deleted."
    ]


def test_new_answers_take_the_place_of_the_old_ones(visitor: Visitor, database: Database) -> None:
    code = sent_code(visitor)
    enter(visitor, code).press("Answer again")
    assert visitor.chosen() == [], "what was sent is never shown again"
    visitor.choose("Yes, answer the questions").press("Continue")
    for _page in range(40):
        if visitor.heading == "Check your answers":
            break
        visitor.press("Skip this question")
    visitor.press("Send")
    [row] = rows(database)
    assert row.answers["equality_consent"] == ["yes"]
    assert words(visitor.soup.select_one(".p-receipt__code")) != code
    assert enter(visitor, code).status == 422


def test_leaving_changes_nothing(visitor: Visitor, database: Database) -> None:
    enter(visitor, sent_code(visitor)).press("Finish")
    assert visitor.path == "/en/"
    assert len(rows(database)) == 1
    assert visitor.open("/en/reply/choose").heading == "I have a code"


@pytest.mark.parametrize("digits", ["٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९", "০১২৩৪৫৬৭৮৯", "੦੧੨੩੪੫੬੭੮੯"])
def test_a_code_is_read_in_any_digits(ring: KeyRing, digits: str) -> None:
    code = code_for(ring, b"token")
    written = "-".join(grouped(code)).translate(str.maketrans("0123456789", digits))
    assert read_code(f"  {written} ") == code


def test_every_slip_of_one_digit_or_two_neighbours_is_noticed(ring: KeyRing) -> None:
    for number in range(50):
        code = code_for(ring, number.to_bytes(2, "big"))
        assert len(code) == 20 and read_code(code) == code
        for place in range(20):
            for digit in "0123456789":
                if digit != code[place]:
                    assert read_code(code[:place] + digit + code[place + 1 :]) is None
            if place < 19 and code[place] != code[place + 1]:
                swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
                assert read_code(swapped) is None


def test_the_code_itself_is_stored_nowhere(visitor: Visitor, database: Database, ring: KeyRing) -> None:
    code = sent_code(visitor).replace(" ", "")
    [row] = rows(database)
    assert row.receipt == digest_of(ring, code)
    assert code.encode() not in repr(tuple(row)).encode()


def wrong_code(number: int) -> str:
    """A code that is well formed and nobody's."""
    return f"{number:018}{98 - number * 100 % 97:02}"


def test_guessing_is_slowed_down_for_whoever_guesses_only(portal: Flask, database: Database) -> None:
    code = sent_code(Visitor(portal))
    guesser = Visitor(portal, "198.51.100.7")
    statuses = [enter(guesser, wrong_code(number)).status for number in range(TRIES + 2)]
    assert statuses == [422] * TRIES + [429] * 2
    assert enter(guesser, code).status == 429, "even a right guess"
    assert enter(Visitor(portal, "198.51.100.8"), code).heading == "What do you want to do?"


def test_a_slip_of_the_finger_is_no_guess(portal: Flask) -> None:
    visitor = Visitor(portal)
    for _time in range(TRIES + 2):
        assert enter(visitor, "1234 5678").errors == [
            "Check the code: it has 20 digits, and one of them seems to be different"
        ]


def test_right_codes_are_never_slowed_down(visitor: Visitor) -> None:
    code = sent_code(visitor)
    for _time in range(TRIES + 2):
        assert enter(visitor, code).heading == "What do you want to do?"


def test_a_forged_cookie_opens_nothing(visitor: Visitor, database: Database) -> None:
    sent_code(visitor)
    with database.read() as connection:
        receipt = connection.execute(select(Submission.receipt)).scalar_one()
    visitor.client.set_cookie("reply", receipt.hex())
    assert visitor.open("/en/reply/choose").heading == "I have a code"
