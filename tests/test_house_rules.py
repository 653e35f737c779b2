"""Rules of the house that a reader of the code relies on, held by reading all of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

ROOT = Path(__file__).parent.parent
CODE = sorted(
    path
    for folder in ("portal", "migrations")
    for path in (ROOT / folder).rglob("*.py")
    if "assets" not in path.parts
)
TEMPLATES = sorted((ROOT / "portal" / "templates").rglob("*.html"))
WORDS = {"_", "_in", "_many", "_staff"}
"""What marks a text for translation."""


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


every_module = pytest.mark.parametrize("path", CODE, ids=name_of)
every_template = pytest.mark.parametrize("path", TEMPLATES, ids=name_of)


def calls(path: Path, *names: str) -> Iterator[ast.Call]:
    """The calls of these functions, by their plain or last name."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
            if name in names:
                yield node


def test_there_is_something_to_read() -> None:
    assert len(CODE) > 40 and len(TEMPLATES) > 10


# Texts


@every_module
def test_a_text_to_be_translated_is_written_out(path: Path) -> None:
    """Put together with f, + or % it would stand in no catalogue."""
    for call in calls(path, *WORDS):
        if isinstance(call.func, ast.Name):
            for argument in call.args:
                assert isinstance(argument, ast.Constant), f"line {call.lineno}"
                assert isinstance(argument.value, str), f"line {call.lineno}"


@every_template
def test_a_text_of_a_template_is_written_out(path: Path) -> None:
    for call in Environment(autoescape=True).parse(path.read_text()).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in WORDS:
            texts = call.args[:2] if call.node.name in ("_in", "_many") else call.args
            assert texts and all(isinstance(text, nodes.Const) for text in texts), f"line {call.lineno}"
            assert all(isinstance(text.value, str) for text in texts if isinstance(text, nodes.Const))


# Code


@every_module
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text().splitlines()) < 400


def test_a_file_is_named_for_what_people_do() -> None:
    empty = {
        "utils",
        "util",
        "helpers",
        "helper",
        "common",
        "manager",
        "managers",
        "service",
        "services",
        "misc",
        "base",
    }
    assert not [path for path in CODE if path.stem in empty]


@every_module
def test_a_file_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text()))


@every_module
def test_nothing_is_printed(path: Path) -> None:
    """The portal writes log lines, the command speaks through click; only the set-up has neither yet."""
    assert not list(calls(path, "print")) or name_of(path) == "portal/set_up.py"


@every_module
def test_no_error_is_passed_over_in_silence(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"line {node.lineno}: which error?"
            said = [step for step in node.body if not isinstance(step, ast.Pass | ast.Continue | ast.Break)]
            said = [
                step
                for step in said
                if not (isinstance(step, ast.Expr) and isinstance(step.value, ast.Constant))
            ]
            assert said, f"line {node.lineno}: nothing is done about it"
    assert not list(calls(path, "suppress"))


@every_module
def test_the_time_comes_from_the_clock(path: Path) -> None:
    if name_of(path) != "portal/clock.py":
        for call in calls(path, "today", "now", "utcnow"):
            source = call.func.value if isinstance(call.func, ast.Attribute) else None
            assert not isinstance(source, ast.Name) or source.id == "clock", f"line {call.lineno}"


@every_module
def test_markup_is_made_of_constants_only(path: Path) -> None:
    """Words of a person go into it with %, which escapes them."""
    for call in calls(path, "Markup"):
        assert all(isinstance(argument, ast.Constant) for argument in call.args), f"line {call.lineno}"


@every_module
def test_a_comment_switches_off_no_rule_without_naming_it(path: Path) -> None:
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        assert not re.search(r"# (type: ignore|noqa)(?![\[:])", line), f"line {number}"


# Templates


def tags(path: Path) -> list[str]:
    """The tags of a template, without its statements and comments."""
    plain = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", "", path.read_text(), flags=re.S)
    return re.findall(r"<[^>]*>", plain)


@every_template
def test_a_page_has_no_style_or_script_of_its_own(path: Path) -> None:
    for tag in tags(path):
        assert not re.match(r"<style|<script(?![^>]*\bsrc=)", tag), tag
        assert not re.search(r"\s(style|on\w+)\s*=", tag), tag
        assert "javascript:" not in tag, tag


@every_template
def test_a_page_knows_start_and_end_but_not_left_and_right(path: Path) -> None:
    for tag in tags(path):
        assert not re.search(r"\b(left|right|align|float)\b", tag), tag


@every_template
def test_a_page_trusts_no_words(path: Path) -> None:
    assert not re.search(r"\|\s*safe\b|autoescape\s+false", path.read_text())


@every_template
def test_a_page_loads_nothing_from_elsewhere(path: Path) -> None:
    for tag in tags(path):
        if not tag.startswith("<a"):
            assert not re.search(r'(src|href|action)="(https?:)?//', tag), tag


# Everything


UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|HA" r"CK)\b|\b(lorem ip" r"sum|coming so" r"on)\b", re.I)
KINDS = {".py", ".html", ".md", ".toml", ".po", ".pot", ".csv", ".scss", ".js", ".mjs", ".sh", ".yml"}


def test_nothing_is_left_for_later() -> None:
    found = []
    for folder in ("portal", "migrations", "translations", "tests", ".ci"):
        for path in (ROOT / folder).rglob("*"):
            third_party = {"static", "node_modules", "govuk_fixtures", "__pycache__"} & set(path.parts)
            if path.suffix in KINDS and not third_party:
                found += [f"{name_of(path)}: {match[0]}" for match in UNFINISHED.finditer(path.read_text())]
    for path in (*ROOT.glob("*.md"), ROOT / "Makefile", ROOT / "pyproject.toml", ROOT / "wsgi.py"):
        found += [f"{name_of(path)}: {match[0]}" for match in UNFINISHED.finditer(path.read_text())]
    assert found == []
