"""Files that people attach: what is taken, what is refused and in which words, and what is left of it."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from portal import cleaning, files
from portal.blobs import Folder
from portal.database import Database
from portal.files import MEGABYTE, PDF, PICTURES, SCANS, Kept, Refused
from portal.sealing import KeyRing
from tests.attachments import GPS, full_of_traps, moving_picture, pdf, picture, telling_picture

ROOT = Path(__file__).parent.parent
KeepIt = Callable[..., Kept | Refused]


@pytest.fixture
def store(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "files")


@pytest.fixture
def keep(sqlite: Database, ring: KeyRing, store: Folder) -> KeepIt:
    """keep(content, name) as a scan that belongs to somebody."""

    def kept(
        content: bytes, name: str, allowed: tuple[files.Kind, ...] = SCANS, **how: int
    ) -> Kept | Refused:
        return files.keep(sqlite, ring, store, io.BytesIO(content), name, allowed, "pass 7K3PX92CM", **how)

    return kept


def taken(found: Kept | Refused) -> Kept:
    assert isinstance(found, Kept), found
    return found


def refused(found: Kept | Refused) -> str:
    assert isinstance(found, Refused), found
    return found.message.english


@pytest.fixture
def content(sqlite: Database, ring: KeyRing, store: Folder) -> Callable[[Kept | Refused], bytes]:
    return lambda kept: b"".join(files.read(sqlite, ring, store, taken(kept).id))


Content = Callable[[Kept | Refused], bytes]


# What is taken


@pytest.mark.parametrize(
    ("kind", "name", "mode"),
    [
        ("JPEG", "a.jpg", "RGB"),
        ("JPEG", "a.JPEG", "L"),
        ("JPEG", "a.jpe", "CMYK"),
        ("PNG", "scan.png", "RGB"),
        ("PNG", "scan.png", "P"),
        ("PNG", "scan.png", "1"),
        ("PNG", "scan.png", "RGBA"),
        ("PNG", "scan.png", "LA"),
        ("PNG", "scan.png", "I;16"),
        ("TIFF", "scan.tif", "1"),
        ("TIFF", "scan.TIFF", "CMYK"),
        ("WEBP", "scan.webp", "RGBA"),
    ],
)
def test_a_picture_comes_back_as_a_picture_of_its_kind_and_size(
    keep: KeepIt, content: Content, kind: str, name: str, mode: str
) -> None:
    kept = taken(keep(picture(kind, mode=mode), name, PICTURES))
    with Image.open(io.BytesIO(content(kept))) as seen:
        assert (seen.format, seen.size) == (kind, (120, 80)) == (kind, (kept.width, kept.height))
    assert kept.size == len(content(kept))


def test_a_tiff_keeps_all_its_pages_and_a_pdf_its_own(keep: KeepIt, content: Content) -> None:
    scans = taken(keep(moving_picture(4), "scans.tif"))
    with Image.open(io.BytesIO(content(scans))) as seen:
        assert seen.n_frames == scans.pages == 4
    kept = taken(keep(pdf(pages=3), "letter.pdf"))
    with pikepdf.open(io.BytesIO(content(kept))) as read:
        assert len(read.pages) == kept.pages == 3


def test_what_a_picture_tells_about_place_and_person_is_gone(keep: KeepIt, content: Content) -> None:
    before = telling_picture()
    assert GPS in before and b"Kim" in before
    after = content(kept := keep(before, "me.jpg"))
    for word in (GPS, b"Kim", b"Synthetic", b"Exif"):
        assert word not in after
    assert (taken(kept).width, taken(kept).height) == (80, 120), "it stands as it was meant to be seen"
    for kind in ("PNG", "TIFF", "WEBP"):
        notes = Image.Exif()
        notes[0x010F] = "Synthetic Phones"
        told = picture(kind, exif=notes)
        assert b"Synthetic" in told
        assert b"Synthetic" not in content(keep(told, f"me.{kind.lower()}", PICTURES))


def test_what_hangs_behind_a_picture_is_gone(keep: KeepIt, content: Content) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as held:
        held.writestr("trap.exe", "MZ")
    assert b"trap.exe" not in content(keep(picture() + archive.getvalue(), "a.jpg"))


def test_what_a_pdf_could_start_or_hide_is_taken_out(keep: KeepIt, content: Content) -> None:
    before = pdf(full_of_traps, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False)
    assert before.count(b"trap") > 8
    with pikepdf.open(io.BytesIO(content(keep(before, "letter.pdf")))) as after:
        plain = io.BytesIO()
        after.save(plain, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False)
        assert after.attachments == {} and len(after.pages) == 1
        assert {"/OpenAction", "/AA"}.isdisjoint(after.Root.keys())
    written = plain.getvalue()
    for word in (b"trap", b"JavaScript", b"Launch", b"SubmitForm", b"EmbeddedFile", b"Kim"):
        assert word not in written, word
    assert b"GoTo" in written, "a jump to a page is harmless"


# What is refused

WRONG_KIND = "We cannot take this kind of file. Attach one of these kinds: JPEG, PNG, TIFF, PDF"
DISAGREES = files.DISAGREES.english
DAMAGED = files.REASONS[cleaning.DAMAGED].english


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as held:
        held.writestr("[Content_Types].xml", "<Types/>")
        held.writestr("word/document.xml", "<w:document/>")
    return file.getvalue()


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'
BAD = {
    "a page": (b"<!DOCTYPE html><html><script>alert(1)</script></html>", "a.html", WRONG_KIND),
    "a page that says it is a picture": (b"<html><script>1</script></html>", "a.jpg", WRONG_KIND),
    "a drawing": (SVG, "a.svg", WRONG_KIND),
    "a drawing that says it is a picture": (SVG, "a.png", WRONG_KIND),
    "a document": (archive(), "a.docx", WRONG_KIND),
    "an archive that says it is a PDF": (archive(), "a.pdf", WRONG_KIND),
    "words": (b"Dear landlord", "a.pdf", WRONG_KIND),
    "a program": (b"MZ" + bytes(200), "a.pdf", WRONG_KIND),
    "a PDF behind a page": (b"<html>" + pdf(), "a.pdf", WRONG_KIND),
    "a kind that is not asked for": (picture("GIF", mode="P"), "a.gif", WRONG_KIND),
    "10,000 frames": (moving_picture(10_000, "GIF"), "a.gif", WRONG_KIND),
    "a picture that is a page besides": (picture() + b"<ScRiPt>1</sCrIpT>", "a.jpg", DISAGREES),
    "a picture with a page in its comment": (picture(comment=b"<script>1</script>"), "a.jpg", DISAGREES),
    "a picture that is a PDF besides": (picture("PNG") + pdf(), "a.png", DISAGREES),
    "another ending": (picture("PNG"), "a.jpg", DISAGREES),
    "a page's ending": (picture(), "a.jpg.html", DISAGREES),
    "no ending": (picture(), "jpg.", DISAGREES),
    "a picture cut short": (picture("PNG", (900, 900), "L")[:-300], "a.png", DAMAGED),
    "a JPEG cut short": (picture("JPEG", (900, 900))[:700], "a.jpg", DAMAGED),
    "only the first bytes of a picture": (b"\x89PNG\r\n\x1a\n", "a.png", DAMAGED),
    "a PDF that is none": (b"%PDF-1.7\nDear landlord", "a.pdf", DAMAGED),
    "a PDF without pages": (pdf(pages=0), "a.pdf", DAMAGED),
    "a locked PDF": (
        pdf(encryption=pikepdf.Encryption(owner="o", user="u")),
        "a.pdf",
        files.REASONS[cleaning.LOCKED].english,
    ),
    "a PDF locked for changes": (
        pdf(encryption=pikepdf.Encryption(owner="o", user="")),
        "a.pdf",
        files.REASONS[cleaning.LOCKED].english,
    ),
    "too many pages": (
        pdf(pages=cleaning.MOST_PAGES + 1),
        "a.pdf",
        files.REASONS[cleaning.TOO_MANY_PAGES].english,
    ),
    "too many frames": (
        moving_picture(cleaning.MOST_FRAMES + 1),
        "a.tif",
        files.REASONS[cleaning.TOO_MANY_FRAMES].english,
    ),
    "too many pixels": (
        picture("PNG", (20_000, 20_000), "1"),
        "a.png",
        files.REASONS[cleaning.TOO_LARGE].english,
    ),
    "nothing": (b"", "a.pdf", files.EMPTY.english),
}


@pytest.mark.parametrize("what", BAD)
def test_it_is_refused_in_plain_words_and_nothing_of_it_is_left(
    keep: KeepIt, store: Folder, sqlite: Database, what: str
) -> None:
    sent, name, message = BAD[what]
    assert refused(keep(sent, name)) == message
    assert list(store.names()) == [] and files.owners(sqlite) == []


def test_a_kind_is_taken_only_where_it_is_asked_for(keep: KeepIt) -> None:
    assert "JPEG, PNG, TIFF, WebP" in refused(keep(pdf(), "a.pdf", PICTURES))
    taken(keep(pdf(), "a.pdf", (PDF,)))


class Endless:
    """A sender that never stops."""

    def __init__(self) -> None:
        self.given = 0

    def read(self, size: int, /) -> bytes:
        assert self.given <= 3 * MEGABYTE, "it is read beyond its limit"
        self.given += size
        return b"\xff" * size


def test_a_stream_that_never_ends_is_cut(sqlite: Database, ring: KeyRing, store: Folder) -> None:
    endless = Endless()
    found = files.keep(sqlite, ring, store, endless, "a.jpg", SCANS, "pass 1", most=2 * MEGABYTE)
    assert refused(found) == "This file is too large: 2 MB at most"
    assert endless.given <= 2 * MEGABYTE + 64 * 1024


def test_a_file_of_just_the_limit_is_taken(keep: KeepIt) -> None:
    sent = picture()
    padded = sent + bytes(MEGABYTE - len(sent))
    taken(keep(padded, "a.jpg", most=MEGABYTE))
    assert "1 MB at most" in refused(keep(padded + b"\0", "a.jpg", most=MEGABYTE))


GROWTH = """
import json, re, sys
from pathlib import Path
from portal import files
from portal.blobs import Folder
from portal.database import Database
from portal.migrating import migrate
from portal.sealing import KeyRing
here = Path(sys.argv[1])
database, ring, store = Database(f"sqlite:///{here / 'p.sqlite'}"), KeyRing.new(), Folder(here / "files")
migrate(database)
found = []
def most():  # of this program: getrusage would count that of the process that started it
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
def sent(name):
    with (here / name).open("rb") as stream:
        kept = files.keep(database, ring, store, stream, name, files.SCANS, "pass 1")
        found.append(isinstance(kept, files.Kept))
