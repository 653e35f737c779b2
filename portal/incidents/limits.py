"""The names of the time limits of a case. What each is stands in clocks.py; what starts it, in states.py."""

from __future__ import annotations

from enum import StrEnum


class Limit(StrEnum):
    """The codes are stored, and name the limits in portal.toml."""

    TRIAGE_NOW = "triage_now"
    TRIAGE = "triage"
    ACKNOWLEDGE_HATE = "acknowledge_hate"
    ACKNOWLEDGE = "acknowledge"
    INTERVIEW_NOW = "interview_now"
    INTERVIEW = "interview"
    WITNESSES = "witnesses"
    ALLEGED = "alleged"
    GRAFFITI = "graffiti"
    SECURE = "secure"
    PLACE_OF_SAFETY = "place_of_safety"
    PROGRESS_A = "progress_a"
    PROGRESS_B = "progress_b"
    REVIEW = "review"
    AFTER_CARE = "after_care"
    HAZARD_NOW = "hazard_now"
    HAZARD_SEEN = "hazard_seen"
    HAZARD_TOLD = "hazard_told"
    HAZARD_SAFE = "hazard_safe"
    COMPLAINT_ONE_ACK = "complaint_one_ack"
    COMPLAINT_ONE = "complaint_one"
    COMPLAINT_TWO_ACK = "complaint_two_ack"
    COMPLAINT_TWO = "complaint_two"
