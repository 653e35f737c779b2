"""Settings: every one can be given, and what cannot be used, or must not be, is refused in plain words."""

from __future__ import annotations

import string
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.checking import SettingsError, contrast_with_white
from portal.languages import LANGUAGES
from portal.settings import CollectionEntry, Office, Settings, from_values, load
from tests import pseudo

OFFERED = tuple(code for code in LANGUAGES if code != pseudo.CODE)
NOTIFY_KEY = "live-00000000-0000-0000-0000-000000000001-00000000-0000-0000-0000-000000000002"
NAMES = [field.name for field in fields(Settings) if field.name != "data"]


def written(folder: Path, text: str) -> dict[str, str]:
    """An environment whose data folder has this portal.toml."""
    (folder / "portal.toml").write_text(text, "utf-8")
    return {"PORTAL_DATA": str(folder)}


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(SettingsError) as refused:
        load(written(folder, text))
    return str(refused.value)


def test_without_settings_the_portal_serves_this_machine_only(tmp_path: Path) -> None:
    settings = load({"PORTAL_DATA": str(tmp_path)})
    assert settings.address == "http://127.0.0.1:8000"
    assert settings.host == "127.0.0.1" and not settings.https
    assert settings.languages == OFFERED
    assert settings.database_url.database == f"{tmp_path}/portal.sqlite"
    assert settings.key_file == tmp_path / "keys.json"
    assert not settings.demo


def test_the_data_folder_is_beside_the_operator_unless_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load({}).data == tmp_path / ".portal"
    assert load({"PORTAL_DATA": ""}).data == tmp_path / ".portal"
    assert load({"PORTAL_DATA": "elsewhere"}).data == tmp_path / "elsewhere"


def test_a_file_gives_every_setting(tmp_path: Path) -> None:
    settings = load(
        written(
            tmp_path,
            """
            organisation = "Wohnungsamt Łódź"
            phone = "01632 960 999"
            out_of_hours_phone = "01632 960 777"
            sms = "07700 900 123"
            email = "help@example.org"
            bsl = "https://bsl.example.org/call"
            languages = ["ur", "en"]
            brand = "#4a1d5c"
            address = "https://portal.example.org"
            proxies = 1
            database = "postgresql://user:secret@db.example.org/portal"
            workers = 3
            threads = 8
            return_to = ["https://repairs.example.org/done"]
            worker = false
            keep_equality_years = 3
            keep_case_years = 7
            send_sms = "notify"
            send_email = "smtp"
            send_letters = "none"
            unreviewed = "phone"
            notify_key = "live-00000000-0000-0000-0000-000000000001-00000000-0000-0000-0000-000000000002"
            notify_address = "https://notify.example.org"
            notify_discreet_sender = "neutral"
            smtp_host = "mail.example.org"
            smtp_port = 465
            smtp_tls = "tls"
            smtp_user = "portal"
            smtp_password = "secret"
            email_from = "portal@example.org"
            discreet_email_from = "appointments@example.net"
            phone_interpreter = "Example Line"
            phone_interpreter_number = "01632 960 555"
            phone_interpreter_code = "secret too"
            leave_to = "https://weather.example.org/"
            clamd = "scanner.example.org:3310"
            demo = true
            closure_days = ["2026-12-29"]
            [leave_to_in]
            ur = "https://weather.example.org/ur"
            [opening_hours]
            saturday = "10:00-12:30"
            [notify_templates]
            sms = "00000000-0000-0000-0000-000000000003"
            [clocks]
            acknowledge = 3
            [variants]
            sex = "with_note"
            [[offices]]
            name = "Market Street"
            address = "1 Market Street"
            hours = "9 to 5"
            [[offices]]
            name = "Hill Road"
            [[collections]]
            code = "repairs"
            name = "Repairs"
            kind = "service"
            team = "Repairs"
            outlet = "Depot"
            provider = "Somebody Ltd"
            active = false
            """,
        )
    )
    given_all = {name: getattr(settings, name) for name in NAMES}
    assert given_all == {
        "clocks": {"acknowledge": 3},
        "organisation": "Wohnungsamt Łódź",
        "phone": "01632 960 999",
        "out_of_hours_phone": "01632 960 777",
        "sms": "07700 900 123",
        "email": "help@example.org",
        "bsl": "https://bsl.example.org/call",
        "languages": ("ur", "en"),
        "brand": "#4a1d5c",
        "address": "https://portal.example.org",
        "proxies": 1,
        "database": "postgresql://user:secret@db.example.org/portal",
        "workers": 3,
        "threads": 8,
        "return_to": ("https://repairs.example.org/done",),
        "worker": False,
        "keep_equality_years": 3,
        "keep_case_years": 7,
        "send_sms": "notify",
        "send_email": "smtp",
        "send_letters": "none",
        "unreviewed": "phone",
        "notify_key": NOTIFY_KEY,
        "notify_address": "https://notify.example.org",
        "notify_templates": {"sms": "00000000-0000-0000-0000-000000000003"},
        "notify_discreet_sender": "neutral",
        "smtp_host": "mail.example.org",
        "smtp_port": 465,
        "smtp_tls": "tls",
        "smtp_user": "portal",
        "smtp_password": "secret",
        "email_from": "portal@example.org",
        "discreet_email_from": "appointments@example.net",
        "opening_hours": {"saturday": "10:00-12:30"},
        "phone_interpreter": "Example Line",
        "phone_interpreter_number": "01632 960 555",
        "phone_interpreter_code": "secret too",
        "leave_to": "https://weather.example.org/",
        "leave_to_in": {"ur": "https://weather.example.org/ur"},
        "clamd": "scanner.example.org:3310",
        "demo": True,
        "closure_days": ("2026-12-29",),
        "variants": {"sex": "with_note"},
        "offices": (
            Office(name="Market Street", address="1 Market Street", hours="9 to 5"),
            Office(name="Hill Road"),
        ),
        "collections": (
            CollectionEntry(
                code="repairs",
                name="Repairs",
                team="Repairs",
                outlet="Depot",
                provider="Somebody Ltd",
                active=False,
            ),
        ),
    }
    assert settings.https and settings.host == "portal.example.org"
    assert settings.language("ur") and not settings.language("pl")


