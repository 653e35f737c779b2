"""Languages that people named in their own words: which language of the lists each of them is.

What was said stays as it was said, sealed, in its submission; beside it stands only a code, under a digest of
the words that nobody can undo without the key ring. Nothing here says who said it, when, or how often.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import LargeBinary, String, bindparam, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from portal import audit
from portal.audit import Did
from portal.database import Base, Database
from portal.forms.speech import SPEECH
from portal.intake.models import Submission
from portal.intake.submissions import place_of
from portal.questions import Choice, Form, Text
from portal.questions.answers import OTHER
from portal.questions.typing_in import clean_words
from portal.sealing import KeyRing, Sealed


class CodedLanguage(Base):
    """A language in people's own words, and which one it is."""

    __tablename__ = "coded_language"

    words: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    """Digest of the words, under a secret of the key ring; capitals and spaces make no difference."""
    code: Mapped[str] = mapped_column(String(60))
    """The code of the language in its list."""


TABLE = CodedLanguage
EVERY = select(TABLE.words, TABLE.code)
FORGET = delete(TABLE).where(TABLE.words == bindparam("of"))
SUBMISSION = Submission
SEALED = select(
    SUBMISSION.id, SUBMISSION.answers, SUBMISSION.sealed, SUBMISSION.data_key, SUBMISSION.key_name
).where(SUBMISSION.sealed.is_not(None), SUBMISSION.form == bindparam("of"))


@dataclass(frozen=True, slots=True)
class Named:
    """One language in people's own words, as somebody first wrote it."""

    words: str
    digest: bytes
    code: str = ""
    """The language that it was found to be; empty while nobody has said."""


def digest_of(ring: KeyRing, words: str) -> bytes:
    """What the same words always give, whatever their capitals and spaces."""
    return ring.digest("submission", b"language", clean_words(words).casefold().encode())


def asked_in(form: Form) -> frozenset[str]:
    """The keys of a form under which people name a language in their own words: the choices that list
    languages (paper may write beside one) and the texts asked after one."""
    choices = {
        question.key
        for question in form.questions
        if isinstance(question, Choice)
        and len(SPEECH.keys() & {option.code for option in question.known}) > 1
    }
    texts = {
        question.key
        for question in form.questions
        if isinstance(question, Text) and question.personal and question.key.endswith("_words")
        for condition in question.asked
        if choices & {key for key, _codes in condition.looks_at()}
    }
    return frozenset(choices | texts)


def named(database: Database, ring: KeyRing, forms: Iterable[Form]) -> list[Named]:
    """All languages that people named in their own words, each once, those without a code first.

    Private forms are left out.

    Opens sealed words: whoever calls it notes that in the audit log before.
    """
    keys: dict[str, frozenset[str]] = {}
    for form in forms:
        if form.private:  # what is told in confidence is opened by those who deal with it, and nobody else
            continue
        keys[form.key] = keys.get(form.key, frozenset()) | asked_in(form)
    found: dict[bytes, Named] = {}
    with database.read() as connection:
        codes = {row.words: row.code for row in connection.execute(EVERY)}
        for form_key, of in keys.items():
            for row in connection.execute(SEALED, {"of": form_key}) if of else ():
                if any(row.answers.get(key) for key in of):
                    sealed = Sealed(row.sealed, row.data_key, row.key_name)
                    for words in _words(json.loads(ring.open(place_of(row.id), sealed)), of):
                        digest = digest_of(ring, words)
                        found.setdefault(digest, Named(words, digest, codes.get(digest, "")))
    return sorted(found.values(), key=lambda one: (one.code != "", one.words.casefold(), one.words))


def _words(personal: dict[str, list[str]], keys: frozenset[str]) -> Iterator[str]:
    for key in sorted(keys & personal.keys()):
        words = clean_words(" ".join(word for word in personal[key] if word != OTHER))
        if words:
            yield words


def code(database: Database, ring: KeyRing, digest: bytes, language: str, by: str) -> None:
    """From now on these words mean this language; an empty code: nobody has said. Audited."""
    with database.write() as connection:
        connection.execute(FORGET, {"of": digest})
        if language:
            connection.execute(insert(TABLE), {"words": digest, "code": language})
        audit.note(
            connection, ring, by=by, did=Did.CHANGED, what="other languages", detail={"code": language}
        )
