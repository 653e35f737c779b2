"""Forms on paper as tests look at them: set once in a process, with what WeasyPrint said of it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from portal.database import Database
from portal.forms import FORMS
from portal.languages import LANGUAGES
from portal.paper import runs
from portal.paper.bundles import Rectangles, Rendered, document_of, rectangles_of, rendered
from portal.paper.sheets import Size
from portal.questions import Choice, Form, as_written
from portal.settings import Office, Settings
from tests.everything import EVERYTHING, REGION
from tests.pseudo import CODE

OFFERED = tuple(code for code in LANGUAGES if code != CODE)
ALL = {form.key: form.here() for form in (*FORMS, EVERYTHING)}
"""The forms in use, by key: the newest edition of each."""
SMALL = Form(
    key="small",
    edition="1",
    address="small",
    title=as_written("Small"),
    purpose=as_written("Small"),
    parts=(REGION,),
)
"""One question, so that setting it takes no time."""
SETTINGS = Settings(
    data=Path("nowhere"),
    address="http://localhost",
    languages=OFFERED,
    offices=(Office(name="Market Hall", address="1 High Street"),),
)


@contextmanager
def heard() -> Iterator[list[str]]:
    """What WeasyPrint complains of meanwhile."""
    said: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("weasyprint").addHandler(handler)
    try:
        yield said
    finally:
        logging.getLogger("weasyprint").removeHandler(handler)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form as it is set in pages."""

    document: Any
    complaints: tuple[str, ...]

    @property
    def rectangles(self) -> Rectangles:
        return rectangles_of(self.document)

    @property
    def pages(self) -> int:
        return len(self.document.pages)


@cache
def sheet(key: str, code: str, size: Size = "normal") -> Sheet:
    """A form in a language, laid out but not written."""
    with heard() as said:
        document = document_of(ALL[key], code, SETTINGS, size)
    return Sheet(document, tuple(said))


@cache
def written(key: str, code: str) -> tuple[Rendered, tuple[str, ...]]:
    """The same as PDF, and what was complained of."""
    with heard() as said:
        found = rendered(sheet(key, code).document)
    return found, tuple(said)


def come_back(database: Database, run: str, number: int) -> None:
    """The first so many papers of a run come back."""
    with database.write() as connection:
        papers = connection.execute(runs.PAPERS, {"wanted": run}).scalars().all()
        runs.count_papers_returned(connection, papers[:number])


def printable(form: Form) -> dict[str, list[str]]:
    """The options that a tenant may tick, by question, as the definition says it."""
    return {
        question.key: [option.code for option in question.known if option.by == "anyone"]
        for question in form.questions
        if isinstance(question, Choice)
    }
