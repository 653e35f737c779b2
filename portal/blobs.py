"""Where sealed files lie: a store of four methods, a local folder as the first of its kind, and the sealing.

A file is sealed in chunks of 64 KiB under a data key of its own. A chunk's nonce is its place in the file,
and the last one is marked, so that a file cut short, put in another order or changed does not open.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from portal import clock
from portal.sealing import CannotOpen

CHUNK = 64 * 1024
BLOCK = 16
"""Bytes of a block of AES."""
TAG = 16
NAME = 32
"""Letters of a name: random hexadecimal, never a user's file name."""
PART = ".part"


class Store(Protocol):
    """A place for sealed files, by random names."""

    def put(self, name: str, chunks: Iterable[bytes]) -> None:
        """Keep a file, whole or not at all; it is there for good when this returns."""
        ...

    def open(self, name: str) -> Iterator[bytes]:
        """Its bytes, in pieces of any size. Raises FileNotFoundError."""
        ...

    def drop(self, name: str) -> None:
        """Delete a file; nothing happens when there is none."""
        ...

    def names(self) -> Iterator[tuple[str, int]]:
        """Every file there is, and for how many whole days it has been there."""
        ...


class Folder:
    """A store in a local folder that only we can read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def put(self, name: str, chunks: Iterable[bytes]) -> None:
        place = self._place(name)
        self._path.mkdir(mode=0o700, exist_ok=True)
        beside = place.with_name(name + secrets.token_hex(4) + PART)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                for chunk in chunks:
                    file.write(chunk)
                file.flush()
                os.utime(file.fileno(), (_midnight(),) * 2)  # the day is enough: who sent when is not told
                os.fsync(file.fileno())
            beside.replace(place)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        self._sync()

    def open(self, name: str) -> Iterator[bytes]:
        return _pieces(self._place(name).open("rb"))

    def drop(self, name: str) -> None:
        self._place(name).unlink(missing_ok=True)

    def names(self) -> Iterator[tuple[str, int]]:
        """What a killed put() left is named here too, so that a sweep can take it."""
        if self._path.is_dir():
            for entry in sorted(os.scandir(self._path), key=lambda entry: entry.name):
                yield entry.name, int((_midnight() - entry.stat().st_mtime) // 86400)

    def _place(self, name: str) -> Path:
        if not name.removesuffix(PART).isalnum() or not name.isascii():
            raise ValueError("a file's name in the store is random letters and digits")
        return self._path / name

    def _sync(self) -> None:
        folder = os.open(self._path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _midnight() -> int:
    """The beginning of this day in UTC, in seconds since 1970."""
    return int(clock.now().timestamp()) // 86400 * 86400


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(CHUNK + TAG):
            yield piece


def sealed(key: bytes, place: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """A file in sealed chunks, bound to a place. The key must never have sealed anything else."""
    cipher = AESGCM(key)
    for number, (chunk, last) in enumerate(_with_last(_in_chunks(pieces, CHUNK))):
        yield cipher.encrypt(_nonce(number, last), chunk, place.encode())


def unsealed(key: bytes, place: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """What sealed() sealed for this place. Raises CannotOpen where it was changed or cut."""
    cipher = AESGCM(key)
    for number, (chunk, last) in enumerate(_with_last(_in_chunks(pieces, CHUNK + TAG))):
        try:
            yield cipher.decrypt(_nonce(number, last), chunk, place.encode())
        except (InvalidTag, ValueError) as error:
            raise CannotOpen(place) from error


def sealed_size(size: int) -> int:
    """How many bytes a file of this size has when it is sealed."""
    return size + TAG * max(1, -(-size // CHUNK))


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _in_chunks(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in chunks of one size, the last one shorter; at least one, though it be empty."""
    held = b""
    empty = True
    for piece in pieces:
        held += piece
        while len(held) >= size:
            yield held[:size]
            held, empty = held[size:], False
    if held or empty:
        yield held


def _with_last(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each chunk, and whether it is the last."""
    before: bytes | None = None
    for chunk in chunks:
        if before is not None:
            yield before, False
        before = chunk
    if before is not None:
        yield before, True


class Passing:
    """A file that passes through: written once, then read from its start as often as one likes.

    It has no name and lies on a disk that sees only noise: the key is nowhere but in this object.
    """

    def __init__(self) -> None:
        self._cipher = Cipher(AES(secrets.token_bytes(32)), CTR(bytes(BLOCK)))
        self._noise = tempfile.TemporaryFile()  # noqa: SIM115 - close() is below
        self._hidden = self._cipher.encryptor()
        self._shown = self._cipher.decryptor()

    def write(self, piece: bytes) -> int:
        return self._noise.write(self._hidden.update(piece))

    def seek(self, place: int) -> int:
        """To the start, and nowhere else."""
        if place != 0:
            raise ValueError("a passing file is read from its start")
        self._shown = self._cipher.decryptor()
        return self._noise.seek(0)

    def read(self, size: int = -1) -> bytes:
        return self._shown.update(self._noise.read(size))

    def tell(self) -> int:
        return self._noise.tell()

    def close(self) -> None:
        self._noise.close()