def test_we_are_open_on_weekdays_unless_it_is_said_and_the_access_code_is_shown_nowhere(
    tmp_path: Path,
) -> None:
    settings = load({"PORTAL_DATA": str(tmp_path), "PORTAL_PHONE_INTERPRETER_CODE": "4711"})
    assert settings.opening == dict.fromkeys(range(1, 6), (540, 1020))
    assert settings.phone_interpreter_code == "4711" and "4711" not in repr(settings)
    saturday = load(written(tmp_path, '[opening_hours]\nsaturday = "10:00-12:30"'))
    assert saturday.opening == {6: (600, 750)}


@pytest.mark.parametrize("span", ["9-17", "17:00-09:00", "09:00-09:00", "09:00-24:00", "09:00 - 17:00", ""])
def test_opening_hours_that_are_none_are_refused(tmp_path: Path, span: str) -> None:
    assert "opening_hours" in refusal(tmp_path, f'[opening_hours]\nmonday = "{span}"')
    assert "opening_hours" in refusal(tmp_path, '[opening_hours]\nMontag = "09:00-17:00"')


def test_the_environment_comes_before_the_file(tmp_path: Path) -> None:
    environ = written(tmp_path, 'address = "https://file.example.org"\ndatabase = "sqlite:////file"')
    assert load(environ).address == "https://file.example.org"
    assert load({**environ, "PORT": "9000"}).address == "https://file.example.org"
    both = {**environ, "PORTAL_ADDRESS": "https://here.example.org", "PORTAL_DATABASE": "sqlite:////here"}
    assert load(both).address == "https://here.example.org"
    assert load(both).database == "sqlite:////here"
    emptied = {**environ, "PORTAL_ADDRESS": "", "PORTAL_DATABASE": ""}
    assert load(emptied).address == "https://file.example.org"
    assert load(emptied).database == "sqlite:////file"


