"""The built css and js: made from the sources beside them, small, readable, and the same both ways round."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import brotli
import pytest
from jinja2 import Environment, FileSystemLoader
from playwright.sync_api import Page, Playwright, Route

from portal.pages import HEADERS
from tests.machine import chromium

PORTAL = Path(__file__).parent.parent / "portal"
ASSETS, STATIC, TEMPLATES = PORTAL / "assets", PORTAL / "static", PORTAL / "templates"

MANIFEST: dict[str, Any] = json.loads((STATIC / "manifest.json").read_text("utf-8"))
BUILT = {name: STATIC / file for name, file in MANIFEST.items() if isinstance(file, str)}
SHEETS = [name for name in BUILT if name.endswith(".css")]
REBUILD = "run portal/assets/build.sh and commit portal/static"


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


# --- built from what is there


def test_the_build_is_of_these_sources() -> None:
    sources = {
        path.relative_to(ASSETS).as_posix(): sha256(path)
        for path in ASSETS.rglob("*.*")
        if path.suffix in {".scss", ".js", ".mjs", ".json", ".sh", ".svg"}
        and "node_modules" not in path.relative_to(ASSETS).parts
    }
    assert sources == MANIFEST["sources"], REBUILD


@pytest.mark.parametrize("name", BUILT)
def test_a_built_file_is_whole_and_so_are_its_compressed_twins(name: str) -> None:
    file = BUILT[name]
    content = file.read_bytes()
    br, gz = (file.with_name(f"{file.name}.{kind}").read_bytes() for kind in ("br", "gz"))
    assert sha256(file) == MANIFEST["sha256"][name], REBUILD
    assert MANIFEST["sha256"][name][:10] in file.name
    assert brotli.decompress(br) == content
    assert gzip.decompress(gz) == content
    assert MANIFEST["sizes"][name] == {"plain": len(content), "br": len(br), "gz": len(gz)}


def test_nothing_old_lies_about() -> None:
    expected = {f"{file.name}{twin}" for file in BUILT.values() for twin in ("", ".br", ".gz")}
    assert {path.name for path in STATIC.iterdir()} == expected | {"manifest.json"}


def test_every_version_is_exact() -> None:
    wanted = json.loads((ASSETS / "package.json").read_text("utf-8"))["devDependencies"]
    locked = json.loads((ASSETS / "package-lock.json").read_text("utf-8"))["packages"]
    for name, version in wanted.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), name
        assert locked[f"node_modules/{name}"]["version"] == version


@pytest.mark.parametrize(
    ("name", "br", "gz"),
    [
        ("tenant.css", 5_800, 6_600),  # with the page under 14,600 bytes: ten packets, one round trip
        ("staff.css", 9_000, 10_500),
        ("portal.js", 800, 900),
        ("favicon.svg", 1_000, 1_000),
    ],
)
def test_a_file_keeps_to_its_budget(name: str, br: int, gz: int) -> None:
    sizes = MANIFEST["sizes"][name]
    assert sizes["br"] <= br
    assert sizes["gz"] <= gz


# --- colours

TOKENS = dict(
    re.findall(r'"([\w-]+)": (#[0-9a-f]{6})', (ASSETS / "scss" / "_tokens.scss").read_text("utf-8"))
)
TEXT, LINES = 7, 3  # WCAG 1.4.6 (AAA) and 1.4.11


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it, 0 to 1."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(TOKENS[one]), luminance(TOKENS[other])), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("upon", "least", "colours"),
    [
        ("paper", TEXT, "ink quiet brand action link visited error warn good"),
        ("wash", TEXT, "ink quiet link visited"),
        ("focus", TEXT, "ink"),
        ("error-wash", TEXT, "ink error"),
        ("warn-wash", TEXT, "ink warn"),
        ("good-wash", TEXT, "ink good"),
        ("brand", TEXT, "paper"),
        ("action", TEXT, "paper"),
        ("error", TEXT, "paper"),
        ("paper", LINES, "line"),
    ],
)
def test_every_pair_of_colours_can_be_read(upon: str, least: float, colours: str) -> None:
    for colour in colours.split():
        assert contrast(colour, upon) >= least, f"{colour} on {upon}"


def test_no_colour_is_written_outside_the_list() -> None:
    for source in (ASSETS / "scss").glob("*.scss"):
        if source.name != "_tokens.scss":
            assert not re.search(r"#[0-9a-f]{3,8}\b(?![^;]*\{)", source.read_text("utf-8")), source.name


def test_a_landlords_colour_is_one_property() -> None:
    """Whatever shows the brand takes it from --brand, and nothing derives a second colour at build time."""
    for name in SHEETS:
        css = BUILT[name].read_text("utf-8")
        assert css.count(TOKENS["brand"]) == 1
        assert "var(--brand)" in css


# --- one sheet, both directions

PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|inset)-(?:left|right)(?:-\w+)?|left|right"
    r"|border-(?:top|bottom)-(?:left|right)-radius)\s*:|(?:text-align|float|clear)\s*:\s*(?:left|right)"
)
VALUE = r"\s+([^\s;{}]+)"
FOUR = re.compile(
    rf"(?:margin|padding|inset|border-(?:width|color|style))\s*:\s*([^\s;{{}}]+){VALUE * 3}\s*[;}}]"
)
# The tick and the chevron are drawn as two sides of a box that is then turned. A tick is the same
# in every direction; the chevron is mirrored by hand.
DRAWN = {("0", "0", "5px", "5px"), ("0", "0", "2px", "2px")}
# left and right for browsers without the logical ones (iOS before 14.5): see logical.mjs.
TWINS = re.compile(r"@supports not \(inset-inline-end:\s*0\)\{((?:[^{}]*\{[^{}]*\})*)\}")


def one_sided(css: str) -> Iterator[str]:
    """The declarations that would be wrong in the other direction."""
    css = re.sub(r"//.*|/\*[\s\S]*?\*/", "", css)
    yield from PHYSICAL.findall(css)
    for sides in FOUR.findall(css):
        if sides[1] != sides[3] and sides not in DRAWN:
            yield " ".join(sides)


def test_our_sources_know_no_left_and_right() -> None:
    for source in (ASSETS / "scss").glob("*.scss"):
        assert list(one_sided(source.read_text("utf-8"))) == [], source.name


@pytest.mark.parametrize("name", SHEETS)
def test_the_built_sheets_know_no_left_and_right(name: str) -> None:
    css = BUILT[name].read_text("utf-8")
    twins = TWINS.search(css)
    assert twins, "the twins for older browsers are gone"
    assert set(re.findall(r"([\w-]+):[\w.-]+(?=[;}])", twins[1])) == {"left", "right"}
    assert list(one_sided(css.replace(twins[0], ""))) == []


@pytest.mark.parametrize("name", SHEETS)
def test_old_browsers_understand_every_rule_that_matters(name: str) -> None:
    """One selector a browser does not know drops its whole rule; shorthands came later than their parts."""
    css = BUILT[name].read_text("utf-8")
    assert not re.search(r":(?:is|where|focus-visible|dir)\b", css)
    assert not re.search(r"(?:margin|padding)-inline:|inset(?:-inline|-block)?:|border-\w+-\w+-radius:", css)
    without_has = [rule for rule in css.split("}") if ":has(" in rule]
    assert len(without_has) == 1 and ".p-receipt" in without_has[0]  # only paper is worse without it


# --- ours, not GOV.UK's, and nothing from elsewhere


@pytest.mark.parametrize("name", SHEETS)
def test_the_sheets_load_nothing_and_wear_nobody_elses_clothes(name: str) -> None:
    css = BUILT[name].read_text("utf-8")
    assert not re.search(r"url\(|@import|https?:", css)
    assert not re.search(r"GDS Transport|crown-|#1d70b8|#00703c|--govuk", css, re.IGNORECASE)
    assert "govuk-frontend, MIT" in css
    assert re.findall(r"src:[^;}]*", css) and all("local(" in face for face in re.findall(r"src:[^;}]*", css))


def test_the_script_writes_no_markup() -> None:
    script = BUILT["portal.js"].read_text("utf-8")
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacent|document\.write|eval|Function\(|\.style\b", script
    )


# --- in a browser, with the headers that the portal sends

needs_browser = pytest.mark.skipif(not chromium(), reason="no Chromium")

PAGE = """<!DOCTYPE html><html lang="{{ lang }}" dir="{{ dir }}"><head><title>x</title>
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/static/{{ css }}">
{% if js %}<script src="/static/{{ js }}" defer></script>{% endif %}</head><body>
{% import "components.html" as ui %}{{ ui.skip_link("Skip") }}
<header class="p-header"><a class="p-header__name" href="/">Homes</a>
<nav aria-label="Languages"><a href="/l">Languages</a></nav></header>
<main class="p-main" id="main">{{ ui.back_link("Back", "/b") }}
{{ ui.error_summary("A problem", [("#one", "Choose")]) }}
<form novalidate>{{ ui.choice("one", options, "Which?", hint="Hint", error="Choose", error_prefix="Error") }}
{{ ui.choice("many", options, "Which ones?", many=True, page_heading=False) }}
{{ ui.text_input("name", "Name", page_heading=False) }}
{{ ui.text_input("what", "What?", page_heading=False, rows=4) }}
{{ ui.date_input("dob", "When?", parts, page_heading=False) }}
{% call ui.details("More") %}more{% endcall %}{% call ui.inset() %}set in{% endcall %}
<div class="p-actions">{{ ui.button("Continue") }}{{ ui.button("Skip", kind="plain") }}
{{ ui.link_button("Start", "/s") }}</div></form>{{ ui.receipt(["4823", "0019", "7756", "2310", "9984"]) }}
{{ ui.summary_list(rows) }}<ul class="p-choices"><li><a href="/c">Choice</a><p>Words</p></li></ul></main>
<footer class="p-footer"><div class="p-help"><a href="tel:1">0800 1</a></div></footer></body></html>"""


def page_html(sheet: str, lang: str = "en", dir: str = "ltr", script: bool = True) -> str:
    plain = {
        "hint": "",
        "heading": "",
        "divider": "",
        "checked": False,
        "exclusive": False,
        "lang": "",
        "dir": "",
    }
    options = [{**plain, "value": str(number), "text": f"Option {number}"} for number in range(3)]
    options += [{**plain, "value": "none", "text": "None", "divider": "or", "exclusive": True}]
    part = {"value": "", "width": 4, "wrong": False, "autocomplete": "", "text": False}
    return (
        Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
        .from_string(PAGE)
        .render(
            lang=lang,
            dir=dir,
            css=MANIFEST[sheet],
            js=MANIFEST["portal.js"] if script else "",
            options=options,
            parts=[{**part, "name": name, "label": name} for name in ("day", "month", "year")],
            rows=[{"key": "Key", "values": ["Value"], "href": "/x", "action": "Change", "hidden": "it"}],
        )
    )


@pytest.fixture(scope="module")
def window(playwright: Playwright) -> Iterator[Page]:
    """A browser's window on the page above at https://portal/SHEET/LANGUAGE/DIRECTION"""
    browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
    page = browser.new_page(viewport={"width": 320, "height": 640})

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix("https://portal/")
        if path.startswith("static/"):
            kind = "text/css" if path.endswith("css") else "text/javascript"
            body: str | bytes = (STATIC / path.removeprefix("static/")).read_bytes()
        else:
            kind, body = "text/html; charset=utf-8", page_html(*path.split("?")[0].split("/"))
        route.fulfill(body=body, headers={**HEADERS, "Content-Type": kind})

    page.route("https://portal/**", answer)
    yield page
    browser.close()


