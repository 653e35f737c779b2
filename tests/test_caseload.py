"""Whoever looks at how pages are made looks at every page about cases, and at those of who comes back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Template

from portal.database import Database
from tests import caseload
from tests.browsing import SHOWN
from tests.conftest import MakePortal
from tests.gallery import Guide

FOLDER = Path(__file__).parent.parent / "portal" / "templates" / "incidents"
PRINTED = {"enclosed.html"}
"""What is no page."""


def test_every_template_about_cases_is_among_what_is_looked_at(
    make_portal: MakePortal, sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, shown = make_portal(sqlite, SHOWN), set()
    true_way = app.jinja_env.get_template

    def noted(name: str, *more: Any, **how: Any) -> Template:
        shown.add(name.removeprefix("incidents/"))
        return true_way(name, *more, **how)

    monkeypatch.setattr(app.jinja_env, "get_template", noted)
    pages = caseload.pages(app)
    assert len({seen.name for seen in pages}) == len(pages), "a name twice"
    assert list(Guide(app, "en").form(app.extensions["portal"].asked["tell-us"]))
    there = {path.name: path.read_text() for path in FOLDER.glob("*.html")}
    parts = {
        name for text in there.values() for name in re.findall(r'include "incidents/([a-z_]+.html)"', text)
    }
    assert len(there) > 30 and parts
    assert set(there) - parts - PRINTED <= shown
