"""Files that people attach: told by their content, limited, made anew, sealed.

The sealed bytes lie in a store, the row says what they are and holds their wrapped data key: deleting the
row erases the file. The bytes are stored before the row, so that a crash leaves bytes without a row, which
nobody can open and a sweep takes, and never a row without bytes. No name that a user gave is kept.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import IO, Any, Protocol

import puremagic
from sqlalchemy import Connection, Date, LargeBinary, String, bindparam, delete, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from portal import cleaning, clock
from portal.blobs import CHUNK, Store, sealed, unsealed
from portal.cleaning import Drawn, Pages, draw_pages, make_anew
from portal.database import Base, Database
from portal.questions.messages import Message, _
from portal.sealing import CannotOpen, KeyRing, Purpose

MEGABYTE = 1024 * 1024
MOST_BYTES = 25 * MEGABYTE
"""Of one file, as it is sent."""
PURPOSE: Purpose = "evidence"
SWEPT_AFTER = 2
"""Days after which bytes without a row are nobody's. One may be a minute, from before midnight to after."""
SCRIPTS = (b"<script", b"<!doctype", b"<iframe", b"javascript:", b"%pdf-1")
"""Nothing that a camera writes into a picture."""

EMPTY = _("This file is empty. Choose another one, or take the picture again")
TOO_BIG = _("This file is too large: %(size)s MB at most")
WRONG_KIND = _("We cannot take this kind of file. Attach one of these kinds: %(kinds)s")
DISAGREES = _("The name of this file does not fit what is in it. Save it again, and attach it once more")
REASONS = {
    cleaning.DAMAGED: _("We cannot read this file. Open it, save it again, and attach it once more"),
    cleaning.TOO_LARGE: _("This file is too large to open. Make the picture smaller, and attach it again"),
    cleaning.TOO_MANY_FRAMES: _("This picture has too many parts. Attach a picture that does not move"),
    cleaning.TOO_MANY_PAGES: _("This PDF has too many pages. Attach it in several parts"),
    cleaning.LOCKED: _("This PDF is locked. Save it without a password, and attach it again"),
}
"""Why a file could not be made anew, in words for the person who attached it."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that can be taken."""

    media: str
    word: str
    """What people call it, the same in every language."""
    endings: tuple[str, ...]
    """Of file names; the first is the one we give."""


JPEG = Kind("image/jpeg", "JPEG", ("jpg", "jpeg", "jfif", "jpe"))
PNG = Kind("image/png", "PNG", ("png",))
TIFF = Kind("image/tiff", "TIFF", ("tif", "tiff"))
WEBP = Kind("image/webp", "WebP", ("webp",))
PDF = Kind("application/pdf", "PDF", ("pdf",))
PICTURES = (JPEG, PNG, TIFF, WEBP)
SCANS = (JPEG, PNG, TIFF, PDF)
KINDS = {kind.media: kind for kind in (*PICTURES, PDF)}


class File(Base):
    """A file that somebody attached. Its sealed bytes lie in the store under its id."""

    __tablename__ = "file"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - a rowid is the order of arrival

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    """Random, so that it tells no order."""
    kind: Mapped[str] = mapped_column(String(40))
    """Media type, as its content says."""
    size: Mapped[int]
    """Bytes, before they were sealed."""
    pages: Mapped[int | None]
    """Of a PDF or TIFF."""
    width: Mapped[int | None]
    """Of a picture, in pixels."""
    height: Mapped[int | None]
    owner: Mapped[str] = mapped_column(String(100), index=True)
    """What it belongs to: a kind and its reference, such as "pass 7K3PX92CM"."""
    made: Mapped[date] = mapped_column(Date)
    """The day it was attached; for an anonymous submission the Monday of its week."""
    data_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The key of the sealed bytes, itself wrapped; without it they are noise."""
    key_name: Mapped[str | None] = mapped_column(String(40), index=True)
    """The key of the key ring that wrapped it."""
    digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    """SHA-256 of the file as it was sent, where that may have to be proved."""


ADD = insert(File)
FIND = select(File.kind, File.size, File.data_key, File.key_name).where(File.id == bindparam("row"))
ABOUT = select(File.id, File.kind, File.size, File.pages, File.width, File.height)
OF_OWNER = ABOUT.where(File.owner == bindparam("of"))
BY_ID = ABOUT.where(File.id.in_(bindparam("ids", expanding=True)))
DROP = delete(File).where(File.id == bindparam("row"), File.owner == bindparam("of"))
DROP_OF = delete(File).where(File.owner == bindparam("of")).returning(File.id)
GIVE = (
    update(File)
    .where(File.id == bindparam("row"), File.owner == bindparam("before"))
    .values(owner=bindparam("after"), made=bindparam("on"))
)
EVERY_ID = select(File.id)
ORIGINAL = "original "
"""Begins what a file as it was belongs to: to the id of its copy that was made anew."""
OWNERS = select(File.owner).distinct()


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is stored."""

    id: str
    kind: str
    size: int
    pages: int | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a file is not taken, in words for the person who attached it."""

    message: Message


class Readable(Protocol):
    """Something that gives bytes a piece at a time, such as an upload."""

    def read(self, size: int, /) -> bytes: ...


def place_of(identity: str) -> str:
    """The place that a file's sealed bytes and its data key are bound to."""
    return f"file/content/{identity}"