def test_secrets_of_providers_may_come_from_the_environment_and_are_never_repeated(tmp_path: Path) -> None:
    here = written(tmp_path, "notify_key = 'from the file'")
    settings = load({**here, "PORTAL_NOTIFY_KEY": "canary-key", "PORTAL_SMTP_PASSWORD": "canary-word"})
    assert (settings.notify_key, settings.smtp_password) == ("canary-key", "canary-word")
    assert "canary" not in repr(settings)
    with pytest.raises(SettingsError) as refused:
        load({**written(tmp_path, "send_sms = 'notify'"), "PORTAL_NOTIFY_KEY": "canary-key"})
    assert "canary" not in str(refused.value)


def test_a_port_changes_the_address_of_this_machine(tmp_path: Path) -> None:
    assert load({"PORTAL_DATA": str(tmp_path), "PORT": "8123"}).address == "http://127.0.0.1:8123"
    assert load({"PORTAL_DATA": str(tmp_path), "PORT": ""}).address == "http://127.0.0.1:8000"


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "80 80", "٨٠٨٠", "8000\n"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, port: str) -> None:
    with pytest.raises(SettingsError, match="PORT must be a number from 1 to 65535"):
        load({"PORTAL_DATA": str(tmp_path), "PORT": port})


def test_the_file_may_lie_elsewhere_but_must_then_be_there(tmp_path: Path) -> None:
    file = tmp_path / "other.toml"
    environ = {"PORTAL_DATA": str(tmp_path), "PORTAL_CONFIG": str(file)}
    with pytest.raises(SettingsError, match=r"PORTAL_CONFIG names .*other\.toml, which does not exist"):
        load(environ)
    file.write_text('organisation = "Elsewhere"')
    assert load(environ).organisation == "Elsewhere"
    assert load({**environ, "PORTAL_CONFIG": ""}).organisation == "Example Housing"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path, 'phone = "').startswith("portal.toml cannot be read: ")
    (tmp_path / "portal.toml").write_bytes(b'phone = "\xff"')
    with pytest.raises(SettingsError, match=r"^portal\.toml cannot be read"):
        load({"PORTAL_DATA": str(tmp_path)})
    (tmp_path / "folder").mkdir()
    with pytest.raises(SettingsError, match=r"^folder cannot be read"):
        load({"PORTAL_DATA": str(tmp_path), "PORTAL_CONFIG": str(tmp_path / "folder")})


