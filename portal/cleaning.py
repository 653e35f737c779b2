"""Pictures and PDFs made anew by a child process, so that nothing hidden in them is kept.

A picture is decoded and encoded again: what says where and by whom it was taken goes, and so does whatever
hangs behind it. A PDF loses scripts, actions that start something, and files inside it. The child has
little memory and little time, reads one open file and writes another, and imports nothing of the portal.
"""

from __future__ import annotations

import itertools
import json
import os
import resource
import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO

MOST_PIXELS = 60_000_000
"""Of one picture: an A4 page at 600 dots an inch has 35 million."""
MOST_FRAMES = 100
MOST_PAGES = 500
MOST_OBJECTS = 200_000
"""Of a PDF: a scan has a handful for each page."""
MEMORY = 1 << 30
"""Bytes of address space that the child may have."""
CPU_SECONDS = 30
SECONDS = 60
"""How long the parent waits for it."""
LARGEST = 100 * 1024 * 1024
"""Bytes that a file made anew may have."""

DAMAGED = "damaged"
TOO_LARGE = "too large"
TOO_MANY_FRAMES = "too many frames"
TOO_MANY_PAGES = "too many pages"
LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class Made:
    """What a file made anew is like; `refused` says why there is none."""

    refused: str = ""
    width: int | None = None
    height: int | None = None
    pages: int | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """One page of a scan as a JPEG."""

    size: int
    """Bytes."""
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of a scan as pictures, one behind the other; `refused` says why there are none."""

    refused: str = ""
    drawn: tuple[Drawn, ...] = ()


def make_anew(kind: str, source: IO[bytes], target: IO[bytes]) -> Made:
    """Write the picture or PDF in `source` anew into `target`; both are open files of the system.

    Whatever is in the source, this process takes no harm: a child that fails means a damaged file.
    """
    said = _child(kind, source, target)
    return said if isinstance(said, Made) else Made(**json.loads(said))


def draw_pages(kind: str, source: IO[bytes], target: IO[bytes], most: int) -> Pages:
    """Write each page of a PDF or TIFF as a JPEG into `target`; one of more than `most` pages is refused."""
    said = _child(kind, source, target, str(most))
    if isinstance(said, Made):
        return Pages(said.refused)
    found = json.loads(said)
    return Pages(found["refused"], tuple(Drawn(*one) for one in found["drawn"]))


def _child(kind: str, source: IO[bytes], target: IO[bytes], *more: str) -> bytes | Made:
    """What the child says on stdout, or why it could say nothing."""
    source.seek(0)
    number = target.fileno()
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(Path(__file__)), kind, str(number), *more],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=(number,),
            cwd="/",
            env={"LC_ALL": "C.UTF-8"},
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        return Made(refused=TOO_LARGE)
    if done.returncode != 0:
        return Made(refused=DAMAGED)
    return done.stdout


class _Refused(Exception):
    """Why the child makes nothing of a file: one of the reasons above."""


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST, LARGEST))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/tiff": "TIFF", "image/webp": "WEBP"}
MODES = {
    "JPEG": ("RGB", "L"),
    "PNG": ("RGB", "L", "1", "RGBA", "LA"),
    "TIFF": ("RGB", "L", "1"),
    "WEBP": ("RGB", "RGBA"),
}
"""The modes that each is written in; anything else becomes the first, or RGBA if it can be seen through."""
READ_AS = {"JPEG": ["JPEG", "MPO"]}
"""Telephones write several pictures into one JPEG; the first is the one that was taken."""


def _picture(kind: str, source: IO[bytes], target: IO[bytes]) -> Made:
    from PIL import Image, TiffImagePlugin, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    written = FORMATS[kind]
    try:
        with Image.open(source, formats=READ_AS.get(written, [written])) as image:
            if image.width * image.height > MOST_PIXELS:
                raise _Refused(TOO_LARGE)
            _check_frames(image)
            pages = _pages(image, written)
            first = next(pages)
            width, height = first.size
            if written == "TIFF":
                with TiffImagePlugin.AppendingTiffWriter(target) as whole:
                    for page in itertools.chain((first,), pages):
                        page.save(whole, written, compression="tiff_deflate")
                        whole.newFrame()
            else:
                first.save(target, written, quality=90, optimize=False)
            frames = getattr(image, "n_frames", 1) if written == "TIFF" else None
    except (Image.DecompressionBombWarning, Image.DecompressionBombError, MemoryError) as error:
        raise _Refused(TOO_LARGE) from error
    except UnidentifiedImageError as error:
        raise _Refused(DAMAGED) from error
    return Made(width=width, height=height, pages=frames)


def _check_frames(image: Any) -> None:
    try:
        for number in range(1, MOST_FRAMES + 1):  # one by one: a leap past the end makes Pillow miscount
            image.seek(number)
    except EOFError:
        image.seek(0)
    else:
        raise _Refused(TOO_MANY_FRAMES)


def _pages(image: Any, written: str) -> Iterator[Any]:
    """The picture as it was meant to be seen and nothing else of it; of a TIFF every page."""
    from PIL import ImageOps

    for number in range(getattr(image, "n_frames", 1) if written == "TIFF" else 1):
        image.seek(number)
        if image.width * image.height > MOST_PIXELS:
            raise _Refused(TOO_LARGE)
        seen = ImageOps.exif_transpose(image)
        if written != "TIFF":
            image.close()  # a photo is large: never three of it at once
        modes = MODES[written]
        clear = seen.mode in ("RGBA", "LA", "PA") or "transparency" in seen.info
        mode = "RGBA" if clear and "RGBA" in modes else modes[0]
        plain = seen.copy() if seen.mode in modes and seen.mode != "P" else seen.convert(mode)
        plain.info = {}
        plain.getexif().clear()
        del seen
        yield plain


LONGEST_SIDE = 1800
"""Pixels of a page that is drawn: 150 dots an inch of A4, at which pencil can be read."""


def _drawn(kind: str, source: BinaryIO, target: BinaryIO, most: int) -> list[tuple[int, int, int]]:
    """Size, width and height of each page's JPEG."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    found = []
    for image in _pages_of_pdf(source, most) if kind == "application/pdf" else _pages_of_tiff(source, most):
        plain = image.convert("L" if image.mode in ("1", "L") else "RGB")
        plain.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        before = target.tell()
        plain.save(target, "JPEG", quality=85)
        found.append((target.tell() - before, plain.width, plain.height))
    return found


