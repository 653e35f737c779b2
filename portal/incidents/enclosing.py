"""A pack as an encrypted file, for an organisation whose safe way is a mailbox.

The file is made each time that it is asked for and kept nowhere. Its password is made from the key ring: the
database does not tell it, and the file goes another way than the password.
"""

from __future__ import annotations

import io
from importlib import import_module
from typing import Any

import pikepdf
from flask import current_app

from portal import references
from portal.incidents.packs import Pack
from portal.sealing import KeyRing

LETTERS = 20
"""Of 23 kinds each: about 90 bits."""
GROUP = 4


class NoFile(RuntimeError):
    """This machine lacks what sets pages."""


def password_for(ring: KeyRing, disclosure: str) -> str:
    """The password of the file of a disclosure, such as 7K3P-X92C-MM4F-R2G6-TT9W: the same each time."""
    number = int.from_bytes(ring.digest("sign_in", b"pack file", disclosure.encode()), "big")
    letters = ""
    for _place in range(LETTERS):
        number, letter = divmod(number, len(references.ALPHABET))
        letters += references.ALPHABET[letter]
    return "-".join(letters[place : place + GROUP] for place in range(0, LETTERS, GROUP))


def file_of(ring: KeyRing, disclosure: str, pack: Pack) -> bytes:
    """A PDF that opens with the password only. Raises NoFile."""
    try:
        library = import_module("weasyprint")
    except (ImportError, OSError) as error:
        raise NoFile("PDF cannot be made, because Pango is missing") from error
    page = current_app.jinja_env.get_template("incidents/enclosed.html").render(
        reference=references.grouped(disclosure),
        lines=[line for part in pack for line in part["lines"]],
    )
    plain = library.HTML(string=page, url_fetcher=_nothing).write_pdf()
    password, sealed = password_for(ring, disclosure), io.BytesIO()
    with pikepdf.open(io.BytesIO(plain)) as document:
        # what is in the file's properties tells nobody who made it, when or with what
        del document.docinfo
        locked = pikepdf.Encryption(owner=password, user=password, R=6, aes=True, metadata=True)
        document.save(sealed, encryption=locked)
    return sealed.getvalue()


def _nothing(url: str, *_more: Any, **_others: Any) -> dict[str, Any]:
    """A pack names nothing that would have to be fetched."""
    raise ValueError("nothing is fetched for a pack")
