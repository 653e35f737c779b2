"""How a page is made: its language bound once, its words said, its assets named, its headers strict."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Container, Hashable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, abort, current_app, request
from flask_wtf.csrf import generate_csrf
from jinja2 import StrictUndefined
from markupsafe import Markup, escape

from portal import files
from portal.languages import LANGUAGES, Language, catalogue, is_draft, template
from portal.questions import Message, Option
from portal.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

STATIC = Path(__file__).parent / "static"

HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",  # the office: staying signed in, keeping what is being keyed
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
}
"""On every response, errors and static files included."""
FILE_POLICY = "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"
"""Instead of the policy above, for a file that somebody attached: no script, no form, no origin of ours.
The style is what a browser itself puts around a picture."""

HSTS = "max-age=31536000; includeSubDomains"


@dataclass(frozen=True, slots=True)
class Voice:
    """One language as the pages of a request speak it."""

    language: Language
    gettext: Callable[[str], str]
    pgettext: Callable[[str, str], str]
    ngettext: Callable[[str, str, int], str]
    draft: bool


@cache
def voice(code: str) -> Voice:
    words = catalogue(code).words
    return Voice(LANGUAGES[code], words.gettext, words.pgettext, words.ngettext, is_draft(code))


_voice: ContextVar[Voice] = ContextVar("voice")


def state() -> Any:
    """What create_app wired together: settings, database, key ring, drafts, forms."""
    return current_app.extensions["portal"]


def settings() -> Settings:
    """The settings of the portal that answers this request."""
    return state().settings  # type: ignore[no-any-return]


OFFICE = frozenset({"staff", "interpreters", "sign-in", "handover"})
"""Beginnings of addresses whose pages are for people who work here, or with us: in English so far."""


def bind(code: str | None = None) -> Voice:
    """Speak a language in this request; without a code, the address's, else the first offered."""
    if code is None:
        code = request.path.split("/", 2)[1]
    offered = settings().languages
    spoken = voice("en" if code in OFFICE else code if code in offered else offered[0])
    _voice.set(spoken)
    return spoken


def spoken() -> Voice:
    """The language bound for this request."""
    return _voice.get()


def bdi(words: str) -> Markup:
    """Words of the landlord's or a person's, kept apart from the direction of the text around them."""
    return Markup("<bdi>%s</bdi>") % words


def phone(number: str) -> Markup:
    """A telephone number that can be pressed, always written from left to right."""
    digits = "".join(letter for letter in number if letter.isdigit() or letter == "+")
    return Markup('<a href="tel:%s"><bdi dir="ltr">%s</bdi></a>') % (digits, number)


def email(address: str) -> Markup:
    """An email address that can be pressed, always written from left to right."""
    return Markup('<a href="mailto:%s"><bdi dir="ltr">%s</bdi></a>') % (address, address)


def filled(text: str, values: Iterable[tuple[str, Any]]) -> Markup:
    """A translated text with its placeholders filled: plain words isolated, markup as it is."""
    return escape(text) % {name: _value(value) for name, value in values}


