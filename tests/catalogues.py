"""Keeping the catalogues: `python -m tests.catalogues` brings template and translations up to date.

A new or changed English text comes into each catalogue untranslated; what is no longer used goes.
"""

from __future__ import annotations

import io
import tomllib
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from portal.languages import LANGUAGES, reviewed_by

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "translations"
KEYWORDS = {
    "public": {"_": None, "_in": ((1, "c"), 2), "_many": (1, 2)},
    "staff": {"_staff": None},
}
TEMPLATE_HEADER = "# The texts of the portal, as they stand in its code. Made by `make words`."
HEADER = (
    "# {language}: what tenants read. X-Reviewed-By names the person who has checked it; empty is a draft."
)


@cache
def extracted(name: str) -> Catalog:
    """The texts of a catalogue that stand in the code and templates now."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["babel"]["mappings"]
    methods = [(one["pattern"].removeprefix("portal/"), one["method"]) for one in settings]
    catalog = Catalog(project="portal", header_comment=TEMPLATE_HEADER, charset="utf-8", fuzzy=False)
    found = extract_from_dir(
        str(ROOT / "portal"), methods, keywords=KEYWORDS[name], comment_tags=("Translators:",)
    )
    for file, line, text, comments, context in found:
        place = (f"portal/{Path(file).as_posix()}", line)
        catalog.add(text, None, [place], auto_comments=comments, context=context)
    return catalog


def template(name: str) -> bytes:
    """The template file of a catalogue. Places are named without lines, which would change too often."""
    return _written(extracted(name), [("Content-Type", "text/plain; charset=utf-8")])


def place_of(code: str, name: str = "public") -> Path:
    return FOLDER / code / "LC_MESSAGES" / f"{name}.po"


def translation(code: str, name: str = "public") -> Catalog:
    """A language's catalogue as it is kept."""
    with place_of(code, name).open("rb") as file:
        return read_po(file, locale=code)


def brought_up_to_date(code: str, name: str = "public") -> bytes:
    """A language's catalogue with the texts that stand in the code now, and no others."""
    old = translation(code, name)
    new = Catalog(
        locale=code,
        header_comment=HEADER.format(language=LANGUAGES[code].english),
        charset="utf-8",
        fuzzy=False,
    )
    for message in extracted(name):
        if message.id:
            kept = old.get(message.id, context=message.context)
            new.add(
                message.id,
                kept.string if kept else None,
                message.locations,
                auto_comments=message.auto_comments,
                context=message.context,
            )
    return _written(
        new,
        [
            ("Language", code),
            ("X-Reviewed-By", reviewed_by(place_of(code, name))),
            ("Plural-Forms", new.plural_forms),
            ("Content-Type", "text/plain; charset=utf-8"),
        ],
    )


def _written(catalog: Catalog, headers: list[tuple[str, str]]) -> bytes:
    for message in catalog:
        message.locations = [(file, None) for file in sorted({file for file, _line in message.locations})]
        message.lineno = None
    body = io.BytesIO()
    write_po(body, catalog, width=0, sort_by_file=True, omit_header=True)
    head = "".join(f'"{name}: {value}\\n"\n' for name, value in headers)
    text = f'{catalog.header_comment}\nmsgid ""\nmsgstr ""\n{head}\n'
    return text.encode() + body.getvalue()


def main() -> None:
    for name in KEYWORDS:
        (FOLDER / f"{name}.pot").write_bytes(template(name))
    for code in LANGUAGES:
        if (FOLDER / code).is_dir():
            place_of(code).write_bytes(brought_up_to_date(code))


if __name__ == "__main__":
    main()
