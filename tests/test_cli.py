"""The command `portal`: what an operator types, what is done, and the one sentence when it cannot be."""

from __future__ import annotations

import csv
import socket
import stat
import threading
from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine

from portal import __version__
from portal.cli import main
from portal.clock import today
from portal.database import Database
from portal.demo import PLACES
from portal.equality.collections import every
from portal.equality.invitations import read
from portal.forms.incident import INCIDENT
from portal.migrating import is_current
from portal.sealing import KeyRing
from portal.settings import Settings, load
from tests.arrivals import arrive, contents, noise, still_there, stored
from tests.conftest import KINDS
from tests.fresh import fresh
from tests.running import PATIENCE, Serving, at_home, environment, portal, refusal, serving

COMMANDS = {
    "serve": ["serve"],
    "demo": ["demo", "--fill-only"],
    "migrate": ["migrate"],
    "export": ["export", "--form", "equality", "--out", "out", "--purpose", "a test"],
    "backup": ["backup", "--to", "copies"],
    "restore": ["restore", "copy.sqlite"],
    "doctor": ["doctor"],
    "tidy": ["tidy"],
    "worker": ["worker"],
    "jobs": ["jobs"],
    "jobs revive": ["jobs", "revive", "1"],
    "audit": ["audit", "verify"],
    "audit anchor": ["audit", "anchor"],
    "collections": ["collections", "list"],
    "collections add": ["collections", "add", "repairs", "Repairs"],
    "collections close": ["collections", "close", "repairs"],
    "paper": ["paper", "print", "--language", "en", "--out", "papers"],
    "paper print": ["paper", "print", "--language", "ur", "--number", "2", "--out", "papers"],
    "invite": ["invite", "--collection", "repairs"],
    "staff": ["staff", "add", "new@example.org", "--role", "keyer"],
    "staff link": ["staff", "link", "new@example.org"],
    "erasures": ["erasures", "apply"],
    "keys": ["keys", "rotate", "equality"],
    "keys forget": ["keys", "forget", "equality"],
}
"""Each command in a way that works; a new one fails the next test until it is here."""
AT_WORK = [
    words for name, words in COMMANDS.items() if name not in ("serve", "demo", "migrate", "restore", "doctor")
]
"""Those that need a portal that is set up."""