def _value(value: Any) -> Any:
    if isinstance(value, Message):
        return said(value)
    return bdi(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def said(message: Message) -> str:
    """A message in the request's language, fit for a page."""
    if message.values:
        return filled(template(message, spoken().language.code), message.values)
    if message.context is None and message.plural is None and message.catalogue == "public":
        return spoken().gettext(message.id)
    return template(message, spoken().language.code)


def said_plainly(message: Message) -> str:
    """The same as plain text, for a script that writes it into a page: without marks around what it names."""
    return escape(said(message)).striptags()


def hint_of(option: Option) -> str:
    """An option's hint; what is in a language of its own says so."""
    if option.hint is None:
        return ""
    if not option.hint_lang:
        return said(option.hint)
    return Markup('<bdi lang="%s">%s</bdi>') % (option.hint_lang, said(option.hint))


def translated(id: str, **values: Any) -> str:
    """_() of the templates."""
    text = spoken().gettext(id)
    return filled(text, values.items()) if values else text


def translated_in(context: str, id: str, **values: Any) -> str:
    """_in() of the templates."""
    text = spoken().pgettext(context, id)
    return filled(text, values.items()) if values else text


def translated_many(id: str, plural: str, number: int, **values: Any) -> str:
    """_many() of the templates."""
    return filled(spoken().ngettext(id, plural, number), (("number", number), *values.items()))


def staff_words(id: str, **values: Any) -> str:
    """_staff() of the templates."""
    return said(Message(id, catalogue="staff", values=tuple(values.items())))


@cache
def manifest() -> dict[str, Any]:
    """The built assets: plain name -> name with its hash."""
    content: dict[str, Any] = json.loads((STATIC / "manifest.json").read_text("utf-8"))
    return content


def asset(name: str) -> str:
    """The address of a built asset."""
    return f"/static/{manifest()[name]}"


def language_links(rest: str) -> list[dict[str, Any]]:
    """The same page in every offered language."""
    here = spoken().language.code
    return [
        {
            "code": code,
            "href": f"/{code}/{rest}",
            "endonym": LANGUAGES[code].endonym,
            "tag": LANGUAGES[code].lang,
            "direction": LANGUAGES[code].direction,
            "current": code == here,
        }
        for code in settings().languages
    ]


def plain_options(pairs: Iterable[tuple[str, str]], checked: Container[str] = ()) -> list[dict[str, Any]]:
    """Codes and words as the options of a choice on a page, with nothing else about them."""
    empty = {"hint": "", "heading": "", "divider": "", "exclusive": False, "lang": "", "dir": ""}
    return [{"value": code, "text": text, "checked": code in checked, **empty} for code, text in pairs]


def render(name: str, rest: str = "", status: int = 200, **values: Any) -> Response:
    """A page in the bound language. `rest` is its address after the language."""
    return _page(_html(name, rest, values), status)


def render_once(
    name: str, rest: str, depends: Hashable = (), values: Callable[[], dict[str, Any]] = dict
) -> Response:
    """A page that is made once and kept: only its CSRF token is fresh each time.

    `depends` holds all that it depends on besides language and address; nothing personal may be in it.
    """
    kept: dict[Hashable, str] = state().made_pages
    key = (name, spoken().language.code, rest, depends)
    html = kept.get(key)
    if html is None:
        if len(kept) >= MOST_KEPT:
            kept.clear()
        html = kept[key] = _html(name, rest, {"csrf_token": lambda: TOKEN_PLACE, **values()})
    return _page(html.replace(TOKEN_PLACE, generate_csrf()) if TOKEN_PLACE in html else html, 200)


MOST_KEPT = 2000
"""Pages of about 8 kB that a process keeps."""
TOKEN_PLACE = "the-token-goes-here"
GZIP_LEVEL = 1
"""The fastest: it takes away most of what a slower one would."""


def unsafe_place() -> str:
    """The word in this address if somebody could be unsafe when seen here, else nothing.

    It is that of a private form, or of coming back with a code where there is such a form.
    """
    private: frozenset[str] = state().private
    word = (*request.path.split("/", 3), "", "")[2]
    return word if word in private or (private and word == "reply") else ""


def _html(name: str, rest: str, values: dict[str, Any]) -> str:
    now = spoken()
    return current_app.jinja_env.get_template(name).render(
        voice=now,
        language=now.language,
        code=now.language.code,
        settings=settings(),
        rest=rest,
        unsafe_place=unsafe_place(),
        **values,
    )


def _page(html: str, status: int) -> Response:
    """The response: gzipped for a browser that takes it, since a slow line costs more than a little work."""
    body, small = html.encode(), "gzip" in request.headers.get("Accept-Encoding", "")
    response = Response(
        gzip.compress(body, GZIP_LEVEL, mtime=0) if small else body, status, mimetype="text/html"
    )
    response.headers["Content-Language"] = spoken().language.lang
    response.headers["Vary"] = "Accept-Encoding"
    if small:
        response.headers["Content-Encoding"] = "gzip"
    return response


def bare_answer(status: str) -> bytes:
    """A whole HTTP response to what could not be read: our headers and no words, in no known language."""
    headers = {**HEADERS, "Cache-Control": "no-store", "Content-Length": "0", "Connection": "close"}
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("ascii")


POLICY = "Content-Security-Policy"
SEEN_IN_PAGES = ("image/", "application/pdf")


def file_response(chunks: Iterable[bytes], kind: str, name: str, view: bool = False) -> Response:
    """A file that somebody attached, to download, or with `view` to look at (a picture or a PDF).

    Whoever calls has asked whether this person may; nobody keeps a copy, and nothing in it can run.
    """
    inline = view and kind.startswith(SEEN_IN_PAGES)
    plain_name = re.sub(r"[^A-Za-z0-9._-]+", "-", name).lstrip(".-") or "file"
    response = Response(chunks, mimetype=kind if kind in files.KINDS else "application/octet-stream")
    response.headers[POLICY] = FILE_POLICY
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Disposition"] = (
        f'{"inline" if inline else "attachment"}; filename="{plain_name}"'
    )
    return response