CONTROLS = (
    "a, button, input, textarea, summary, legend, dt, dd, [class*=govuk-form-group], [class*=p-receipt]"
)
BOXES = f"""() => [...document.querySelectorAll({CONTROLS!r})].map(element => {{
  const box = element.getBoundingClientRect();
  return [element.tagName + ' ' + element.className, box.left, innerWidth - box.right, box.top, box.height];
}})"""


@needs_browser
@pytest.mark.parametrize("sheet", SHEETS)
@pytest.mark.parametrize("width", [320, 1280])
def test_right_to_left_is_left_to_right_in_a_mirror(window: Page, sheet: str, width: int) -> None:
    window.set_viewport_size({"width": width, "height": 640})
    window.goto(f"https://portal/{sheet}/en/ltr")
    one_way = window.evaluate(BOXES)
    window.goto(f"https://portal/{sheet}/en/rtl")
    for (name, left, right, *place), other in zip(one_way, window.evaluate(BOXES), strict=True):
        if "p-receipt__code" in name:
            continue  # a code runs from left to right everywhere
        assert other == [name, *(pytest.approx(number, abs=2) for number in (right, left, *place))]


@needs_browser
@pytest.mark.parametrize("sheet", SHEETS)
def test_nothing_sticks_out_on_a_small_phone(window: Page, sheet: str) -> None:
    window.set_viewport_size({"width": 256, "height": 400})
    window.goto(f"https://portal/{sheet}/ur/rtl")
    assert window.evaluate("document.documentElement.scrollWidth") <= 256


