"""Signed invitations that another system hands out: one event, one answer, and a way back.

An invitation carries a token that only the inviting system can match with a person. We keep a digest of
it, so that it works once; the answers never go back. Whoever answers is told so.
"""

from __future__ import annotations

import json
import re
import secrets
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import date

from portal import clock
from portal.sealing import KeyRing
from portal.settings import Settings

MARK = 16
"""Bytes of the signature: 128 bits."""


class InvitationError(ValueError):
    """An invitation that cannot be made or used; the text says why."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an invitation says."""

    collection: str
    token: str
    """The inviting system's word for the event: no name, no case number."""
    language: str
    ends: date
    return_to: str = ""


def write(ring: KeyRing, settings: Settings, invitation: Invitation, address: str = "about-you") -> str:
    """The link of an invitation to the form at an address. Raises InvitationError if none could use it."""
    if invitation.language not in settings.languages:
        raise InvitationError(f"{invitation.language!r} is not a language that is offered")
    if not re.fullmatch(r"[A-Za-z0-9_-]{8,64}", invitation.token):
        raise InvitationError("a token has 8 to 64 letters, digits, hyphens or underscores")
    if invitation.return_to and not _allowed(settings, invitation.return_to):
        raise InvitationError(f"{invitation.return_to} is not under an address that return_to lists")
    if invitation.ends < clock.today():
        raise InvitationError("the last day is over")
    content = [
        invitation.collection,
        invitation.token,
        invitation.language,
        invitation.ends.isoformat(),
        invitation.return_to,
    ]
    packed = zlib.compress(json.dumps(content, separators=(",", ":")).encode(), 9)
    signed = packed + ring.digest("invitation", b"link", packed)[:MARK]
    place = urlsafe_b64encode(signed).decode().rstrip("=")
    return settings.at(f"/{invitation.language}/{address}/with/{place}")


def read(ring: KeyRing, settings: Settings, text: str) -> Invitation:
    """The invitation in a link. Raises InvitationError for a forged, changed or ended one."""
    try:
        signed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise InvitationError("not an invitation") from error
    packed, mark = signed[:-MARK], signed[-MARK:]
    if not secrets.compare_digest(mark, ring.digest("invitation", b"link", packed)[:MARK]):
        raise InvitationError("not signed by this portal")
    collection, token, language, ends, return_to = json.loads(zlib.decompress(packed))
    invitation = Invitation(collection, token, language, date.fromisoformat(ends), return_to)
    if invitation.ends < clock.today():
        raise InvitationError("the last day is over")
    if return_to and not _allowed(settings, return_to):
        raise InvitationError("the way back is no longer on the list")
    return invitation


def _allowed(settings: Settings, address: str) -> bool:
    """Whether an address lies under one of those that the landlord lists."""
    return (
        bool(re.fullmatch(r"https://[A-Za-z0-9._~:/?&=-]+", address))
        and any(
            address == allowed
            or (address.startswith(allowed) and (allowed.endswith("/") or address[len(allowed)] in "/?"))
            for allowed in settings.return_to
        )
        and "/.." not in address
    )
