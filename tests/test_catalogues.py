"""The catalogues: fresh, complete in every language, and nothing in them that a page could not show."""

from __future__ import annotations

import ast
import csv
import re
import shutil
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from portal import languages
from portal.languages import LANGUAGES, catalogue, is_draft, reviewed_by
from tests import catalogues, pseudo
from tests.catalogues import FOLDER, ROOT, brought_up_to_date, extracted, place_of, template, translation

TRANSLATED = [code for code in LANGUAGES if code not in ("en", pseudo.CODE)]
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
JOINERS = "\u200c\u200d"
"""Persian, Urdu and the languages of India spell with them."""
QUOTED = re.compile(r"“([^”]+)”")
NO_BUTTONS = frozenset({"register", "honour", "Home"})
"""What stands in quotation marks and is no button: a word to send, and words that are put in question."""


def messages(found: Catalog) -> list[Message]:
    return [message for message in found if message.id]


def english(message: Message) -> tuple[str, ...]:
    """The text in English: one, or one and many."""
    return tuple(message.id) if isinstance(message.id, list | tuple) else (message.id,)


def said(message: Message) -> tuple[str, ...]:
    """Its translation, a text for each plural form."""
    return tuple(message.string) if isinstance(message.string, list | tuple) else (message.string,)


def texts(code: str) -> Iterator[tuple[str, str]]:
    """Every English text with each of its translations."""
    for message in messages(translation(code)):
        for text in said(message):
            yield english(message)[0], text


# Fresh


@pytest.mark.parametrize("name", ["public", "staff"])
def test_the_template_holds_the_texts_that_stand_in_the_code_now(name: str) -> None:
    assert template(name) == (FOLDER / f"{name}.pot").read_bytes(), "run `make words`"


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_catalogue_has_the_texts_of_the_template_and_no_others(code: str) -> None:
    assert brought_up_to_date(code) == place_of(code).read_bytes(), "run `make words`"


def test_every_offered_language_has_its_catalogue_and_no_other_is_kept() -> None:
    assert sorted(path.parent.parent.name for path in FOLDER.glob("*/LC_MESSAGES/public.po")) == sorted(
        TRANSLATED
    )


def test_every_text_in_the_code_is_in_the_template() -> None:
    kept = {text for message in messages(extracted("public")) for text in english(message)}
    found = 0
    for file in (ROOT / "portal").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("_", "_in", "_many")
            ):
                for argument in node.args[node.func.id == "_in" :]:
                    found += 1
                    assert ast.literal_eval(argument) in kept, file
    assert found > 200


def test_bringing_up_to_date_keeps_what_is_translated_and_who_has_checked_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    path = place_of("ur")
    before = path.read_text()
    kept, gone = messages(translation("ur"))[:2]
    checked = before.replace('"X-Reviewed-By: \\n"', '"X-Reviewed-By: Somebody Real\\n"')
    changed = checked.replace(f'msgid "{gone.id}"', 'msgid "Nobody says this any more"')
    path.write_text(changed)
    brought = brought_up_to_date("ur").decode()
    assert '"X-Reviewed-By: Somebody Real\\n"' in brought
    assert f'msgid "{kept.id}"\nmsgstr "{kept.string}"' in brought
    assert f'msgid "{gone.id}"\nmsgstr ""' in brought
    assert "Nobody says this any more" not in brought
    catalogues.main()
    assert path.read_text() == brought
    assert place_of("pl").read_bytes() == (FOLDER / "pl" / "LC_MESSAGES" / "public.po").read_bytes()


# Complete


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_text_is_translated(code: str) -> None:
    """An empty translation would show English in silence."""
    found = translation(code)
    assert [message.id for message in messages(found) if not all(said(message))] == []
    assert [message.id for message in messages(found) if message.fuzzy] == []
    assert len(messages(found)) == len(messages(extracted("public")))


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_text_that_counts_has_every_plural_of_its_language(code: str) -> None:
    found = translation(code)
    counting = [message for message in messages(found) if message.pluralizable]
    assert counting
    for message in counting:
        assert len(said(message)) == found.num_plurals, message.id


@pytest.mark.parametrize("code", TRANSLATED)
def test_placeholders_are_those_of_the_english_text(code: str) -> None:
    for message in messages(translation(code)):
        wanted = Counter(PLACEHOLDER.findall(english(message)[-1]))
        for text in said(message):
            found = Counter(PLACEHOLDER.findall(text))
            if message.pluralizable:  # "one minute" may need no number
                assert found <= wanted and found | Counter(number=1) == wanted, text
            else:
                assert found == wanted, text
            rest = PLACEHOLDER.sub("", text)
            assert "%" not in rest or not wanted, f"{text}: a single % breaks the text"


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_plural_that_many_numbers_share_says_the_number(code: str) -> None:
    words = catalogue(code).words
    for message in messages(translation(code)):
        if message.pluralizable:
            one, many = english(message)
            for number in (0, 3, 5, 11, 15, 22, 100, 101, 1000):
                assert "%(number)s" in words.ngettext(one, many, number), (code, number, one)


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_button_that_a_sentence_names_has_the_same_name_there(code: str) -> None:
    translations = {english(message)[0]: said(message)[0] for message in messages(translation(code))}
    named = 0
    for text, translated in translations.items():
        for name in QUOTED.findall(text):
            if not name.startswith("%(") and name not in NO_BUTTONS:
                named += 1
                assert translations[name] in translated, f"{translations[name]} is not in {translated}"
    assert named >= 2


