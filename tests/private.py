"""WHISPER: a small form of tests that declares itself unsafe to be seen with."""

from __future__ import annotations

from datetime import timedelta

from portal.questions import Choice, Date, Files, Form, If, Option, Text, as_written

WHISPER = Form(
    key="whisper",
    edition="test-1",
    address="quiet-word",
    title=as_written("A quiet word"),
    purpose=as_written("Something to say"),
    intro=(as_written("Only you decide what you say."),),
    anonymous=False,
    private=True,
    draft_idle=timedelta(minutes=30),
    draft_longest=timedelta(hours=12),
    parts=(
        Choice(
            key="who",
            text=as_written("Who was unkind to you?"),
            options=(
                Option("neighbour", as_written("A neighbour")),
                Option("somebody", as_written("Somebody else")),
            ),
        ),
        Text(
            key="story",
            text=as_written("What was unkind?"),
            lines=5,
            most=2000,
            personal=True,
        ),
        Text(key="name", text=as_written("What is your neighbour called?"), asked=(If("who", "neighbour"),)),
        Date(key="day", text=as_written("When was it unkind?"), when="past", partial=True),
        Files(key="pictures", text=as_written("Which pictures do you have?")),
    ),
)
