"""Messages in words: the language they go out in, discreet ones, isolated times, and their length."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import languages
from portal.contact import Method
from portal.database import Database
from portal.languages import HELP, LANGUAGES, catalogue, say
from portal.questions.messages import Message
from portal.sealing import KeyRing
from portal.settings import Settings
from portal.wording import (
    LONGEST_SMS,
    Day,
    Moment,
    Template,
    Wording,
    Written,
    has_way,
    said,
    segments,
    to_say,
    written,
)
from tests import pseudo
from tests.messaging import NEWS, NOON, REMINDER, VALUES, keep, leave, longest_sms, rule

OWNER = "request 7K3PX92CM"
FREE = Message("You do not have to do this alone or in English. All help is free.")
"""A text that is translated into every language of the pages."""
HELPING = Template(event="help", sms=FREE, discreet=Wording(sms=FREE))
ISOLATES = "[\u2066\u2068\u2069]"
REAL = [code for code in LANGUAGES if code != pseudo.CODE]


@pytest.fixture
def reviewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Somebody has read the Urdu words."""
    folder = tmp_path / "translations"
    shutil.copytree(languages.translations_folder(), folder)
    path = folder / "ur" / "LC_MESSAGES" / "public.po"
    path.write_text(re.sub('"X-Reviewed-By:[^"]*"', r'"X-Reviewed-By: Somebody\\n"', path.read_text("utf-8")))
    catalogue.cache_clear()
    with monkeypatch.context() as changing:
        changing.setattr(languages, "translations_folder", lambda: folder)
        yield
    catalogue.cache_clear()


def words(
    database: Database,
    ring: KeyRing,
    settings: Settings,
    template: Template,
    method: Method = Method.SMS,
    **changes: Any,
) -> Written | None:
    keep(database, ring, rule(**changes))
    return written(settings, leave(database, ring, OWNER, method, NOON), template, VALUES)


# The language


def test_english_goes_out_in_english(sqlite: Database, ring: KeyRing, settings: Settings) -> None:
    found = words(sqlite, ring, settings, REMINDER)
    assert found == Written("en", False, "", "Example Housing: we see you on Tuesday 3 March, 14:00.")


def test_what_nobody_reviewed_goes_out_in_english_with_the_help_line_of_the_language(
    sqlite: Database, ring: KeyRing, settings: Settings
) -> None:
    found = words(sqlite, ring, settings, HELPING, language="ur")
    assert found is not None and found.language == "en"
    assert found.body == f"{FREE.id}\nاردو: \u2066{settings.phone}\u2069"
    found = words(sqlite, ring, settings, REMINDER, Method.LETTER, language="ur")
    assert found is not None
    english, help_line = found.body.split("\n\n")
    assert english == "Dear Amina Canary, we see you on Tuesday 3 March, 14:00."
    plain = re.sub(ISOLATES, "", say(HELP.with_values(phone=settings.phone), "ur"))
    assert re.sub(ISOLATES, "", help_line) == plain
    assert "\u2066" + settings.phone + "\u2069" in help_line


def test_a_landlord_may_have_people_phoned_instead_or_take_the_draft(
    sqlite: Database, ring: KeyRing, settings: Settings
) -> None:
    phoning, daring = replace(settings, unreviewed="phone"), replace(settings, unreviewed="draft")
    assert words(sqlite, ring, phoning, HELPING, language="ur") is None
    found = words(sqlite, ring, daring, HELPING, language="ur")
    assert found == Written("ur", False, "", say(FREE, "ur")) and found.body != FREE.id


def test_reviewed_words_go_out_in_the_persons_language(
    sqlite: Database, ring: KeyRing, settings: Settings, reviewed: None
) -> None:
    for unreviewed in ("english", "phone", "draft"):
        found = words(sqlite, ring, replace(settings, unreviewed=unreviewed), HELPING, language="ur")
        assert found == Written("ur", False, "", say(FREE, "ur"))
    other = words(sqlite, ring, settings, HELPING, language="hi")
    assert other is not None and other.language == "en", "nobody has read the Hindi ones"


# Discreet


def test_discreet_words_say_neither_who_nor_what(sqlite: Database, ring: KeyRing, settings: Settings) -> None:
    found = words(sqlite, ring, settings, REMINDER, discreet=True)
    assert found == Written("en", True, "", "See you on Tuesday 3 March, 14:00.")


def test_what_has_no_discreet_words_is_said_by_phone(
    sqlite: Database, ring: KeyRing, settings: Settings
) -> None:
    assert words(sqlite, ring, settings, NEWS, discreet=True) is None
    assert words(sqlite, ring, settings, REMINDER, Method.EMAIL, discreet=True) is None, "none for email"


