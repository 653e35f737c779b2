"""Questions that repeat: written once, laid out flat."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from portal.questions.conditions import AnyOf, Condition, DefinitionError, Each, If
from portal.questions.kinds import Choice, Option, Question, Register, Worded, renamed
from portal.questions.messages import Message

Registers = Mapping[str, tuple[Option, ...]]
"""The members of each register, as the landlord keeps them now or a printed edition kept them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Questions asked together, once per member, several times, or under one condition.

    `each` names a choice (its ticked codes), lists options, or is a Register. `times` asks the whole
    group again as long as the round before has an answer. Texts may hold %(member)s or %(number)s.
    """

    key: str
    questions: tuple[Question, ...]
    each: str | tuple[Option, ...] | Register | None = None
    times: int = 0
    asked: tuple[Condition, ...] = ()


Part = Question | Group


def lists_of(parts: tuple[Part, ...]) -> tuple[str, ...]:
    """The registers that these parts name, in order."""
    named: list[str] = []
    for part in parts:
        questions = part.questions if isinstance(part, Group) else (part,)
        if isinstance(part, Group) and isinstance(part.each, Register):
            named.append(part.each.key)
        for question in questions:
            if isinstance(question, Choice) and isinstance(question.options, Register):
                named.append(question.options.key)
    return tuple(dict.fromkeys(named))


def also_of(parts: tuple[Part, ...], register: str) -> tuple[Option, ...]:
    """What questions offer beside the members of a register."""
    found: dict[str, Option] = {}
    for part in parts:
        for question in part.questions if isinstance(part, Group) else (part,):
            options = question.options if isinstance(question, Choice) else ()
            if isinstance(options, Register) and options.key == register:
                found |= {option.code: option for option in options.also}
    return tuple(found.values())


def laid_out(parts: tuple[Part, ...], registers: Registers) -> tuple[Question, ...]:
    """All questions, in order, with groups laid out and registers filled in."""
    flat: list[Question] = []
    for part in parts:
        if isinstance(part, Group):
            flat.extend(_group(part, flat, registers))
        else:
            flat.append(_with_members(part, registers))
    return tuple(flat)


def _group(group: Group, before: list[Question], registers: Registers) -> Iterator[Question]:
    if group.each is not None and group.times:
        raise DefinitionError(f"{group.key}: a group repeats by members or by times, not both")
    if group.times:
        yield from _rounds(group, registers)
    elif group.each is not None:
        yield from _members(group, before, registers)
    else:
        for question in group.questions:
            yield _with_members(renamed(question, asked=group.asked + question.asked), registers)


def _members(group: Group, before: list[Question], registers: Registers) -> Iterator[Question]:
    for member in _members_of(group, before, registers):
        ticked = (If(group.each, member.code),) if isinstance(group.each, str) else ()
        names = {question.key: f"{group.key}.{member.code}.{question.key}" for question in group.questions}
        for question in group.questions:
            only = [condition for condition in question.asked if isinstance(condition, Each)]
            if all(member.code in condition.codes for condition in only):
                asked = tuple(condition for condition in question.asked if not isinstance(condition, Each))
                yield _inside(
                    question, names, group.asked + ticked, asked, {"member": member.text}, registers
                )


def _members_of(group: Group, before: list[Question], registers: Registers) -> tuple[Option, ...]:
    if isinstance(group.each, Register):
        return registers.get(group.each.key, ())
    if isinstance(group.each, str):
        choice = next((question for question in before if question.key == group.each), None)
        if not isinstance(choice, Choice):
            raise DefinitionError(f"{group.key}: {group.each} is not an earlier choice")
        members = tuple(option for option in choice.known if not option.alone)
        if isinstance(choice.options, Register):
            return members
    else:
        members = group.each or ()
    codes = {member.code for member in members}
    for question in group.questions:
        for condition in question.asked:
            if isinstance(condition, Each) and not condition.codes <= codes:
                raise DefinitionError(f"{group.key}: Each() of {question.key} names no member of it")
    return members


def _rounds(group: Group, registers: Registers) -> Iterator[Question]:
    keys = [question.key for question in group.questions]
    for number in range(1, group.times + 1):
        names = {key: f"{group.key}.{number}.{key}" for key in keys}
        before = (AnyOf(*(If(f"{group.key}.{number - 1}.{key}") for key in keys)),) if number > 1 else ()
        for question in group.questions:
            yield _inside(
                question, names, group.asked + before, question.asked, {"number": number}, registers
            )


def _inside(
    question: Question,
    names: Mapping[str, str],
    outside: tuple[Condition, ...],
    own: tuple[Condition, ...],
    values: Mapping[str, Message | int],
    registers: Registers,
) -> Question:
    """A group's question for one member or round: inside, a key means the sibling first."""
    changes: dict[str, object] = {
        "key": names[question.key],
        "asked": outside + tuple(condition.renamed(names) for condition in own),
        "text": question.text.with_values(**values),
        "hint": question.hint and question.hint.with_values(**values),
        "why": question.why and question.why.with_values(**values),
        "required": question.required and question.required.with_values(**values),
        "worded": tuple(
            Worded(
                other.when.renamed(names),
                other.text.with_values(**values),
                other.hint and other.hint.with_values(**values),
            )
            for other in question.worded
        ),
    }
    for pointer in ("narrow", "after", "on"):
        if getattr(question, pointer, ""):
            changes[pointer] = names.get(getattr(question, pointer), getattr(question, pointer))
    return _with_members(renamed(question, **changes), registers)


def _with_members(question: Question, registers: Registers) -> Question:
    """The question with its register's members as options, where they are known."""
    if isinstance(question, Choice) and isinstance(question.options, Register):
        members = registers.get(question.options.key, ())
        return renamed(question, options=replace(question.options, members=members))
    return question
