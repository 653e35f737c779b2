"""Words in definitions: plain values that extraction finds and any language can say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Catalogue = Literal["public", "staff", "as written"]


@dataclass(frozen=True, slots=True)
class Message:
    """One text, not yet in any language. `values` fill its %(name)s; a value may be a Message too."""

    id: str
    context: str | None = None
    plural: str | None = None
    catalogue: Catalogue = "public"
    values: tuple[tuple[str, Message | str | int], ...] = ()

    @property
    def english(self) -> str:
        """The text as it is written in the code, with its values."""
        values = {name: value.english if isinstance(value, Message) else value for name, value in self.values}
        return self.id % values if values else self.id

    def with_values(self, **values: Message | str | int) -> Message:
        """The same message with these values in its placeholders; `number` also chooses the plural."""
        return replace(self, values=self.values + tuple(values.items()))


def _(id: str) -> Message:
    """A text that tenants may see."""
    return Message(id)


def _in(context: str, id: str) -> Message:
    """A text whose translation depends on where it stands."""
    return Message(id, context=context)


def _many(id: str, plural: str) -> Message:
    """A text that counts; give `number` with with_values()."""
    return Message(id, plural=plural)


def _staff(id: str) -> Message:
    """A text that only staff see."""
    return Message(id, catalogue="staff")


def as_written(words: str) -> Message:
    """Words that nobody translates: a landlord's own name for something."""
    return Message(words, catalogue="as written")