SENTENCES = [
    ('colour = "red"', "there is no setting 'colour'"),
    ('data = "/tmp"', "the data folder is named by PORTAL_DATA, not here"),
    ("[[offices]]\nphone = '1'", "each of offices takes only address, hours, name"),
    ("[[offices]]\nhours = '9 to 5'", "each of offices needs name"),
    ("[[offices]]\nname = 7", "name of offices must be text in quotes"),
    ("[[collections]]\ncode = 'a'", "each of collections needs name"),
    ("[[collections]]\ncode = 'a'\nname = 'A'\nactive = 1", "active of collections must be true or false"),
    ("[[collections]]\ncode = 1\nname = 'A'", "code of collections must be text in quotes"),
    ("offices = ['Market Street']", "each of offices takes only"),
    ("offices = 'Market Street'", "offices must be a list"),
    ("[offices]\nname = 'Market Street'", "offices must be a list"),
    ("languages = 'en'", "languages must be a list"),
    ("languages = [1]", "each of languages must be text in quotes"),
    ("languages = [['en']]", "each of languages must be text in quotes"),
    ("variants = 'sex'", "variants must be a table, [variants]"),
    ("[variants]\nsex = 1", "sex in [variants] must be text in quotes"),
    ("return_to = 'https://example.org/'", "return_to must be a list"),
    ("workers = '2'", "workers must be a whole number"),
    ("workers = 2.0", "workers must be a whole number"),
    ("workers = true", "workers must be a whole number"),
    ("demo = 1", "demo must be true or false"),
    ("phone = 441632960123", "phone must be text in quotes"),
    ("phone = ' '", "organisation and phone must be given"),
    ("organisation = ''", "organisation and phone must be given"),
    ("languages = []", "languages must list each offered language once"),
    ("languages = ['en', 'ur', 'en']", "languages must list each offered language once"),
    ("languages = ['en', 'cy']", "languages: 'cy' is not one of en, ur"),
    ("brand = 'teal'", 'brand must be a colour such as "#0b5351"'),
    ("brand = '#fff'", 'brand must be a colour such as "#0b5351"'),
    ("brand = '#5a5a5a'", "brand #5a5a5a has a contrast of 6.9 with white; 7 or more is needed"),
    ("return_to = ['http://example.org/done']", 'must look like "https://host/path"'),
    ("return_to = ['https://example.org']", 'must look like "https://host/path"'),
    ("return_to = ['https://example.org/?a=1']", 'must look like "https://host/path"'),
    ("bsl = 'javascript:alert(1)'", 'bsl must look like "https://host/path"'),
    (
        "leave_to = 'http://weather.example.org/'",
        """leave_to: 'http://weather.example.org/' must look like""",
    ),
    ("leave_to = 'https://weather.example.org/?for=me'", "leave_to: "),
    ("leave_to = 'javascript:alert(1)'", "leave_to: "),
    ("[leave_to_in]\ncy = 'https://weather.example.org/'", "leave_to_in: 'cy' is not one of en, ur"),
    ("[leave_to_in]\nur = 'weather.example.org'", "leave_to: 'weather.example.org' must look like"),
    ("clamd = 'scanner'", 'clamd must look like "host:3310" or "/run/clamd.sock"'),
    ("clamd = 'scanner:0'", "clamd must look like"),
    ("clamd = 'scanner:65536'", "clamd must look like"),
    ("clamd = 'http://scanner:3310'", "clamd must look like"),
    ("clamd = 'run/clamd.sock'", "clamd must look like"),
    ("clocks = 3", "clocks must be a table, [clocks]"),
    ("[clocks]\nacknowledge = '3'", "acknowledge in [clocks] must be a whole number"),
    ("workers = 0", "workers and threads must be 1 or more"),
    ("threads = 0", "workers and threads must be 1 or more"),
    ("proxies = -1", "proxies 0 or more"),
    ("keep_equality_years = 0", "keep_equality_years must be from 1 to 100"),
    ("keep_equality_years = -6", "keep_equality_years must be from 1 to 100"),
    ("keep_case_years = 101", "keep_case_years must be from 1 to 100"),
    ("send_sms = 'smtp'", "send_sms must be one of notify, console, none"),
    ("send_email = 'fax'", "send_email must be one of smtp, notify, console, none"),
    ("unreviewed = 'yes'", "unreviewed must be one of english, phone, draft"),
    ("smtp_tls = 'no'", "smtp_tls must be one of starttls, tls, none"),
    ("send_sms = 'notify'", "send_sms is notify: give a whole API key in PORTAL_NOTIFY_KEY"),
    ("send_sms = 'notify'\nnotify_key = 'short'", "give a whole API key"),
    (f"send_letters = 'notify'\nnotify_key = '{NOTIFY_KEY}'", "give the id of its template as letter"),
    (
        f"send_sms = 'notify'\nnotify_key = '{NOTIFY_KEY}'\nnotify_address = 'http://notify.example.org'\n"
        f"[notify_templates]\nsms = '{NOTIFY_KEY[-36:]}'",
        "notify_address is not https: messages would cross the network in the clear",
    ),
    ("send_email = 'smtp'\nsmtp_host = 'mail.example.org'", "give smtp_host, smtp_port and email_from"),
    (
        "send_email = 'smtp'\nsmtp_host = 'm.example.org'\nemail_from = 'a@example.org'\nsmtp_tls = 'none'",
        "smtp_tls is none: messages would cross the network in the clear",
    ),
    ("closure_days = ['2026-02-29']", "closure_days: '2026-02-29' must be a day such as"),
    ("closure_days = ['29/12/2026']", "closure_days: '29/12/2026' must be a day such as"),
    ("closure_days = ['20261229']", "closure_days: '20261229' must be a day such as"),
    ("closure_days = [2026-12-29]", "each of closure_days must be text in quotes"),
    ("closure_days = '2026-12-29'", "closure_days must be a list"),
    ("keep_equality_years = 3000", "keep_equality_years must be from 1 to 100"),
]


@pytest.mark.parametrize(("text", "sentence"), SENTENCES, ids=[text for text, _sentence in SENTENCES])
def test_what_cannot_be_used_is_refused_in_plain_words(tmp_path: Path, text: str, sentence: str) -> None:
    assert sentence in refusal(tmp_path, text)


