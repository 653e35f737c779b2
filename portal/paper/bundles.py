"""A bundle: one PDF of many copies of a form, each with its own reference and QR code, and a cover sheet.

The form is set once. Each copy is the same page with another stamp in its top corner, so that a hundred
copies cost little more than one. The boxes' places come from the same rendering.
"""

from __future__ import annotations

import io
import logging
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import segno
from pikepdf import Array, Dictionary, Name, Object, Page, Pdf

from portal.languages import LANGUAGES
from portal.outbox import Hopeless
from portal.paper.sheets import Size, sheet_css, sheet_html, words_of
from portal.questions import Form
from portal.references import grouped
from portal.settings import Settings

"""Start x, top y, end x, bottom y in points (1/72 inch) from the top left corner of the page."""
Rectangles = list[dict[str, dict[str, list[float]]]]
"""For each page: question -> option -> rectangle. The option "" is the place to write."""

POINTS_A_PIXEL = 0.75
MILLIMETRE = 72 / 25.4
QR_SIDE = 22 * MILLIMETRE
"""With the white around it that a reader needs."""
QR_VERSION = 3
"""Takes 42 characters with a seventh of its modules unreadable (level M)."""
QR_MODULES = 29
QR_QUIET = 4
"""Modules of white on each side (ISO/IEC 18004)."""
FROM_EDGE = 12 * MILLIMETRE
FROM_TOP = 8 * MILLIMETRE
LETTERS = 11
"""Height of the reference's letters, in points."""
LETTER_WIDTH = 0.6 * LETTERS
"""All letters of Courier are as wide."""
MOST_PAGES = 99
DARK = re.compile("1+")
NEEDS = "apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-core"


class PaperError(Hopeless):
    """Paper cannot be made as asked; the text says why."""


class PangoMissing(PaperError):
    """This machine lacks what sets pages."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A form set once: its PDF, and where its boxes are."""

    pdf: bytes
    pages: int
    rectangles: Rectangles
    version: str
    """Of WeasyPrint: another one may break pages elsewhere."""


def weasyprint() -> ModuleType:
    """The library that sets pages. Raises PaperError when it, or the machine's Pango, cannot be loaded."""
    try:
        return import_module("weasyprint")
    except (ImportError, OSError) as error:
        raise PangoMissing(f"PDF cannot be made, because Pango is missing. On Debian: {NEEDS}") from error


def document_of(
    form: Form, code: str, settings: Settings, size: Size = "normal", yellow: bool = False
) -> Any:
    """A form in use (`form.here()`) in one language, set in pages by WeasyPrint."""
    return _set(sheet_html(form, code, settings, size), sheet_css(code, size, yellow))


def rendered(document: Any) -> Rendered:
    """A document as PDF, and where its boxes are. Raises PaperError when a letter is in no font."""
    with _no_letter_missing():
        pdf = document.write_pdf()
    return Rendered(pdf, len(document.pages), rectangles_of(document), str(weasyprint().__version__))


@contextmanager
def _no_letter_missing() -> Iterator[None]:
    """WeasyPrint only logs a letter that no font has; a paper with holes in its words must not go out."""
    said: list[str] = []
    listener = logging.Handler(logging.WARNING)
    listener.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("weasyprint")
    logger.addHandler(listener)
    try:
        yield
    finally:
        logger.removeHandler(listener)
    if any(".notdef" in words for words in said):
        raise PaperError(f"no font of this machine has all letters. On Debian: {NEEDS}")


def rectangles_of(document: Any) -> Rectangles:
    """Where the boxes are, from the ids b-<question>-<option> of a document that WeasyPrint has set."""
    pages: Rectangles = []
    for page in document.pages:
        found: dict[str, dict[str, list[float]]] = {}
        for name, corners in page.anchors.items():
            kind, _dash, rest = name.partition("-")
            if kind == "b":
                question, _dash, option = rest.partition("-")
                found.setdefault(question, {})[option] = [round(one * POINTS_A_PIXEL, 1) for one in corners]
        pages.append(found)
    return pages


def _set(html: str, css: str) -> Any:
    library = weasyprint()
    return library.HTML(string=html).render(stylesheets=[library.CSS(string=css)])


def qr_text(run: str, code: str, page: int, pages: int, serial: int, paper: str) -> str:
    """What the QR code of a page says: which paper this is, and nothing of anybody. Always equally long."""
    return f"P1|{run}|{code}|{page:02}/{pages:02}|{serial:03}|{paper}"


class Codes:
    """The QR codes of a run, each row of modules as the bits of a number.

    Drawing one takes a millisecond, and a run has thousands. But the code is linear: of texts equally long,
    another page flips the same modules on every paper. So one code for each page and one for each paper
    give all of them.
    """

    def __init__(self, run: str, code: str, pages: int, papers: Sequence[str]) -> None:
        def rows(page: int, serial: int) -> list[int]:
            text = qr_text(run, code, page, pages, serial, papers[serial - 1])
            # one shape and mask for all; which of the eight masks makes no difference to a reader
            made = segno.make(text, error="m", version=QR_VERSION, mask=3, boost_error=False)
            return [int("".join(map(str, modules)), 2) for modules in made.matrix]

        first = rows(1, 1)
        self._papers = [rows(1, serial) for serial in range(1, len(papers) + 1)]
        self._flips = [
            [one ^ other for one, other in zip(rows(page, 1), first, strict=True)]
            for page in range(1, pages + 1)
        ]

    def modules(self, page: int, serial: int) -> list[str]:
        """The code of a page of a paper: for each row 1 where it is dark and 0 where it is light."""
        pairs = zip(self._papers[serial - 1], self._flips[page - 1], strict=True)
        return [f"{one ^ flip:0{QR_MODULES}b}" for one, flip in pairs]