def memory_file() -> IO[bytes]:
    """An open file that lies in memory, so that no disk sees what is not sealed yet."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("attached", os.MFD_CLOEXEC), "w+b")
    return tempfile.TemporaryFile()


def keep(
    database: Database,
    ring: KeyRing,
    store: Store,
    stream: Readable,
    name: str,
    allowed: Iterable[Kind],
    owner: str,
    *,
    most: int = MOST_BYTES,
    original: bool = False,
) -> Kept | Refused:
    """Take a file of one of these kinds: check it, make it anew, seal and store it. `name` is only compared.

    Reads no more of the stream than `most` bytes and a piece. With `original` it is also sealed as it was:
    a file of its own, which belongs to the one made anew.
    """
    with memory_file() as source, memory_file() as target:
        refused = _received(stream, source, most) or _wrong_kind(source, name, tuple(allowed))
        if refused:
            return refused
        kind = _told(source)
        made = make_anew(kind, source, target)
        if made.refused:
            return Refused(REASONS[made.refused])
        size = target.seek(0, os.SEEK_END)
        target.seek(0)
        kept = Kept(secrets.token_hex(16), kind, size, made.pages, made.width, made.height)
        rows = [{**_stored(ring, store, kept, _pieces(target)), "owner": owner}]
        if original:
            as_it_was = Kept(secrets.token_hex(16), kind, source.seek(0, os.SEEK_END))
            source.seek(0)
            rows[0]["digest"] = hashlib.file_digest(source, "sha256").digest()  # type: ignore[arg-type]
            source.seek(0)
            sealed_apart = _stored(ring, store, as_it_was, _pieces(source))
            rows.append({**sealed_apart, "owner": ORIGINAL + kept.id, "digest": rows[0]["digest"]})
    with database.write() as connection:
        connection.execute(ADD, rows)
    return kept


Owners = Callable[[Connection, int], list[str] | Refused]
"""Says, in the transaction that takes so many pictures, what each belongs to, or why they are not taken."""


def keep_pictures(
    database: Database,
    ring: KeyRing,
    store: Store,
    stream: Readable,
    name: str,
    allowed: Iterable[Kind],
    owners: Owners,
    *,
    most_pages: int,
) -> list[Kept] | Refused:
    """keep(), but as pictures that every browser shows: of a PDF or TIFF one for each page, not itself."""
    with memory_file() as source, memory_file() as target:
        refused = _received(stream, source, MOST_BYTES) or _wrong_kind(source, name, tuple(allowed))
        if refused:
            return refused
        kind, drawn = _told(source), JPEG.media
        if kind in (PDF.media, TIFF.media):
            pages = draw_pages(kind, source, target, most_pages)
        else:
            made, drawn = make_anew(kind, source, target), kind
            size = target.seek(0, os.SEEK_END)
            pages = Pages(made.refused, (Drawn(size, made.width or 0, made.height or 0),))
        if pages.refused:
            return Refused(REASONS[pages.refused])
        target.seek(0)
        found = [
            Kept(secrets.token_hex(16), drawn, one.size, None, one.width, one.height) for one in pages.drawn
        ]
        rows = [_stored(ring, store, one, [target.read(one.size)]) for one in found]
    with database.write() as connection:
        belong = owners(connection, len(rows))
        if not isinstance(belong, Refused):
            connection.execute(
                ADD, [{**row, "owner": owner} for row, owner in zip(rows, belong, strict=True)]
            )
    if isinstance(belong, Refused):
        for one in found:
            store.drop(one.id)
        return belong
    return found


def _stored(ring: KeyRing, store: Store, kept: Kept, content: Iterable[bytes]) -> dict[str, Any]:
    """Seal and store the bytes of a file; gives its row, but for the owner."""
    data_key, wrapped, key_name = ring.new_data_key(PURPOSE, place_of(kept.id))
    store.put(kept.id, sealed(data_key, place_of(kept.id), content))
    row = {name: getattr(kept, name) for name in Kept.__slots__}
    return {**row, "made": clock.today(), "data_key": wrapped, "key_name": key_name}


def _received(stream: Readable, source: IO[bytes], most: int) -> Refused | None:
    """Copy the stream, no further than the limit."""
    while piece := stream.read(CHUNK):
        source.write(piece)
        if source.tell() > most:
            return Refused(TOO_BIG.with_values(size=most // MEGABYTE))
    return None if source.tell() else Refused(EMPTY)


def _told(source: IO[bytes]) -> str:
    """The media type that the first bytes tell; nothing for one that is not known."""
    source.seek(0)
    try:
        found = [match.mime_type for match in puremagic.magic_string(source.read(4096))]
    except (puremagic.PureError, ValueError):
        return ""
    return next((kind for kind in found if kind in KINDS), "") if found else ""


def _wrong_kind(source: IO[bytes], name: str, allowed: tuple[Kind, ...]) -> Refused | None:
    kind = KINDS.get(_told(source))
    source.seek(0)
    if kind not in allowed or (kind is PDF and source.read(5) != b"%PDF-"):
        return Refused(WRONG_KIND.with_values(kinds=", ".join(one.word for one in allowed)))
    if name.rpartition(".")[2].lower() not in kind.endings or (kind is not PDF and _holds_script(source)):
        return Refused(DISAGREES)
    return None


def _holds_script(source: IO[bytes]) -> bool:
    """Whether this picture is a page or a program besides."""
    source.seek(0)
    before = b""
    for piece in _pieces(source):
        looked = (before + piece).lower()
        if any(word in looked for word in SCRIPTS):
            return True
        before = piece[-16:]
    return False


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(CHUNK):
        yield piece


def read(database: Database, ring: KeyRing, store: Store, identity: str) -> Iterator[bytes]:
    """The bytes of a file, each checked before it is given. Raises CannotOpen, also when there is none."""
    with database.read() as connection:
        row = connection.execute(FIND, {"row": identity}).first()
    if row is None or row.data_key is None or row.key_name is None:
        raise CannotOpen(place_of(identity))
    key = ring.data_key(place_of(identity), row.data_key, row.key_name)
    try:
        stored = store.open(identity)
    except FileNotFoundError as error:
        raise CannotOpen(place_of(identity)) from error
    return unsealed(key, place_of(identity), stored)


def of_owner(database: Database, owner: str) -> dict[str, Kept]:
    """The files that belong to something, by id."""
    with database.read() as connection:
        return {row.id: Kept(*row) for row in connection.execute(OF_OWNER, {"of": owner})}


def about(database: Database, ids: Iterable[str]) -> dict[str, Kept]:
    """What is known of these files, by id; nothing of those that are not there."""
    with database.read() as connection:
        found = connection.execute(BY_ID, {"ids": list(ids)})
        return {row.id: Kept(*row) for row in found}


def give(connection: Connection, identity: str, before: str, after: str, on: date) -> bool:
    """Let a file belong to something else from now on; False if it was not the first one's."""
    values = {"row": identity, "before": before, "after": after, "on": on}
    return connection.execute(GIVE, values).rowcount == 1


