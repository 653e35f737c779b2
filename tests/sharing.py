"""What the portals of one test process share, as it is the same in each: templates, addresses, forms.

A portal is made for nearly every test; making all of it anew took half of the tests' time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule

from portal.forms import FORMS
from portal.questions import Form


class Templates(BytecodeCache):
    """Compiled templates, by name and source."""

    def __init__(self) -> None:
        self.found: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.found:
            bucket.bytecode_from_string(self.found[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.found[bucket.key] = bucket.bytecode_to_string()


def _remembered(compile_builder: Callable[..., Any]) -> Callable[..., Any]:
    """Builders of addresses by what they are made of: a rule is their argument, they hold nothing of it."""
    found: dict[object, Any] = {}

    def remembered(rule: Any, append_unknown: bool = True) -> Any:
        if rule.defaults:
            return compile_builder(rule, append_unknown)
        key = (tuple(rule._trace), append_unknown)
        if key not in found:
            found[key] = compile_builder(rule, append_unknown)
        return found[key]

    return remembered


def _parsed(parse: Callable[..., Any]) -> Callable[..., Any]:
    """What rules are made of by their words, in which converters are named that know nothing of a portal."""
    found: dict[str, Any] = {}

    def remembered(rule: Any, words: str) -> Any:
        if words not in found:
            begins = len(rule._trace)
            parts = list(parse(rule, words))
            trace = rule._trace[begins:]
            found[words] = parts, trace, {name: rule._converters[name] for named, name in trace if named}
            return parts
        parts, trace, converters = found[words]
        rule._trace.extend(trace)
        rule._converters.update(converters)
        rule.arguments.update(converters)
        return parts

    return remembered


def _here(here: Callable[..., Form]) -> Callable[..., Form]:
    """The forms of the portal in use, by what was wished: they are made of what never changes."""
    found: dict[object, Form] = {}

    def remembered(form: Form, variants: Any = None, registers: Any = None, **wishes: bool) -> Form:
        if registers is not None or not any(form is one for one in FORMS):
            return here(form, variants, registers, **wishes)
        key = (id(form), *sorted((variants or {}).items()), *sorted(wishes.items()))
        if key not in found:
            found[key] = here(form, variants, **wishes)
        return found[key]

    return remembered


def share() -> None:
    Form.here = _here(Form.here)  # type: ignore[method-assign]
    Flask.jinja_options = {"bytecode_cache": Templates()}
    Rule._parse_rule = _parsed(Rule._parse_rule)  # type: ignore[method-assign]
    Rule._compile_builder = _remembered(Rule._compile_builder)  # type: ignore[method-assign]
