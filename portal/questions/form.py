"""A form: its questions in printed order, and the way that answers lead through them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from portal.questions.answers import Answer, Answers, marked, said
from portal.questions.conditions import DefinitionError
from portal.questions.files import Files
from portal.questions.groups import Part, Registers, laid_out, lists_of
from portal.questions.kinds import (
    Choice,
    Date,
    Option,
    Problem,
    Question,
    Reader,
    Register,
    Time,
    check_question,
)
from portal.questions.messages import Message
from portal.questions.notices import Notice
from portal.questions.typing_in import Typed


@dataclass(frozen=True, slots=True)
class Page:
    """What is asked at once. Its number is its place in the whole form."""

    number: int
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One edition of a form. As defined it holds every variant; `here()` gives the form in use."""

    key: str
    edition: str
    address: str
    """The word for it in web addresses: neutral, since history stays on a shared computer."""
    title: Message
    purpose: Message
    """One sentence under its link on the start page."""
    intro: tuple[Message, ...] = ()
    """What its first page says: what it is for, who sees it, that it is optional."""
    thanks: tuple[Message, ...] = ()
    """What its last page says: what happens next."""
    code_is_for: Message | None = None
    """What its last page says that the code is for; without it, to take the answers back or answer again."""
    parts: tuple[Part, ...]
    anonymous: bool = True
    then: str = ""
    """Key of the form that is offered when this one is sent. Nothing that is kept ties the two together."""
    private: bool = False
    """Whether it can be unsafe to be seen with it: each page of it then has an exit that deletes what was
    typed, and an unfinished one is never offered again."""
    draft_idle: timedelta = timedelta(hours=24)
    """How long an unfinished form waits for its person."""
    draft_idle_shared: timedelta = timedelta(minutes=10)
    """The same where the person's device is not theirs alone: only a private form asks that."""
    draft_longest: timedelta | None = None
    """How long an unfinished form is kept however often its person goes on. A private one must say it."""
    registers: Registers = field(default_factory=dict, hash=False)
    """The members of the lists that it names. One with an empty list of them leaves out what asks for it."""
    lists: tuple[str, ...] = field(init=False, repr=False, compare=False)
    """The registers that it names."""
    questions: tuple[Question, ...] = field(init=False, repr=False)
    pages: tuple[Page, ...] = field(init=False, repr=False)
    details: Mapping[str, Choice] = field(init=False, repr=False, hash=False, compare=False)
    """For a choice whose answer narrows a later one: that one."""
    exits: Mapping[str, frozenset[str]] = field(init=False, repr=False, hash=False, compare=False)
    """For a choice that may end the form: the codes that do."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "lists", lists_of(self.parts))
        self._use(laid_out(self.parts, self.registers))
        object.__setattr__(self, "pages", _pages(self.questions))
        _check(self.questions)
        if self.private and self.draft_longest is None:
            raise DefinitionError(f"{self.key}: a private form must say how long a draft is kept at most")

    def _use(self, questions: tuple[Question, ...]) -> None:
        choices = (question for question in questions if isinstance(question, Choice))
        object.__setattr__(self, "questions", questions)
        object.__setattr__(self, "details", {choice.narrow: choice for choice in choices if choice.narrow})
        object.__setattr__(self, "exits", dict(_exits(questions)))

    def here(
        self,
        variants: Mapping[str, str] | None = None,
        registers: Registers | None = None,
        *,
        office: bool = False,
        files: bool = True,
    ) -> Form:
        """The form in use: one variant of each question, these registers, with or without office questions
        and those that only files answer.

        A question's variant is the one that `variants` names for its key, else the first that is not
        `off`; "off" leaves it out. Page numbers stay those of the whole form.
        """
        whole = replace(self, registers=registers) if registers is not None else self
        wanted = variants or {}
        offered: dict[str, list[Question]] = {}
        for one in whole.questions:
            offered.setdefault(one.key, []).append(one)
        for key, name in wanted.items():
            if name != "off" and name not in {question.variant for question in offered.get(key, [])}:
                raise DefinitionError(f"{self.key}: {key} has no variant {name!r}")
        chosen = tuple(
            question
            for choices in offered.values()
            if (question := _variant(choices, wanted))
            and (office or question.by == "anyone")
            and (files or not isinstance(question, Files))
            and not whole.lacks_members(question)
        )
        form = replace(whole)
        form._use(chosen)
        return form

    def lacks_members(self, question: Question) -> bool:
        """Whether a question has nothing to choose from, because its list is known to be empty."""
        if not (isinstance(question, Choice) and isinstance(question.options, Register)):
            return False
        return self.registers.get(question.options.key) == ()

    @property
    def members(self) -> tuple[tuple[str, tuple[Option, ...]], ...]:
        """The members of its lists, as something that can be compared: what made pages depend on."""
        return tuple((name, self.registers.get(name, ())) for name in self.lists)

    @property
    def variants(self) -> dict[str, str]:
        """The variant of each question that has one, as this form uses it: what a submission stores."""
        return {question.key: question.variant for question in self.questions if question.variant}

    @property
    def wording(self) -> dict[str, str]:
        """What `here()` needs to give this form again: the variants, and which questions are left out."""
        every = replace(self).questions
        return {
            question.key: self.variants.get(question.key, "off") for question in every if question.variant
        }

    def question(self, key: str) -> Question | None:
        return next((question for question in self.questions if question.key == key), None)

    def reached(self, answers: Answers) -> Iterator[tuple[Question, Answer]]:
        """The questions these answers lead to, each with its answer; anything else is dropped."""
        kept: dict[str, Answer] = {}
        for question in self.questions:
            if question.asked and not all(condition.holds(kept) for condition in question.asked):
                continue
            answer = answers.get(question.key, ())
            if self.lists and answer and isinstance(question, Choice):
                answer = _still_offered(question, answer)
            if isinstance(question, Choice) and (question.narrow or question.key in self.details):
                answer = self._agreeing(question, answer, kept, answers)
            elif isinstance(question, Date) and question.too_early(answer, kept):
                answer = ()
            kept[question.key] = answer
            yield question, answer
            if question.key in self.exits and self.ends_at(question.key, answer):
                return

    def ends_at(self, key: str, answer: Answer) -> bool:
        """Whether this answer says that the person does not want to answer the rest."""
        return key in self.exits and not self.exits[key].isdisjoint(said(answer))

    def _agreeing(self, question: Choice, answer: Answer, kept: Answers, answers: Answers) -> Answer:
        """A group left blank is its detail's parent; a detail of another group is dropped."""
        if not answer and question.key in self.details:
            detail = self.details[question.key]
            parents = detail.parents(answers.get(detail.key, ()))
            codes = tuple(option.code for option in question.known if option.code in parents)
            return codes if question.many or len(codes) == 1 else ()
        group = said(kept.get(question.narrow, ()))
        if group and not marked(answer) and not question.parents(answer) <= set(group):
            return ()
        return answer

    def kept(self, answers: Answers) -> dict[str, Answer]:
        """The answers that count: of reached questions only."""
        return {
            question.key: answer
            for question, answer in self.reached(answers)
            if not isinstance(question, Notice)
        }

    def asked_on(self, page: Page, answers: Answers) -> tuple[Question, ...]:
        """The questions of a page that these answers lead to."""
        found: list[Question] = []
        for question, _ in self.reached(answers):
            if question.key in page.keys:
                found.append(question)
            elif found:  # a page's questions stand together
                break
        return tuple(found)

    def page(self, number: int) -> Page | None:
        return self.pages[number - 1] if 1 <= number <= len(self.pages) else None

    def page_of(self, key: str) -> Page | None:
        """The page that a question stands on."""
        return next((page for page in self.pages if key in page.keys), None)

    def next_page(self, answers: Answers) -> Page | None:
        """The page of the first reached question not yet put to the person; None leads to the check page.

        An answer that a later change made void, or took a part of, counts as not yet put.
        """
        for question, answer in self.reached(answers):
            if question.key not in answers or not set(answers[question.key]) <= set(answer):
                return self.page_of(question.key)
        return None

    def page_before(self, page: Page | None, answers: Answers) -> Page | None:
        """The page that led to this one (None for the check page); None when it is the first."""
        reached = {question.key for question, _ in self.reached(answers)}
        earlier = self.pages if page is None else self.pages[: page.number - 1]
        return next((one for one in reversed(earlier) if not reached.isdisjoint(one.keys)), None)


