"""The commands with which an operator sees that things get done, and who did what."""

from __future__ import annotations

import click

from portal import anchors, logs, outbox
from portal.audit import OPERATOR, Did, note_alone
from portal.clock import moment
from portal.starting import opened_here
from portal.working import until_told


@click.command()
@click.option("--beside-server", is_flag=True, hidden=True, help="End when stdin does.")
def worker(beside_server: bool) -> None:
    """Do the jobs, until stopped. `portal serve` does them too, unless worker = false in portal.toml."""
    with opened_here() as (settings, _database, _ring):
        pass  # what an operator can mend is said before the work begins
    logs.to_stderr()
    until_told(settings, beside_server)


@click.group(invoke_without_command=True)
@click.pass_context
def jobs(context: click.Context) -> None:
    """The jobs that were given up."""
    if context.invoked_subcommand is not None:
        return
    with opened_here() as (_settings, database, _ring), database.read() as connection:
        found = outbox.dead(connection)
    for job in found:
        click.echo(f"{job.id}  {job.kind}  {job.tries} tries, the last ended with {job.failed}")
    if not found:
        click.echo("No job was given up.")


@jobs.command()
@click.argument("number", type=click.IntRange(1))
def revive(number: int) -> None:
    """Let a job that was given up be tried again."""
    with opened_here() as (_settings, database, _ring):
        if not outbox.revive(database, number):
            raise click.ClickException(f"no job {number} was given up")
    click.echo(f"Job {number} will be tried again.")


@click.group()
def audit() -> None:
    """The log of who saw or changed what."""


@audit.command()
def verify() -> None:
    """Read all of it, and say whether anything was changed, dropped or put in."""
    with opened_here() as (settings, database, ring):
        found = anchors.verify(database, ring, settings.audit_anchors)
        reached = anchors.newest(ring, settings.audit_anchors)
        with database.read() as connection:
            entries = anchors.length(connection)
    for finding in found:
        click.echo(finding)
    if not found:
        click.echo(f"The audit log is whole. Its newest entry is number {entries}.")
    if reached:
        when = f"{moment(reached.at):%Y-%m-%d at %H:%M} UTC"
        click.echo(f"It was last anchored at entry {reached.number}, on {when}.")
        click.echo("Up to there it would be noticed if its end were cut off.")
    else:
        click.echo("It was never anchored: it would not be noticed if its end were cut off.")
    if found:
        raise SystemExit(1)


@audit.command()
def anchor() -> None:
    """Write down in the data folder how far it reaches. A worker does this every hour."""
    with opened_here() as (settings, database, ring):
        note_alone(database, ring, by=OPERATOR, did=Did.ANCHORED, what="audit")
        made = anchors.anchor(database, ring, settings.audit_anchors)
    if made:
        click.echo(f"Anchored up to entry {made.number} in {settings.audit_anchors}: keep a copy elsewhere.")
