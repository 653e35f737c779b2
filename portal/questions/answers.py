"""What an answer is: a tuple of strings, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

Answer = tuple[str, ...]
Answers = Mapping[str, Answer]

ILLEGIBLE = "_illegible"
MULTIPLE = "_multiple"
REFUSED = "_refused"
OTHER = "_other"
MARKS = frozenset({ILLEGIBLE, MULTIPLE, REFUSED, OTHER})
"""What staff may say of an answer on paper. `_multiple` keeps the ticks after it, `_other` the words."""


def marked(answer: Answer) -> bool:
    """Whether this answer is only a mark about the paper."""
    return bool(answer) and answer[0] in MARKS


def said(answer: Answer) -> Answer:
    """What the person said: nothing, if the answer is only a mark."""
    return () if marked(answer) else answer
