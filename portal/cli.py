"""The command `portal`."""

from __future__ import annotations

import os
import secrets
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import SQLAlchemyError

from portal import (
    __version__,
    bringing_back,
    clock,
    demo_cases,
    demo_people,
    letting_in,
    overseeing,
    starting,
)
from portal.accounts.people import PeopleError
from portal.analysis.export import ExportError, Wanted
from portal.analysis.export import export as write_export
from portal.anchors import AuditError
from portal.backups import FILES, BackupError
from portal.backups import backup as make_backup
from portal.blobs import Folder
from portal.checking import SettingsError
from portal.database import Busy, Database, alone_in
from portal.demo import fill
from portal.doctor import findings
from portal.equality.collections import CollectionError, close, every, keep
from portal.equality.invitations import Invitation, InvitationError, write
from portal.equality.models import KINDS
from portal.following import offering
from portal.forms import FORMS, current, in_use
from portal.forms.interpreter import INTERPRETER
from portal.incidents.tombstones import FILE as ERASED
from portal.incidents.tombstones import every as every_erased
from portal.incidents.tombstones import write_list
from portal.interpreting import measures
from portal.keeping import delete_what_has_had_its_time, keys_in_use, rewrap_all
from portal.migrating import MigrationError
from portal.paper.bundles import PaperError
from portal.paper.runs import MOST, OPERATOR, make, order
from portal.paper.sheets import SIZES, Size
from portal.questions import DefinitionError
from portal.sealing import PURPOSES, KeyRing, KeyRingError, Purpose
from portal.settings import CollectionEntry, Settings, load
from portal.starting import bar
from portal.starting import opened_here as opened

EXPECTED = (
    SettingsError,
    KeyRingError,
    PeopleError,
    CollectionError,
    InvitationError,
    ExportError,
    BackupError,
    MigrationError,
    DefinitionError,
    AuditError,
    PaperError,
    Busy,
)


class Plain(click.Group):
    """Errors that an operator can mend are one plain sentence, without a trace."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except EXPECTED as error:
            raise click.ClickException(str(error) or "the database is busy: try again") from error
        except OSError as error:
            raise click.ClickException(f"{error.strerror}: {error.filename}") from error
        except SQLAlchemyError as error:
            raise click.ClickException(
                f"the database does not answer as it should ({type(error).__name__}): run `portal doctor`"
            ) from error


@click.group(cls=Plain)
@click.version_option(__version__)
def main() -> None:
    """A portal for social landlords: forms in many languages, kept safely."""


def settings_here() -> Settings:
    return load(os.environ)


def set_up(settings: Settings) -> None:
    """Make what is missing: the data folder, the keys, the tables."""
    starting.set_up(
        settings, lambda copy: click.echo(f"Made a safety copy before changing the tables: {copy}")
    )


PORT = click.option("--port", type=click.IntRange(1, 65535), envvar="PORT", default=8000, show_default=True)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@PORT
def serve(host: str, port: int) -> None:
    """Run the portal. The first start makes its folder, keys and tables."""
    settings = load({**os.environ, "PORT": str(port)})
    set_up(settings)
    hints = [
        "Open it in a browser, choose a language, and try “About you”.",
        *letting_in.first_link(settings),
    ]
    run(settings, host, port, hints)


def run(settings: Settings, host: str, port: int, hints: list[str]) -> None:
    from portal.serving import Server

    try:
        socket.create_server((host, port)).close()
    except OSError as error:
        raise click.ClickException(f"cannot listen on {host}:{port}: {error.strerror}") from error
    click.echo(f"\nThe portal of {settings.organisation} is at {settings.at('/')}")
    click.echo(f"Its data is in {settings.data}; stop it with Ctrl-C.")
    for hint in hints:
        click.echo(hint)
    click.echo("")
    sys.stdout.flush()
    Server(settings, f"{host}:{port}").run()


@main.command()
@PORT
@click.option(
    "--answers", type=click.IntRange(1), default=500, show_default=True, help="How many synthetic answers."
)
@click.option("--fill-only", is_flag=True, help="Make the data and stop.")
def demo(port: int, answers: int, fill_only: bool) -> None:
    """Run a portal full of synthetic people, plainly marked, in a folder of its own."""
    given = dict(os.environ)
    given["PORTAL_DATA"] = given.get("PORTAL_DATA") or str(Path(".portal-demo").absolute())
    settings = load({**given, "PORT": str(port)})
    settings = Settings(**{**_values(settings), "demo": True})
    set_up(settings)
    ring, database = KeyRing.load(settings.key_file), Database(settings.database_url)
    try:
        with bar(answers, "Making synthetic answers") as progress:
            made = fill(database, ring, settings, answers, progress)
        if made:  # never into a portal that holds anything else: everybody knows their password
            demo_people.make(database, ring, settings.data)
            demo_cases.make(database, ring, lambda done, of: None)
    finally:
        database.close()
    click.echo(f"{made} synthetic answers made." if made else "The synthetic answers are there already.")
    if not fill_only:
        os.environ["PORTAL_DATA"] = given["PORTAL_DATA"]
        run(
            settings,
            "127.0.0.1",
            port,
            [
                "All people in it are invented.",
                f"Sign in to its office at {settings.at('/sign-in')}: "
                f"{settings.data / demo_people.FILE} says as whom.",
                f"Count them: PORTAL_DATA={settings.data} portal export --form equality "
                "--out out --purpose 'trying it'",
            ],
        )


def _values(settings: Settings) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in Settings.__dataclass_fields__}


@main.command("migrate")
def migrate_command() -> None:
    """Bring the database to this version's shape, after a safety copy."""
    set_up(settings_here())
    click.echo("The database is up to date.")


