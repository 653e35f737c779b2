"""Every page is valid HTML, from left to right and from right to left: the Nu checker finds nothing."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests import machine
from tests.browsing import OnAir

pytestmark = pytest.mark.html

LANGUAGES = ("en", "ur", "ar", "en-xa")
NOT_WRONG = (
    # The pseudo-language is English with accents, and the checker takes it for another one
    "This document appears to be written in",
    # Browsers that do not know it ignore it, and show all their keys
    "The “inputmode” attribute is not supported in all browsers",
    # govuk-frontend writes it at the parts of a date, for the sake of old screen readers
    "The “group” role is unnecessary for element “fieldset”",
)


def checked(folder: Path) -> list[str]:
    """What the Nu checker says of the pages in a folder. It runs here and asks nobody."""
    java = [str(machine.java()), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]  # a short life: half the time
    jar = ["-jar", str(machine.html_checker()), "--format", "json", "--exit-zero-always"]
    command = [*java, *jar, str(folder)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    return [
        f"{Path(unquote(one['url'])).stem}: {one['message']} ({one.get('extract', '')[:200]})"
        for one in json.loads(said)["messages"]
        if not one["message"].startswith(NOT_WRONG)
    ]


def test_the_checker_finds_nothing_but_what_is_wrong(on_air: OnAir, tmp_path: Path) -> None:
    """Every page of ours, and one with a mistake, so that we know that it looks."""
    for seen in (seen for language in LANGUAGES for seen in on_air.kinds(language)):
        (tmp_path / f"{seen}.html").write_text(seen.html, "utf-8")
    assert len(list(tmp_path.iterdir())) > 80
    bad = "<!DOCTYPE html><html lang=en><title>x</title><p id=a>a<p id=a>b"
    (tmp_path / "wrong.html").write_text(bad, "utf-8")
    found = checked(tmp_path)
    assert any(one.startswith("wrong: Duplicate ID") for one in found)
    wrong = [one for one in found if not one.startswith("wrong: ")]
    assert not wrong, "\n".join(wrong)