def test_a_term_of_the_glossary_that_is_a_text_of_its_own_is_said_as_agreed() -> None:
    compared = 0
    kept = {code: messages(translation(code)) for code in TRANSLATED}
    with (FOLDER / "glossary.csv").open(newline="", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            found = [message for message in kept[line["language"]] if line["term"] in english(message)]
            compared += bool(found)
            used = {text.casefold() for message in found for text in said(message)}
            assert not used or line["translation"].casefold() in used, line
    assert compared > 100


# Fit to be shown


@pytest.mark.parametrize("code", TRANSLATED)
def test_no_text_holds_what_nobody_can_see(code: str) -> None:
    """Direction marks are set by the page, and a stray one turns the words after it around."""
    for source, text in texts(code):
        for letter in text:
            hidden = unicodedata.category(letter) in ("Cf", "Cc", "Co", "Cn", "Zl", "Zp")
            assert not hidden or letter in JOINERS, f"U+{ord(letter):04X} in the text of {source!r}"
        assert text == unicodedata.normalize("NFC", text), source
        for joiner in JOINERS:
            assert not text.startswith(joiner) and not text.endswith(joiner), source


@pytest.mark.parametrize("code", ["en", *TRANSLATED])
def test_no_text_has_stray_spaces(code: str) -> None:
    found = [text for m in messages(extracted("public")) for text in english(m)]
    for text in found if code == "en" else [text for _source, text in texts(code)]:
        assert text == text.strip() and "  " not in text and "\n" not in text and "\t" not in text, text
        assert not re.search(r" [.,;:!?،؛؟۔।](\s|$)", text), f"a space before a stop: {text}"


@pytest.mark.parametrize("code", TRANSLATED)
def test_digits_are_western(code: str) -> None:
    for _source, text in texts(code):
        assert not [letter for letter in text if letter.isdecimal() and not letter.isascii()], text


@pytest.mark.parametrize("code", TRANSLATED)
def test_numbers_in_a_text_are_those_of_the_english_one(code: str) -> None:
    for message in messages(translation(code)):
        if not message.pluralizable:
            wanted = set(re.findall(r"\d+", english(message)[0]))
            assert set(re.findall(r"\d+", said(message)[0])) == wanted, said(message)[0]


@pytest.mark.parametrize("code", TRANSLATED)
def test_no_text_holds_markup_or_code(code: str) -> None:
    for source, text in texts(code):
        assert not re.search(r"[<>{}\\]|&\w+;|https?://", PLACEHOLDER.sub("", text)), source


SCRIPTS = {
    "ur": "ARABIC",
    "ar": "ARABIC",
    "fa": "ARABIC",
    "pa": "GURMUKHI",
    "hi": "DEVANAGARI",
    "bn": "BENGALI",
    "pl": "LATIN",
}


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_text_is_in_its_language_s_script(code: str) -> None:
    """A text left in English, or in another language's script, would stand out to its reader only."""
    for source, text in texts(code):
        letters = [letter for letter in PLACEHOLDER.sub("", text) if letter.isalpha()]
        own = [letter for letter in letters if SCRIPTS[code] in unicodedata.name(letter)]
        assert own or not letters, f"{source!r}: {text}"
        foreign = {unicodedata.name(letter).split()[0] for letter in letters} - {SCRIPTS[code], "LATIN"}
        assert not foreign, f"{source!r}: {text}"


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_label_that_is_no_sentence_in_english_is_none_in_translation(code: str) -> None:
    for source, text in texts(code):
        if source[-1] not in ".?":
            assert text[-1] not in ".۔।?؟", f"{source!r}: {text}"


# Who has checked it


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_catalogue_has_the_header_that_names_who_has_checked_it(code: str) -> None:
    head = place_of(code).read_text("utf-8").partition("\n\n")[0]
    assert re.search(r'^"X-Reviewed-By: .*\\n"$', head, re.M)
    assert f'"Language: {code}\\n"' in head


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('"X-Reviewed-By: \\n"', ""),
        ('"X-Reviewed-By:   \\n"', ""),
        ('"X-Reviewed-By:\\n"', ""),
        ('"X-Something-Else: Nobody\\n"', ""),
        ('"X-Reviewed-By: Somebody Real\\n"', "Somebody Real"),
        ('"X-Reviewed-By: کوئی, 2026-11\\n"', "کوئی, 2026-11"),
    ],
)
def test_a_language_is_a_draft_until_a_person_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, header: str, name: str
) -> None:
    path = tmp_path / "ur" / "LC_MESSAGES" / "public.po"
    path.parent.mkdir(parents=True)
    path.write_text(place_of("ur").read_text().replace('"X-Reviewed-By: \\n"', header))
    monkeypatch.setattr(languages, "translations_folder", lambda: tmp_path)
    catalogue.cache_clear()
    try:
        assert reviewed_by(path) == catalogue("ur").reviewed_by == name
        assert is_draft("ur") is not bool(name)
        assert is_draft("pl")  # without a catalogue at all
        assert not is_draft("en")
    finally:
        catalogue.cache_clear()


def test_a_text_that_speaks_of_the_header_is_not_taken_for_it(tmp_path: Path) -> None:
    path = tmp_path / "public.po"
    path.write_text(
        'msgid ""\nmsgstr ""\n"Language: ur\\n"\n\nmsgid ""\n"X-Reviewed-By: Nobody\\n"\nmsgstr ""\n'
    )
    assert reviewed_by(path) == ""
