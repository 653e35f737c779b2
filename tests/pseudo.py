"""A language that nobody speaks: each text in brackets, so that one without them was not translated."""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

CODE = "en-xa"
OPEN, CLOSE = "⟦", "⟧"
ACCENTED = str.maketrans("aeiouAEIOU", "áéíóúÁÉÍÓÚ")


def bracketed(text: str) -> str:
    """The text with accents, in brackets, a third longer; placeholders as they are."""
    pieces = re.split(r"(%\(\w+\)s)", text)
    accented = "".join(piece if piece.startswith("%(") else piece.translate(ACCENTED) for piece in pieces)
    return f"{OPEN}{accented}{'~' * (len(text) // 3)}{CLOSE}"


def write(template: Path, target: Path) -> None:
    """The catalogue of this language, from the template."""
    with template.open("rb") as file:
        messages = read_po(file)
    catalog = Catalog(locale="en")
    for message in messages:
        if message.id:
            plural = isinstance(message.id, tuple)
            texts = tuple(map(bracketed, message.id)) if plural else bracketed(message.id)
            catalog.add(message.id, texts, context=message.context)
    target.parent.mkdir(parents=True)
    with target.open("wb") as file:
        write_po(file, catalog)