class StrictHeaders:
    """Around everything that answers: each response gets the headers, and pages are kept by nobody."""

    def __init__(self, app: WSGIApplication, https: bool) -> None:
        self._app = app
        self._headers = [*HEADERS.items(), *([("Strict-Transport-Security", HSTS)] if https else ())]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], error: Any = None) -> Any:
            kept = any(name.lower() == "cache-control" for name, _value in headers)
            ours = self._headers if kept else [*self._headers, ("Cache-Control", "no-store")]
            if (POLICY, FILE_POLICY) in headers:
                ours = [(name, value) for name, value in ours if name != POLICY]
            return start_response(status, [*headers, *ours], error)

        return self._app(environ, start)


def cookie_name(name: str) -> str:
    """A cookie bound to this host where the portal is served by https."""
    return f"__Host-{name}" if settings().https else name


def set_cookie(
    response: Response, name: str, value: str, minutes: int | None = None, *, strict: bool = False
) -> None:
    """Give the browser a cookie that scripts cannot read; without minutes it ends with the browser.

    A strict one is not sent along when another site leads here.
    """
    response.set_cookie(
        cookie_name(name),
        value,
        max_age=minutes * 60 if minutes else None,
        path="/",
        secure=settings().https,
        httponly=True,
        samesite="Strict" if strict else "Lax",
    )


def cookie(name: str) -> str | None:
    return request.cookies.get(cookie_name(name))


def drop_cookie(response: Response, name: str) -> None:
    response.delete_cookie(
        cookie_name(name), path="/", secure=settings().https, httponly=True, samesite="Lax"
    )


def redirect(place: str) -> Response:
    """303: the browser fetches the place with GET."""
    return Response(status=303, headers={"Location": place})


def prepare(app: Flask) -> None:
    """Give the templates their words and names, and every response its headers."""
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.auto_reload = False
    environment.globals.update(
        _=translated,
        _in=translated_in,
        _many=translated_many,
        _staff=staff_words,
        say=said,
        hint_of=hint_of,
        bdi=bdi,
        phone=phone,
        email=email,
        asset=asset,
        language_links=language_links,
        csrf_token=generate_csrf,
    )
    environment.globals["ui"] = environment.get_template("components.html").module
    app.before_request(_bind_address_language)


def _bind_address_language() -> None:
    """Speak the address's language; one that is not offered is an address that does not exist."""
    bind()
    if "\0" in request.path:  # PostgreSQL would refuse it with an error
        abort(404)
    language = (request.view_args or {}).get("language")
    if language is not None and language not in settings().languages:
        abort(404)
