"""Print runs: ordered, made into a PDF, given out, come back."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, func, insert, select, update

from portal import clock, references
from portal.database import Database, alone_in
from portal.forms import FORMS
from portal.languages import LANGUAGES
from portal.paper.bundles import PaperError, bundle, cover_pdf, document_of, rendered
from portal.paper.models import Paper, PrintRun
from portal.paper.sheets import POINTS, SIZES, Size
from portal.questions import Form
from portal.questions.messages import _staff
from portal.registers import as_printed, pairs_of
from portal.settings import Settings

Run = Row[Any]
"""A row of print_run, its columns by name."""

MOST = 500
"""Copies in one run: more would make a file that printers choke on."""
OPERATOR = "operator"
"""Who orders on the command line."""

BUNDLE = "paper bundle"
"""Kind of the job that makes a run's PDF; the run's reference is its name."""

COLUMNS = PrintRun.__table__.columns
FIND = select(*COLUMNS).where(PrintRun.reference == bindparam("wanted"))
EVERY = select(*COLUMNS).order_by(PrintRun.made.desc(), PrintRun.reference)
PAPERS = select(Paper.reference).where(Paper.run == bindparam("wanted")).order_by(Paper.serial)
FIND_PAPER = select(Paper.run, Paper.serial).where(Paper.reference == bindparam("wanted"))
MADE = (
    update(PrintRun)
    .where(PrintRun.reference == bindparam("wanted"))
    .values(pages=bindparam("counted"), rectangles=bindparam("places"), weasyprint=bindparam("version"))
)
ISSUE = (
    update(PrintRun)
    .where(
        PrintRun.reference == bindparam("wanted"),
        (PrintRun.issued + bindparam("more")).between(0, PrintRun.number),
    )
    .values(
        issued=PrintRun.issued + bindparam("more"),
        collection=case((PrintRun.issued == 0, bindparam("place")), else_=PrintRun.collection),
    )
)
RETURN = (
    update(PrintRun)
    .where(PrintRun.reference == bindparam("wanted"))
    .values(
        returned=case(
            (PrintRun.returned + bindparam("more") > PrintRun.number, PrintRun.number),
            else_=PrintRun.returned + bindparam("more"),
        )
    )
)
RUNS_OF = (
    select(Paper.run, func.count())
    .where(Paper.reference.in_(bindparam("papers", expanding=True)))
    .group_by(Paper.run)
)
FIND_BY_PAPER = (
    select(*COLUMNS)
    .join(Paper, Paper.run == PrintRun.reference)
    .where(Paper.reference == bindparam("wanted"))
)
RATES = (
    select(
        PrintRun.collection,
        PrintRun.form,
        func.sum(PrintRun.issued).label("issued"),
        func.sum(PrintRun.returned).label("returned"),
    )
    .group_by(PrintRun.collection, PrintRun.form)
    .order_by(PrintRun.collection, PrintRun.form)
)


def order(
    database: Database,
    form: Form,
    language: str,
    size: Size,
    yellow: bool,
    collection: str | None,
    number: int,
    by: str,
    note: str = "",
    also: Callable[[Connection, str], None] | None = None,
) -> Run:
    """Note a run of a form in use (`form.here()`) and give each paper its reference. Raises PaperError.

    `by` is the reference of a member of staff, or OPERATOR. `also` is called with the run's reference in
    the transaction that notes it, as its last step.
    """
    if not 1 <= number <= MOST:
        raise PaperError(f"a run has from 1 to {MOST} copies: order {number} in several runs")
    if language not in LANGUAGES:
        raise PaperError(f"{language!r} is not one of {', '.join(LANGUAGES)}")
    if size not in SIZES:
        raise PaperError(f"{size!r} is not one of {', '.join(SIZES)}")
    reference = references.new()
    row = {
        "reference": reference,
        "form": form.key,
        "edition": form.edition,
        "variants": form.wording,
        "registers": pairs_of(form),
        "language": language,
        "size": size,
        "yellow": yellow,
        "collection": collection,
        "number": number,
        "made": clock.today(),
        "by": by,
        "note": note,
    }
    # a dictionary, so that no reference comes twice; the table refuses one of another run
    papers: dict[str, int] = {}
    while len(papers) < number:
        papers.setdefault(references.new(), len(papers) + 1)
    rows = [{"reference": paper, "run": reference, "serial": serial} for paper, serial in papers.items()]
    with database.write() as connection:
        connection.execute(insert(PrintRun), row)
        connection.execute(insert(Paper), rows)
        if also is not None:
            also(connection, reference)
    return run(database, reference)


def make(
    database: Database,
    settings: Settings,
    reference: str,
    folder: Path,
    progress: Callable[[int, int], None],
    forms: Iterable[Form] = FORMS,
) -> Path:
    """The PDF of a run, <reference>.pdf in the folder; the one that is there when it is made already.

    Calls progress(copies done, of). Raises PaperError.
    """
    found = run(database, reference)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{reference}.pdf"
    with alone_in(folder):
        if path.exists() and found.pages is not None:
            return path
        form = form_of(found, forms)
        progress(0, found.number)
        sheet = rendered(document_of(form, found.language, settings, found.size, found.yellow))
        with database.read() as connection:
            papers = list(connection.execute(PAPERS, {"wanted": reference}).scalars())
        progress(0, found.number)
        cover = cover_pdf(settings, run=references.grouped(reference), facts=_facts(found, form, sheet.pages))
        beside = path.with_suffix(".part")
        os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        try:
            bundle(sheet, reference, found.language, papers, cover, beside, progress)
            with beside.open("rb") as file:
                os.fsync(file.fileno())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
        database.change(
            MADE,
            {
                "wanted": reference,
                "counted": sheet.pages,
                "places": sheet.rectangles,
                "version": sheet.version,
            },
        )
    return path


def form_of(run: Run, forms: Iterable[Form] = FORMS) -> Form:
    """The form as the run prints it. Raises PaperError for an edition that is gone."""
    for form in forms:
        if (form.key, form.edition) == (run.form, run.edition):
            return as_printed(form, run.registers or {}).here(run.variants)
    raise PaperError(f"there is no form {run.form!r} in edition {run.edition} any more")


def run(database: Database, reference: str) -> Run:
    """A run by its reference. Raises PaperError when there is none."""
    with database.read() as connection:
        found = connection.execute(FIND, {"wanted": reference}).first()
    if found is None:
        raise PaperError(f"there is no print run {references.grouped(reference)}")
    return found


def status(run: Run) -> str:
    """ordered, or made once there is a PDF."""
    return "ordered" if run.pages is None else "made"


def runs(database: Database) -> list[Run]:
    """All runs, the newest first."""
    with database.read() as connection:
        return list(connection.execute(EVERY))


def issue(connection: Connection, reference: str, number: int, place: str | None) -> bool:
    """Note that so many more copies were given out; False when that would be more than there are, or below 0.

    `place` is the code of the place that gives them out. The first ones given out settle it: the rate of
    return is counted by place.
    """
    values = {"wanted": reference, "more": number, "place": place}
    return connection.execute(ISSUE, values).rowcount == 1


def issued(database: Database, reference: str, number: int) -> None:
    """So many more copies were given out (fewer for a number below 0). Raises PaperError."""
    found = run(database, reference)
    with database.write() as connection:
        if not issue(connection, reference, number, found.collection):
            raise PaperError(f"the run has only {found.number} copies, and none below 0")


def count_papers_returned(connection: Connection, papers: Iterable[str]) -> None:
    """Of these papers, those that are of a run of ours came back: counted for each run, in this transaction.

    Papers that come back a second time (a copy of one) do not make more than there are.
    """
    found = connection.execute(RUNS_OF, {"papers": list(papers)})
    for reference, number in sorted(tuple(row) for row in found):
        connection.execute(RETURN, {"wanted": reference, "more": number})


def paper_of(database: Database, reference: str) -> tuple[str, int] | None:
    """The run and the serial number of a paper; None for a reference that is on none."""
    with database.read() as connection:
        found = connection.execute(FIND_PAPER, {"wanted": reference}).first()
    return (found.run, found.serial) if found else None


def run_of(database: Database, paper: str) -> Run | None:
    """The run that a paper is of; None for a reference that is on none of ours."""
    with database.read() as connection:
        return connection.execute(FIND_BY_PAPER, {"wanted": paper}).first()


@dataclass(frozen=True, slots=True)
class Rate:
    """How many papers of a form a place gave out, and how many came back."""

    collection: str | None
    form: str
    issued: int
    returned: int

    @property
    def share(self) -> float | None:
        """Returned of issued, from 0 to 1; None where nothing was given out."""
        return self.returned / self.issued if self.issued else None


def rates(database: Database) -> list[Rate]:
    """Papers given out and come back, for each place and form; None for no place."""
    with database.read() as connection:
        rows = connection.execute(RATES).all()
    return [Rate(row.collection, row.form, int(row.issued), int(row.returned)) for row in rows]


def _facts(run: Run, form: Form, pages: int) -> list[tuple[Any, Any]]:
    """What the cover sheet says of a run."""
    ground = _staff("yellow") if run.yellow else _staff("white")
    return [
        (_staff("Print run"), references.grouped(run.reference)),
        (_staff("Form"), form.title),
        (_staff("Edition"), run.edition),
        (_staff("Language"), LANGUAGES[run.language].english),
        (_staff("Size of letters"), _staff("%(points)s points").with_values(points=POINTS[run.size])),
        (_staff("Ground"), ground),
        (_staff("Given out by"), run.collection or "–"),
        (_staff("Pages of each form"), pages),
        (_staff("Sheets of each form, printed on both sides"), (pages + 1) // 2),
        (_staff("Number of forms"), run.number),
        (_staff("Serial numbers"), _staff("1 to %(last)s").with_values(last=run.number)),
    ]
