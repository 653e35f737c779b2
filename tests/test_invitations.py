"""Where we ask: posters and links of a collection, and invitations that another system hands out."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask

from portal import clock
from portal.database import Database
from portal.equality.collections import CollectionError, close, keep
from portal.equality.invitations import Invitation, InvitationError, read, write
from portal.sealing import KeyRing
from portal.settings import CollectionEntry, Settings
from tests.conftest import MakePortal
from tests.test_journey import rows
from tests.visitor import Visitor

REPAIRS = CollectionEntry(code="repairs", name="Repairs & gas", kind="service", team="Repairs")
BACK = "https://survey.example.org/done/"


@pytest.fixture
def asked(database: Database, make_portal: MakePortal) -> Flask:
    keep(database, [REPAIRS, CollectionEntry(code="noise", name="Noise")])
    return make_portal(database, return_to=(BACK,))


def settings_of(app: Flask) -> Settings:
    return app.extensions["portal"].settings  # type: ignore[no-any-return]


def link(app: Flask, ring: KeyRing, **changes: object) -> str:
    content = {
        "collection": "repairs",
        "token": "event-0001",
        "language": "ur",
        "ends": clock.today() + timedelta(days=3),
        "return_to": BACK + "?case=1",
        **changes,
    }
    return urlsplit(write(ring, settings_of(app), Invitation(**content))).path  # type: ignore[arg-type]


def answer_no(visitor: Visitor) -> Visitor:
    visitor.send(visitor.soup.select_one("main form button"))
    visitor.soup.select("input[type=radio]")[-1]["checked"] = ""
    visitor.send(visitor.soup.select("main button")[0])
    return visitor.send(visitor.soup.select_one("main button[value=send]"))


def test_a_poster_says_what_it_asks_for_and_marks_the_answer(asked: Flask, database: Database) -> None:
    visitor = Visitor(asked).open("/en/about-you/at/repairs")
    assert "These questions are asked for: Repairs & gas" in visitor.text
    answer_no(visitor)
    [row] = rows(database)
    assert row.collection == "repairs" and row.invitation is None


@pytest.mark.parametrize("code", ["unknown", "closed", "..", "%00", "repairs%0a"])
def test_an_unknown_or_closed_collection_is_not_found(asked: Flask, database: Database, code: str) -> None:
    keep(database, [CollectionEntry(code="closed", name="Closed")])
    close(database, "closed")
    assert Visitor(asked).open(f"/pl/about-you/at/{code}").status == 404


def test_an_invited_answer_is_stored_once_with_a_digest_only(
    asked: Flask, database: Database, ring: KeyRing
) -> None:
    visitor = Visitor(asked).open(link(asked, ring))
    assert visitor.path == "/ur/about-you/invited", "the link is swapped for a cookie"
    answer_no(visitor)
    [row] = rows(database)
    assert row.collection == "repairs" and row.language == "ur"
    assert row.invitation and b"event-0001" not in row.invitation
    assert "event-0001" not in repr(tuple(row))
    assert visitor.soup.select_one(f"a[href='{BACK}?case=1']")


def test_looking_at_an_invitation_does_not_use_it_up(asked: Flask, database: Database, ring: KeyRing) -> None:
    for _time in range(3):
        Visitor(asked).open(link(asked, ring))
    answer_no(Visitor(asked).open(link(asked, ring)))
    assert len(rows(database)) == 1


def test_a_used_invitation_stores_nothing_again(asked: Flask, database: Database, ring: KeyRing) -> None:
    answer_no(Visitor(asked).open(link(asked, ring)))
    again = answer_no(Visitor(asked).open(link(asked, ring, language="en")))
    assert again.status == 409 and again.heading == "This invitation has already been used"
    assert len(rows(database)) == 1


def test_every_changed_invitation_is_refused(asked: Flask, ring: KeyRing) -> None:
    path = link(asked, ring)
    start, _slash, text = path.rpartition("/")
    signed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    for place in range(0, len(signed), 5):
        changed = bytearray(signed)
        changed[place] ^= 1
        forged = urlsafe_b64encode(bytes(changed)).decode().rstrip("=")
        visitor = Visitor(asked).open(f"{start}/{forged}")
        assert visitor.status == 404 and "invitation" not in visitor.client._cookies
    assert Visitor(asked).open(f"{start}/x").status == 404
    assert Visitor(asked).open(f"{start}/{'A' * 3000}").status == 404


def test_an_invitation_ends(asked: Flask, ring: KeyRing) -> None:
    settings = settings_of(asked)
    with pytest.raises(InvitationError, match="last day"):
        link(asked, ring, ends=date(2020, 1, 1))
    path = link(asked, ring, ends=clock.today())
    assert read(ring, settings, path.rpartition("/")[2]).token == "event-0001"


@pytest.mark.parametrize(
    "place",
    [
        "https://evil.example/",
        "https://survey.example.org.evil.example/done/",
        "http://survey.example.org/done/",
        "https://survey.example.org/done",
        "https://survey.example.org/done/../other",
        "https://survey.example.org/other/",
        "https://user@survey.example.org/done/",
        "//survey.example.org/done/",
        "javascript:alert(1)",
        "https://survey.example.org/done/%0d%0aSet-Cookie:x",
        "https://survey.example.org/done/\r\nx",
        "https://survey.example.org\\done/",
        "https://survey.example.org/done/%2e%2e/other",
    ],
)
def test_people_are_sent_back_only_to_listed_places(asked: Flask, ring: KeyRing, place: str) -> None:
    with pytest.raises(InvitationError):
        link(asked, ring, return_to=place)


@pytest.mark.parametrize("token", ["short", "has space in it", "x" * 65, "semi;colon;here", "ünicode-token"])
def test_a_token_is_plain(asked: Flask, ring: KeyRing, token: str) -> None:
    with pytest.raises(InvitationError, match="token"):
        link(asked, ring, token=token)


@pytest.mark.parametrize(
    "entry",
    [
        CollectionEntry(code="Has Space", name="x"),
        CollectionEntry(code="", name="x"),
        CollectionEntry(code="ok", name=" "),
        CollectionEntry(code="ok", name="x", kind="other"),
    ],
)
def test_a_collection_that_could_not_work_is_refused(database: Database, entry: CollectionEntry) -> None:
    with pytest.raises(CollectionError):
        keep(database, [entry])


def test_keeping_a_collection_again_changes_it(database: Database) -> None:
    keep(database, [REPAIRS])
    keep(database, [CollectionEntry(code="repairs", name="Repairs", kind="survey")])
    from portal.equality.collections import every

    [row] = every(database)
    assert (row.name, row.kind) == ("Repairs", "survey")  # type: ignore[attr-defined]
