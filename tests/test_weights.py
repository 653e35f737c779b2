"""Light enough for a slow line: a page and its style sheets come in the first ten packets."""

from __future__ import annotations

import pytest

from tests import pseudo
from tests.bench.journey import Page
from tests.bench.weights import FIRST_ROUND_TRIP, Scale
from tests.browsing import SPOKEN, OnAir
from tests.gallery import Guide

TO_PRINT = 32_000
"""Bytes: a whole form of a hundred questions, which somebody fetches once and prints."""


@pytest.mark.parametrize("language", SPOKEN)
def test_the_longest_list_is_light(on_air: OnAir, language: str) -> None:
    guide, scale = Guide(on_air.app, language), Scale(on_air.app)
    form = on_air.app.extensions["portal"].asked["interpreter"]
    page = form.page_of("speak")
    guide.visitor.open(f"/{language}/interpreter")
    guide.answer(form, {"need": ("interpreter",)})
    seen = guide.open("speak", f"/{language}/interpreter/{page.number}")
    assert seen.html.count('type="radio"') > 50
    weight = scale.weight("speak", language, Page(seen.status, list(seen.headers), seen.html.encode()), 0)
    assert weight.behind_a_proxy < FIRST_ROUND_TRIP


@pytest.mark.parametrize("language", SPOKEN)
def test_the_way_out_keeps_pages_light(on_air: OnAir, language: str) -> None:
    """The four pages of the goal, of a private form: with the style sheet, and the HTML compressed."""
    scale = Scale(on_air.app)
    found = {seen.name: seen for seen in on_air.private(language)}
    for name in ("start", "story", "check", "sent"):
        seen = found[f"whisper {name}"]
        page = Page(seen.status, list(seen.headers), seen.html.encode())
        assert scale.weight(name, language, page, 0).behind_a_proxy < FIRST_ROUND_TRIP


@pytest.mark.parametrize("language", [*SPOKEN, pseudo.CODE])
def test_every_page_is_light(on_air: OnAir, language: str) -> None:
    """With its HTML compressed, every page keeps the goal of the journey, but a whole form to print."""
    scale = Scale(on_air.app)
    weights = [
        scale.weight(seen.name, language, Page(seen.status, list(seen.headers), seen.html.encode()), 0)
        for seen in on_air.pages(language)
    ]
    assert len(weights) > 50
    assert min(one.css for one in weights) > 3_000, "the style sheet is not counted"
    printed = {one.page for one in weights if one.page.endswith(" to print")}
    heavy = [
        one for one in weights if one.behind_a_proxy > (TO_PRINT if one.page in printed else FIRST_ROUND_TRIP)
    ]
    assert not heavy, heavy