sent("small.png")
before = most()
for name in ("large.png", "bomb.png", "long.jpg"):
    sent(name)
print(json.dumps([found, most() - before]))
"""


def test_a_large_picture_a_bomb_and_a_long_file_take_little_memory_of_ours(tmp_path: Path) -> None:
    """59 million points need 240 MB when they are opened; the process that asks grows by less than 50."""
    (tmp_path / "small.png").write_bytes(picture("PNG"))
    (tmp_path / "large.png").write_bytes(picture("PNG", (7700, 7700), "RGB"))
    (tmp_path / "bomb.png").write_bytes(picture("PNG", (20_000, 20_000), "1"))
    (tmp_path / "long.jpg").write_bytes(picture() + bytes(24 * MEGABYTE))
    done = subprocess.run(
        [sys.executable, "-c", GROWTH, str(tmp_path)], capture_output=True, check=True, cwd=ROOT
    )
    found, kilobytes = json.loads(done.stdout)
    assert found == [True, True, False, True]
    assert kilobytes < 50 * 1024


def test_a_child_that_takes_too_long_or_dies_is_a_refusal(
    keep: KeepIt, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dying = tmp_path / "dying.py"
    for code, words in (
        ("import os; os.abort()", DAMAGED),
        ("import signal; signal.pause()", files.REASONS[cleaning.TOO_LARGE].english),
    ):
        dying.write_text(code)
        monkeypatch.setattr("portal.cleaning.__file__", str(dying))
        monkeypatch.setattr("portal.cleaning.SECONDS", 0.5)
        assert refused(keep(picture(), "a.jpg")) == words


def test_the_child_has_little_memory_and_time() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'portal')!r}); import cleaning; cleaning._limit(); "
        "import resource; print([resource.getrlimit(one)[0] for one in (resource.RLIMIT_AS, "
        "resource.RLIMIT_CPU, resource.RLIMIT_FSIZE)])"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, check=True)
    assert json.loads(done.stdout) == [1 << 30, 30, 100 * MEGABYTE]
