"""Whatever is sent: our own page, the right status, nothing stored that was not said, never a 500."""

from __future__ import annotations

import gzip

import pytest
from flask import Flask, request
from sqlalchemy import update

from portal.database import Database
from portal.intake.models import Submission
from portal.questions import DefinitionError, Form, Text, as_written
from tests.conftest import MakePortal
from tests.test_journey import begin, drafts, rows, to_check, to_ethnic_words
from tests.visitor import Visitor, check_headers


def test_an_unknown_code_is_an_error_and_not_stored(visitor: Visitor) -> None:
    begin(visitor).press("Continue", equality_consent="maybe")
    assert visitor.status == 422
    assert visitor.errors == ["Choose an answer from the list"]


def test_two_values_for_a_single_choice_are_an_error(visitor: Visitor) -> None:
    begin(visitor)
    token = visitor.soup.select_one("input[name=csrf_token]")
    assert token
    visitor.post(
        visitor.path,
        [("csrf_token", str(token["value"])), ("equality_consent", "yes"), ("equality_consent", "no")],
    )
    assert visitor.status == 422
    assert visitor.errors == ["Choose one answer only"]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("a\0b", "ab"),
        ("\u202eevil\u202c", "evil"),
        ("\u2066x\u2069", "x"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("e\u0301", "é"),
        ("__refused", "refused"),
        ("\ud800x".encode("utf-8", "replace").decode(), "?x"),
        ("  spaces  ", "spaces"),
        ("%(phone)s {0} {{ 7*7 }}", "%(phone)s {0} {{ 7*7 }}"),
    ],
)
def test_words_are_cleaned_at_the_door_and_shown_as_said(visitor: Visitor, typed: str, stored: str) -> None:
    to_ethnic_words(visitor).type("How would you describe your background?", typed).press("Continue")
    assert visitor.status == 200
    visitor.press("Back")
    assert visitor.typed("How would you describe your background?") == stored


def test_markup_is_shown_as_text(visitor: Visitor) -> None:
    to_ethnic_words(visitor)
    visitor.type("How would you describe your background?", "<script>alert(1)</script>").press("Continue")
    for _page in range(40):
        if visitor.heading == "Check your answers":
            break
        visitor.press("Skip this question")
    assert "<script>alert(1)</script>" in visitor.text
    assert len(visitor.soup.select("script")) == 1


def test_a_million_characters_are_too_long(visitor: Visitor, database: Database) -> None:
    to_ethnic_words(visitor)
    before = drafts(database)
    visitor.type("How would you describe your background?", "x" * 1_000_000).press("Continue")
    assert visitor.status == 413
    assert visitor.heading == "What you sent is too long"
    assert drafts(database) == before


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/xx/", 404),
        ("/xx/about-you", 404),
        ("/en_GB/", 404),
        ("/../etc/passwd/", 404),
        ("/ur/no-such-form", 404),
        ("/ur/about-you/999", 404),
        ("/ur/about-you/0", 404),
        ("/ur/about-you/-1", 404),
        ("/ur/about-you/99999999999999999999", 404),
        ("/ur/about-you/at/no-such-place", 404),
        ("/ur/about-you/with/forged", 404),
        ("/%00/", 404),
        ("/ur/%F0%9F%92%A9", 404),
        ("/static/nothing.css", 404),
        ("/static/../portal.toml", 404),
    ],
)
def test_what_does_not_exist_has_our_own_page(sqlite_visitor: Visitor, path: str, status: int) -> None:
    assert sqlite_visitor.open(path).status == status
    assert sqlite_visitor.soup.html


def test_an_error_page_speaks_the_language_of_the_address(sqlite_visitor: Visitor) -> None:
    sqlite_visitor.open("/ur/no-such-form")
    assert sqlite_visitor.soup.html and sqlite_visitor.soup.html["lang"] == "ur"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused_politely(portal: Flask, method: str) -> None:
    response = portal.test_client().open("/en/about-you/1", method=method)
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
    check_headers(response)


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost:80@evil.example", ""])
def test_another_host_is_refused(portal: Flask, host: str) -> None:
    response = portal.test_client().get("/en/", headers={"Host": host} if host else {}, base_url=None)
    if host:
        assert response.status_code == 400
        assert "evil" not in response.text
        check_headers(response)


@pytest.mark.parametrize("path", ["/en/about-you", "/en/about-you/1", "/en/about-you/check", "/en/reply"])
def test_nothing_is_done_without_the_csrf_token(portal: Flask, database: Database, path: str) -> None:
    response = portal.test_client().post(path, data={"go": "next", "code": "1"})
    assert response.status_code == 400
    check_headers(response)
    assert rows(database) == [] and drafts(database) == 0


