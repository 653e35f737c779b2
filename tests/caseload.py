"""Every page of the office about cases, with something on it: for those who look at how pages are made."""

from __future__ import annotations

import io
import re
import secrets
from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import time_machine
from flask import Flask
from sqlalchemy import update

from portal import clock, files
from portal.accounts.guard import COOKIE
from portal.accounts.roles import Role
from portal.files import KINDS, Kept
from portal.forms.incident import INCIDENT
from portal.incidents import agencies, erasures, evidence, exchange, merging, reports, timing
from portal.incidents.clocks import CLOCKS
from portal.incidents.erasure_words import CODE_ONLY, REFUSED_WHY, SURE
from portal.incidents.evidence import IncidentEvidence, Scan
from portal.incidents.states import Event, Who
from portal.intake.receipts import code_for, digest_of
from tests.attachments import picture
from tests.cases import NOW, Desk
from tests.gallery import Seen, made_of
from tests.shares import TOLD, Sharers
from tests.staff import Colleague
from tests.visitor import Visitor

CASES = "/staff/cases"
HELD = "draft of the caseload"
LONG = "Zoë O’Brien-Featherstonehaugh-Wolfeschlegelsteinhausenbergerdorff"
SAID = "لڑکے ہر رات دروازے پر آتے ہیں۔\nThey shout at the children, and somebody broke the lock again."
ANSWERS: dict[str, tuple[str, ...]] = {
    **TOLD,
    "safe_tonight": ("no",),
    "money_visa_help": ("yes",),
    "acts": ("verbal_abuse", "threats", "noise"),
    "narrative": (SAID,),
    "name": (LONG,),
    "reach": ("phone", "sms", "email", "post", "worker"),
    "post": ("1 Example Street\nHilltown\nHT1 1AA",),
    "worker": ("Example support, 01632 960 456",),
    "voicemail": ("yes",),
    "discreet": ("no",),
    "who_else": ("children", "family"),
    "safe_word": ("Kingfisher",),
    "share.police.may": ("yes_named",),
    "share.council.may": ("yes_named",),
    "share.social_care.may": ("no",),
}
NUMBER = count(1)


def put(page: Visitor, name: str, value: str) -> Visitor:
    """Pick what has this value in a list or among rings."""
    found = page.soup.select(f"select[name='{name}'] option, input[name='{name}']")
    assert value in [one["value"] for one in found], (name, value)
    for one in found:
        mark = "selected" if one.name == "option" else "checked"
        one.attrs.pop(mark, None)
        if one["value"] == value:
            one[mark] = ""
    return page


def pages(app: Flask) -> list[Seen]:
    """The pages, as they would be on a Wednesday morning. Whoever looks at them is made for it."""
    with time_machine.travel(NOW, tick=False):
        return list(Caseload(app).walk())


