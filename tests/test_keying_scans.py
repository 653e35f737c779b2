"""Scans on the keying screen: attached in place, shown to whoever has the paper, gone with its batch."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image
from sqlalchemy import select

from portal import audit, cleaning, files, references
from portal.accounts.roles import Role
from portal.blobs import Folder
from portal.database import Database
from portal.files import MEGABYTE, File
from portal.keeping import delete_files_left
from portal.keying import closing, passes, scans
from portal.keying.batches import find
from portal.keying.passes import Work
from portal.paper.runs import MADE
from portal.settings import Settings
from tests.attachments import full_of_traps, moving_picture, pdf, picture
from tests.conftest import MakePortal
from tests.everything import EVERYTHING
from tests.papers import SMALL
from tests.staff import Colleague
from tests.test_paper_returned import opened, papers_of, printed

FIELD = "Scan of this paper"
ATTACH = "Attach the scan"
REGION = "1 Which region? Which region?"


class Keyer(Colleague):
    """Somebody who keys, with one paper in hand."""

    batch = sheet = ""

    def take(self, batch: str, sheet: str = "") -> Keyer:
        self.batch, self.sheet = batch, sheet or references.new()
        self.open(f"/staff/paper-in/{batch}").type("Reference of the next paper", self.sheet).press("Key it")
        assert self.path == self.place, self.errors
        return self

    @property
    def place(self) -> str:
        return f"/staff/paper-in/{self.batch}/{self.sheet}"

    @property
    def field(self) -> str:
        """The label of the first question's field."""
        return self.label(self.soup.select(".k-field")[0])

    @property
    def scans(self) -> list[str]:
        return [str(tag["src"]) for tag in self.soup.select("#scans img")]

    def attach_scan(self, *files: tuple[str, bytes]) -> Keyer:
        self.attach(FIELD, *files)
        button = next(one for one in self.soup.select("button[formenctype]"))
        form = self._form(button)
        self.post(str(button["formaction"]), self.form_fields(form))
        return self

    def see(self, place: str) -> int:
        return self.client.get(place).status_code


@pytest.fixture
def app(make_portal: MakePortal, database: Database) -> Any:
    return make_portal(database, forms=(SMALL, EVERYTHING))


@pytest.fixture
def keyer(app: Any) -> Keyer:
    return Keyer(app, Role.KEYER)


@pytest.fixture
def portal(app: Any) -> Any:
    return app.extensions["portal"]


@pytest.fixture
def batch(portal: Any) -> str:
    return opened(portal.database, portal.ring, 5)


def entries(database: Database) -> list[audit.Entry]:
    with database.read() as connection:
        return audit.page(connection)


def stored(portal: Any) -> list[str]:
    with portal.database.read() as connection:
        return list(connection.execute(select(File.owner)).scalars())


def bytes_left(settings: Settings) -> list[Path]:
    return list(settings.files.glob("*")) if settings.files.exists() else []


def test_a_picture_is_shown_beside_the_fields_and_who_saw_it_is_noted(
    keyer: Keyer, batch: str, portal: Any
) -> None:
    keyer.take(batch)
    assert keyer.scans == [] and keyer.soup.select_one("#scans").has_attr("hidden")  # type: ignore[union-attr]
    keyer.attach_scan(("one.jpg", picture(size=(300, 400))), ("two.png", picture("PNG", size=(30, 40))))
    assert keyer.path == keyer.place and len(keyer.scans) == 2
    assert stored(portal) == [f"sheet {keyer.sheet} 001", f"sheet {keyer.sheet} 002"]
    before = len(entries(portal.database))
    response = keyer.client.get(keyer.scans[0])
    assert Image.open(io.BytesIO(response.data)).size == (300, 400)
    assert response.mimetype == "image/jpeg" and response.headers["Cache-Control"] == "no-store"
    assert response.headers["Content-Security-Policy"].startswith("sandbox;")
    assert response.headers["Content-Disposition"].startswith("inline")
    newest = entries(portal.database)[0]
    assert len(entries(portal.database)) == before + 1
    assert (newest.by, newest.did, newest.what) == (keyer.reference, "viewed", f"paper {keyer.sheet}")


