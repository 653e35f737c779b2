"""What else the arrival of a form starts: the one place where features are told of submissions."""

from __future__ import annotations

from portal.equality import profiles
from portal.intake.submissions import Receivers

RECEIVERS: Receivers = {
    profiles.FORM: profiles.receive,
}
"""Key of a form -> what takes it in, in the transaction that stores its submission."""
