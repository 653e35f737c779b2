"""What the portals of one test process share, as it is the same in each: compiled templates and addresses.

A portal is made for nearly every test; compiling both anew took half of the tests' time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule


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


def share() -> None:
    Flask.jinja_options = {"bytecode_cache": Templates()}
    Rule._compile_builder = _remembered(Rule._compile_builder)  # type: ignore[method-assign]