def test_the_help_line_would_tell_so_discreet_words_have_none(
    sqlite: Database, ring: KeyRing, settings: Settings
) -> None:
    assert words(sqlite, ring, settings, HELPING, discreet=True, language="ur") is None


@pytest.mark.parametrize("ours", ["%(organisation)s", "%(phone)s"])
def test_a_template_whose_discreet_words_say_who_we_are_cannot_be_made(ours: str) -> None:
    with pytest.raises(ValueError, match="say who we are"):
        Template(event="x", sms=FREE, discreet=Wording(sms=Message(f"Call {ours}")))


@pytest.mark.parametrize(
    "given_words", [{}, {"email": FREE}, {"email_subject": FREE}, {"sms": FREE, "event": "x9"}]
)
def test_a_template_that_says_nothing_cannot_be_made(given_words: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Template(**{"event": "x", **given_words})


@pytest.mark.parametrize(
    ("changes", "method", "discreet", "expected"),
    [
        ({}, Method.SMS, True, True),
        ({}, Method.CALL, False, False),
        ({"send_sms": "none"}, Method.SMS, False, False),
        ({"send_letters": "none"}, Method.LETTER, False, False),
    ],
)
def test_a_landlord_without_a_way_to_send_has_people_phoned(
    settings: Settings, changes: dict[str, str], method: Method, discreet: bool, expected: bool
) -> None:
    assert has_way(replace(settings, **changes), method, discreet) is expected


def test_what_staff_say_is_the_longest_there_is(settings: Settings) -> None:
    assert to_say(settings, REMINDER, VALUES).body.startswith("Dear Amina Canary, we see you")
    assert to_say(settings, NEWS, VALUES).body == "Example Housing has news for you."


# Directions


def test_a_time_is_isolated_in_words_that_run_from_right_to_left() -> None:
    text = Message("%(when)s")
    assert said(text, {"when": "3 March, 14:00"}, "ur") == "\u20663 March, 14:00\u2069"
    assert said(text, {"when": "3 March, 14:00"}, "en") == "3 March, 14:00"
    assert said(text, {"when": "امینہ"}, "ur") == "\u2068امینہ\u2069"
    assert said(text, {"when": "امینہ"}, "pl") == "\u2068امینہ\u2069"


def test_a_moment_is_said_in_words_of_the_language_and_digits_of_24_hours() -> None:
    text = Message("%(when)s")
    assert said(text, {"when": Moment(NOON + 7200)}, "en") == "Tuesday 3 March, 14:00"
    assert said(text, {"when": Moment(NOON + 7200)}, "pl") == "wtorek 3 marca, 14:00"
    summer = NOON + 100 * 86400
    assert said(text, {"when": Moment(summer)}, "en") == "Thursday 11 June, 13:00", "by clocks in London"
    for code in REAL:
        whole = said(text, {"when": Moment(NOON)}, code)
        assert "12:00" in whole and said(text, {"when": Day(NOON)}, code).strip("\u2066\u2068\u2069") in whole
        assert re.search("[0-9]", whole) and not re.search("[٠-٩۰-۹०-९০-৯]", whole)


# Length


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ا" * 70, 1),
        ("ا" * 71, 2),
        ("ا" * 134, 2),
        ("ا" * 135, 3),
        ("a" * 69 + "ś", 1),
        ("a" * 70 + "ś", 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("", 1),
    ],
)
def test_a_text_message_is_counted_in_the_parts_it_goes_out_in(text: str, parts: int) -> None:
    assert segments(text) == parts


@given(st.text(max_size=400), st.characters(codec="utf-8"))
def test_a_longer_text_never_has_fewer_parts(text: str, letter: str) -> None:
    assert segments(text) <= segments(text + letter)


def test_the_example_fits_in_every_language(settings: Settings) -> None:
    assert longest_sms(REMINDER, settings, VALUES) <= LONGEST_SMS
    assert longest_sms(HELPING, settings, VALUES) <= LONGEST_SMS
    long = Template(event="long", sms=Message("so many words " * 13))
    assert segments(long.sms.id if long.sms else "") == 2
    assert longest_sms(long, settings, VALUES) == 4, "with the name of a language in its own letters"


def test_a_name_from_elsewhere_does_not_make_english_long(settings: Settings) -> None:
    """Isolates around every name would send each English message in UCS-2, in twice as many parts."""
    assert segments(said(Message("Hello %(name)s. " + "a" * 130), {"name": "Zofia"}, "en")) == 1
