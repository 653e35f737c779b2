"""A bundle of papers: each page says which paper it is, to machine and person, and nothing of anybody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from portal import references
from portal.paper.bundles import (
    MOST_PAGES,
    QR_QUIET,
    Codes,
    PaperError,
    Rendered,
    bundle,
    cover_pdf,
    qr_text,
    stamp,
)
from tests.papers import SETTINGS, written

pytestmark = pytest.mark.paper

RUN = "7K3PX92C4"
COPIES = 2
SCALE = 1.5
"""Pixels a point: 108 dots an inch, less than half of what an office scanner gives."""


@dataclass(frozen=True, slots=True)
class Read:
    """A page as a machine and a person read it."""

    codes: tuple[str, ...]
    corners: tuple[float, ...]
    """Of the QR code, in points: start and end from the left edge, top and bottom from the top."""
    text: str
    empty: bool


def read(path: Path) -> list[Read]:
    found = []
    document = pypdfium2.PdfDocument(path)
    for page in document:
        picture = page.render(scale=SCALE).to_pil()
        codes = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
        spots = [(spot.x / SCALE, spot.y / SCALE) for code in codes for spot in (code.position.top_left, code.position.bottom_right)]  # fmt: skip  # noqa: E501
        words = page.get_textpage()
        found.append(
            Read(
                tuple(code.text for code in codes),
                tuple(round(one, 1) for spot in spots for one in spot),
                words.get_text_range(),
                picture.convert("L").getextrema() == (255, 255),
            )
        )
        words.close()
        page.close()
    document.close()
    return found


def papers(copies: int = COPIES) -> list[str]:
    return [references.new() for _copy in range(copies)]


def cover() -> bytes:
    return cover_pdf(SETTINGS, run=RUN, facts=[])


@cache
def made(code: str, folder: Path) -> tuple[list[str], list[Read], int]:
    """References, pages as they read, and how many pages a copy has."""
    names, form = papers(), written("equality", code)[0]
    path = folder / f"{code}.pdf"
    bundle(form, RUN, code, names, cover(), path, lambda done, of: None)
    return names, read(path), form.pages


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bundles")


@pytest.mark.parametrize("code", ["en", "fa"])
def test_each_page_of_each_copy_says_which_it_is(folder: Path, code: str) -> None:
    names, pages, of = made(code, folder)
    sides = of + of % 2
    assert len(pages) == 2 + COPIES * sides
    assert pages[0].codes == () and pages[1].empty, "the cover, and its empty back"
    for serial, name in enumerate(names, start=1):
        copy = pages[2 + (serial - 1) * sides : 2 + serial * sides]
        for number, page in enumerate(copy[:of], start=1):
            assert page.codes == (f"P1|{RUN}|{code}|{number:02}/{of:02}|{serial:03}|{name}",)
            assert references.grouped(name) in page.text
        assert all(page.empty for page in copy[of:])


def test_a_form_with_an_odd_number_of_pages_is_among_them(folder: Path) -> None:
    """Else the empty sides above were never there."""
    assert made("en", folder)[2] % 2 == 0 and made("fa", folder)[2] % 2 == 1


def test_the_stamp_stands_in_one_place_in_the_corner_where_lines_end(folder: Path) -> None:
    for code in ("en", "fa"):
        places = {page.corners for page in made(code, folder)[1] if page.codes}
        for corners in places:
            assert corners == pytest.approx(next(iter(places)), abs=2)
            start, top, end, bottom = corners
            assert (start > 480) if code == "en" else (end < 120)
            assert 20 < top < bottom < 34 / 25.4 * 72


def test_the_code_holds_nothing_of_the_landlord_or_of_a_person(folder: Path) -> None:
    for page in made("en", folder)[1]:
        for code in page.codes:
            assert set(code) <= set("P1|/0123456789en" + references.ALPHABET)


@settings(deadline=None, max_examples=25)
@given(
    papers=st.lists(st.text(references.ALPHABET, min_size=9, max_size=9), min_size=1, max_size=4),
    pages=st.integers(1, MOST_PAGES),
    data=st.data(),
)
def test_codes_put_together_are_those_that_would_be_drawn(
    papers: list[str], pages: int, data: st.DataObject
) -> None:
    import segno

    codes = Codes(RUN, "ur", pages, papers)
    page, serial = data.draw(st.integers(1, pages)), data.draw(st.integers(1, len(papers)))
    text = qr_text(RUN, "ur", page, pages, serial, papers[serial - 1])
    drawn = segno.make(text, error="m", version=3, mask=3, boost_error=False)
    assert codes.modules(page, serial) == ["".join(map(str, row)) for row in drawn.matrix]


def test_a_reader_gets_the_white_around_the_code_that_it_needs() -> None:
    assert QR_QUIET >= 4  # ISO/IEC 18004
    drawn = stamp(["101", "010", "101"], "7K3P", [0, 0, 595, 842], rtl=False)
    assert drawn.startswith(b"q 1 g\n") and drawn.endswith(b"Q")
    assert drawn.count(b"q") == drawn.count(b"Q") == 2


def test_progress_is_told_copy_by_copy(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    tell: Callable[[int, int], None] = lambda done, of: told.append((done, of))  # noqa: E731
    bundle(written("equality", "en")[0], RUN, "en", papers(), cover(), tmp_path / "b.pdf", tell)
    assert told == [(1, 2), (2, 2)]


def test_a_form_that_is_too_long_is_refused(tmp_path: Path) -> None:
    endless = Rendered(written("equality", "en")[0].pdf, MOST_PAGES + 1, [], "1")
    with pytest.raises(PaperError, match="too long for paper: 99 at most"):
        bundle(endless, RUN, "en", papers(), cover(), tmp_path / "b.pdf", lambda done, of: None)
    assert list(tmp_path.iterdir()) == []
