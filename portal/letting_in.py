"""The commands with which an operator lets people in who work here."""

from __future__ import annotations

import sys

import click

from portal.accounts import people
from portal.accounts.roles import Role
from portal.audit import OPERATOR
from portal.settings import Settings
from portal.starting import opened, opened_here


@click.group()
def staff() -> None:
    """The people who work here."""


@staff.command("add")
@click.argument("email")
@click.option(
    "--role", "roles", required=True, multiple=True, type=click.Choice([role.value for role in Role])
)
@click.option("--name", default="", help="As colleagues know the person; default: what stands before the @.")
def add_staff(email: str, roles: tuple[str, ...], name: str) -> None:
    """Add somebody, and print the one-time link that lets this person in."""
    with opened_here() as (settings, database, ring):
        called = name or email.partition("@")[0]
        who = people.add(database, ring, email, called, map(Role, roles), OPERATOR)
        secret = people.make_link(database, ring, who, "everything", OPERATOR)
        click.echo(settings.at(f"/sign-in/with/{secret}"))
        click.echo(f"It can be used once, within {people.LINK_HOURS} hours.", err=True)


@staff.command("link")
@click.argument("email")
def link_staff(email: str) -> None:
    """Print a new one-time link for somebody who is locked out: for password and phone."""
    with opened_here() as (settings, database, ring):
        with database.read() as connection:
            person = people.by_email(connection, people.read_email(email) or "")
        if person is None:
            raise click.ClickException(f"there is no account with the address {email!r}")
        secret = people.make_link(database, ring, person.reference, "everything", OPERATOR)
        click.echo(settings.at(f"/sign-in/with/{secret}"))


FIRST = "administrator@example.org"


def first_link(settings: Settings) -> list[str]:
    """While no administrator has come in: the link for the first one. Only where a person reads it."""
    if not sys.stdout.isatty():
        return []
    with opened(settings) as (database, ring):
        if people.has_administrator(database):
            return []
        with database.read() as connection:
            person = people.by_email(connection, FIRST)
        who = person.reference if person else None
        if who is None:
            who = people.add(database, ring, FIRST, "Administrator", [Role.ADMINISTRATOR], OPERATOR)
        secret = people.make_link(database, ring, who, "everything", OPERATOR)
    return [f"Nobody manages it yet. Come in as its administrator: {settings.at(f'/sign-in/with/{secret}')}"]