@main.command()
@click.option("--form", "form", required=True, help="Key of the form, such as equality.")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="A new folder.")
@click.option("--purpose", required=True, help="What the export is for; it is noted.")
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="Received on this day or later.")
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), help="Received on this day or earlier.")
@click.option("--requests", is_flag=True, help="With --form interpreter: what became of the requests.")
def export(form: str, out: Path, purpose: str, first: Any, last: Any, requests: bool) -> None:
    """Write answers as CSV of codes and of labels, with the codebook. True counts: handle with care."""
    wanted = Wanted(form, out, purpose, first and first.date(), last and last.date())
    if requests and form != INTERPRETER.key:
        raise ExportError(f"--requests goes with --form {INTERPRETER.key}")
    beside = measures.TABLES if requests else {}
    with opened() as (settings, database, ring), bar(1, "Exporting") as progress:
        anchors = settings.audit_anchors
        paths = write_export(database, FORMS, wanted, progress, ring=ring, anchors=anchors, beside=beside)
    for path in paths:
        click.echo(path)
    click.echo("These are true counts of real people: do not publish them as they are.")


@main.command()
@click.option("--to", "folder", required=True, type=click.Path(path_type=Path, file_okay=False))
def backup(folder: Path) -> None:
    """Write a safety copy and read it back. The keys are not in it: keep keys.json in another safe place."""
    with opened() as (settings, database, ring):
        path = make_backup(database, folder, lambda table, rows: None, Folder(settings.files))
        with database.read() as connection:
            write_list(ring, folder / ERASED, every_erased(connection))
        click.echo(f"{path} is complete and was read back.")
        click.echo(f"Attached files lie sealed in {folder / FILES}: keep that folder with it.")
        click.echo(f"It does not open sealed words without {settings.key_file}: keep that apart from it.")


@main.command()
def doctor() -> None:
    """Say in plain words what is wrong and how to mend it."""
    wrong = 0
    for finding in findings(os.environ):
        wrong += finding.wrong
        click.echo(f"{'WRONG' if finding.wrong else 'note ' if finding.mend else 'ok   '}  {finding.what}")
        if finding.mend:
            click.echo(f"       {finding.mend}")
    if wrong:
        raise SystemExit(1)


@main.command()
def tidy() -> None:
    """Delete what has had its time. A worker does this every hour."""
    with opened() as (settings, database, ring):
        for what, count in delete_what_has_had_its_time(database, ring, settings).items():
            click.echo(f"{what}: {count} deleted")


@main.group()
def collections() -> None:
    """The places where we ask: services, events, surveys, staff."""


@collections.command("list")
def list_collections() -> None:
    """All of them, with their web address."""
    with opened() as (settings, database, _ring):
        for one in every(database):
            state = "" if one.active else " (closed)"
            click.echo(f"{one.code}  {one.kind}  {one.name}{state}")
            click.echo("    " + settings.at(f"/{settings.languages[0]}/about-you/at/{one.code}"))


@collections.command("add")
@click.argument("code")
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), default="service", show_default=True)
@click.option("--team", default="")
@click.option("--outlet", default="")
@click.option("--provider", default="")
def add_collection(code: str, name: str, kind: str, team: str, outlet: str, provider: str) -> None:
    """Add one, or change it."""
    with opened() as (settings, database, _ring):
        entry = CollectionEntry(code=code, name=name, kind=kind, team=team, outlet=outlet, provider=provider)
        keep(database, [entry])
        click.echo(settings.at(f"/{settings.languages[0]}/about-you/at/{code}"))


@collections.command("close")
@click.argument("code")
def close_collection(code: str) -> None:
    """Take no more answers for one."""
    with opened() as (_settings, database, _ring):
        if not close(database, code):
            raise CollectionError(f"there is no collection {code!r}")
        click.echo(f"{code} takes no more answers.")