@needs_browser
def test_a_finger_finds_every_control(window: Page) -> None:
    window.set_viewport_size({"width": 320, "height": 640})
    window.goto("https://portal/tenant.css/en/ltr")
    size = """() => [...document.querySelectorAll('main a, button, input, textarea, summary, nav a')]
      .filter(element => !element.closest('.govuk-error-summary, .p-choices'))
      .map(element => [element.outerHTML, element.getBoundingClientRect().height])"""
    assert [html for html, height in window.evaluate(size) if height < 44] == []


@needs_browser
def test_the_script_runs_under_our_policy(window: Page) -> None:
    said: list[str] = []
    window.on("console", lambda message: said.append(message.text))
    window.on("pageerror", lambda error: said.append(str(error)))
    window.goto("https://portal/tenant.css/en/ltr")
    window.wait_for_selector("html.js")
    assert said == []


@needs_browser
def test_the_error_summary_has_the_focus_and_its_links_give_it_to_the_control(window: Page) -> None:
    window.goto("https://portal/tenant.css/en/ltr")
    assert window.evaluate("document.activeElement.className") == "govuk-error-summary"
    window.click(".govuk-error-summary a")
    assert window.evaluate("document.activeElement.id") == "one"
    assert window.evaluate("document.querySelector('legend').getBoundingClientRect().top") >= -1


