"""Files on the page of a question: taken in with the page, shown on it, removed again, without JavaScript.

Until the form is sent a file belongs to its draft; then to the submission. What a browser names is taken
only if it belongs to its own draft.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, TypeVar

from flask import Flask, Request, current_app, request
from sqlalchemy.exc import DBAPIError
from werkzeug.datastructures import FileStorage

from portal import files
from portal.blobs import Passing
from portal.database import Busy
from portal.files import KINDS, MEGABYTE, MOST_BYTES, PICTURES, Kind, Refused
from portal.intake.drafts import Draft, TypedPage
from portal.intake.steps import posted_page
from portal.pages import said, state
from portal.questions import Answers, Files, Form, Problem, Question
from portal.questions.answers import said as marks_of
from portal.questions.errors import TOO_MANY_FILES
from portal.questions.messages import _

MOST_OF_A_FORM = 100 * MEGABYTE
"""Bytes of all files of one form, and of all that a page sends at once."""
MOST_STORED = 50
"""Files that a draft may have in the store, those included that its answers no longer name."""
REMOVE = "remove-"
"""Begins the value of a file's button."""
ACCEPTED: dict[str, tuple[Kind, ...]] = {"picture": PICTURES, "pdf": (files.PDF,)}

ALTOGETHER = _("All files together are too large: %(size)s MB at most").with_values(
    size=MOST_OF_A_FORM // MEGABYTE
)
FILE = _("File %(number)s")


class Cut(Passing):
    """An upload on its way. What is above the limit is not kept: one piece of it is enough."""

    def write(self, piece: bytes) -> int:
        return super().write(piece) if self.tell() <= MOST_BYTES else len(piece)


class Sent(Request):
    """A request whose uploads no disk sees: ten photos at once lie there under a key that goes with them."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> Any:
        cut = Cut()
        self._cuts.append(cut)
        return cut

    @cached_property
    def _cuts(self) -> list[Cut]:
        return []

    def close(self) -> None:
        """Also what was still on its way when the rest was refused."""
        for cut in self._cuts:
            cut.close()
        super().close()


def prepare(app: Flask) -> None:
    """Let files in where a question asks for them, and nowhere else."""
    app.request_class = Sent
    app.before_request(_let_files_in)


def _let_files_in() -> None:
    if request.mimetype == "multipart/form-data" and page_asks_for_files():  # words alone stay limited
        request.max_content_length = MOST_OF_A_FORM + current_app.config["MAX_CONTENT_LENGTH"]


View = TypeVar("View", bound=Callable[..., Any])


def takes_files(view: View) -> View:
    """Declares that a route takes files. Stands directly above the function, under the route."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view


def page_asks_for_files() -> bool:
    """Whether the page that was posted has a question answered by files."""
    if getattr(current_app.view_functions.get(request.endpoint or ""), "takes_files", False):
        return True
    posted = posted_page()
    return posted is not None and any(
        isinstance(question, Files) and question.key in posted[1].keys for question in posted[0].questions
    )


def names_files(form: Form, answers: Answers) -> bool:
    """Whether any of the answers names a file, whether or not the others lead to its question."""
    return any(
        isinstance(question, Files) and marks_of(answers.get(question.key, ())) for question in form.questions
    )


def accepted(question: Files) -> tuple[Kind, ...]:
    """The kinds of file that a question takes."""
    return tuple(kind for word in question.accept for kind in ACCEPTED[word])


class Uploads:
    """The files that came with a page. They are stored once, however often the page's save is tried."""

    def __init__(self) -> None:
        self._stored: dict[str, list[str]] = {}
        self._problems: dict[str, Problem] = {}

    def into(self, draft: Draft, questions: Sequence[Question], typed: TypedPage, wish: str) -> None:
        """Put the ids of new files beside those in `typed`, and take out what is not this draft's."""
        owner = state().drafts.owner(draft.secret)
        asked = [question for question in questions if isinstance(question, Files)]
        own = files.of_owner(state().database, owner)
        for question in asked:
            named = [one for one in dict.fromkeys(typed[question.key]) if one in own]
            typed[question.key] = [one for one in named if REMOVE + one != wish]
            for one in set(named) - set(typed[question.key]):
                files.delete_one(state().database, state().store, one, owner)
            if question.key in self._stored:
                typed[question.key] += [one for one in self._stored[question.key] if one in own]
            else:
                typed[question.key] += self._store(question, owner, len(typed[question.key]))

    def _store(self, question: Files, owner: str, already: int) -> list[str]:
        stored = self._stored[question.key] = []
        sent = [one for one in request.files.getlist(new_field(question)) if one.filename]
        if already + len(sent) > question.most:
            message = TOO_MANY_FILES.with_values(number=question.most)
            self._problems[question.key] = Problem(question.key, message)
            return stored
        for upload in sent:
            found = self._kept(question, owner, upload)
            if isinstance(found, Refused):
                self._problems[question.key] = Problem(question.key, found.message)
            else:
                stored.append(found)
        return stored

    def _kept(self, question: Files, owner: str, upload: FileStorage) -> str | Refused:
        own = files.of_owner(state().database, owner)
        left = MOST_OF_A_FORM - sum(one.size for one in own.values())
        if left <= 0 or len(own) >= MOST_STORED:
            return Refused(ALTOGETHER)
        portal = state()
        found = files.keep(
            portal.database, portal.ring, portal.store, upload.stream, upload.filename or "",
            accepted(question), owner, original=question.original,
        )  # fmt: skip
        if isinstance(found, Refused):
            return found
        if found.size > left:
            files.delete_one(portal.database, portal.store, found.id, owner)
            return Refused(ALTOGETHER)
        return found.id

    @property
    def problems(self) -> dict[str, Problem]:
        """By question, why a file was not taken."""
        return self._problems


def new_field(question: Files) -> str:
    """The name of the field that files are chosen in; the question's own holds the ids of those kept."""
    return f"{question.key}-new"


def forget(draft: Draft, questions: Sequence[Question]) -> None:
    """Delete the files of questions that were skipped."""
    owner = state().drafts.owner(draft.secret)
    for question in questions:
        if isinstance(question, Files):
            for one in request.form.getlist(question.key):
                files.delete_one(state().database, state().store, one, owner)


def attached(question: Files, ids: Sequence[str]) -> list[dict[str, str]]:
    """What the page says of each file that is attached already: its number, kind and size."""
    try:
        about = files.about(state().database, ids)
    except (Busy, DBAPIError):  # the page comes again even when the database is away
        about = {}
    return [
        {
            "id": one,
            "text": said(FILE.with_values(number=number)),
            "about": f"{KINDS[about[one].kind].word}, {about[one].size / MEGABYTE:.1f} MB"
            if one in about
            else "",
        }
        for number, one in enumerate(ids, start=1)
    ]