def _pages_of_pdf(source: BinaryIO, most: int) -> Iterator[Any]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(source)
    except pypdfium2.PdfiumError as error:
        raise _Refused(LOCKED if "password" in str(error).lower() else DAMAGED) from error
    if not 1 <= len(document) <= most:
        raise _Refused(TOO_MANY_PAGES if len(document) else DAMAGED)
    for page in document:
        if max(page.get_size()) <= 0:
            raise _Refused(DAMAGED)
        yield page.render(scale=LONGEST_SIDE / max(page.get_size()), draw_annots=False).to_pil()


def _pages_of_tiff(source: BinaryIO, most: int) -> Iterator[Any]:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(source, formats=["TIFF"]) as image:
            if image.width * image.height > MOST_PIXELS:
                raise _Refused(TOO_LARGE)
            _check_frames(image)
            if getattr(image, "n_frames", 1) > most:
                raise _Refused(TOO_MANY_PAGES)
            yield from _pages(image, "TIFF")
    except (Image.DecompressionBombWarning, Image.DecompressionBombError, MemoryError) as error:
        raise _Refused(TOO_LARGE) from error
    except UnidentifiedImageError as error:
        raise _Refused(DAMAGED) from error


STARTS_SOMETHING = frozenset(
    {
        "/GoTo3DView",
        "/GoToE",
        "/GoToR",
        "/Hide",
        "/ImportData",
        "/JavaScript",
        "/Launch",
        "/Movie",
        "/Rendition",
        "/ResetForm",
        "/RichMediaExecute",
        "/SetOCGState",
        "/Sound",
        "/SubmitForm",
        "/Thread",
        "/Trans",
        "/URI",
    }
)
"""Actions of a PDF. A jump to another page of the same file (GoTo, Named) is all that may stay."""
TAKEN_OUT = frozenset(
    {
        "/AA",
        "/AF",
        "/Collection",
        "/DSS",
        "/EF",
        "/EmbeddedFile",
        "/EmbeddedFiles",
        "/JS",
        "/JavaScript",
        "/Metadata",
        "/OpenAction",
        "/Perms",
        "/PieceInfo",
        "/RichMediaContent",
        "/RichMediaSettings",
        "/XFA",
    }
)
"""Parts of a PDF that hold programs, other files, or words about whoever made it."""


def _pdf(source: BinaryIO, target: BinaryIO) -> Made:
    import pikepdf

    try:
        with pikepdf.open(source, suppress_warnings=True) as pdf:
            if pdf.is_encrypted:
                raise _Refused(LOCKED)
            pages = len(pdf.pages)
            if pages == 0:
                raise _Refused(DAMAGED)
            if pages > MOST_PAGES:
                raise _Refused(TOO_MANY_PAGES)
            if len(pdf.objects) > MOST_OBJECTS:
                raise _Refused(TOO_LARGE)
            for thing in pdf.objects:
                _disarm(thing, pikepdf)
            if "/Info" in pdf.trailer:
                del pdf.trailer["/Info"]
            pdf.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate, fix_metadata_version=False)
    except pikepdf.PasswordError as error:
        raise _Refused(LOCKED) from error
    except pikepdf.PdfError as error:
        raise _Refused(DAMAGED) from error
    return Made(pages=pages)


def _disarm(thing: Any, pikepdf: Any) -> None:
    """Take out of one object, and of what lies directly in it, all that starts something or hides a file."""
    waiting = [thing]
    while waiting:
        one = waiting.pop()
        if isinstance(one, pikepdf.Array):
            waiting.extend(inner for inner in one if _lies_here(inner, pikepdf))
        elif isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
            starts = str(one.get("/S", "")) in STARTS_SOMETHING
            for key in list(one.keys()):
                if key in TAKEN_OUT or (starts and key != "/Length"):
                    del one[key]
                elif _lies_here(one[key], pikepdf):
                    waiting.append(one[key])


def _lies_here(thing: Any, pikepdf: Any) -> bool:
    return isinstance(thing, pikepdf.Array | pikepdf.Dictionary) and not thing.is_indirect


def main(kind: str, number: str, most: str = "") -> None:
    """The child: stdin is the file, `number` the descriptor to write to, stdout takes what came of it.

    With `most` its pages are drawn.
    """
    _limit()
    warnings.simplefilter("error", category=RuntimeWarning)  # a decompression bomb is one
    with os.fdopen(int(number), "r+b", closefd=False) as target, open(0, "rb", closefd=False) as source:
        try:
            if most:
                pages = _drawn(kind, source, target, int(most))
                sys.stdout.write(json.dumps({"refused": "", "drawn": pages}))
                return
            made = _pdf(source, target) if kind == "application/pdf" else _picture(kind, source, target)
        except _Refused as refused:
            if most:
                sys.stdout.write(json.dumps({"refused": str(refused), "drawn": []}))
                return
            made = Made(refused=str(refused))
    sys.stdout.write(json.dumps({name: getattr(made, name) for name in Made.__slots__}))


if __name__ == "__main__":
    main(*sys.argv[1:])
