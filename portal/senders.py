"""What carries messages out of the house: GOV.UK Notify, a mail server, or only a line in the log.

Each takes a permit, which holds the number or address, and words that are ready. portal/dispatch.py alone
calls them. A sender says in one of two ways that it failed: Refused, when trying again will not help, and
any other error, after which nobody knows whether the message went out.
"""

from __future__ import annotations

import logging
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP as MAIL_POLICY
from email.utils import format_datetime
from enum import StrEnum
from typing import Any, Protocol

from notifications_python_client.errors import HTTPError
from notifications_python_client.notifications import NotificationsAPIClient

from portal import clock
from portal.contact import Method, Permit
from portal.languages import LANGUAGES
from portal.settings import Settings

PATIENCE = 15
"""Seconds for an answer. To ask for a message and to send it must fit into a job's lease of a minute."""
ADDRESS_LINES = 7
"""Of a letter, for GOV.UK Notify."""

log = logging.getLogger("portal")


class Refused(RuntimeError):
    """The provider will never take this message; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Fate(StrEnum):
    """What the provider knows of a message that it took."""

    UNDER_WAY = "under way"
    ARRIVED = "arrived"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Ready:
    """Words that are ready to go out."""

    key: str
    """What the provider is to call the message: the same at every attempt."""
    event: str
    language: str
    subject: str = field(repr=False)
    body: str = field(repr=False)


class Sender(Protocol):
    """A way out of the house."""

    def send(self, permit: Permit, ready: Ready) -> str | None:
        """Send; gives what the provider calls it. Raises Refused."""

    def find(self, key: str) -> str | None:
        """What the provider calls a message that it has taken under this key; None when it knows of none."""

    def fate(self, provider_id: str) -> Fate:
        """What became of it."""


def sender_for(settings: Settings, method: Method) -> Sender | None:
    """The landlord's way to send by this method; None when there is none."""
    by = {
        Method.SMS: settings.send_sms,
        Method.EMAIL: settings.send_email,
        Method.LETTER: settings.send_letters,
    }.get(method, "none")
    if by == "notify":
        return Notify(settings)
    if by == "smtp":
        return MailServer(settings)
    return Console() if by == "console" else None


class Console:
    """For trying out: a line in the log that a message would have gone out. It keeps nothing."""

    def send(self, permit: Permit, ready: Ready) -> str | None:
        named = {"method": permit.method.value, "reference": ready.key, "kind": ready.event}
        log.info("message not sent: there is only the log", extra=named)
        return None

    def find(self, key: str) -> str | None:
        return None

    def fate(self, provider_id: str) -> Fate:
        return Fate.UNDER_WAY


class MailServer:
    """Emails by SMTP.

    A mail server cannot be asked for what it has taken. When its answer was lost, the email goes out again
    under the same Message-ID, by which most mail programs show it once: a rare duplicate is accepted.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def send(self, permit: Permit, ready: Ready) -> str | None:
        settings = self.settings
        sender = settings.discreet_email_from if permit.discreet else settings.email_from
        email = EmailMessage(policy=MAIL_POLICY)
        email["From"] = sender
        email["To"] = permit.to
        email["Subject"] = " ".join(ready.subject.split())
        email["Date"] = format_datetime(clock.now())
        email["Message-ID"] = f"<{ready.key}@{sender.rpartition('@')[2].rstrip('>')}>"
        email["Auto-Submitted"] = "auto-generated"
        email["Content-Language"] = LANGUAGES[ready.language].lang
        email.set_content(ready.body)
        try:
            with self._connected() as server:
                server.send_message(email, to_addrs=[permit.to])
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _words in error.recipients.values()]
            if min(codes) >= 500:
                raise Refused("address_refused") from error
            raise
        except smtplib.SMTPDataError as error:
            if error.smtp_code >= 500:
                raise Refused("words_refused") from error
            raise
        except smtplib.SMTPNotSupportedError as error:
            raise Refused("address_refused") from error
        return None

    def find(self, key: str) -> str | None:
        return None

    def fate(self, provider_id: str) -> Fate:
        return Fate.UNDER_WAY

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        settings, context = self.settings, ssl.create_default_context()
        place = (settings.smtp_host, settings.smtp_port)
        server: smtplib.SMTP
        if settings.smtp_tls == "tls":
            server = smtplib.SMTP_SSL(*place, timeout=PATIENCE, context=context)
        else:
            server = smtplib.SMTP(*place, timeout=PATIENCE)
        with server:
            if settings.smtp_tls == "starttls":
                server.starttls(context=context)
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password)
            yield server


FATES = {
    "delivered": Fate.ARRIVED,
    "received": Fate.ARRIVED,
    "permanent-failure": Fate.RETURNED,
    "temporary-failure": Fate.RETURNED,
    "technical-failure": Fate.RETURNED,
    "validation-failed": Fate.RETURNED,
    "virus-scan-failed": Fate.RETURNED,
    "cancelled": Fate.RETURNED,
}
"""What GOV.UK Notify's words for a message's status mean; any other is under way."""


class Notify:
    """Text messages, emails and letters by GOV.UK Notify, through its own client.

    It takes our key as the message's reference and can be asked for it, so an answer that was lost is no
    reason to send twice.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        made = (settings.notify_key, settings.notify_address, PATIENCE)
        self.client: Any = NotificationsAPIClient(*made)  # type: ignore[no-untyped-call]

    def send(self, permit: Permit, ready: Ready) -> str | None:
        try:
            answer = self._send(permit, ready)
        except HTTPError as error:
            if error.status_code == 400:  # the request itself is wrong; 403 is a wrong key, 429 too many
                raise Refused("provider_refused") from error
            raise
        return str(answer["id"])

    def _send(self, permit: Permit, ready: Ready) -> Any:
        templates = self.settings.notify_templates
        if permit.method is Method.SMS:
            return self.client.send_sms_notification(
                permit.to,
                templates["sms"],
                personalisation={"body": ready.body},
                reference=ready.key,
                sms_sender_id=self.settings.notify_discreet_sender if permit.discreet else None,
            )
        if permit.method is Method.EMAIL:
            return self.client.send_email_notification(
                permit.to,
                templates["email"],
                personalisation={"subject": ready.subject, "body": ready.body},
                reference=ready.key,
            )
        lines = [line for line in (permit.name, *permit.to.splitlines()) if line.strip()]
        fitting = [*lines[: ADDRESS_LINES - 1], lines[-1]] if len(lines) > ADDRESS_LINES else lines
        address = {f"address_line_{number}": line.strip() for number, line in enumerate(fitting, start=1)}
        return self.client.send_letter_notification(
            templates["letter"], personalisation={**address, "body": ready.body}, reference=ready.key
        )

    def find(self, key: str) -> str | None:
        found = self.client.get_all_notifications(reference=key)["notifications"]
        return str(found[0]["id"]) if found else None

    def fate(self, provider_id: str) -> Fate:
        answer = self.client.get_notification_by_id(provider_id)
        return FATES.get(answer["status"], Fate.UNDER_WAY)