def test_who_saw_it_is_noted_before_the_first_byte(
    keyer: Keyer, batch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyer.take(batch).attach_scan(("one.jpg", picture()))

    def refuse(*given: Any, **more: Any) -> None:
        raise RuntimeError("the log cannot be written")

    monkeypatch.setattr("portal.keying.scanning.audit.note_alone", refuse)
    response = keyer.client.get(keyer.scans[0])
    assert response.status_code == 500 and not response.data.startswith(b"\xff\xd8")


@pytest.mark.parametrize(
    ("name", "content", "pages"),
    [
        ("scan.pdf", pdf(full_of_traps, pages=3), 3),
        ("scan.tif", moving_picture(4), 4),
        ("scan.tiff", picture("TIFF", mode="1"), 1),
    ],
)
def test_the_pages_of_a_pdf_or_tiff_are_pictures_in_their_order(
    keyer: Keyer, batch: str, portal: Any, name: str, content: bytes, pages: int
) -> None:
    keyer.take(batch).attach_scan((name, content))
    assert keyer.errors == [] and len(keyer.scans) == pages
    for src in keyer.scans:
        response = keyer.client.get(src)
        assert response.mimetype == "image/jpeg" and b"trap" not in response.data
        assert Image.open(io.BytesIO(response.data)).format == "JPEG"


def test_pages_keep_their_order() -> None:
    """Each page of the PDF is a little wider than the one before."""
    made = pikepdf.new()
    for width in range(100, 112):
        made.add_blank_page(page_size=(width, 200))
    source = io.BytesIO()
    made.save(source)
    with files.memory_file() as sent, files.memory_file() as target:
        sent.write(source.getvalue())
        sent.flush()
        drawn = cleaning.draw_pages("application/pdf", sent, target, 20).drawn
        target.seek(0)
        widths = [Image.open(io.BytesIO(target.read(one.size))).width for one in drawn]
    assert widths == [one.width for one in drawn] == sorted(widths) and len(set(widths)) == 12
    assert {one.height for one in drawn} == {cleaning.LONGEST_SIDE}


def bomb(side: int) -> bytes:
    """A small file of a picture with so many pixels on each side."""
    file = io.BytesIO()
    Image.new("1", (side, side)).save(file, "PNG")
    return file.getvalue()


def with_picture_of(side: int) -> bytes:
    """A PDF with a picture of so many pixels on each side on its page."""

    def change(made: pikepdf.Pdf) -> None:
        raw = made.make_stream(bytes(side * side // 8))
        raw.Type, raw.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
        raw.Width = raw.Height = side
        raw.ColorSpace, raw.BitsPerComponent = pikepdf.Name.DeviceGray, 1
        page = made.pages[0]
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=raw))
        page.Contents = made.make_stream(b"500 0 0 500 0 0 cm /I Do")

    return pdf(change)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("scan.png", bomb(20_000), "too large to open"),
        ("scan.pdf", picture(), "does not fit"),
        ("scan.pdf", b"%PDF-1.7 nothing more", "cannot read this file"),
        ("scan.pdf", b"not one", "cannot take this kind"),
        ("scan.jpg", b"", "empty"),
        ("scan.pdf", pdf(pages=21), "too many pages"),
        ("scan.pdf", pdf(encryption=pikepdf.Encryption(owner="o", user="u")), "is locked"),
        ("scan.html", b"<html>", "cannot take this kind"),
        ("", b"", "Choose the file"),
    ],
)
def test_what_cannot_be_taken_is_refused_in_place_and_nothing_typed_is_lost(
    keyer: Keyer, batch: str, portal: Any, settings: Settings, name: str, content: bytes, sentence: str
) -> None:
    keyer.take(batch).type(keyer.field, "9 what is this")
    if name:
        keyer.attach_scan((name, content))
    else:
        keyer.attach_scan()
    assert keyer.status == 422 and len(keyer.errors) == 1 and sentence in keyer.errors[0], keyer.errors
    assert keyer.typed(keyer.field) == "9 what is this"
    assert keyer.soup.select_one("[autofocus]")["id"] == "scan"  # type: ignore[index]
    assert keyer.soup.select_one("#scan-said").get_text() == keyer.errors[0]  # type: ignore[union-attr]
    assert stored(portal) == [] and bytes_left(settings) == []