class Caseload:
    """Two officers, a manager and an administrator with their cases, of which one has everything."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        portal = app.extensions["portal"]
        self.settings, self.store = portal.settings, portal.store
        self.desk = Desk(portal.database, portal.ring)
        self.us = Sharers(portal.database, portal.ring)
        self.officer = self.colleague("Olive", Role.CASE_OFFICER)
        self.other = self.colleague("Otto", Role.CASE_OFFICER, Role.FRONTLINE)
        self.manager = self.colleague("Mona", Role.CASE_MANAGER)
        self.keeper = self.colleague("Kofi", Role.ADMINISTRATOR, Role.GOVERNANCE)
        self.receipts: dict[str, bytes] = {}
        self.main = self.tells(evidence=(self.attached(), self.attached()))
        self.place = f"{CASES}/{self.main}"

    def colleague(self, name: str, *roles: Role) -> Colleague:
        found = Colleague(self.app, *roles, name=f"{name} Caseload {next(NUMBER)}")
        self.come_in(found)
        return found

    def attached(self) -> str:
        content = io.BytesIO(picture())
        how = (self.desk.database, self.desk.ring, self.store, content, "photo.jpg", KINDS.values(), HELD)
        kept = files.keep(*how, original=True)
        assert isinstance(kept, Kept)
        return kept.id

    def tells(self, language: str = "en", **answers: tuple[str, ...]) -> str:
        """Somebody tells us with the form that people see; gives the case, which the officer has read."""
        token = secrets.token_bytes(32)
        given = {"form": INCIDENT.here(), "answers": {**ANSWERS, **answers}, "token": token}
        case = self.desk.tells({**given, "language": language, "files_of": HELD})
        self.receipts[case] = digest_of(self.desk.ring, code_for(self.desk.ring, token))
        return self.given(case)

    def given(self, case: str) -> str:
        self.desk.step(case, Event.TRIAGE, self.officer.reference, officer=self.officer.reference)
        return case

    def report_of(self, case: str) -> str:
        with self.desk.database.read() as connection:
            return str(reports.of_case(connection, case)[0].reference)

    def seen(self, name: str, visitor: Visitor, status: int = 200) -> Seen:
        """The page that somebody has before them."""
        response = visitor.response
        assert (response.status_code, response.mimetype) == (status, "text/html"), (name, visitor.text)
        made = made_of(visitor.soup)
        return Seen(f"cases {name}", "en", status, tuple(response.headers), response.text, made)

    def walk(self) -> Iterator[Seen]:
        # in this order: what is shared and taken back, and who lets themselves in, comes after what is sent
        for part in (self.lists, self.case, self.people, self.messages, self.evidence, self.reaching):
            yield from part()
        for part in (self.sharing, self.without_a_yes, self.handing_over, self.agreements, self.erasing):
            yield from part()
        yield self.seen("across cases", self.manager.open(f"{CASES}/shared?days=365"))
        yield self.seen("help", self.other.open(f"{CASES}/help"))

    # What there is

    def late(self) -> str:
        """A complaint that nobody answered in time, though it was given more."""
        case = self.given(self.desk.tells(kind=("complaint_about_handling",)))
        self.desk.step(case, Event.ACCEPT_ONE, self.officer.reference, stage_one=self.officer.reference)
        limit = next(one.limit for one in CLOCKS if one.limit == "complaint_one")
        with self.desk.database.write() as connection:
            by = self.officer.reference
            timing.extend(connection, case, limit, 3, "evidence", by, clock.seconds())
        return case

    def waits(self) -> str:
        """A case that waits for a second person."""
        case = self.given(self.desk.tells())
        for event in (Event.ACKNOWLEDGE, Event.REVIEW):
            self.desk.step(case, event, self.officer.reference)
        return case

    def stands_still(self) -> str:
        case = self.given(self.desk.tells())
        self.desk.step(case, Event.HOLD, self.manager.reference, Who.MANAGER, reason="police")
        return case

    def lists(self) -> Iterator[Seen]:
        with time_machine.travel(clock.moment(clock.seconds()) - timedelta(days=40), tick=False):
            late, again = self.late(), self.desk.closed(self.desk.tells())
            by = self.manager.reference
            self.desk.step(again, Event.REOPEN, by, Who.MANAGER, reason="again")
        self.desk.tells(danger_now=("yes",), kind=("hate_incident",))
        self.desk.closed(self.desk.tells())
        review, still = self.waits(), self.stands_still()
        self.desk.watch()
        for show in ("mine", "nobody", "review", "open", "ended"):
            yield self.seen(f"list {show}", self.officer.open(f"{CASES}?show={show}"))
        yield self.seen("list of a manager", self.manager.open(f"{CASES}?show=review"))
        yield self.seen("list without a case", self.officer.open(f"{CASES}?gone={late}&state=planned"))
        yield self.seen("home of an officer", self.officer.open("/staff"))
        yield self.seen("home of a manager", self.manager.open("/staff"))
        for name, case in (("late", late), ("held", still), ("review", review)):
            yield self.seen(f"case {name}", self.officer.open(f"{CASES}/{case}"))
        yield self.seen("case for a second person", self.manager.open(f"{CASES}/{review}"))
        yield self.seen("exceptions", self.manager.open(f"{CASES}/exceptions?days=365"))

    def case(self) -> Iterator[Seen]:
        more = self.tells()
        with self.desk.database.write() as connection:
            by = self.officer.reference
            merging.merge(connection, more, self.main, by=by, who=Who.OFFICER)
        yield self.seen("case that is part of another", self.officer.open(f"{CASES}/{more}"))
        self.tells()  # who may be the same person
        page = self.officer.open(self.place)
        page.pick("Who are they in this case?", "Said to have done it").type("Name", LONG)
        page.press("Note a person")
        page.pick("What was done", "Injunction").pick("Legal basis", "Housing Act 1996")
        page.choose("The person harmed was told").press("Note what was done")
        page.pick("What is it?", "Assessment of whether it was hate").type("Words", SAID)
        page.press("Write something down")
        yield self.seen("case", page)
        yield self.seen("words", page.press("Show what was told and written down"))
        yield self.seen("who it is about", page.press("Show who it is about"))
        page.type("Words", SAID).press("Write something down")
        yield self.seen("case with an error", page, 422)
        page.open(self.place).choose("Offered and accepted").pick("What was offered", "Refuge")
        yield self.seen("case, too late", page.press("Offer a safe place", seen="0"), 409)
        page.open(self.place).choose("Offered and accepted").pick("What was offered", "Refuge")
        yield self.seen("case with a safe place", page.press("Offer a safe place"))

    def people(self) -> Iterator[Seen]:
        relative = self.colleague("Nina", Role.FRONTLINE)
        page = self.manager.open(f"{self.place}/people")
        yield self.seen("people without anybody", page)
        yield self.seen("people, nobody chosen", page.press("Add"), 422)
        yield self.seen("people, no conflict chosen", page.press("Record it"), 422)
        let = self.other.open(f"{CASES}/let-me-in")
        yield self.seen("let me in", let)
        yield self.seen("let me in with errors", let.press("Let me in"), 422)
        let.type("Reference of the case", self.main).choose("Somebody is in danger, or may be")
        yield self.seen(
            "people for who let themselves in", let.type("What happened", SAID).press("Let me in")
        )
        put(page.open(f"{self.place}/people"), "person", self.other.reference)
        page.choose("How to reach them", "Pictures, recordings and papers").press("Add")
        put(page, "whom", relative.reference)
        page.choose("It is about a relative or friend of theirs").press("Record it")
        yield self.seen("people", page)
        yield self.seen("emergencies", self.keeper.open(f"{CASES}/emergencies"))

    def messages(self) -> Iterator[Seen]:
        desk, place, by = self.desk, f"{self.place}/messages", self.officer.reference
        with desk.database.write() as connection:
            exchange.take_words(connection, desk.ring, self.receipts[self.main], SAID, "ur")
        page = self.officer.open(place)
        yield self.seen("messages of two people", page)
        page.open(f"{place}/{self.report_of(self.main)}")
        yield self.seen("messages with errors", page.press("Send"), 422)
        page.type("Write to the person", "We visit you on Monday.").pick("Its language", "English")
        yield self.seen("messages both ways", page.press("Send"))
        single = self.tells()
        with desk.database.write() as connection:
            exchange.take_words(connection, desk.ring, self.receipts[single], SAID, "ur")
            exchange.answered(connection, self.report_of(single), by)
        yield self.seen("messages of one", page.open(f"{CASES}/{single}/messages"))

    def evidence(self) -> Iterator[Seen]:
        with self.desk.database.read() as connection:
            clean, infected = evidence.of_case(connection, self.main)[:2]
        page = self.officer.open(f"{self.place}/evidence")
        yield self.seen("evidence that waits", page)
        yield self.seen("evidence with an error", page.press("Let it be opened"), 422)
        page.open(f"{self.place}/evidence/{clean.reference}")
        yield self.seen("evidence that does not open", page, 409)
        with self.desk.database.write() as connection:
            for row, scan in ((clean, Scan.CLEAN), (infected, Scan.INFECTED)):
                change = update(IncidentEvidence).where(IncidentEvidence.reference == row.reference)
                connection.execute(change.values(scan=scan.value))
        page.open(f"{self.place}/evidence")
        page.pick("Why it is to be opened all the same", "It was checked elsewhere: a false alarm")
        yield self.seen("evidence", page.press("Let it be opened"))
        yield self.seen("evidence without any", page.open(f"{CASES}/{self.tells()}/evidence"))

    def reaching(self) -> Iterator[Seen]:
        page, letter = self.officer.open(f"{self.place}/call"), f"letter/{self.main}/talk"
        yield self.seen("call sheet", page)
        yield self.seen("call sheet with an error", page.press("Save"), 422)
        yield self.seen("letter", page.open(f"{self.place}/{letter}"))
        unread = self.tells(language="ur")
        yield self.seen("no letter", page.open(f"{CASES}/{unread}/letter/{unread}/talk"), 409)
        address = f"{self.place}/address/{self.main}"
        yield self.seen("address", page.open(address))
        yield self.seen("address with an error", page.press("Enter it"), 422)
        page.type("The new address, with the postcode", "22 Finch Road\nDale\nDL9 9ZZ").press("Enter it")
        yield self.seen("call sheet with a new address", page)
        yield self.seen("address, own", page.open(address))
        yield self.seen("address to compare", self.other.open(address))
        with time_machine.travel(clock.moment(clock.seconds() + 12 * 3600), tick=False):
            self.come_in(self.officer)
            yield self.seen("call sheet at night", page.open(f"{self.place}/call"))
        for colleague in (self.officer, self.other, self.manager, self.keeper):
            self.come_in(colleague)  # whoever comes in at night ends what was idle since the morning
        plain = self.given(self.desk.tells())
        yield self.seen("call sheet of nobody", page.open(f"{CASES}/{plain}/call"))

    def agrees(self, agency: str, route: str = "link") -> None:
        with self.desk.database.read() as connection:
            before = agencies.find(connection, agency)
        self.us.agrees(agency, route=route, version=before.version if before else 0)

    def choose(self, agency: str) -> Colleague:
        """The officer has chosen the report and an organisation."""
        self.officer.open(f"{self.place}/sharing")
        put(self.officer, "report", self.report_of(self.main))
        put(self.officer, "agency", agency)
        return self.officer

    def sharing(self) -> Iterator[Seen]:
        yield self.seen("sharing of nothing", self.officer.open(f"{self.place}/sharing"))
        yield self.seen("sharing, nothing chosen", self.officer.press("Choose what to send"), 422)
        for agency, route in (("police", "link"), ("council", "file"), ("social_care", "link")):
            self.agrees(agency, route)
        page = self.choose("police").press("Choose what to send")
        yield self.seen("pack", page)
        yield self.seen("pack with an error", page.press("Look at it first", fields=""), 422)
        page = self.choose("police").press("Choose what to send").type("What we ask them to do", SAID)
        page.choose("What happened, in the person’s words")
        yield self.seen("pack before it goes", page.press("Look at it first"))
        yield self.seen("sharing with a link", page.press("Send it"))
        yield from self.collecting(str(page.soup.select("main code")[0].text), page.text)
        page.open(f"{self.place}/sharing").press("Read it, or note what they say")
        yield self.seen("what was shared", page)
        page = self.choose("council").press("Choose what to send").press("Look at it first")
        yield self.seen("sharing with a file", page.press("Send it"))
        self.us.says(self.report_of(self.main), "no", "police")
        yield self.seen("sharing, taken back", page.open(f"{self.place}/sharing"))

    def collecting(self, link: str, told: str) -> Iterator[Seen]:
        """The organisation gets what was shared, with the link and the code that it is told."""
        visitor, code = Visitor(self.app, "198.51.100.77"), re.search(r"\b(\d{4} \d{4})\b", told)
        assert code is not None
        visitor.open(link.removeprefix(self.settings.address.rstrip("/")))
        yield self.seen("code of a link", visitor)
        visitor.type("Code of 8 digits", "12")
        yield self.seen("wrong code of a link", visitor.press("Open"), 422)
        visitor.type("Code of 8 digits", code[1])
        yield self.seen("pack of a link", visitor.press("Open"))
        visitor.pick("What you do about it, if you know already", "They help the person")
        visitor.type("Anything that we should know", SAID)
        yield self.seen("thanks of a link", visitor.press("We have it"))
        yield self.seen("dead link", visitor.open("/handover"), 404)

    def without_a_yes(self) -> Iterator[Seen]:
        page = self.choose("social_care").press("Ask to share without a yes")
        yield self.seen("wish", page)
        yield self.seen("wish with an error", page.press("Ask a manager"), 422)
        page.choose("What it is about", "Name", "A child is at risk")
        page.choose("Not told: it would put somebody in danger")
        page.type("Why it is needed, and why no less will do", SAID).press("Ask a manager")
        manager = self.manager.open(f"{self.place}/sharing")
        yield self.seen("sharing for a manager", manager)
        yield self.seen("deciding", manager.press("Read why, and decide"))
        manager.press("Allow it, once")
        yield self.seen("sharing that was allowed", page.open(f"{self.place}/sharing"))

    def handing_over(self) -> Iterator[Seen]:
        page = self.manager.open(f"{CASES}/hand-over")
        yield self.seen("hand over", page)
        yield self.seen("hand over with errors", page.press("Hand them over"), 422)
        put(page, "leaver", self.officer.reference)
        put(page, "heir", self.other.reference)
        yield self.seen("handed over", page.press("Hand them over"))

    def agreements(self) -> Iterator[Seen]:
        page = self.keeper.open("/staff/agencies")
        yield self.seen("agreements", page)
        yield self.seen("agreement", page.open("/staff/agencies/police"))
        yield self.seen("agreement with errors", page.open("/staff/agencies/school").press("Save"), 422)

    def erasing(self) -> Iterator[Seen]:
        alone, kept, ring = self.tells(), self.tells(), self.desk.ring
        with self.desk.database.write() as connection:
            for case in (self.main, alone, kept):
                erasures.ask(connection, ring, self.settings, self.receipts[case], "en")
        page = self.manager.open(erasures.PAGE)
        yield self.seen("erasing", page)
        yield self.seen("erasure where others told us too", page.open(self.erasure_of(self.main)))
        yield self.seen("erasure with an error", page.press("It is to be erased"), 422)
        put(page.open(self.erasure_of(kept)), "reason", next(iter(REFUSED_WHY)))
        yield self.seen("erasure refused", page.press("It must be kept"))
        put(page.open(self.erasure_of(alone)), "sure", next(one for one in SURE if one != CODE_ONLY))
        yield self.seen("erasure agreed", page.press("It is to be erased"))
        yield self.seen("erasure for a second person", self.keeper.open(self.erasure_of(alone)))
        yield self.seen("erasing, some ended", page.open(erasures.PAGE))

    def erasure_of(self, case: str) -> str:
        with self.desk.database.read() as connection:
            found = erasures.of_report(connection, self.report_of(case))
        assert found is not None
        return f"{erasures.PAGE}/{found.reference}"

    def come_in(self, colleague: Colleague) -> None:
        """A fresh sign-in, of the name that the test client calls the host too."""
        colleague.come_in()
        colleague.client.set_cookie(COOKIE, colleague.secret)
