"""How much memory it takes to send a report with ten photos of 8 MB, as a browser sends them.

Counted is the whole of the process that takes the report, not what comes on top of it when it rests; the
whole of the child that opens each picture; and what lies in files in memory. Not counted are processes that
take no part: gunicorn's parent of all, and other web processes.
"""

from __future__ import annotations

import io
import os
import secrets
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from PIL import Image

from portal.forms.incident import INCIDENT
from portal.intake.attaching import new_field
from portal.questions import Files
from tests.bench.filled import REPORT, Place, checking, whole
from tests.bench.journey import Lost, Offered, OverHttp, Page, Person
from tests.bench.servers import children_of, free_port, rows, serve_portal

MEGABYTE = 1024 * 1024
GOAL = 300
"""Megabytes at most, at any moment."""
PHOTOS = 10
PIXELS = (4032, 3024)
"""Of a telephone's camera."""
SIZE = 8 * MEGABYTE
TURNED = 6
"""EXIF: held upright."""
PAUSE = 0.004
"""Seconds between two looks at the memory. Opening a picture takes half a second."""
EVIDENCE = next(one for one in INCIDENT.questions if isinstance(one, Files))
OPENS = b"cleaning.py"
"""In the command of the child that opens a picture."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of the report; memory in megabytes."""

    how: str
    each: float
    """Size of a photo, in megabytes."""
    before: float
    """With the evidence page open and nothing attached yet."""
    most: float
    """At its peak, until the report was sent."""

    @property
    def met(self) -> bool:
        return self.most < GOAL


def photo() -> bytes:
    """A JPEG of 8 MB or a little more, as a telephone held upright takes it: noise, else it were small."""
    noise = Image.effect_noise(PIXELS, 32)
    turned = (
        noise.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        noise.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
    )
    picture = Image.merge("RGB", (noise, *turned))
    notes = Image.Exif()
    notes[0x0112] = TURNED
    for quality in range(86, 101):
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=quality, exif=notes)
        if file.tell() >= SIZE:
            return file.getvalue()
    raise RuntimeError("the noise is too even: no photo of 8 MB came of it")


def measured() -> Iterator[Figure]:
    """A report whose photos are attached one after another, and one whose photos come all at once."""
    one = photo()
    for how, at_once in (("one after another", 1), ("all at once", PHOTOS)):
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            place = Path(folder)
            url, port = f"sqlite:///{place / 'portal.sqlite'}", free_port()
            with serve_portal(place, url, port, "workers = 1") as server:
                beside = Place(place / "data", url)
                way = OverHttp(port)
                before, most = _told(server, beside, way, one, at_once)
                way.close()
                beside.close()
            if rows(url, "incident_evidence") != PHOTOS or rows(url, "file") != 2 * PHOTOS:
                raise RuntimeError(f"{rows(url, 'incident_evidence')} photos were kept of {PHOTOS}")
        yield Figure(how, len(one) / MEGABYTE, before / MEGABYTE, most / MEGABYTE)


def _told(server: int, beside: Place, way: OverHttp, one: bytes, at_once: int) -> tuple[int, int]:
    """Attach the photos and send the report; bytes of memory before, and at most."""
    page = INCIDENT.page_of(EVIDENCE.key)
    assert page is not None
    person = beside.person(way, INCIDENT.here(), whole(INCIDENT.here(), REPORT, page.keys))
    path = f"/en/{INCIDENT.address}/{page.number}"
    found = person.get(path)
    before = memory_of(server)
    with Watch(server) as watch:
        for _time in range(PHOTOS // at_once):
            _posted(person, path, found, "attach", [one] * at_once)
            found = person.get(path)
        _posted(person, path, found, "next", [])
        path, body = checking(person, INCIDENT)
        if person.send("POST", path, body).status != 303:
            raise Lost("the report was not sent")
    return before, watch.most


def _posted(person: Person, path: str, page: Page, go: str, photos: list[bytes]) -> None:
    """Press a button of a page; with photos as browsers send a form that has files."""
    boundary = secrets.token_hex(16)
    lines = []
    for name, value in [*Offered(page).hidden, ("go", go)]:
        lines.append(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        )
    for number, photo_bytes in enumerate(photos):
        lines.append(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{new_field(EVIDENCE)}"; '
            f'filename="IMG_{number}.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'.encode()
        )
        lines += (photo_bytes, b"\r\n")
    lines.append(f"--{boundary}--\r\n".encode())
    found = person.send("POST", path, b"".join(lines), f"multipart/form-data; boundary={boundary}")
    if found.status != 303:
        raise Lost(f"POST {path} gives {found.status}")


class Watch:
    """Looks at the memory of a server again and again, until the block ends."""

    def __init__(self, server: int) -> None:
        self.server = server
        self.most = 0
        """Bytes."""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        while not self._over.is_set():
            self.most = max(self.most, memory_of(self.server))
            time.sleep(PAUSE)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()


def memory_of(server: int) -> int:
    """Bytes that a server's web process, its children and their files in memory take just now."""
    pids = list(_below(server))
    files = {}
    for pid in pids:
        files.update(_files_in_memory(pid))
    return sum(map(_bytes_of, pids)) + sum(files.values())


def _below(pid: int, of_server: bool = True) -> Iterator[int]:
    """The processes below one. A child that has not begun its own program yet still is its parent, and is
    not counted twice."""
    try:
        children = children_of(pid)
        begun = [one for one in children if of_server or OPENS in Path(f"/proc/{one}/cmdline").read_bytes()]
    except (FileNotFoundError, ProcessLookupError):  # it has just ended
        return
    for child in begun:
        yield child
        yield from _below(child, False)


def _bytes_of(pid: int) -> int:
    """The memory that it uses, whether or not others use some of it as well."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Rss:"))


def _files_in_memory(pid: int) -> dict[int, int]:
    """The files of a process that lie in memory: which, and how many bytes."""
    found = {}
    try:
        for file in Path(f"/proc/{pid}/fd").iterdir():
            if os.readlink(file).startswith("/memfd:"):
                about = file.stat()
                found[about.st_ino] = about.st_blocks * 512
    except (FileNotFoundError, ProcessLookupError):  # the file or its process has just gone
        return found
    return found