def read_all(
    questions: Iterable[Question], typed: Typed, answers: Answers, reader: Reader
) -> tuple[dict[str, Answer], dict[str, Problem]]:
    """What was typed for these questions: the answers, and by question the problems with the others."""
    read: dict[str, Answer] = {}
    problems: dict[str, Problem] = {}
    for question in questions:
        found = question.read(typed, {**answers, **read}, reader)
        if isinstance(found, Problem):
            problems[question.key] = found
        else:
            read[question.key] = found
    return read, problems


def _still_offered(question: Choice, answer: Answer) -> Answer:
    """The answer without the members that its list no longer offers."""
    if marked(answer) or not isinstance(question.options, Register) or not question.known:
        return answer
    return tuple(code for code in answer if question.option(code))


def _exits(questions: tuple[Question, ...]) -> Iterator[tuple[str, frozenset[str]]]:
    for question in questions:
        if isinstance(question, Choice):
            codes = frozenset(option.code for option in question.known if option.opts_out)
            if codes:
                yield question.key, codes


def _variant(choices: list[Question], wanted: Mapping[str, str]) -> Question | None:
    name = wanted.get(choices[0].key)
    if name == "off":
        return None
    if name is not None:
        return next(question for question in choices if question.variant == name)
    return next((question for question in choices if not question.off), None)