def bundle(
    form: Rendered,
    run: str,
    code: str,
    papers: Sequence[str],
    cover: bytes,
    target: Path,
    progress: Callable[[int, int], None],
) -> None:
    """Write cover and stamped copies to a file, each copy on sheets of its own when printed on both sides.

    `papers` are the references, the first with serial 1. Calls progress(copies done, of). Raises
    PaperError for a form too long.
    """
    if form.pages > MOST_PAGES:
        raise PaperError(f"a form of {form.pages} pages is too long for paper: {MOST_PAGES} at most")
    rtl = LANGUAGES[code].direction == "rtl"
    with Pdf.open(io.BytesIO(form.pdf)) as once, Pdf.open(io.BytesIO(cover)) as front, Pdf.new() as whole:
        _add(whole, front.pages)
        whole.pages.extend(once.pages)
        first = len(whole.pages) - form.pages
        masters = [_master(whole, page.obj) for page in list(whole.pages)[first:]]
        del whole.pages[first:]
        font = whole.make_indirect(
            Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name("/Courier-Bold"))
        )
        for page in masters:
            page.Resources.Font = _with(page.Resources.get("/Font"), font)
        codes = Codes(run, code, form.pages, papers)
        for serial, paper in enumerate(papers, start=1):
            for number, master in enumerate(masters, start=1):
                drawn = stamp(codes.modules(number, serial), grouped(paper), master.MediaBox, rtl)
                whole.pages.append(_copy(whole, master, drawn))
            if form.pages % 2:
                whole.pages.append(_blank(whole, masters[-1]))
            progress(serial, len(papers))
        whole.save(target)


def _add(whole: Pdf, pages: Iterable[Page]) -> None:
    """The cover, with an empty back."""
    for page in pages:
        whole.pages.append(page)
    if len(whole.pages) % 2:
        whole.pages.append(_blank(whole, whole.pages[-1].obj))


def _blank(whole: Pdf, like: Object) -> Page:
    return Page(
        whole.make_indirect(Dictionary(Type=Name.Page, MediaBox=Array(list(like.MediaBox)), Resources={}))
    )


def _master(whole: Pdf, page: Object) -> Object:
    """A page whose content keeps what it changes to itself: its axes are turned over."""
    page.Contents = Array([whole.make_stream(b"q\n"), *_streams(page.Contents), whole.make_stream(b"\nQ\n")])
    return page


def _streams(contents: Object) -> list[Object]:
    return list(contents) if isinstance(contents, Array) else [contents]


def _with(fonts: Object | None, font: Object) -> Dictionary:
    known = dict(fonts.items()) if fonts is not None else {}
    return Dictionary({**known, "/Reference": font})


def _copy(whole: Pdf, master: Object, drawn: bytes) -> Page:
    """The page again: everything of it is shared but the stamp."""
    page = Dictionary(dict(master.items()))
    stream = whole.make_stream(zlib.compress(drawn, 1), Filter=Name.FlateDecode)
    page.Contents = Array([*master.Contents, stream])
    return Page(whole.make_indirect(page))


def stamp(modules: Sequence[str], words: str, box: Any, rtl: bool) -> bytes:
    """Drawing a QR code and a reference in the top corner where a line ends, as a PDF content stream."""
    width, height = float(box[2]), float(box[3])
    step = QR_SIDE / (len(modules) + 2 * QR_QUIET)
    start = FROM_EDGE if rtl else width - FROM_EDGE - QR_SIDE
    top = height - FROM_TOP
    gap = step * QR_QUIET
    lines = [
        "q 1 g",
        f"{start:.2f} {top - QR_SIDE:.2f} {QR_SIDE:.2f} {QR_SIDE:.2f} re f",
        "0 g 0 G q",
        f"{step:.4f} 0 0 {-step:.4f} {start + gap:.3f} {top - gap:.3f} cm 1 w",
    ]
    for row, dark in enumerate(modules):
        lines.extend(f"{one.start()} {row}.5 m {one.end()} {row}.5 l" for one in DARK.finditer(dark))
    place = start + QR_SIDE if rtl else start - LETTER_WIDTH * len(words)
    lines.append("S Q")
    lines.append(
        f"BT /Reference {LETTERS} Tf {place:.2f} {top - gap - LETTERS * 0.65:.2f} Td ({words}) Tj ET Q"
    )
    return "\n".join(lines).encode("ascii")


def cover_pdf(settings: Settings, **values: Any) -> bytes:
    """The first sheet of a bundle, for the office: what it is and how many there must be."""
    html = words_of("en").get_template("paper/cover.html").render(settings=settings, **values)
    return _set(html, sheet_css("en")).write_pdf()  # type: ignore[no-any-return]