@needs_browser
def test_none_of_these_unticks_the_others_and_they_untick_it(window: Page) -> None:
    window.goto("https://portal/tenant.css/en/ltr")
    ticked = "() => [...document.querySelectorAll('[type=checkbox]:checked')].map(box => box.value)"
    window.check("#many")
    window.check("#many-2")
    assert window.evaluate(ticked) == ["0", "1"]
    window.check("#many-4")
    assert window.evaluate(ticked) == ["none"]
    window.check("#many-3")
    assert window.evaluate(ticked) == ["2"]


@needs_browser
def test_a_form_is_sent_once_however_often_its_button_is_pressed(window: Page) -> None:
    window.goto("https://portal/tenant.css/en/ltr")
    window.evaluate(
        """() => {
          window.sent = 0;
          document.forms[0].addEventListener('submit', event => (event.preventDefault(), window.sent++));
        }"""
    )
    window.dblclick("text=Continue")
    assert window.evaluate("sent") == 1
    window.wait_for_timeout(1100)
    window.click("text=Continue")
    assert window.evaluate("sent") == 2


@needs_browser
def test_a_page_with_a_receipt_prints_the_receipt_alone(window: Page) -> None:
    window.goto("https://portal/tenant.css/en/ltr")
    window.emulate_media(media="print")
    shown = [name for name in ("header", "h1", ".p-receipt", ".p-help", "form") if window.is_visible(name)]
    window.emulate_media(media="screen")
    assert shown == [".p-receipt"]