@pytest.mark.parametrize("cookie", ["", "x", "A" * 4000, "\u00e9", "null", "[]", "eyJhIjoxfQ=="])
@pytest.mark.parametrize("name", ["draft-about-you", "sent", "reply", "invitation", "session"])
def test_forged_cookies_open_nothing(
    make_portal: MakePortal, sqlite: Database, name: str, cookie: str
) -> None:
    client = make_portal(sqlite).test_client()
    client.set_cookie(name, cookie)
    for path in ("/en/about-you", "/en/about-you/1", "/en/about-you/check", "/en/about-you/sent",
                 "/en/reply/choose", "/en/about-you/invited"):  # fmt: skip
        assert client.get(path).status_code in (200, 303)


def test_a_draft_opens_only_with_its_own_cookie(portal: Flask) -> None:
    owner = to_ethnic_words(Visitor(portal))
    other = begin(Visitor(portal))
    assert other.open(owner.path).heading == "Do you want to answer the equality questions?"


def test_extra_fields_change_nothing(visitor: Visitor, database: Database) -> None:
    to_check(visitor).press(
        "Send", id="1", form="other", channel="paper", received="2000-01-01", collection="x", replaces="ff"
    )
    [row] = rows(database)
    assert (row.form, row.channel, row.collection) == ("equality", "web", None)


def test_https_cookies_are_bound_to_the_host(make_portal: MakePortal, sqlite: Database) -> None:
    app = make_portal(sqlite, address="https://portal.example.org")
    response = app.test_client().get("/en/about-you", base_url="https://portal.example.org")
    assert response.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    for cookie in response.headers.getlist("Set-Cookie"):
        assert cookie.startswith("__Host-")
        assert all(part in cookie for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
        assert "Domain" not in cookie


def test_a_forwarded_address_is_believed_only_from_declared_proxies(
    make_portal: MakePortal, sqlite: Database
) -> None:
    seen = []
    for proxies in (0, 1):
        app = make_portal(sqlite, proxies=proxies)
        app.before_request(lambda: seen.append(request.remote_addr))
        app.test_client().get("/en/", headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.5"})
    assert seen == ["127.0.0.1", "203.0.113.5"]


def test_a_page_of_the_portal_is_never_kept_by_a_cache(sqlite_visitor: Visitor) -> None:
    for path in ("/", "/en/", "/en/about-you", "/en/help", "/en/reply", "/nothing"):
        assert sqlite_visitor.open(path).response.headers["Cache-Control"] == "no-store"


def test_assets_are_kept_for_ever_and_strict(sqlite_visitor: Visitor) -> None:
    sqlite_visitor.open("/en/")
    [sheet] = sqlite_visitor.soup.select("link[rel=stylesheet]")
    response = sqlite_visitor.client.get(str(sheet["href"]), headers={"Accept-Encoding": "br"})
    check_headers(response)
    assert "immutable" in response.headers["Cache-Control"]
    assert response.headers["Content-Encoding"] == "br"
    response.close()


def test_it_is_well_and_ready(portal: Flask) -> None:
    assert portal.test_client().get("/healthz").text == "alive\n"
    assert portal.test_client().get("/readyz").text == "ready\n"


def test_it_is_not_ready_without_a_key_that_stored_words_need(
    make_portal: MakePortal, database: Database
) -> None:
    visitor = to_ethnic_words(Visitor(make_portal(database)))
    visitor.type("How would you describe your background?", "Kashmiri").press("Continue")
    for _page in range(40):
        if visitor.heading == "Check your answers":
            break
        visitor.press("Skip this question")
    visitor.press("Send")
    with database.write() as connection:
        connection.execute(update(Submission).values(key_name="equality:99"))
    response = visitor.client.get("/readyz")
    assert (response.status_code, response.text) == (503, "not ready\n")


@pytest.mark.parametrize("key", ["go", "said", "csrf_token", "form", "main", "help", "languages"])
def test_a_question_cannot_take_one_of_our_own_names(
    make_portal: MakePortal, sqlite: Database, key: str
) -> None:
    form = Form(
        key="clash",
        edition="1",
        address="clash",
        title=as_written("Clash"),
        purpose=as_written("Clash"),
        parts=(Text(key=key, text=as_written("Which?")),),
    )
    with pytest.raises(DefinitionError, match=key):
        make_portal(sqlite, (form,))


def test_a_page_is_sent_small_to_a_browser_that_takes_it(portal: Flask) -> None:
    client = portal.test_client()
    whole = client.get("/pl/about-you")
    small = client.get("/pl/about-you", headers={"Accept-Encoding": "gzip, deflate, br"})
    assert "Content-Encoding" not in whole.headers
    assert small.headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in small.headers["Vary"]
    assert len(small.data) < len(whole.data) / 2
    assert b"<h1" in gzip.decompress(small.data)
