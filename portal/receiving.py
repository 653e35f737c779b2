"""What else the arrival of a form starts: the one place where features are told of submissions."""

from __future__ import annotations

from collections.abc import Mapping

from portal.equality import profiles
from portal.forms.interpreter import INTERPRETER
from portal.incidents import reports
from portal.intake.submissions import Receivers
from portal.interpreting import following_up, requests

RECEIVERS: Receivers = {
    INTERPRETER.key: requests.receive,
    profiles.FORM: profiles.receive,
    reports.FORM: reports.receive,
}
"""Key of a form -> what takes it in, in the transaction that stores its submission."""
REPLIES: Mapping[str, str] = {INTERPRETER.key: following_up.PLACE}
"""Key of a form -> the page, under /<language>/reply, for somebody with its code."""