@pytest.fixture
def home(database: Database, ring: KeyRing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A portal on each database; the operator stands in its parent folder."""
    data = at_home(database, tmp_path, monkeypatch)
    ring.save(data / "keys.json")
    monkeypatch.chdir(tmp_path)
    return data


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which there is no portal yet."""
    for name in ("PORTAL_DATA", "PORTAL_DATABASE", "PORTAL_CONFIG", "PORTAL_ADDRESS", "PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# All of them


def test_every_command_is_listed_here() -> None:
    assert set(main.commands) == {name.split()[0] for name in COMMANDS}


def test_every_command_says_what_it_does() -> None:
    for words in ([], *([word for word in words if word in main.commands] for words in COMMANDS.values())):
        assert len(portal(*words, "--help").output.splitlines()) > 5
    assert (
        portal("--version").output == f"portal, version {__version__}\n"
        or __version__ in portal("--version").output
    )


def test_a_command_that_is_none_is_told_apart() -> None:
    found = portal("export-everything")
    assert found.exit_code == 2 and "No such command" in found.stderr


@pytest.mark.parametrize("words", AT_WORK, ids=" ".join)
def test_where_there_is_no_portal_nothing_is_done(nowhere: Path, words: list[str]) -> None:
    assert refusal(*words) == f"there is no portal in {nowhere}/.portal: `portal serve` makes one"
    assert list(nowhere.iterdir()) == []


@pytest.mark.parametrize("words", AT_WORK, ids=" ".join)
def test_where_the_tables_are_not_made_nothing_is_done(nowhere: Path, words: list[str]) -> None:
    data = nowhere / ".portal"
    data.mkdir()
    assert refusal(*words).startswith("there is no key file")
    KeyRing.new().save(data / "keys.json")
    assert refusal(*words) == "the database needs `portal migrate` first"


@pytest.mark.parametrize("words", [*AT_WORK, ["migrate"], ["serve"], ["demo"]], ids=" ".join)
def test_a_setting_that_cannot_be_used_is_one_sentence(nowhere: Path, words: list[str]) -> None:
    for data in (nowhere / ".portal", nowhere / ".portal-demo"):
        data.mkdir()
        (data / "portal.toml").write_text('colour = "red"')
    assert refusal(*words) == "portal.toml: there is no setting 'colour'"


@pytest.mark.parametrize("words", [["migrate"], ["serve"], ["demo"]], ids=" ".join)
def test_a_wording_that_does_not_exist_stops_the_start(nowhere: Path, words: list[str]) -> None:
    for data in (nowhere / ".portal", nowhere / ".portal-demo"):
        data.mkdir(exist_ok=True)
        (data / "portal.toml").write_text('[variants]\nsex = "with_notes"')
    assert refusal(*words) == "equality: sex has no variant 'with_notes'"
    for data in (nowhere / ".portal", nowhere / ".portal-demo"):
        (data / "portal.toml").write_text('[variants]\nsecks = "with_note"')
    assert refusal(*words) == "variants: there is no question 'secks'"


def test_a_database_that_is_away_is_one_sentence_without_its_address(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = nowhere / ".portal"
    data.mkdir()
    KeyRing.new().save(data / "keys.json")
    monkeypatch.setenv("PORTAL_DATABASE", "postgresql://somebody:canary@127.0.0.1:1/portal")
    for words in ("migrate",), ("tidy",):
        sentence = refusal(*words)
        assert sentence.startswith("the database does not answer as it should (OperationalError)")
        assert "canary" not in sentence


def test_a_file_that_is_no_database_is_one_sentence(nowhere: Path) -> None:
    data = nowhere / ".portal"
    data.mkdir()
    KeyRing.new().save(data / "keys.json")
    (data / "portal.sqlite").write_text("These are the minutes of the tenants' meeting. " * 100)
    for words in ("migrate",), ("tidy",):
        assert refusal(*words).startswith("the database does not answer as it should (DatabaseError)")


def test_a_busy_database_is_one_sentence(
    home: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.database.LOCK_WAIT", 0.2)
    portal("collections", "add", "repairs", "Repairs")
    holds, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with database.write() as connection:
            connection.exec_driver_sql("UPDATE collection SET name = 'held'")
            holds.set()
            assert let_go.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    assert holds.wait(10)
    try:
        assert refusal("collections", "close", "repairs") == "the database is busy: try again"
    finally:
        let_go.set()
        thread.join()
    assert portal("collections", "close", "repairs").exit_code == 0


def test_a_folder_that_cannot_be_made_is_one_sentence(home: Path) -> None:
    file = home.parent / "file"
    file.write_text("")
    export = ["export", "--form", "equality", "--purpose", "a test", "--out"]
    assert refusal("backup", "--to", str(file / "copies")) == f"Not a directory: {file}/copies"
    assert refusal(*export, str(file / "out")) == f"Not a directory: {file}/out"


# migrate


@pytest.mark.parametrize("kind", KINDS)
def test_migrate_makes_folder_keys_tables_and_collections(
    request: pytest.FixtureRequest, kind: str, nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fresh(request, kind) as address:
        monkeypatch.setenv("PORTAL_DATABASE", address)
        data = nowhere / "srv" / "portal"
        data.mkdir(parents=True, mode=0o755)
        monkeypatch.setenv("PORTAL_DATA", str(data))
        (data / "portal.toml").write_text("[[collections]]\ncode = 'repairs'\nname = 'Repairs'")
        assert portal("migrate").output == "The database is up to date.\n"
        assert mode(data) == 0o700
        assert mode(data / "keys.json") == 0o600
        keys = (data / "keys.json").read_bytes()
        database = Database(address)
        assert is_current(database)
        assert [one.name for one in every(database)] == ["Repairs"]
        (data / "portal.toml").write_text("[[collections]]\ncode = 'repairs'\nname = 'All repairs'")
        portal("migrate")
        assert [one.name for one in every(database)] == ["All repairs"]
        assert (data / "keys.json").read_bytes() == keys
        database.close()


# collections


def test_collections_are_added_changed_listed_and_closed(home: Path, database: Database) -> None:
    unrelated = noise(database)
    added = portal("collections", "add", "repairs", "Repairs", "--team", "Repairs", "--kind", "service")
    assert added.output == "http://127.0.0.1:8000/en/about-you/at/repairs\n"
    portal("collections", "add", "fair", "Summer fair", "--kind", "event", "--outlet", "Market Hall")
    portal("collections", "add", "fair", "Autumn fair", "--kind", "event", "--provider", "Friends")
    assert portal("collections", "close", "repairs").output == "repairs takes no more answers.\n"
    listed = portal("collections", "list").output
    assert "fair  event  Autumn fair\n    http://127.0.0.1:8000/en/about-you/at/fair\n" in listed
    assert "repairs  service  Repairs (closed)\n" in listed
    [fair] = [one for one in every(database) if one.code == "fair"]
    assert (fair.outlet, fair.provider, fair.active) == ("", "Friends", True)
    portal("collections", "add", "repairs", "Repairs")
    assert "(closed)" not in portal("collections", "list").output
    assert still_there(database, unrelated)


@pytest.mark.parametrize("code", ["Repairs", "re pairs", "réparations", "-x", "", "a/b", "x" * 61])
def test_a_code_that_is_no_part_of_an_address_is_refused(home: Path, code: str) -> None:
    assert "a code has only a to z, 0 to 9 and hyphens" in refusal(
        "collections", "add", "--", code, "Repairs"
    )


def test_a_collection_needs_a_name_and_a_kind_that_we_know(home: Path) -> None:
    assert "a name is needed" in refusal("collections", "add", "repairs", " ")
    found = portal("collections", "add", "repairs", "Repairs", "--kind", "party")
    assert found.exit_code == 2 and "'party' is not one of" in found.stderr


def test_a_collection_that_does_not_exist_cannot_be_closed(home: Path) -> None:
    assert refusal("collections", "close", "repairs") == "there is no collection 'repairs'"


# invite


@pytest.fixture
def invited(home: Path, ring: KeyRing) -> Settings:
    """A portal with an open collection and a way back."""
    (home / "portal.toml").write_text('return_to = ["https://repairs.example.org/done/"]')
    portal("collections", "add", "repairs", "Repairs")
    return load(environment(home))


def test_an_invitation_says_what_was_asked_for(invited: Settings, ring: KeyRing) -> None:
    with time_machine.travel("2026-11-21T12:00Z", tick=False):
        found = portal(
            *("invite", "--collection", "repairs", "--token", "event-0001", "--language", "ur"),
            *("--days", "7", "--return-to", "https://repairs.example.org/done/1"),
        )
        token, link = found.output.rstrip("\n").split("\t")
        invitation = read(ring, invited, link.rpartition("/")[2])
    assert link.startswith("http://127.0.0.1:8000/ur/about-you/with/")
    assert (invitation.collection, invitation.token, invitation.language) == ("repairs", token, "ur")
    assert (invitation.ends, invitation.return_to) == (
        date(2026, 11, 28),
        "https://repairs.example.org/done/1",
    )


def test_many_invitations_have_each_their_own_token(invited: Settings) -> None:
    lines = portal("invite", "--collection", "repairs", "--count", "20").output.splitlines()
    assert len({line.split("\t")[0] for line in lines}) == len({line.split("\t")[1] for line in lines}) == 20


REFUSED = [
    (["--collection", "nothing"], "there is no open collection 'nothing'"),
    (["--collection", "closed"], "there is no open collection 'closed'"),
    (["--language", "cy"], "'cy' is not a language that is offered"),
    (["--token", "short"], "a token has 8 to 64 letters, digits, hyphens or underscores"),
    (["--token", "Amina Khan 1984"], "a token has 8 to 64 letters, digits, hyphens or underscores"),
    (["--days", "-1"], "the last day is over"),
    (["--token", "event-0001", "--count", "2"], "one token makes one invitation"),
    (
        ["--return-to", "https://repairs.example.org.evil.example/"],
        "https://repairs.example.org.evil.example/ is not under an address that return_to lists",
    ),
]


@pytest.mark.parametrize(
    ("words", "sentence"), REFUSED, ids=[" ".join(words) for words, _sentence in REFUSED]
)
def test_an_invitation_that_could_not_be_used_is_not_made(
    invited: Settings, words: list[str], sentence: str
) -> None:
    portal("collections", "add", "closed", "Closed")
    portal("collections", "close", "closed")
    assert refusal("invite", "--collection", "repairs", *words) == sentence


# export


def test_an_export_names_its_files_and_warns(home: Path, database: Database, ring: KeyRing) -> None:
    arrive(database, ring)
    lines = portal(*COMMANDS["export"]).stdout.splitlines()
    assert lines[-1] == "These are true counts of real people: do not publish them as they are."
    assert [Path(line).name for line in lines[:-1]] == [
        "equality-codes.csv",
        "equality-labels.csv",
        "equality-2026-1-codebook.csv",
        "equality-about.json",
    ]
    assert all(mode(home.parent / line) == 0o600 for line in lines[:-1])


EXPORTS = [
    (["--form", "nothing"], "there is no form 'nothing'"),
    (["--purpose", " "], "say in --purpose what the export is for"),
    (["--from", "2026-02-01", "--to", "2026-01-31"], "--to is before --from"),
]


@pytest.mark.parametrize(("words", "sentence"), EXPORTS, ids=[sentence for _words, sentence in EXPORTS])
def test_an_export_that_makes_no_sense_is_not_made(home: Path, words: list[str], sentence: str) -> None:
    assert refusal(*COMMANDS["export"], *words) == sentence
    assert not (home.parent / "out").exists()


def test_an_export_needs_form_folder_and_purpose(home: Path) -> None:
    for name in ("--form", "--out", "--purpose"):
        words = list(COMMANDS["export"])
        place = words.index(name)
        found = portal(*words[:place], *words[place + 2 :])
        assert found.exit_code == 2 and f"Missing option '{name}'" in found.stderr
    found = portal(*COMMANDS["export"], "--from", "yesterday")
    assert found.exit_code == 2 and "does not match the format" in found.stderr


def test_a_second_export_into_the_same_folder_is_refused(home: Path) -> None:
    assert portal(*COMMANDS["export"]).exit_code == 0
    assert refusal(*COMMANDS["export"]) == "equality-codes.csv is there already: choose an empty folder"


# backup and restore


def test_a_portal_moves_by_copy_and_keys(
    home: Path, database: Database, ring: KeyRing, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    row = arrive(database, ring)
    found = portal(*COMMANDS["backup"])
    assert f"It does not open sealed words without {home}/keys.json" in found.output
    copy = found.output.partition(" is complete and was read back.")[0]

    new = tmp_path / "new"
    new.mkdir(mode=0o755)
    monkeypatch.setenv("PORTAL_DATA", str(new))
    monkeypatch.setenv("PORTAL_DATABASE", "")
    assert refusal("restore", copy) == f"put the key file back first: {new}/keys.json"
    ring.save(new / "keys.json")
    assert portal("restore", copy).output == "Everything is back, and was read.\n"
    assert mode(new) == 0o700
    restored = Database(f"sqlite:///{new}/portal.sqlite")
    assert [found.id for found in stored(restored)] == [row.id]
    restored.close()
    assert refusal("restore", copy) == "the database is not empty: restore into a new one"


def test_a_restore_with_another_portals_keys_says_so(
    home: Path, database: Database, ring: KeyRing, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    arrive(database, ring)
    copy = portal(*COMMANDS["backup"]).output.partition(" is complete and was read back.")[0]
    new = tmp_path / "new"
    new.mkdir(mode=0o700)
    KeyRing.new().save(new / "keys.json")
    monkeypatch.setenv("PORTAL_DATA", str(new))
    monkeypatch.setenv("PORTAL_DATABASE", "")
    assert "the key file is that of another portal" in refusal("restore", copy)


def test_a_file_that_is_no_copy_is_not_restored(home: Path) -> None:
    file = home.parent / "copy.sqlite"
    assert portal("restore", str(file)).exit_code == 2
    file.write_text("These are the minutes of the tenants' meeting. " * 100)
    assert refusal("restore", str(file)) == "copy.sqlite is damaged, or not a safety copy"


# tidy


def test_tidy_counts_what_it_deletes(home: Path, database: Database, ring: KeyRing) -> None:
    arrive(database, ring, received=date(1999, 1, 4))
    arrive(database, ring)
    nothing = (
        "drafts: 0 deleted\nerased again: 0 deleted\ncases: 0 deleted\n"
        "submissions: 0 deleted\nrequests: 0 deleted\nfiles: 0 deleted\n"
        "jobs: 0 deleted\nsign-ins: 0 deleted\n"
        "practice: 0 deleted\ncontact rules: 0 deleted\nmessages: 0 deleted\n"
    )
    assert portal("tidy").output == nothing.replace("submissions: 0", "submissions: 1")
    assert portal("tidy").output == nothing


# demo


def test_a_demo_has_five_hundred_synthetic_answers_in_a_folder_of_its_own(nowhere: Path) -> None:
    found = portal("demo", "--fill-only")
    assert found.stdout == "500 synthetic answers made.\n"
    assert [file.name for file in nowhere.iterdir()] == [".portal-demo"]
    data = nowhere / ".portal-demo"
    assert mode(data) == 0o700 and mode(data / "keys.json") == 0o600
    database = Database(f"sqlite:///{data}/portal.sqlite")
    rows = [row for row in stored(database) if row.form != INCIDENT.key]
    assert len(rows) == 500
    assert {row.collection for row in rows} == {place.code for place in PLACES}
    assert all("synthetic" in place.code and "synthetic" in place.name for place in PLACES)
    weeks = {row.received for row in rows}
    assert all(week.weekday() == 0 and week <= today() for week in weeks)
    assert len(weeks) > 45 and min(weeks) >= today() - timedelta(weeks=53)
    assert any(row.sealed for row in rows)
    database.close()
    assert portal("demo", "--fill-only").stdout == "The synthetic answers are there already.\n"


def test_an_export_of_a_demo_says_in_every_row_that_it_is_synthetic(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    portal("demo", "--fill-only", "--answers", "20")
    monkeypatch.setenv("PORTAL_DATA", str(nowhere / ".portal-demo"))
    portal(*COMMANDS["export"])
    with (nowhere / "out" / "equality-codes.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows and all("synthetic" in row["_collection"] for row in rows)


def test_a_demo_never_mixes_into_real_answers(home: Path, database: Database, ring: KeyRing) -> None:
    arrive(database, ring)
    before = contents(database)
    assert portal("demo", "--fill-only").stdout == "The synthetic answers are there already.\n"
    assert contents(database) == before


def test_the_same_demo_is_made_each_time(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    for name in ("one", "two"):
        monkeypatch.setenv("PORTAL_DATA", str(nowhere / name))
        portal("demo", "--fill-only", "--answers", "15")
        database = Database(f"sqlite:///{nowhere / name}/portal.sqlite")
        made.append(sorted(str(row.answers) for row in stored(database)))
        database.close()
    assert made[0] == made[1]


# serve


def test_a_port_in_use_is_one_sentence(nowhere: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        sentence = refusal("serve", "--port", str(port))
    assert sentence.startswith(f"cannot listen on 127.0.0.1:{port}: Address already in use")


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_a_port_that_is_none_is_told_before_anything_is_made(nowhere: Path, port: str) -> None:
    assert portal("serve", "--port", port).exit_code == 2
    assert list(nowhere.iterdir()) == []


@pytest.fixture
def one_worker(tmp_path: Path) -> Path:
    """A data folder with nothing in it but a setting."""
    data = tmp_path / "here" / "data"
    data.mkdir(parents=True, mode=0o755)
    (data / "portal.toml").write_text('workers = 1\norganisation = "Łódź Homes"')
    return data


def test_the_first_start_makes_all_and_a_stop_lets_a_request_finish(one_worker: Path) -> None:
    data = one_worker
    with serving(data) as running:
        assert running.get("/en/", Host="127.0.0.1")[0] == 200
        assert f"The portal of Łódź Homes is at http://127.0.0.1:{running.port}/" in running.said
        assert f"Its data is in {data}" in running.said
        assert mode(data) == 0o700
        assert mode(data / "keys.json") == 0o600
        assert {mode(path) for path in data.glob("portal.sqlite*") if path.suffix != ".lock"} == {0o600}

        with socket.create_connection(("127.0.0.1", running.port), PATIENCE) as wire:
            head = f"POST /en/about-you HTTP/1.1\r\nHost: 127.0.0.1:{running.port}\r\nContent-Length: 4\r\n"
            kind = "Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n"
            wire.sendall(f"{head}{kind}Expect: 100-continue\r\n\r\na=".encode())
            assert wire.recv(100).startswith(b"HTTP/1.1 100 ")  # it is under way
            running.process.terminate()
            until_it_takes_nobody_new(running)
            wire.sendall(b"bc")
            answer = b""
            while found := wire.recv(65536):
                answer += found
        assert answer.startswith(b"HTTP/1.1 400 ") and answer.rstrip().endswith(b"</html>")
        assert running.process.wait(PATIENCE) == 0
        keys = (data / "keys.json").read_bytes()

    with serving(data) as running:
        assert running.get("/en/about-you", Host="127.0.0.1")[0] == 200
        assert running.stop() == 0
        assert "Traceback" not in running.logged
    assert (data / "keys.json").read_bytes() == keys
    assert not (data / "before-migrations").exists()


def until_it_takes_nobody_new(running: Serving) -> None:
    """Until a new request waits in vain: it has begun to stop."""
    for _try in range(100):
        try:
            running.get("/healthz", patience=0.5, Host="127.0.0.1")
        except OSError:
            return
    raise AssertionError("it goes on")


def test_a_demo_says_on_every_page_that_its_people_are_invented(one_worker: Path) -> None:
    with serving(one_worker, "--answers", "2", command="demo") as running:
        for path in ("/", "/en/", "/en/about-you", "/en/nothing"):
            assert "The people in it are invented." in running.get(path, Host="127.0.0.1")[1]
        assert "All people in it are invented." in running.said
        assert running.stop() == 0
