"""What is wrong with this portal, in plain words, and how to mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from portal import clock, files
from portal.blobs import Folder
from portal.checking import SettingsError
from portal.database import Database, answers_now, sqlite_module, wal_is_safe
from portal.forms import FORMS, in_use
from portal.keeping import check_keys
from portal.languages import LANGUAGES, is_draft, translations_folder
from portal.migrating import is_current, revision
from portal.outbox import dead, oldest_due
from portal.pages import STATIC, manifest
from portal.paper.bundles import PaperError, weasyprint
from portal.questions import DefinitionError
from portal.sealing import KeyRing, KeyRingError
from portal.settings import Settings, load

LATE = 15 * 60
"""Seconds after which a job should have been begun."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `mend` says what to do; `wrong` whether the portal cannot work so."""

    what: str
    mend: str = ""
    wrong: bool = False


def findings(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Everything that was looked at, in order; stops where the rest cannot be looked at."""
    try:
        settings = load(environ)
        in_use(FORMS, settings.variants)
    except (SettingsError, DefinitionError) as error:
        yield Finding(str(error), "Change it in portal.toml or the environment, and run this again.", True)
        return
    yield Finding(f"settings for {settings.organisation}")
    if not settings.data.is_dir():
        yield Finding(f"there is no folder {settings.data}", "Run `portal serve`: it makes one.", True)
        return
    for look in LOOKS:
        yield from look(settings)


def _folder(settings: Settings) -> Iterator[Finding]:
    if settings.data.stat().st_mode & 0o077:
        yield Finding("others can read the data folder", f"chmod 700 {settings.data}", True)
    else:
        yield Finding(f"only you can read {settings.data}")


def _database(settings: Settings) -> Iterator[Finding]:
    database = Database(settings.database_url, pool=1)
    try:
        if database.sqlite and not Path(database.url.database or "").exists():
            yield Finding("there is no database yet", "Run `portal migrate` or `portal serve`.", True)
            return
        if not answers_now(database):
            yield Finding(
                "the database does not answer", "Is its server running, and its address right?", True
            )
            return
        yield from _shape_and_keys(settings, database)
    except SQLAlchemyError as error:
        yield Finding(
            f"the database answers with an error ({type(error).__name__})",
            "Restore the newest safety copy into a new folder with `portal restore`.",
            True,
        )
    finally:
        database.close()


def _shape_and_keys(settings: Settings, database: Database) -> Iterator[Finding]:
    if database.sqlite:
        yield from _sqlite(database)
    if not is_current(database):
        at = revision(database) or "empty"
        yield Finding(f"the tables are not this version's ({at})", "Run `portal migrate`.", True)
        return
    yield Finding("the tables are up to date")
    try:
        check_keys(database, KeyRing.load(settings.key_file))
    except KeyRingError as error:
        yield Finding(str(error), "Without the right keys, sealed words cannot be read.", True)
        return
    yield Finding("the keys are there, and only you can read them")
    lost = len(files.missing(database, Folder(settings.files)))
    if lost:
        yield Finding(
            f"{lost} attached files are not in {settings.files}",
            "Copy them back from the folder `files` beside your safety copies.",
            True,
        )
    yield from _jobs(database)


def _jobs(database: Database) -> Iterator[Finding]:
    with database.read() as connection:
        given_up, oldest = dead(connection), oldest_due(connection)
    for job in given_up:
        yield Finding(
            f"job {job.id} ({job.kind}) was given up after {job.tries} tries: {job.failed}",
            f"Mend what made it fail, then run `portal jobs revive {job.id}`.",
            True,
        )
    if oldest is not None and oldest < clock.seconds() - LATE:
        yield Finding(
            f"there has been something to do since {clock.moment(oldest):%Y-%m-%d at %H:%M} UTC",
            "Is a worker running? `portal serve` runs one unless worker = false; `portal worker` is one.",
            True,
        )
    elif not given_up:
        yield Finding("no job waits longer than it should")


def _sqlite(database: Database) -> Iterator[Finding]:
    module = sqlite_module()
    if wal_is_safe(module.sqlite_version_info):
        yield Finding(f"SQLite {module.sqlite_version} with write-ahead log")
    else:
        yield Finding(
            f"SQLite {module.sqlite_version} is older than 3.51.3, so the slower rollback journal is used",
            "On Linux, `pip install pysqlite3` brings a newer one. Nothing is at risk meanwhile.",
        )
    with database.read() as connection:
        found = connection.exec_driver_sql("PRAGMA quick_check").scalars().all()
    if found != ["ok"]:
        yield Finding(f"the database file is damaged: {found[0]}", "Restore the newest safety copy.", True)


def _pages(settings: Settings) -> Iterator[Finding]:
    names = [name for name in manifest().values() if isinstance(name, str)]
    missing = [name for name in names if not (STATIC / name).exists()]
    if missing:
        yield Finding(
            f"style or script files are missing: {', '.join(missing)}", "Install the portal again.", True
        )
    else:
        yield Finding("style and script files are there")


def _languages(settings: Settings) -> Iterator[Finding]:
    for code in settings.languages:
        if code != "en" and not (translations_folder() / code / "LC_MESSAGES" / "public.po").exists():
            yield Finding(f"there is no catalogue for {code}", "Install the portal again.", True)
    drafts = [LANGUAGES[code].english for code in settings.languages if is_draft(code)]
    if drafts:
        yield Finding(
            f"not yet checked by a person: {', '.join(drafts)}",
            "Let a speaker of it read each, and put their name into X-Reviewed-By of its catalogue.",
        )


def _paper(settings: Settings) -> Iterator[Finding]:
    try:
        yield Finding(f"forms can be printed (WeasyPrint {weasyprint().__version__})")
    except PaperError as error:
        yield Finding(str(error), "Only `portal paper print` needs it; browsers can print forms without.")


def _messages(settings: Settings) -> Iterator[Finding]:
    """Whether what the portal has to say to people leaves the house."""
    ways = {
        "send_sms": settings.send_sms,
        "send_email": settings.send_email,
        "send_letters": settings.send_letters,
    }
    tried_out = [name for name, by in ways.items() if by == "console"]
    if tried_out and settings.https:  # on this machine alone there is nobody to reach
        yield Finding(
            f"messages only go into the log, to nobody: {', '.join(tried_out)}",
            "Set up a way to send in portal.toml; with none, staff are asked to phone instead.",
        )
    else:
        yield Finding(", ".join(f"{name}: {by}" for name, by in ways.items()))


def _fictional(settings: Settings) -> Iterator[Finding]:
    if settings.organisation == "Example Housing" or settings.phone.startswith("01632 960"):
        yield Finding(
            "the organisation's name or phone number is still the example's",
            f"Write organisation and phone into {settings.data / 'portal.toml'}.",
        )
    if not settings.https:
        yield Finding(
            "the address is not https, so only this machine can use the portal",
            'Put a proxy with https before it and set address = "https://...", proxies = 1.',
        )


LOOKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    _folder,
    _database,
    _pages,
    _languages,
    _paper,
    _messages,
    _fictional,
)