@pytest.mark.parametrize(
    "address",
    [
        "portal.example.org",
        "ftp://portal.example.org",
        "https://",
        "https://portal.example.org/portal",
        "https://portal.example.org?a=1",
        "https://portal.example.org#a",
        "https://user:password@portal.example.org",
        "https://portal.example.org:port",
        "https://[::1",
        "https://portal.example.org\nSet-Cookie: a",
        "https://portal example.org",
    ],
)
def test_an_address_is_scheme_and_host(tmp_path: Path, address: str) -> None:
    with pytest.raises(SettingsError, match="address must look like"):
        load({"PORTAL_DATA": str(tmp_path), "PORTAL_ADDRESS": address})


@pytest.mark.parametrize("host", ["portal.example.org", "192.168.1.4", "localhost.example.org", "127.0.0.2"])
def test_answers_never_cross_the_network_in_the_clear(tmp_path: Path, host: str) -> None:
    with pytest.raises(SettingsError, match="is not https: answers would cross the network in the clear"):
        load({"PORTAL_DATA": str(tmp_path), "PORTAL_ADDRESS": f"http://{host}"})


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:9000", "[::1]:9000"])
def test_this_machine_needs_no_https(tmp_path: Path, host: str) -> None:
    assert not load({"PORTAL_DATA": str(tmp_path), "PORTAL_ADDRESS": f"http://{host}"}).https


@pytest.mark.parametrize("address", ["https://portal.example.org", "https://portal.example.org/"])
def test_an_address_of_a_page_has_one_slash(tmp_path: Path, address: str) -> None:
    assert Settings(data=tmp_path, address=address).at("/en/") == "https://portal.example.org/en/"


@pytest.mark.parametrize(
    "database",
    [
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file::memory:?uri=true",
        "mysql://user@host/name",
        "postgresql+asyncpg://user@host/name",
        "postgresql://user@host",
        "postgresql://user@host:port/name",
        "portal.sqlite",
        "://",
    ],
)
def test_a_database_must_be_one_we_know_and_outlive_the_process(tmp_path: Path, database: str) -> None:
    with pytest.raises(SettingsError, match="database must look like"):
        load({"PORTAL_DATA": str(tmp_path), "PORTAL_DATABASE": database})


def test_a_database_password_is_never_repeated(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        load({"PORTAL_DATA": str(tmp_path), "PORTAL_DATABASE": "mysql://user:canary@host/name"})
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize(
    ("colour", "contrast"),
    # WCAG 2.2, relative luminance; the greys are those that every checker knows
    [("#000000", 21.0), ("#ffffff", 1.0), ("#767676", 4.54), ("#595959", 7.0)],
)
def test_contrast_is_that_of_wcag(colour: str, contrast: float) -> None:
    assert contrast_with_white(colour) == pytest.approx(contrast, abs=0.01)


@given(st.text(string.hexdigits, min_size=6, max_size=6))
def test_a_brand_is_taken_when_its_contrast_is_enough_and_only_then(digits: str) -> None:
    try:
        Settings(data=Path("/nowhere"), brand=f"#{digits}")
    except SettingsError:
        assert contrast_with_white(f"#{digits}") < 7
    else:
        assert contrast_with_white(f"#{digits}") >= 7


WRONG: list[Any] = [
    7,
    1.5,
    True,
    "text",
    [],
    [1],
    ["text"],
    [[]],
    {},
    {"a": 1},
    {"a": "b"},
    [{}],
    date(2026, 1, 1),
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", WRONG, ids=map(repr, WRONG))
def test_a_value_of_another_type_is_refused_whatever_the_setting(name: str, value: Any) -> None:
    kind = get_type_hints(Settings)[name]
    simple = kind in (str, int, bool)
    try:
        from_values(Path("/nowhere"), {name: value})
    except SettingsError as error:
        assert name in str(error)
        return
    assert type(value) is kind if simple else isinstance(value, list | dict)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=8), values, max_size=3))
def test_no_file_makes_anything_but_settings_or_a_refusal(given_values: dict[str, Any]) -> None:
    try:
        from_values(Path("/nowhere"), given_values)
    except SettingsError as error:
        assert str(error)
