"""The gate: who may be reached, how and when; and that nothing goes out past it."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from portal import contact
from portal.contact import WORDS, Method, Permit, Refusal, Rule, Why, permit
from portal.database import Database
from portal.hours import QUIET, Hours, next_within
from portal.languages import LANGUAGES
from portal.sealing import KeyRing
from tests.messaging import ADDRESS, EMAIL, FAR, HOUR, NAME, NOON, NUMBER, keep, rule

OWNER = "request 7K3PX92CM"
ROOT = Path(__file__).parent.parent / "portal"
LONDON = ZoneInfo("Europe/London")
NONE: frozenset[str] = frozenset()
NIGHT = NOON + 10 * HOUR


def ask(
    database: Database,
    ring: KeyRing,
    method: Method,
    when: int = NOON,
    urgent: bool = False,
    owner: str = OWNER,
) -> Permit | Refusal:
    with database.read() as connection:
        return permit(connection, ring, owner, method, when, urgent=urgent)


def code(found: Permit | Refusal) -> Why | None:
    return found.code if isinstance(found, Refusal) else None


# A rule


def test_a_rule_is_kept_found_changed_and_forgotten(database: Database, ring: KeyRing) -> None:
    other = keep(database, ring, rule("interpreter ABC", phone="07700 900999"))
    first = keep(
        database, ring, rule(hours=(Hours(600, 720, frozenset({0, 4})),), voicemail=True, language="ur")
    )
    with database.read() as connection:
        assert contact.rule_of(connection, ring, OWNER) == first
    changed = keep(database, ring, replace(first, phone="", methods=(Method.LETTER,), discreet=True))
    with database.write() as connection:
        assert contact.rule_of(connection, ring, OWNER) == changed
        assert contact.forget_rule(connection, OWNER)
        assert not contact.forget_rule(connection, OWNER)
        assert contact.rule_of(connection, ring, OWNER) is None
        assert contact.rule_of(connection, ring, other.owner) == other


def test_rules_whose_time_is_over_are_deleted(database: Database, ring: KeyRing) -> None:
    keep(database, ring, rule("request OLD", until=1))
    keep(database, ring, rule())
    assert contact.forget_ended(database) == 1
    with database.read() as connection:
        assert contact.rule_of(connection, ring, "request OLD") is None
        assert contact.rule_of(connection, ring, OWNER) is not None


def test_numbers_and_addresses_stand_nowhere_in_the_database(database: Database, ring: KeyRing) -> None:
    keep(database, ring, rule())
    with database.read() as connection:
        rows = str(connection.execute(text("SELECT * FROM contact_rule")).all())
    for words in (NUMBER, "900123", EMAIL, NAME, "Canary", ADDRESS, "HT1"):
        assert words not in rows
    for words in (NUMBER, EMAIL, NAME, "Canary Street"):
        assert words not in repr(rule()) + repr(ask(database, ring, Method.SMS))


@pytest.mark.parametrize(
    "changes",
    [
        {"owner": "request"},
        {"owner": "request 7K3 <b>"},
        {"phone": "07700 900123\nBcc: x"},
        {"email": "a@example.org\nBcc: b@example.org"},
        {"email": "a b@example.org"},
        {"methods": (Method.SMS, Method.SMS)},
        {"methods": (Method.VOICEMAIL,)},
        {"language": "xx"},
    ],
)
def test_a_rule_that_could_not_be_used_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        rule(**changes)


@pytest.mark.parametrize(
    "span", [(600, 600), (720, 600), (-5, 10), (0, 1445), (601, 700), (600, 703), (0, 60, frozenset())]
)
def test_hours_that_would_never_come_are_refused(span: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError):
        Hours(*span)


# The gate


def test_without_a_rule_nobody_is_reached(database: Database, ring: KeyRing) -> None:
    keep(database, ring, rule("request OTHER"))
    assert {code(ask(database, ring, way)) for way in Method} == {Why.NO_RULE}


def test_a_rule_ends_at_its_second(database: Database, ring: KeyRing) -> None:
    keep(database, ring, rule(until=NOON))
    assert isinstance(ask(database, ring, Method.SMS, NOON - 1), Permit)
    assert code(ask(database, ring, Method.SMS, NOON)) is Why.ENDED


def test_no_message_is_left_on_a_phone_that_a_partner_may_hear(database: Database, ring: KeyRing) -> None:
    keep(database, ring, rule(methods=(Method.CALL,), voicemail=False))
    assert isinstance(ask(database, ring, Method.CALL), Permit)
    refused = ask(database, ring, Method.VOICEMAIL)
    assert code(refused) is Why.NO_VOICEMAIL
    assert isinstance(refused, Refusal) and "somebody else may hear it" in refused.message.english
    assert code(ask(database, ring, Method.SMS)) is Why.NOT_ALLOWED
    keep(database, ring, rule(methods=(Method.SMS,), voicemail=True))
    assert code(ask(database, ring, Method.VOICEMAIL)) is Why.NOT_ALLOWED, "who is not phoned gets no message"


def test_quiet_hours_hold_for_who_has_named_none(database: Database, ring: KeyRing) -> None:
    keep(database, ring, rule())
    refused = ask(database, ring, Method.SMS, NIGHT)
    assert code(refused) is Why.NOT_NOW
    assert isinstance(refused, Refusal) and refused.again == NOON + 20 * HOUR, "08:00 the next day"
    assert isinstance(ask(database, ring, Method.SMS, NIGHT, urgent=True), Permit)
    assert isinstance(ask(database, ring, Method.LETTER, NIGHT), Permit), "a letter wakes nobody"


def test_who_must_be_reached_discreetly_is_not_disturbed_by_what_is_urgent(
    database: Database, ring: KeyRing
) -> None:
    keep(database, ring, rule(discreet=True, hours=(Hours(600, 660),)))
    assert code(ask(database, ring, Method.SMS, NOON, urgent=True)) is Why.NOT_NOW


def test_a_gate_that_opens_only_after_the_rule_ends_is_shut(database: Database, ring: KeyRing) -> None:
    keep(database, ring, rule(until=NIGHT + HOUR))
    assert code(ask(database, ring, Method.SMS, NIGHT)) is Why.ENDED


def test_leave_is_given_for_the_first_moment_that_is_good(database: Database, ring: KeyRing) -> None:
    keep(database, ring, rule(hours=(Hours(600, 660, frozenset({4})),)))
    with database.read() as connection:
        found = contact.permit_from(connection, ring, OWNER, Method.SMS, NOON)
    assert isinstance(found, Permit)
    assert datetime.fromtimestamp(found.at, LONDON) == datetime(2026, 3, 6, 10, 0, tzinfo=LONDON)


def test_the_way_that_a_person_likes_best_comes_first(database: Database, ring: KeyRing) -> None:
    keep(database, ring, rule(methods=(Method.EMAIL, Method.SMS, Method.CALL), email=""))

    def first(*methods: Method) -> Permit | Refusal:
        with database.read() as connection:
            return contact.first_permit(connection, ring, OWNER, NOON, methods=methods or Method)

    found = first()
    assert isinstance(found, Permit) and found.method is Method.SMS, "no email address is known"
    assert code(first(Method.EMAIL)) is Why.NO_ADDRESS
    assert code(first(Method.LETTER)) is Why.NOT_ALLOWED


def test_every_refusal_has_words_for_staff() -> None:
    assert set(WORDS) == set(Why)
    assert len({words.english for words in WORDS.values()}) == len(WORDS)


SPANS = st.builds(
    lambda one, two, days: Hours(min(one, two) * 5, max(one, two) * 5, days),
    *(st.integers(0, 143), st.integers(144, 288), st.frozensets(st.integers(0, 6), min_size=1)),
)
RULES = st.builds(
    Rule,
    owner=st.just(OWNER),
    name=st.sampled_from(["", NAME]),
    phone=st.sampled_from(["", NUMBER]),
    email=st.sampled_from(["", EMAIL]),
    address=st.sampled_from(["", ADDRESS]),
    methods=st.lists(st.sampled_from([one for one in Method if one != "voicemail"]), unique=True).map(tuple),
    hours=st.lists(SPANS, max_size=3).map(tuple),
    voicemail=st.booleans(),
    discreet=st.booleans(),
    worker=st.sampled_from(["", "Somebody, 07700 900456"]),
    meeting=st.sampled_from(["", "The library"]),
    safe_word=st.sampled_from(["", "Kingfisher"]),
    never=st.lists(st.sampled_from(["+44 7700 900123", "AMINA@example.org", "1 canary st"])).map(tuple),
    who_else=st.frozensets(st.sampled_from(["partner", "children", "nobody", "not_sure"])),
    strict=st.booleans(),
    blocked=st.frozensets(st.sampled_from(Method)),
    language=st.sampled_from(["en", "ur", "pl"]),
    until=st.integers(NOON - 40 * 86400, NOON + 400 * 86400),
)
MOMENTS = st.integers(NOON - 30 * 86400, NOON + 300 * 86400)
"""Both clock changes of 2026 among them."""


def open_at(rule: Rule, when: int) -> bool:
    """By another way than the gate's: the wall clock's own words, put beside the spans."""
    wall = datetime.fromtimestamp(when, LONDON)
    now = wall.strftime("%H:%M")
    spans = rule.hours or QUIET
    return any(
        wall.isoweekday() - 1 in one.days
        and f"{one.since // 60:02}:{one.since % 60:02}" <= now < f"{one.until // 60:02}:{one.until % 60:02}"
        for one in spans
    )


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(RULES, st.sampled_from(Method), MOMENTS, st.booleans())
def test_the_gate_opens_if_and_only_if_the_rule_says_so(
    sqlite: Database, ring: KeyRing, rule: Rule, method: Method, when: int, urgent: bool
) -> None:
    keep(sqlite, ring, rule)
    found = ask(sqlite, ring, method, when, urgent)
    places = {"email": rule.email, "letter": rule.address, "visit": rule.address}
    to = {**places, "worker": rule.worker, "meeting": rule.meeting}.get(method.value, rule.phone)
    lived_with = method not in ("worker", "meeting")
    others = {who for who in rule.who_else if who != "nobody"} if lived_with else set()
    spoken = method is not Method.VOICEMAIL or (rule.voicemail and not others)
    allowed = spoken and (Method.CALL if method == "voicemail" else method) in rule.methods
    unsafe = method in rule.blocked or (rule.strict and not others <= {"children"})
    used_no_more = (to == NUMBER and "+44 7700 900123" in rule.never) or (
        to == EMAIL and "AMINA@example.org" in rule.never
    )
    used_no_more = used_no_more or (to == ADDRESS and "1 canary st" in rule.never)  # it begins so
    discreet = rule.discreet or bool(others)
    timely = rule if method != "worker" else replace(rule, hours=())
    any_hour = method in ("letter", "meeting") or (urgent and not discreet)
    expected = when < rule.until and allowed and to != "" and not unsafe and not used_no_more
    expected = expected and (any_hour or open_at(timely, when))
    assert isinstance(found, Permit) == expected
    if isinstance(found, Permit):
        assert (found.owner, found.method, found.at, found.to) == (OWNER, method, when, to)
        assert (found.discreet, found.language, found.hours) == (discreet, rule.language, rule.hours)
        assert (found.safe_word, found.others) == (rule.safe_word, others)
        assert not found.gives_away(found.to)
        assert all(
            found.gives_away(one) for one in (rule.phone, rule.email, rule.address) if one not in ("", to)
        )
    elif found.again is not None:
        assert when < found.again < rule.until and open_at(timely, found.again)
        assert isinstance(ask(sqlite, ring, method, found.again, urgent), Permit)


@settings(deadline=None)
@given(st.lists(SPANS, min_size=1, max_size=3), MOMENTS)
def test_the_next_moment_is_the_first_that_is_good(spans: list[Hours], when: int) -> None:
    found = next_within(spans, when)
    rule = Rule(owner=OWNER, hours=tuple(spans), until=FAR)
    assert found >= when and open_at(rule, found)
    steps = range(when, found, 60)
    assert not any(open_at(rule, second) for second in steps)


# Permits


def test_nobody_makes_a_permit_but_the_gate(sqlite: Database, ring: KeyRing) -> None:
    keep(sqlite, ring, rule())
    given_one = ask(sqlite, ring, Method.SMS)
    assert isinstance(given_one, Permit)
    values: tuple[Any, ...] = (OWNER, Method.SMS, NOON, NUMBER, NAME, "en", False, False, (), "", NONE, NONE)
    for key in (None, object(), contact):
        with pytest.raises(TypeError, match="for a permit"):
            Permit(key, *values)
    with pytest.raises((TypeError, ValueError)):
        replace(given_one, method=Method.EMAIL)
    with pytest.raises(FrozenInstanceError):
        given_one.to = "07700 900999"  # type: ignore[misc]
    assert copy.copy(given_one) == given_one


# Nothing goes around it


def imports(path: Path) -> Iterator[str]:
    """Every module, and every name of one, that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{one.name}" for one in node.names)


