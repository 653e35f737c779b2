"""Rules of the house that a reader of the code relies on, held by reading all of it.

Each test lists the places that break its rule.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from jinja2 import Environment, nodes

ROOT = Path(__file__).parent.parent
CODE = sorted(
    path
    for folder in ("portal", "migrations")
    for path in (ROOT / folder).rglob("*.py")
    if "assets" not in path.parts
)
TEMPLATES = sorted((ROOT / "portal" / "templates").rglob("*.html"))
MARKING = {"_", "_in", "_many", "_staff"}
"""What marks a text for translation."""


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def place(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT).as_posix()}:{line}"


def calls(*names: str) -> Iterator[tuple[Path, ast.Call]]:
    """The calls of these functions, by their plain or last name."""
    for path in CODE:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call):
                called = node.func
                name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
                if name in names:
                    yield path, node


def words_only(arguments: list[ast.expr]) -> bool:
    return all(isinstance(one, ast.Constant) and isinstance(one.value, str) for one in arguments)


def test_there_is_something_to_read() -> None:
    assert len(CODE) > 40 and len(TEMPLATES) > 10
    assert len(list(calls("_"))) > 100


# Texts


def test_a_text_to_be_translated_is_written_out() -> None:
    """Put together with f, + or % it would stand in no catalogue."""
    marked = [(path, call) for path, call in calls(*MARKING) if isinstance(call.func, ast.Name)]
    assert [place(path, call.lineno) for path, call in marked if not words_only(call.args)] == []


def test_a_text_of_a_template_is_written_out() -> None:
    broken = []
    for path in TEMPLATES:
        for call in Environment(autoescape=True).parse(path.read_text()).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name in MARKING:
                texts = call.args[:2] if call.node.name in ("_in", "_many") else call.args
                if not texts or not all(isinstance(text, nodes.Const) for text in texts):
                    broken.append(place(path, call.lineno))
    assert broken == []


# Code


def test_a_file_can_be_read_in_one_sitting() -> None:
    assert [path.name for path in CODE if len(path.read_text().splitlines()) >= 400] == []


def test_a_file_is_named_for_what_people_do() -> None:
    empty = re.compile(r"(util|helper|common|manager|service|misc|base)s?")
    assert [path.name for path in CODE if empty.fullmatch(path.stem)] == []


def test_a_file_says_what_it_is_for() -> None:
    assert [path.name for path in CODE if not ast.get_docstring(tree(path))] == []


def test_nothing_is_printed() -> None:
    """The portal writes log lines, the command speaks through click; only the set-up has neither yet."""
    assert {path.name for path, _call in calls("print")} <= {"set_up.py"}


def test_no_error_is_passed_over_in_silence() -> None:
    def does_nothing(step: ast.stmt) -> bool:
        quiet = ast.Pass | ast.Continue | ast.Break
        return isinstance(step, quiet) or (
            isinstance(step, ast.Expr) and isinstance(step.value, ast.Constant)
        )

    broken = [
        place(path, node.lineno)
        for path in CODE
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler) and (node.type is None or all(map(does_nothing, node.body)))
    ]
    assert broken == []
    assert [place(path, call.lineno) for path, call in calls("suppress")] == []


def test_the_time_comes_from_the_clock() -> None:
    broken = []
    for path, call in calls("today", "now", "utcnow"):
        source = call.func.value if isinstance(call.func, ast.Attribute) else None
        if isinstance(source, ast.Name) and source.id != "clock" and path.name != "clock.py":
            broken.append(place(path, call.lineno))
    assert broken == []


def test_markup_is_made_of_written_out_words_only() -> None:
    """Words of a person go into it with %, which escapes them."""
    assert [place(path, call.lineno) for path, call in calls("Markup") if not words_only(call.args)] == []


def test_a_rule_is_switched_off_by_its_name_only() -> None:
    switch = re.compile(r"# (type: ignore|noqa)(?![\[:])")
    lines = [(path, n, line) for path in CODE for n, line in enumerate(path.read_text().splitlines(), 1)]
    assert [place(path, number) for path, number, line in lines if switch.search(line)] == []


# Templates


def tags_that(pattern: str) -> list[str]:
    """The tags of templates that match, with their file; what is put in at run time is one letter."""
    found = []
    for path in TEMPLATES:
        plain = re.sub(r"{#.*?#}|{%.*?%}", "", path.read_text(), flags=re.S)
        plain = re.sub(r"{{.*?}}", "x", plain, flags=re.S)
        found += [f"{path.name}: {tag}" for tag in re.findall(r"<[^>]*>", plain) if re.search(pattern, tag)]
    return found


def test_tags_are_found_where_they_are() -> None:
    assert len(tags_that(r"^<(p|div|form)\b")) > 50
    assert len(tags_that(r"\bclass=")) > 50


def test_a_page_has_no_style_or_script_of_its_own() -> None:
    assert tags_that(r"^<style|^<script(?![^>]*\bsrc=)|\s(style|on\w+)\s*=|javascript:") == []


def test_a_page_knows_start_and_end_but_not_left_and_right() -> None:
    assert tags_that(r"\b(left|right|align|float)\b") == []


def test_a_page_loads_nothing_from_elsewhere() -> None:
    assert tags_that(r'\b(src|href|action)="(https?:)?//') == []


def test_a_page_trusts_no_words() -> None:
    trusting = re.compile(r"\|\s*safe\b|autoescape\s+false")
    assert [path.name for path in TEMPLATES if trusting.search(path.read_text())] == []


# Everything

UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|HA" r"CK)\b|\b(lorem ip" r"sum|coming so" r"on)\b", re.I)
KINDS = {".py", ".html", ".md", ".toml", ".po", ".pot", ".csv", ".scss", ".js", ".mjs", ".sh", ".yml"}
THIRD_PARTY = {"static", "node_modules", "govuk_fixtures"}


def test_nothing_is_left_for_later() -> None:
    folders = [ROOT / name for name in ("portal", "migrations", "translations", "tests", ".ci")]
    read = [path for folder in folders for path in folder.rglob("*") if path.suffix in KINDS]
    read += [*ROOT.glob("*.md"), ROOT / "Makefile", ROOT / "pyproject.toml", ROOT / "wsgi.py"]
    ours = [path for path in read if not THIRD_PARTY & set(path.parts)]
    assert [
        f"{path.name}: {match[0]}" for path in ours for match in UNFINISHED.finditer(path.read_text())
    ] == []
