"""What a bundle of paper forms costs: set once, stamped a hundred times, in every language."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from portal import references
from portal.forms import EQUALITY
from portal.paper.bundles import bundle, cover_pdf, document_of, rendered, weasyprint
from portal.settings import Settings

COPIES = 100
GOAL = 5.0
"""CPU seconds for a bundle."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle in one language; seconds are CPU time."""

    language: str
    pages: int
    setting: float
    """Laying the form out and writing it once, the cover included."""
    stamping: float

    @property
    def total(self) -> float:
        return self.setting + self.stamping

    @property
    def met(self) -> bool:
        return self.total <= GOAL


def bundles(languages: Iterable[str], copies: int = COPIES) -> Iterator[Bundle]:
    weasyprint()  # loading it is not part of a bundle
    form = EQUALITY.here()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        settings = Settings(data=Path(folder))
        for language in languages:
            papers = [references.new() for _copy in range(copies)]
            begun = time.process_time()
            sheet = rendered(document_of(form, language, settings))
            cover = cover_pdf(settings, run=papers[0], facts=[])
            between = time.process_time()
            bundle(
                sheet,
                papers[0],
                language,
                papers,
                cover,
                Path(folder, f"{language}.pdf"),
                lambda done, of: None,
            )
            ended = time.process_time()
            yield Bundle(language, sheet.pages, between - begun, ended - between)
