"""Every page is valid HTML, in a left-to-right and a right-to-left language alike: the Nu checker finds nothing."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests import machine
from tests.browsing import OnAir

pytestmark = pytest.mark.html

LANGUAGES = ("en", "ur", "ar", "en-xa")
NOT_WRONG = (
    # The pseudo-language is English in brackets, and the checker guesses at another one
    "This document appears to be written in",
)


def checked(folder: Path) -> list[str]:
    """What the Nu checker says of the pages in a folder. It runs here and asks nobody."""
    command = [
        str(machine.java()),
        "-jar",
        str(machine.html_checker()),
        "--format",
        "json",
        "--exit-zero-always",
    ]
    said = subprocess.run([*command, str(folder)], capture_output=True, text=True, check=True).stderr
    return [
        f"{Path(one['url']).stem}: {one.get('subType', one['type'])}: {one['message']} ({one.get('extract', '')})"
        for one in json.loads(said)["messages"]
        if not one["message"].startswith(NOT_WRONG)
    ]


def test_the_checker_finds_nothing(on_air: OnAir, tmp_path: Path) -> None:
    pages = [seen for language in LANGUAGES for seen in on_air.pages(language) + on_air.kinds(language)]
    for html, name in {seen.html: str(seen) for seen in pages}.items():
        (tmp_path / f"{name}.html").write_text(html, "utf-8")
    wrong = checked(tmp_path)
    assert not wrong, "\n".join(wrong)


def test_the_checker_is_awake(tmp_path: Path) -> None:
    (tmp_path / "bad.html").write_text(
        "<!DOCTYPE html><html lang=en><title>x</title><p id=a><p id=a>", "utf-8"
    )
    assert any("Duplicate ID" in one for one in checked(tmp_path))