def erase_of(connection: Connection, owner: str) -> list[str]:
    """Erase all files of something: nobody can open them again. Their ids, for the store."""
    erased = list(connection.execute(DROP_OF, {"of": owner}).scalars())
    return erased + [one for identity in erased for one in drop_original(connection, identity)]


def drop_original(connection: Connection, identity: str) -> list[str]:
    """Erase a file as it was, of which there is a copy made anew. Its id, if it was kept."""
    return list(connection.execute(DROP_OF, {"of": ORIGINAL + identity}).scalars())


def original_of(connection: Connection, identity: str) -> str | None:
    """The id of the file as it was, where that was kept."""
    return next(iter(connection.execute(OF_OWNER, {"of": ORIGINAL + identity}).scalars()), None)


def delete_one(database: Database, store: Store, identity: str, owner: str) -> bool:
    """Delete a file; False if this owner has none of that id."""
    with database.write() as connection:
        if connection.execute(DROP, {"row": identity, "of": owner}).rowcount != 1:
            return False
        erased = [identity, *drop_original(connection, identity)]
    for one in erased:
        store.drop(one)
    return True


def delete_of(database: Database, store: Store, owner: str) -> int:
    """Delete all files of something; returns how many."""
    if not of_owner(database, owner):
        return 0
    with database.write() as connection:
        erased = erase_of(connection, owner)
    for identity in erased:
        store.drop(identity)
    return len(erased)


def owners(database: Database) -> list[str]:
    """Everything that files belong to."""
    with database.read() as connection:
        return list(connection.execute(OWNERS).scalars())


def sweep(database: Database, store: Store) -> int:
    """Delete bytes that have been in the store for over a day and have no row; returns how many."""
    there = [name for name, days in store.names() if days >= SWEPT_AFTER]
    known = _known(database) if there else set()
    nobodys = [name for name in there if name not in known]
    for name in nobodys:
        store.drop(name)
    return len(nobodys)


def missing(database: Database, store: Store) -> list[str]:
    """Files that have a row and no bytes: they are lost, unless a safety copy has them."""
    known = _known(database)
    return sorted(known - {name for name, _days in store.names()})


def _known(database: Database) -> set[str]:
    with database.read() as connection:
        return set(connection.execute(EVERY_ID).scalars())