def _pages(questions: tuple[Question, ...]) -> tuple[Page, ...]:
    pages: list[list[str]] = []
    for question in questions:
        if pages and (question.beside or question.key in pages[-1]):
            pages[-1].append(question.key)
        elif not any(question.key in page for page in pages):
            pages.append([question.key])
    return tuple(Page(number, tuple(dict.fromkeys(keys))) for number, keys in enumerate(pages, start=1))


def _check(questions: tuple[Question, ...]) -> None:
    """Refuse a form whose branching or pages could not work."""
    before: dict[str, list[Question]] = {}
    page: set[str] = set()
    for question in questions:
        check_question(question)
        variants = before.setdefault(question.key, [])
        if variants and question.variant in {"", *(other.variant for other in variants)}:
            raise DefinitionError(f"{question.key}: asked twice; variants need different names")
        if not question.beside and not variants:
            page = set()
        for condition in question.asked + tuple(other.when for other in question.worded):
            for key, codes in condition.looks_at():
                _check_condition(question, key, codes, before, page)
        _check_pointers(question, before, page)
        page.add(question.key)
        variants.append(question)


def _check_condition(
    question: Question, key: str, codes: Iterable[str], before: Mapping[str, list[Question]], page: set[str]
) -> None:
    if key == question.key or not before.get(key):
        raise DefinitionError(f"{question.key}: {key} is not an earlier question")
    if key in page:
        raise DefinitionError(f"{question.key}: {key} is on the same page (a reveal)")
    if question.by == "anyone" and before[key][0].by == "office":
        raise DefinitionError(f"{question.key}: {key} is asked only of staff")
    choices = [other for other in before[key] if isinstance(other, Choice)]
    if choices and not any(isinstance(choice.options, Register) for choice in choices):
        for code in sorted(codes):
            if not any(choice.option(code) for choice in choices):
                raise DefinitionError(f"{question.key}: {key} has no option {code}")


def _check_pointers(question: Question, before: Mapping[str, list[Question]], page: set[str]) -> None:
    if isinstance(question, Choice) and question.narrow:
        group = next(iter(before.get(question.narrow, ())), None)
        if not isinstance(group, Choice) or question.narrow in page:
            raise DefinitionError(f"{question.key}: {question.narrow} is not a choice on an earlier page")
        codes = {option.code for option in group.known}
        listed = isinstance(group.options, Register)  # its members come and go
        if not listed and not {option.parent for option in question.known if option.parent} <= codes:
            raise DefinitionError(f"{question.key}: a parent is no option of {question.narrow}")
    if isinstance(question, Date) and question.after:
        _check_earlier(question, question.after, Date, "date", before)
    if isinstance(question, Time) and question.after:
        _check_earlier(question, question.after, Time, "time", before)
    if isinstance(question, Time) and question.on:
        _check_earlier(question, question.on, Date, "date", before)


def _check_earlier(
    question: Question, key: str, kind: type[Question], name: str, before: Mapping[str, list[Question]]
) -> None:
    if not isinstance(next(iter(before.get(key, ())), None), kind):
        raise DefinitionError(f"{question.key}: {key} is not an earlier {name}")
