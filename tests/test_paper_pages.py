"""Forms on paper, page by page: each box once and in its place, each letter there, the same pages."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import Any

import pytest
from weasyprint.formatting_structure.boxes import TextBox

from portal.languages import LANGUAGES
from portal.paper import bundles
from portal.paper.bundles import PaperError, document_of, rendered, weasyprint
from portal.paper.printed import printed
from portal.paper.sheets import POINTS, SIZES, Size
from portal.questions import Form, as_written
from tests.everything import EVERYTHING
from tests.papers import ALL, OFFERED, SETTINGS, printable, sheet, written

pytestmark = pytest.mark.paper

PAGES = {
    "normal": {"en": 4, "ur": 6, "pa": 5, "hi": 5, "bn": 5, "ar": 5, "fa": 5, "pl": 5},
    "large": {"ur": 16},
    "larger": {"en": 16},  # the same code for every language: the others would take half a minute more
}
"""How many pages the equality form has; another number: look at the pages first."""
A4 = (595.3, 841.9)
"""Points."""
Box = tuple[int, str, str, list[float]]


def boxes(pages: bundles.Rectangles) -> list[Box]:
    """Every box: its page, question, option and rectangle."""
    return [
        (number, question, option, corners)
        for number, page in enumerate(pages, start=1)
        for question, options in page.items()
        for option, corners in options.items()
    ]


def each_option_has_one_box(form: Form, found: list[Box]) -> None:
    ticks = Counter((question, option) for _page, question, option, _corners in found if option)
    wanted = {(key, code) for key, codes in printable(form).items() for code in codes}
    on_paper = {one.question.key for one in printed(form)}
    assert ticks == Counter(pair for pair in wanted if pair[0] in on_paper)
    writing = {question for _page, question, option, _corners in found if not option}
    assert writing == {one.question.key for one in printed(form) if one.number and not one.ticks}


def boxes_are_inside_the_page_and_apart(found: list[Box]) -> None:
    for _page, *name, (x1, y1, x2, y2) in found:
        assert 0 < x1 < x2 < A4[0] and 90 < y1 < y2 < A4[1], name
    for one, other in combinations(found, 2):
        (ax1, ay1, ax2, ay2), (bx1, by1, bx2, by2) = one[3], other[3]
        apart = ax2 <= bx1 or bx2 <= ax1 or ay2 <= by1 or by2 <= ay1
        assert one[0] != other[0] or apart, (one, other)


def boxes_stand_where_lines_begin(code: str, found: list[Box]) -> None:
    """At the right edge where the language is read from there."""
    column = {round(corners[0]) for _page, question, _option, corners in found if question == "ethnic_detail"}
    assert len(column) == 2, "two columns"
    edge = max(column) if LANGUAGES[code].direction == "rtl" else min(column)
    row = {option: corners[0] for _p, question, option, corners in found if question == "long_term_condition"}
    if LANGUAGES[code].direction == "rtl":
        assert edge > A4[0] - 80 and row["yes"] > row["no"]
    else:
        assert edge < 60 and row["yes"] < row["no"]


def a_question_that_fits_on_a_page_is_not_cut(found: list[Box]) -> None:
    places: dict[str, set[int]] = {}
    for page, question, _option, _corners in found:
        places.setdefault(question, set()).add(page)
    assert [question for question, pages in places.items() if len(pages) > 1] == []


@pytest.mark.parametrize(
    ("key", "code"),
    [
        *(("equality", code) for code in OFFERED),
        *(("survey", code) for code in OFFERED),
        *(("profile", code) for code in OFFERED),
        ("incident", "en"),
        ("everything", "en"),
        ("everything", "ur"),
    ],
)
def test_each_option_has_one_box_in_its_place_and_each_letter_is_in_a_font(key: str, code: str) -> None:
    found, complaints = written(key, code)
    assert (*sheet(key, code).complaints, *complaints) == ()
    each_option_has_one_box(ALL[key], boxes(found.rectangles))
    boxes_are_inside_the_page_and_apart(boxes(found.rectangles))
    assert found.pages == len(found.rectangles) == sheet(key, code).pages
    assert found.version == weasyprint().__version__
    if key == "equality":
        assert found.pages == PAGES["normal"][code]
        boxes_stand_where_lines_begin(code, boxes(found.rectangles))
        a_question_that_fits_on_a_page_is_not_cut(boxes(found.rectangles))


def sizes_of_letters(document: Any) -> Counter[float]:
    """Points of all printed words but the numbers in boxes."""
    found: Counter[float] = Counter()
    for page in document.pages:
        for box in page._page_box.descendants():
            if isinstance(box, TextBox) and box.text.strip() and not box.text.strip("✓0123456789 "):
                continue
            if isinstance(box, TextBox) and box.text.strip():
                found[round(box.style["font_size"] * 0.75, 1)] += 1
    return found


@pytest.mark.parametrize(("size", "code"), [(size, code) for size in SIZES[1:] for code in PAGES[size]])
def test_large_print_is_large_and_loses_no_box(size: Size, code: str) -> None:
    found = sheet("equality", code, size)
    assert found.complaints == ()
    each_option_has_one_box(ALL["equality"], boxes(found.rectangles))
    boxes_are_inside_the_page_and_apart(boxes(found.rectangles))
    assert min(sizes_of_letters(found.document)) >= POINTS[size] >= 16
    assert found.pages == PAGES[size][code]


def test_the_numbers_in_boxes_are_large_enough_for_staff() -> None:
    small = {
        round(box.style["font_size"] * 0.75, 1)
        for page in sheet("equality", "en").document.pages
        for box in page._page_box.descendants()
        if isinstance(box, TextBox) and box.text.isdigit()
    }
    assert small and min(small) >= 8


def test_a_letter_that_no_font_has_stops_the_print() -> None:
    """U+E123 is for private use, and no font of ours draws it."""
    odd = as_written("Everything \ue123")
    form = Form(key="odd", edition="1", address="odd", title=odd, purpose=odd, parts=EVERYTHING.parts[:1])
    with pytest.raises(PaperError, match="no font of this machine has all letters"):
        rendered(document_of(form.here(), "en", SETTINGS))


def test_without_pango_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(name: str) -> None:
        raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.setattr(bundles, "import_module", gone)
    with pytest.raises(PaperError, match=r"apt install libpango-1\.0-0 libpangoft2-1\.0-0"):
        weasyprint()