CARRIERS = ("smtplib", "notifications_python_client", "http.client", "urllib.request", "requests", "urllib3")
"""What can carry words out of the house."""
CODE = [path for path in ROOT.rglob("*.py") if "assets" not in path.parts]


def those_that_import(*modules: str) -> set[str]:
    last = [module.rpartition(".")[2] for module in modules]
    return {
        path.relative_to(ROOT).as_posix()
        for path in CODE
        if any(one in path.read_text() for one in last)
        for name in imports(path)
        if any(name == module or name.startswith(f"{module}.") for module in modules)
    }


def called(path: Path, name: str) -> list[int]:
    """The lines on which something of this plain or last name is called."""
    found: list[int] = []
    source = path.read_text()
    for node in ast.walk(ast.parse(source)) if name in source else ():
        if isinstance(node, ast.Call):
            word = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            found += [node.lineno] if word == name else []
    return found


def test_one_module_carries_words_out_and_one_calls_it() -> None:
    assert len(CODE) > 80
    assert those_that_import(*CARRIERS) == {"senders.py"}
    assert those_that_import("portal.senders") == {"dispatch.py"}
    assert [path.name for path in CODE if called(path, "sender_for")] == ["dispatch.py"]


def test_a_way_around_would_be_found(tmp_path: Path) -> None:
    path = tmp_path / "around.py"
    path.write_text(
        "import smtplib\nfrom portal import senders\nsenders.sender_for(s, m).send(Permit(1), w)\n"
    )
    assert list(imports(path)) == ["smtplib", "portal.senders"]
    assert called(path, "sender_for") == called(path, "Permit") == [3]


def test_a_permit_is_made_at_the_gate_alone() -> None:
    assert [path.name for path in CODE if called(path, "Permit")] == ["contact.py"]
    assert len(called(ROOT / "contact.py", "Permit")) == 1


def test_what_sends_asks_the_gate_first() -> None:
    """In the function that sends, the permit that is given to the sender comes from the gate just before."""
    tree = ast.parse((ROOT / "dispatch.py").read_text())
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    sending = [name for name, node in functions.items() if "sender.send(leave, " in ast.unparse(node)]
    assert sending == ["send"]
    words = ast.unparse(functions["send"])
    assert words.index("leave = _leave(") < words.index("sender.send(leave, ")
    assert "contact.permit(" in ast.unparse(functions["_leave"])


def test_every_language_of_the_pages_may_be_that_of_a_rule() -> None:
    assert {rule(language=one).language for one in LANGUAGES} == set(LANGUAGES)
