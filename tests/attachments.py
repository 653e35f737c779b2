"""Files that people might attach, good and bad, and a place to keep them in."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pikepdf
from PIL import Image

GPS = b"GPSLatitudeRef-51N"
"""Words in a picture's notes that say where it was taken."""


def picture(kind: str = "JPEG", size: tuple[int, int] = (120, 80), mode: str = "RGB", **how: Any) -> bytes:
    """A picture of one colour."""
    file = io.BytesIO()
    Image.new(mode, size, 1 if mode == "1" else None).save(file, kind, **how)
    return file.getvalue()


def telling_picture() -> bytes:
    """A photo taken lying down by a telephone that notes its maker and the place."""
    notes = Image.Exif()
    notes[0x0112] = 6  # turned by a quarter
    notes[0x010F] = "Synthetic Phones"
    notes.get_ifd(0x8825)[1] = "N"
    notes.get_ifd(0x8825)[29] = GPS.decode()
    return picture(exif=notes, comment=b"taken by Kim")


def moving_picture(frames: int, kind: str = "TIFF") -> bytes:
    """A picture of many parts."""
    file = io.BytesIO()
    parts = [Image.new("P", (2, 2), number % 250) for number in range(frames)]
    parts[0].save(file, kind, save_all=True, append_images=parts[1:])
    return file.getvalue()


def pdf(change: Callable[[pikepdf.Pdf], None] = lambda made: None, pages: int = 1, **how: Any) -> bytes:
    """A PDF of empty pages, changed as a test needs it."""
    made = pikepdf.new()
    for _page in range(pages):
        made.add_blank_page()
    change(made)
    file = io.BytesIO()
    made.save(file, **how)
    return file.getvalue()


def full_of_traps(made: pikepdf.Pdf) -> None:
    """What a PDF can start, hide or tell: on opening, on a page, behind a link, in names, attached."""
    name, words = pikepdf.Name, pikepdf.Dictionary
    script = words(S=name.JavaScript, JS="app.alert('trap')")
    launch = made.make_indirect(words(S=name.Launch, F="trap.exe"))
    made.Root.OpenAction = script
    made.Root.AA = words(WC=script)
    made.Root.Names = words(JavaScript=words(Names=[pikepdf.String("trap"), script]))
    made.Root.AcroForm = words(Fields=[], XFA=made.make_stream(b"<xdp>trap</xdp>"))
    made.attachments["trap.exe"] = b"MZ trap"
    made.docinfo["/Author"] = "Kim trap"
    going_on = words(S=name.GoTo, D=[made.pages[0].obj, name.Fit], Next=[launch, script])
    made.pages[0].Annots = made.make_indirect(
        pikepdf.Array(
            [
                words(Type=name.Annot, Subtype=name.Link, Rect=[0, 0, 9, 9], A=launch),
                words(Type=name.Annot, Subtype=name.Link, Rect=[0, 0, 9, 9], A=going_on),
                words(
                    Type=name.Annot,
                    Subtype=name.FileAttachment,
                    Rect=[0, 0, 9, 9],
                    FS=words(Type=name.Filespec, EF=words(F=made.make_stream(b"trap in a note"))),
                ),
            ]
        )
    )
    made.pages[0].AA = words(O=words(S=name.SubmitForm, F="https://trap.example"))