def test_a_pdf_of_more_pixels_than_memory_does_no_harm(keyer: Keyer, batch: str) -> None:
    keyer.take(batch).attach_scan(("scan.pdf", with_picture_of(20_000)))
    assert keyer.status in (200, 422), "taken or refused, and the page is there"
    assert keyer.path.startswith(keyer.place)


def test_what_was_typed_is_kept_with_a_scan_that_is_taken(keyer: Keyer, batch: str, portal: Any) -> None:
    keyer.take(batch).type(keyer.field, "1").attach_scan(("one.jpg", picture()))
    assert keyer.typed(keyer.field) == "1" and len(keyer.scans) == 1
    work = passes.work(portal.database, portal.ring, keyer.sheet, keyer.reference)
    assert work is not None and work.answers == {"region": ("north",)}
    keyer.type(keyer.field, "what").attach_scan(("two.jpg", picture()))
    assert keyer.typed(keyer.field) == "what" and len(keyer.scans) == 2 and keyer.status == 200


def test_with_script_the_answer_is_what_the_screen_needs(keyer: Keyer, batch: str) -> None:
    keyer.take(batch)
    token = str(keyer.soup.select_one("input[name=csrf_token]")["value"])  # type: ignore[index]
    for name, refused, number in (("one.jpg", False, 1), ("one.exe", True, 1)):
        data = {"csrf_token": token, "region": "2", "scan": (io.BytesIO(picture()), name)}
        found = keyer.client.post(f"{keyer.place}/scan", data=data, headers={"Accept": "application/json"})
        assert found.status_code == 200 and bool(found.json["refused"]) is refused
        assert len(found.json["pictures"]) == number
        assert keyer.see(found.json["pictures"][0]["src"]) == 200
    assert keyer.open(keyer.place).typed(keyer.field) == "2"


def test_a_paper_has_twenty_scanned_pages_at_most(keyer: Keyer, batch: str, portal: Any) -> None:
    keyer.take(batch).attach_scan(("one.pdf", pdf(pages=19)))
    keyer.attach_scan(("two.pdf", pdf(pages=2)))
    assert keyer.status == 422 and "20" in keyer.errors[0] and len(keyer.scans) == 19
    assert len(stored(portal)) == 19


def test_only_this_address_takes_more_than_a_page_of_words(keyer: Keyer, batch: str) -> None:
    keyer.take(batch)
    token = str(keyer.soup.select_one("input[name=csrf_token]")["value"])  # type: ignore[index]
    for place, status in ((f"{keyer.place}/scan", 422), (keyer.place, 413), (f"{keyer.place}/keep", 413)):
        keyer.attached = {"scan": [(io.BytesIO(bytes(MEGABYTE)), "a.jpg")]}
        keyer.post(place, [("csrf_token", token)])
        assert keyer.status == status


# Removing one


def remove(keyer: Keyer, place: int) -> Keyer:
    button = keyer.soup.select("#scans button")[place - 1]
    assert button.get_text() == f"Remove page {place}"
    form = keyer.soup.find(id=str(button["form"]))
    keyer.post(str(button["formaction"]), keyer.form_fields(form))  # type: ignore[arg-type]
    return keyer


def test_one_scanned_page_is_removed_and_it_is_noted_by_whom(
    keyer: Keyer, batch: str, portal: Any, settings: Settings
) -> None:
    keyer.take(batch).attach_scan(("three.pdf", pdf(pages=3)))
    first, second, third = keyer.scans
    keyer.type(keyer.field, "1")
    assert remove(keyer, 2).path == keyer.place and keyer.scans == [first, third]
    assert keyer.typed(keyer.field) == "1", "what was typed is kept"
    assert keyer.see(second) == 404 and len(bytes_left(settings)) == 2
    [entry] = [one for one in entries(portal.database) if one.did == "deleted"]
    assert (entry.by, entry.what) == (keyer.reference, f"paper {keyer.sheet}")
    assert entry.detail == {"scan": second.rpartition("/")[2]}
    remove(keyer.type(keyer.field, "what"), 2)
    assert keyer.scans == [first] and keyer.typed(keyer.field) == "what" and keyer.status == 200
    keyer.attach_scan(("four.jpg", picture()))
    assert keyer.scans[0] == first and len(keyer.scans) == 2


