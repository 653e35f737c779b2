"""What no browser sends on purpose: bytes, fields, bodies, headers and addresses made by dice."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_from_bytes, unquote_to_bytes

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO", "get", "PROPFIND")
HOSTS = (
    "evil.example",
    "127.0.0.1:99999",
    "localhost:1:2",
    "[::1",
    "[::1]:80",
    "",
    "a" * 300,
    "loc\u00e4lhost",
    "localhost/..",
    "localhost@evil.example",
    "127.0.0.1.evil.example",
    "LOCALHOST.",
)
STRANGE = (
    b"",
    b"\x00",
    b"a\x00b",
    b"\xed\xa0\x80",  # half of a surrogate pair
    b"\xff\xfe\x00\x01",
    b"\xc0\xaf",
    b"\xf4\x90\x80\x80",
    "\u202egnp.exe\u202c".encode(),
    "\u2066\u2069\u200f\u061c".encode(),
    "\u2028\u2029\u0085\x0b".encode(),
    "\ufdd0\uffff\U0001ffff".encode(),
    ("a" + "\u0316\u0301" * 5000).encode(),
    ("\u0f73" * 9000).encode(),
    "\ufdfa".encode() * 500,
    "👩‍👩‍👧‍👦".encode() * 40,
    "۱۲۳۴۵۶۷۸۹۰".encode() * 2,
    "²³½Ⅷ".encode(),
    b"9" * 4400,
    b"-1",
    b"1e309",
    b"_refused",
    b"_illegible",
    b"__proto__",
    b"%(x)s %s {0.__class__} {{7*7}} ${7*7}",
    b"<script>alert(1)</script>",
    b"' OR 1=1; DROP TABLE submission; --",
    b"=HYPERLINK(1)",
    b"../../../etc/passwd",
    b"\r\nSet-Cookie: a=b\r\n\r\n",
    b"speak-ur",
    b"speak-zz",
    b"speak-",
    b"prefer_not_to_say",
    b"yes",
    b"other",
    b"x" * 201,
    b"x" * 100_000,
)
HUGE = b"m" * 1_000_000
NAMES = (
    "csrf_token",
    "said",
    "go",
    "code",
    "language",
    "id",
    "receipt",
    "form",
    "status",
    "answers",
    "",
    "[]",
)
KINDS = ("urlencoded", "urlencoded", "urlencoded", "multipart", "json", "plain", "broken", "raw", "xml")


@dataclass(slots=True)
class Request:
    """One request, before it becomes a WSGI environment."""

    method: str
    path: bytes
    """As it stands in the request line, after the percent signs were read."""
    fields: list[tuple[str, bytes]] = field(default_factory=list)
    kind: str = "urlencoded"
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    query: str = ""

    def environment(self) -> dict[str, Any]:
        kind, body = encoded(self.kind, self.fields) if self.fields else ("", b"")
        found: dict[str, Any] = {
            "REQUEST_METHOD": self.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": self.path.decode("latin-1"),
            "QUERY_STRING": self.query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "192.0.2.1",
            "HTTP_HOST": "127.0.0.1",
            "wsgi.url_scheme": "http",
            "wsgi.version": (1, 0),
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": kind,
        }
        if self.cookies:
            found["HTTP_COOKIE"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        found.update(self.headers)
        return found


def strange(dice: random.Random) -> bytes:
    """A value that nobody means."""
    if dice.random() < 0.001:
        return HUGE
    if dice.random() < 0.2:
        return dice.randbytes(dice.randrange(1, 60))
    if dice.random() < 0.2:
        return "".join(chr(dice.randrange(1, 0xD7FF)) for _letter in range(dice.randrange(1, 40))).encode()
    return dice.choice(STRANGE)


def encoded(kind: str, fields: Iterable[tuple[str, bytes]]) -> tuple[str, bytes]:
    """Content type and body of fields, well or badly made."""
    pairs = list(fields)
    if kind == "multipart":
        parts = [
            b'--edge\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value)
            for name, value in pairs
        ]
        return "multipart/form-data; boundary=edge", b"".join(parts) + b"--edge--\r\n"
    if kind == "broken":
        return (
            "multipart/form-data; boundary=edge",
            b"--edge\r\nContent-Disposition: form-data; name=" + b"".join(value for _name, value in pairs),
        )
    if kind == "json":
        plain = {name: value.decode("latin-1") for name, value in pairs}
        return "application/json", json.dumps(plain).encode()
    if kind in ("plain", "xml"):
        return ("text/plain; charset=utf-7", "application/xml")[kind == "xml"], b"".join(v for _n, v in pairs)
    if kind == "raw":
        return "application/x-www-form-urlencoded; charset=utf-16", b"&".join(
            name.encode() + b"=" + value for name, value in pairs
        )
    return "application/x-www-form-urlencoded", "&".join(
        f"{quote_from_bytes(name.encode())}={quote_from_bytes(value)}" for name, value in pairs
    ).encode()


def strange_headers(dice: random.Random) -> dict[str, str]:
    """A few headers as no browser writes them."""
    value = strange(dice)[:3000].decode("latin-1").replace("\r", "").replace("\n", "")
    name = dice.choice(
        (
            "HTTP_ACCEPT_LANGUAGE",
            "HTTP_REFERER",
            "HTTP_ORIGIN",
            "HTTP_X_FORWARDED_FOR",
            "HTTP_X_FORWARDED_HOST",
            "HTTP_X_HTTP_METHOD_OVERRIDE",
            "HTTP_RANGE",
            "HTTP_IF_NONE_MATCH",
            "HTTP_IF_MODIFIED_SINCE",
            "HTTP_ACCEPT_ENCODING",
            "HTTP_AUTHORIZATION",
            "HTTP_CONTENT_ENCODING",
            "HTTP_EXPECT",
            "HTTP_TRANSFER_ENCODING",
            "CONTENT_TYPE",
            "CONTENT_LENGTH",
            "REMOTE_ADDR",
        )
    )
    return {name: dice.choice((value, "bytes=0-1", "bytes=9-1,,-", "chunked", "-1", "*", "::1", "1, 2;q=x"))}


def strange_cookies(dice: random.Random, known: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Cookies that were forged, mixed up, cut or made too long."""
    cookies = {}
    for name, value in known:
        kind = dice.randrange(6)
        place = dice.randrange(len(value) + 1)
        cookies[name] = (
            value[:place],
            value[:place] + dice.choice('Aa0_-.="\\;') + value[place + 1 :],
            value * 40,
            '"\\355\\240\\200\\000"',
            strange(dice)[:4000].decode("latin-1"),
            "",
        )[kind]
    return cookies


def strange_path(dice: random.Random) -> bytes:
    """An address that leads nowhere, no longer than the server takes."""
    pieces = [
        dice.choice(
            (b"en", b"ur", b"zz", b"about-you", b"reply", b"static", b"..", b"%2e", b"", strange(dice))
        )
        for _piece in range(dice.randrange(1, 7))
    ]
    return unquote_to_bytes(b"/" + b"/".join(pieces))[:1300]
