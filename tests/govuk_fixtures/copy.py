"""Copies here, from the govuk-frontend that the assets are built with, the examples our macros can give.

Run after portal/assets/build.sh when govuk-frontend has a new version: python tests/govuk_fixtures/copy.py
The examples are govuk-frontend's, MIT licence: see THIRD_PARTY_NOTICES.md.
"""

import json
from pathlib import Path

HERE = Path(__file__).parent
PACKAGE = HERE.parent.parent / "portal" / "assets" / "node_modules" / "govuk-frontend"

EXAMPLES = {
    "back-link": ["with custom text and link", "html as text", "html"],
    "button": [
        *("default", "secondary", "warning", "name", "value", "start link"),
        *("prevent double click", "no data-prevent-double-click"),
    ],
    "checkboxes": [
        *("default", "with hint", "with divider and None", "with legend as a page heading"),
        *("with error message", "with error message and hint", "with very long option text"),
        "fieldset html params",
    ],
    "date-input": [
        *("default", "with translations", "with values", "with values and name prefix", "with errors only"),
        *("with error message and hint", "with error on day input", "with error on month input"),
        *("with error on year input", "with autocomplete values"),
    ],
    "details": ["default", "html as text", "html", "summary html as text"],
    "error-summary": ["default", "error list with html link", "error list with html as text link"],
    "exit-this-page": ["default", "testing-html", "translated"],
    "input": [
        *("default", "with hint text", "with error message", "with error and hint"),
        *("with width-2 class", "with width-10 class", "with width-30 class", "with label as page heading"),
        *("id", "custom type", "value", "zero value", "inputmode", "with autocomplete attribute"),
        *("with spellcheck enabled", "with spellcheck disabled"),
    ],
    "inset-text": ["default", "with html", "html as text"],
    "language-navigation": [
        *("default", "with multiple languages", "with large amount of multiple languages"),
        "with mixed text directions",
    ],
    "notification-banner": [
        *("default", "with type as success", "with long heading", "custom title", "title html as text"),
        *("custom text", "html as text"),
    ],
    "panel": ["default", "title html as text", "title html", "body html as text", "body html"],
    "radios": [
        *("default", "with hint", "with legend as page heading", "with a divider"),
        *("with fieldset and error message", "with very long option text", "with hints on parent and items"),
        *("with hint and error message", "fieldset with html"),
    ],
    "skip-link": ["default", "no href", "custom href", "custom text", "html as text", "html"],
    "summary-list": [
        *("key with html", "value with html", "actions href", "actions with html"),
        *("single action with anchor", "empty items array"),
    ],
    "textarea": [
        *("default", "with hint", "with error message", "with hint and error message", "with default value"),
        *("with custom rows", "with label as page heading", "id", "with autocomplete attribute"),
        *("with spellcheck enabled", "with spellcheck disabled"),
    ],
}

if __name__ == "__main__":
    version = json.loads((PACKAGE / "package.json").read_text())["version"]
    for component, names in EXAMPLES.items():
        fixtures = PACKAGE / "dist" / "govuk" / "components" / component / "fixtures.json"
        examples = {example["name"]: example for example in json.loads(fixtures.read_text())["fixtures"]}
        kept = [{key: examples[name][key] for key in ("name", "options", "html")} for name in names]
        content = {"govuk-frontend": version, "examples": kept}
        copy = HERE / f"{component}.json"
        copy.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
