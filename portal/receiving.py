"""What else the arrival of a form starts: the one place where features are told of submissions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Connection

from portal.equality import profiles
from portal.forms.interpreter import INTERPRETER
from portal.incidents import codes, coming_back, reports
from portal.intake.submissions import Receivers
from portal.interpreting import following_up, requests

RECEIVERS: Receivers = {
    INTERPRETER.key: requests.receive,
    profiles.FORM: profiles.receive,
    reports.FORM: reports.receive,
}
"""Key of a form -> what takes it in, in the transaction that stores its submission."""
REPLIES: Mapping[str, str] = {
    INTERPRETER.key: following_up.PLACE,
    reports.FORM: coming_back.PLACE,
}
"""Key of a form -> the page, under /<language>/reply, for somebody with its code."""
LIVING: Mapping[str, Callable[[Connection, bytes], bool]] = {reports.FORM: codes.opens}
"""Key of a form -> whether a code (the digest of its receipt) still opens anything. Others do while there is
something to open."""