def test_removing_it_twice_does_it_once(keyer: Keyer, batch: str, portal: Any) -> None:
    keyer.take(batch).attach_scan(("two.pdf", pdf(pages=2)))
    before = keyer.soup
    for _press in range(2):
        keyer.soup = before
        remove(keyer, 1)
        assert keyer.path == keyer.place and len(keyer.scans) == 1
    assert [one.did for one in entries(portal.database)].count("deleted") == 1


def test_nobody_removes_a_scan_of_a_paper_that_is_not_in_their_hands(
    keyer: Keyer, app: Any, batch: str, portal: Any, settings: Settings
) -> None:
    keyer.take(batch).attach_scan(("one.jpg", picture()))
    (scan,) = keyer.scans
    page = keyer.soup
    other = Keyer(app, Role.KEYER, Role.SUPERVISOR, name="Other").take(batch)
    token = str(other.soup.select_one("input[name=csrf_token]")["value"])  # type: ignore[index]
    for place, status in (
        (scan, 409),
        (scan.replace(keyer.sheet, other.sheet), 303),
        (scan.replace(keyer.sheet, "_________"), 404),
        (scan.replace(keyer.sheet, "%25"), 404),
        (scan.replace(keyer.sheet, "%00"), 404),
        (scan.replace(batch, opened(portal.database, portal.ring, 5)), 409),
    ):
        sent = other.client.post(f"{place}/remove", data={"csrf_token": token})
        assert sent.status_code == status, place
    keyer.type(keyer.field, "?").press("Save")
    keyer.soup = page
    assert remove(keyer, 1).status == 409, "it is out of this person's hands"
    other.open(f"/staff/differences/{keyer.sheet}")
    assert len(other.soup.select("#scans img")) == 1 and not other.soup.select("#scans button")
    assert len(stored(portal)) == len(bytes_left(settings)) == 1
    assert "deleted" not in [one.did for one in entries(portal.database)]


# Whose scan it is


def test_the_scan_of_the_paper_before_is_never_on_the_next(keyer: Keyer, batch: str, portal: Any) -> None:
    keyer.take(batch).attach_scan(("one.jpg", picture()))
    (first,) = keyer.scans
    first_paper = keyer.sheet
    keyer.type(keyer.field, "1").press("Save")
    assert keyer.see(first) == 404, "it is out of this person's hands"
    keyer.take(batch)
    assert keyer.scans == [] and "/scan/" not in keyer.response.text
    assert keyer.see(first) == 404
    assert keyer.see(first.replace(first_paper, keyer.sheet)) == 404
    keyer.attach_scan(("two.png", picture("PNG", size=(7, 9))))
    assert len(keyer.scans) == 1 and first not in keyer.scans
    assert Image.open(io.BytesIO(keyer.client.get(keyer.scans[0]).data)).size == (7, 9)


def test_a_paper_that_is_keyed_once_more_in_another_batch_has_none_of_its_old_scans(
    keyer: Keyer, batch: str, portal: Any, settings: Settings
) -> None:
    """Also when closing left a row behind, as a crash between two steps might."""
    one = opened(portal.database, portal.ring, 1)
    keyer.take(one).attach_scan(("one.jpg", picture()))
    (first,) = keyer.scans
    sheet = keyer.sheet
    work = passes.work(portal.database, portal.ring, sheet, keyer.reference)
    assert work is not None
    passes.save(portal.database, portal.ring, work, SMALL.here(), {"region": ("north",)}, drawn=False)
    close(portal, one)
    assert stored(portal) == [] and bytes_left(settings) == []
    keyer.take(batch, sheet)
    assert keyer.scans == [] and keyer.see(first) == 404
    assert keyer.see(first.replace(one, batch)) == 404


def close(portal: Any, batch: str) -> None:
    with portal.database.read() as connection:
        head = find(connection, batch)
    assert head is not None
    found = closing.close(
        portal.database, portal.ring, SMALL.here(office=True), head, "fewer came", "345", portal.store
    )
    assert found is None, found


def test_a_scan_that_comes_when_the_paper_is_saved_already_is_not_taken(
    keyer: Keyer, batch: str, portal: Any, settings: Settings
) -> None:
    keyer.take(batch)
    work = passes.work(portal.database, portal.ring, keyer.sheet, keyer.reference)
    assert isinstance(work, Work)
    passes.save(portal.database, portal.ring, work, SMALL.here(), {"region": ("north",)}, drawn=True)
    found = scans.attach(portal.database, portal.ring, portal.store, io.BytesIO(picture()), "one.jpg", work)
    assert isinstance(found, files.Refused)
    keyer.attach_scan(("one.jpg", picture()))
    assert keyer.status == 409
    assert stored(portal) == [] and bytes_left(settings) == []