@main.command()
@click.option("--collection", required=True)
@click.option("--token", default="", help="The inviting system's word for the event; default: a random one.")
@click.option("--language", default="en", show_default=True)
@click.option("--days", default=30, show_default=True, help="How long it can be used.")
@click.option("--return-to", default="", help="Where people go afterwards (see return_to in portal.toml).")
@click.option("--count", "many", default=1, show_default=True, help="How many, each with a random token.")
@click.option("--to", type=click.Choice([*current(FORMS)]), default="about-you")
def invite(collection: str, token: str, language: str, days: int, return_to: str, many: int, to: str) -> None:
    """Print signed invitation links, one a line, after their tokens."""
    if token and many != 1:
        raise InvitationError("one token makes one invitation")
    with opened() as (settings, database, ring):
        if collection not in {one.code for one in every(database) if one.active}:
            raise InvitationError(f"there is no open collection {collection!r}")
        ends = clock.today() + timedelta(days=days)
        for _number in range(many):
            word = token or secrets.token_urlsafe(12)
            link = write(ring, settings, Invitation(collection, word, language, ends, return_to), to)
            click.echo(f"{word}\t{link}")


@main.group()
def paper() -> None:
    """Forms on paper."""


@paper.command("print")
@click.option("--form", "key", default="equality", show_default=True, help="Key of the form.")
@click.option("--language", required=True, help="Code of the language, such as ur.")
@click.option("--number", type=click.IntRange(1, MOST), default=1, show_default=True, help="How many copies.")
@click.option("--size", type=click.Choice(SIZES), default="normal", show_default=True, help="Of the letters.")
@click.option("--yellow", is_flag=True, help="A yellow ground.")
@click.option("--collection", help="Code of the place that gives them out.")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False))
def print_papers(
    key: str, language: str, number: int, size: Size, yellow: bool, collection: str | None, out: Path
) -> None:
    """Make a PDF of numbered copies of a form, with a cover sheet for the office."""
    with opened() as (settings, database, _ring):
        now = offering(database, FORMS)
        forms = {form.key: form for form in in_use(now, settings.variants).values()}
        if key not in forms:
            raise PaperError(f"there is no form {key!r}: take {', '.join(forms)}")
        if collection is not None and collection not in {one.code for one in every(database)}:
            raise CollectionError(f"there is no collection {collection!r}")
        run = order(database, forms[key], language, size, yellow, collection, number, OPERATOR)
        with bar(number, "Printing") as progress:
            path = make(database, settings, run.reference, out, progress)
    click.echo(path)


@main.group()
def keys() -> None:
    """The key ring."""


@contextmanager
def changing_keys() -> Iterator[tuple[Settings, Database, KeyRing]]:
    """opened(), for one at a time: two would each save a ring without the other's new key."""
    folder = settings_here().data
    starting.check_there(folder)
    with alone_in(folder), opened() as found:
        yield found


@keys.command("rotate")
@click.argument("purpose", type=click.Choice(PURPOSES))
def rotate(purpose: Purpose) -> None:
    """Make a new key for a purpose and move what is sealed to it. Can be stopped and run again."""
    with changing_keys() as (settings, database, ring):
        old = {name for name in keys_in_use(database) if name.startswith(f"{purpose}:")}
        if old <= {ring.current(purpose)}:  # else an earlier run was stopped: go on with its key
            ring.add(purpose)
            ring.save(settings.key_file)
        moved = rewrap_all(database, ring, purpose)
        click.echo(f"{moved} data keys moved to {ring.current(purpose)}.")
        click.echo("Make a new safe copy of the key file, restart the portal, then run")
        click.echo(f"portal keys forget {purpose}")


@keys.command("forget")
@click.argument("purpose", type=click.Choice(PURPOSES))
def forget(purpose: Purpose) -> None:
    """Drop the old keys of a purpose. Only after a restart: a running portal may still seal under them."""
    with changing_keys() as (settings, database, ring):
        moved = rewrap_all(database, ring, purpose)
        for name in sorted(ring.names() - keys_in_use(database)):
            if name.startswith(f"{purpose}:") and name != ring.current(purpose):
                ring.drop(name)
                click.echo(f"{name} is forgotten.")
        ring.save(settings.key_file)
        click.echo(f"{moved} data keys moved; {ring.current(purpose)} is in use.")


for command in (
    overseeing.worker,
    overseeing.jobs,
    letting_in.staff,
    overseeing.audit,
    bringing_back.restore,
    bringing_back.erasures,
):
    main.add_command(command)

if __name__ == "__main__":
    main()
