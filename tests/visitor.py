"""A person with a browser but no JavaScript: reads labels, ticks, types, presses buttons.

Every page on the way is checked for what all pages owe: see `check_page`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag
from flask import Flask
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, stream_encode_multipart

from portal.pages import HEADERS
from tests import pseudo

CONTROLS = "input:not([type=hidden]), select, textarea"
TYPED = "input[type=text], input[type=email], input[type=password], textarea"


def words(tag: Tag | None) -> str:
    """The text of a part of a page, as one line, without direction marks."""
    found = tag.get_text(" ", strip=True) if tag else ""
    return re.sub(r"[\u2066-\u2069]", "", re.sub(r"\s+", " ", found))


def labels(soup: BeautifulSoup) -> defaultdict[str, list[Tag]]:
    """The labels of a page by the id of what each is for."""
    found: defaultdict[str, list[Tag]] = defaultdict(list)
    for label in soup.find_all("label"):
        found[str(label.get("for"))].append(label)
    return found


def picked(select: Tag) -> str:
    """The value of the option that is picked: the first one, if none says so."""
    chosen = select.select_one("option[selected]") or select.select_one("option")
    return str(chosen["value"]) if chosen else ""


class Visitor:
    """Goes from page to page and submits only what the HTML offers."""

    def __init__(self, app: Flask, address: str = "203.0.113.9") -> None:
        self.client = app.test_client()
        self.address = address
        self.response: TestResponse
        self.soup: BeautifulSoup
        self.path = ""
        self.fields: list[tuple[str, str]] = []
        self.attached: dict[str, list[tuple[BytesIO, str]]] = {}

    def open(self, path: str) -> Visitor:
        return self._arrive(self.client.get(path, environ_overrides={"REMOTE_ADDR": self.address}), path)

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def heading(self) -> str:
        return words(self.soup.h1)

    @property
    def text(self) -> str:
        return words(self.soup.body)

    @property
    def errors(self) -> list[str]:
        """The texts of the error summary."""
        return [words(link) for link in self.soup.select(".govuk-error-summary a")]

    def link(self, label: str) -> Visitor:
        """Follow the link with this text."""
        for link in self.soup.select("a[href]"):
            if words(link) == label:
                return self.open(str(link["href"]))
        raise AssertionError(f"no link {label!r} among {[words(link) for link in self.soup.select('a')]}")

    def controls(self) -> list[Tag]:
        return list(self.soup.select(CONTROLS))

    def label(self, control: Tag) -> str:
        return words(self.soup.find("label", attrs={"for": control["id"]}))

    def choose(self, *labels: str) -> Visitor:
        """Tick radios or boxes by their labels; ticking a radio unticks its neighbours."""
        for label in labels:
            control = self._control(label, "input[type=radio], input[type=checkbox]")
            if control["type"] == "radio":
                for other in self.soup.select(f"input[name='{control['name']}']"):
                    other.attrs.pop("checked", None)
            control["checked"] = ""
        return self

    def type(self, label: str, text: str) -> Visitor:
        """Type into the field with this label."""
        control = self._control(label, TYPED)
        if control.name == "textarea":
            control.string = text
        else:
            control["value"] = text
        return self

    def attach(self, label: str, *files: tuple[str, bytes]) -> Visitor:
        """Choose files, each with its name, in the field with this label."""
        control = self._control(label, "input[type=file]")
        self.attached[str(control["name"])] = [(BytesIO(content), name) for name, content in files]
        return self

    def pick(self, label: str, option: str) -> Visitor:
        """Pick one of the options of a list by its text."""
        select = self._control(label, "select")
        for one in select.select("option"):
            one.attrs.pop("selected", None)
            if words(one) == option:
                one["selected"] = ""
        assert select.select("option[selected]"), f"no option {option!r}"
        return self

    def chosen(self) -> list[str]:
        named = labels(self.soup)
        return [words(named[str(one["id"])][0]) for one in self.soup.select("input[checked]")]

    def typed(self, label: str) -> str:
        control = self._control(label, TYPED)
        return control.get_text() if control.name == "textarea" else str(control.get("value", ""))

    def buttons(self) -> list[str]:
        return [words(button) for button in self.soup.select("button:not([aria-hidden])")]

    def press(self, label: str, **extra: str) -> Visitor:
        """Press the button with this text. `extra` adds or replaces fields, as an attacker would."""
        for button in self.soup.select("button:not([aria-hidden])"):
            if words(button) == label:
                return self.send(button, **extra)
        raise AssertionError(f"no button {label!r} among {self.buttons()}")

    def send(self, button: Tag, **extra: str) -> Visitor:
        form = self._form(button)
        fields = [(name, value) for name, value in self.form_fields(form) if name not in extra]
        if button.get("name") and str(button["name"]) not in extra:
            fields.append((str(button["name"]), str(button.get("value", ""))))
        return self.post(str(form["action"]), fields + list(extra.items()))

    def post(self, path: str, fields: list[tuple[str, str]]) -> Visitor:
        self.fields = fields
        data: dict[str, list[Any]] = {}
        for name, value in fields:
            data.setdefault(name, []).append(value)
        how: dict[str, Any] = {"data": data}
        if self.attached:
            sent: MultiDict[str, Any] = MultiDict(data)
            for name, files in self.attached.items():
                sent.setlist(name, [FileStorage(*one) for one in files])
            stream, length, boundary = stream_encode_multipart(sent, threshold=1 << 30)  # no file of its own
            kind = f"multipart/form-data; boundary={boundary}"
            how = {"input_stream": stream, "content_length": length, "content_type": kind}
        self.attached = {}
        found = self.client.post(path, environ_overrides={"REMOTE_ADDR": self.address}, **how)
        return self._arrive(found, path)

    def form_fields(self, form: Tag) -> list[tuple[str, str]]:
        """What a browser would send of a form, without its buttons."""
        fields = []
        for control in form.select("input, textarea, select"):
            if control.name == "select":
                fields.append((str(control["name"]), picked(control)))
                continue
            ticked = control.get("type") not in ("radio", "checkbox") or control.has_attr("checked")
            if control.get("name") and ticked and control.get("type") != "file":
                value = control.get_text() if control.name == "textarea" else control.get("value", "")
                fields.append((str(control["name"]), str(value)))
        return fields

    def _form(self, button: Tag) -> Tag:
        form = self.soup.find(id=button["form"]) if button.has_attr("form") else button.find_parent("form")
        assert isinstance(form, Tag), f"{button} belongs to no form"
        return form

    def _control(self, label: str, kinds: str) -> Tag:
        named = labels(self.soup)
        for control in self.soup.select(kinds):
            if label in map(words, named[str(control["id"])][:1]):
                return control
        raise AssertionError(f"no field {label!r} among {[self.label(one) for one in self.controls()]}")

    def _arrive(self, response: TestResponse, path: str) -> Visitor:
        for _redirect in range(5):
            check_headers(response)
            if response.status_code != 303:
                break
            place = response.headers["Location"]
            path = place
            if urlsplit(place).netloc:
                break
            response = self.client.get(place, environ_overrides={"REMOTE_ADDR": self.address})
        self.response, self.path = response, path
        self.soup = BeautifulSoup(response.text, "html.parser")
        if response.mimetype == "text/html":
            check_page(self.soup, response)
        return self


def check_headers(response: TestResponse) -> None:
    """The strict headers are on every response."""
    for name, value in HEADERS.items():
        assert response.headers.get(name) == value, name
    assert "Cache-Control" in response.headers


def check_page(soup: BeautifulSoup, response: Any) -> None:
    """What every page owes to the person who reads it."""
    html = soup.html
    assert html and html.get("lang") and html.get("dir") in ("ltr", "rtl")
    assert response.headers["Content-Language"] == html["lang"]
    assert response.headers["Cache-Control"] == "no-store"
    assert len(soup.find_all("h1")) == 1
    heading, title = words(soup.h1), words(soup.title)
    assert heading and title
    assert soup.title and not soup.title.find(True), f"a browser shows tags in a title: {soup.title}"
    assert len(soup.find_all("main")) == 1
    tags = soup.find_all(True)
    ids = {str(tag["id"]) for tag in tags if tag.has_attr("id")}
    assert len(ids) == sum(tag.has_attr("id") for tag in tags), "an id twice"
    named = labels(soup)
    for control in soup.select(CONTROLS):
        its = named[str(control["id"])]
        assert len(its) == 1 and words(its[0]), f"{control} has no label"
    for tag in tags:
        for name in ("aria-describedby", "aria-labelledby", "form"):
            for one in str(tag.get(name, "")).split():
                assert one in ids, f"{name}={one} leads nowhere"
        if tag.name == "a" and str(tag.get("href", "")).startswith("#"):
            assert str(tag["href"])[1:] in ids, f"{tag} leads nowhere"
        assert not [name for name in tag.attrs if name.startswith("on")], f"inline handler on {tag.name}"
        assert tag.name != "style" and not tag.has_attr("style"), "inline style"
        assert tag.name != "script" or tag.has_attr("src"), "inline script"
        place = str(tag.get("src") or (tag.get("href", "") if tag.name == "link" else ""))
        assert not urlsplit(place).netloc or tag.get("rel") == ["alternate"], f"{place} is a third party"
    if html["lang"] == "en-XA":
        assert not untranslated(soup), untranslated(soup)


def untranslated(soup: BeautifulSoup) -> list[str]:
    """In the pseudo-language: texts that did not come from the catalogue."""
    found = []
    for node in soup.find_all(string=True):
        text = str(node).strip()
        parents = {parent.name for parent in node.parents}
        foreign = any(parent.get("lang") not in (None, "en-XA") for parent in node.parents)
        if not re.search(r"[^\W\d_]", text) or parents & {
            "script",
            "style",
            "bdi",
            "textarea",
            "[document]",
        } - {"[document]"}:
            continue
        if node.parent is not None and node.parent.name == "title":
            text = text.rpartition(" – ")[0]
        if not foreign and not _inside_brackets(node, text):
            found.append(text)
    return found


def _inside_brackets(node: Any, text: str) -> bool:
    """Whether the text, or the sentence that its parent makes of it, stands in brackets."""
    if pseudo.OPEN in text or pseudo.CLOSE in text:
        return True
    around = node.parent.get_text() if node.parent else ""
    return around.strip().startswith(pseudo.OPEN) or around.strip().endswith(pseudo.CLOSE)