def test_nobody_else_sees_a_scan_but_a_supervisor_who_settles(
    keyer: Keyer, app: Any, batch: str, portal: Any
) -> None:
    keyer.take(batch).attach_scan(("one.jpg", picture()))
    (scan,) = keyer.scans
    supervisor, other = Colleague(app, Role.SUPERVISOR), Keyer(app, Role.KEYER, name="Other")
    outside = [Colleague(app, role) for role in set(Role) - {Role.KEYER, Role.SUPERVISOR}]
    assert {one.client.get(scan).status_code for one in (supervisor, other, *outside)} == {404}
    keyer.type(keyer.field, "?").press("Save")
    assert [one.client.get(scan).status_code for one in (keyer, other, supervisor)] == [404, 404, 200]
    supervisor.open(f"/staff/differences/{keyer.sheet}")
    assert [tag["src"] for tag in supervisor.soup.select("#scans img")] == [scan]
    assert {one.client.get(scan).status_code for one in outside} == {404}


def test_a_second_keyer_sees_the_scans_of_the_first(keyer: Keyer, app: Any, batch: str) -> None:
    keyer.take(batch).attach_scan(("one.jpg", picture()))
    keyer.type(keyer.field, "1").press("Save")
    second = Keyer(app, Role.KEYER, name="Second")
    second.take(batch, keyer.sheet)
    assert len(second.scans) == 1 and second.see(second.scans[0]) == 200


def test_scans_of_a_rejected_paper_go_with_its_batch(keyer: Keyer, portal: Any, settings: Settings) -> None:
    one, other = (opened(portal.database, portal.ring, 1) for _batch in range(2))
    keyer.take(other).attach_scan(("kept.jpg", picture()))
    keyer.take(one).attach_scan(("one.jpg", picture()))
    keyer.press("Reject this paper", why="damaged")
    assert len(stored(portal)) == 2
    close(portal, one)
    assert len(stored(portal)) == len(bytes_left(settings)) == 1, "those of another batch stay"
    assert keyer.sheet not in stored(portal)[0]


def test_tidying_takes_scans_of_papers_that_are_gone(keyer: Keyer, batch: str, portal: Any) -> None:
    keyer.take(batch).attach_scan(("one.jpg", picture()))
    found = files.keep(
        portal.database, portal.ring, portal.store, io.BytesIO(picture()), "a.jpg", files.SCANS,
        f"sheet {references.new()} 001",
    )  # fmt: skip
    assert isinstance(found, files.Kept)
    assert delete_files_left(portal.database, Folder(portal.settings.files)) == 1
    assert stored(portal) == [f"sheet {keyer.sheet} 001"]


@pytest.mark.parametrize("sheet", ["%25", "_________", "%00", "7K3PX92C4"])
def test_an_address_of_a_paper_that_is_none_shows_nothing(keyer: Keyer, batch: str, sheet: str) -> None:
    keyer.take(batch).attach_scan(("one.jpg", picture()))
    scan = keyer.scans[0].rpartition("/")[2]
    assert keyer.see(f"/staff/paper-in/{batch}/{sheet}/scan/{scan}") == 404


# Where a question stands


def test_each_question_of_our_own_paper_knows_its_place_on_the_page(keyer: Keyer, portal: Any) -> None:
    run = printed(portal.database, 1)
    rectangles = [{"region": {"north": [59.53, 84.19, 70, 100], "south": [200, 84.19, 297.64, 168.38]}}]
    portal.database.change(MADE, {"wanted": run, "counted": 1, "places": rectangles, "version": "1"})
    batch = opened(portal.database, portal.ring, 5)
    keyer.take(batch, papers_of(portal.database, run)[0])
    place = keyer.soup.select_one("[data-question=region]")["data-rect"]  # type: ignore[index]
    assert [float(one) for one in str(place).split()] == pytest.approx([1, 0.1, 0.1, 0.5, 0.2], abs=0.001)
    keyer.take(batch)
    assert keyer.soup.select_one("[data-rect]") is None, "with a sticker we do not know"
