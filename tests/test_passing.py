"""Files that pass through: what was written is read, and the disk sees noise."""

from __future__ import annotations

import os
import tempfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.blobs import BLOCK, Passing

WORDS = b"He waits at my door in Example Street. " * 4000


@given(st.lists(st.binary(max_size=3 * BLOCK), max_size=20), st.integers(1, 50))
def test_what_is_written_in_pieces_is_read_in_pieces_and_once_more(pieces: list[bytes], size: int) -> None:
    passing = Passing()
    for piece in pieces:
        passing.write(piece)
    assert passing.tell() == sum(map(len, pieces))
    for _time in range(2):
        passing.seek(0)
        assert b"".join(iter(lambda: passing.read(size), b"")) == b"".join(pieces)
    passing.close()


def test_the_disk_sees_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    real = tempfile.TemporaryFile
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda: made.append(real()) or made[0])
    passing = Passing()
    passing.write(WORDS)
    passing.seek(0)
    assert passing.read() == WORDS
    found = os.pread(made[0].fileno(), len(WORDS) + 1, 0)
    passing.close()
    assert len(found) == len(WORDS)
    blocks = {found[at : at + BLOCK] for at in range(0, len(found), BLOCK)}
    assert len(blocks) == len(WORDS) / BLOCK  # none comes twice, though the words do
    assert not any(word in found for word in WORDS.split() if len(word) > 3)


def test_two_of_them_have_two_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    real = tempfile.TemporaryFile
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda: made.append(real()) or made[-1])
    one, other = Passing(), Passing()
    for passing in (one, other):
        passing.write(WORDS)
        passing.seek(0)
    first, second = (os.pread(file.fileno(), len(WORDS), 0) for file in made)
    assert first != second
    one.close()
    other.close()


def test_it_is_read_from_its_start_only() -> None:
    passing = Passing()
    with pytest.raises(ValueError, match="from its start"):
        passing.seek(7)
    passing.close()
