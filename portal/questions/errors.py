"""What a page says when an answer cannot be taken: what happened and what to do."""

from portal.questions.messages import _, _many

NOT_AN_OPTION = _("Choose an answer from the list")
ONE_ONLY = _("Choose one answer only")
ALONE = _("Choose “%(option)s” on its own, or take it away and keep the others")
TOO_LONG = _many(
    "Make your answer shorter: %(number)s character at most",
    "Make your answer shorter: %(number)s characters at most",
)
NOT_A_NUMBER = _("Enter a whole number, for example 3")
OUT_OF_RANGE = _("Enter a number from %(least)s to %(most)s")
YEAR_MISSING = _("Enter the year, for example 1984")
YEAR_FOUR_DIGITS = _("Enter the year with four digits, for example 1984")
YEAR_GREGORIAN = _("Use the year of the Gregorian calendar, for example 1984")
MONTH_MISSING = _("Enter the month, for example 3 or March")
NOT_A_MONTH = _("Enter a month from 1 to 12, or its name")
DAY_MISSING = _("Enter the day of the month, for example 27")
NOT_A_DATE = _("Enter a real date, for example 27 3 1984")
NOT_PAST = _("Enter a date that is today or in the past")
NOT_FUTURE = _("Enter a date that is today or in the future")
TOO_EARLY = _("Enter a date that is not before the first date")
NOT_A_TIME = _("Enter a time, for example 14:30")
TIME_TOO_EARLY = _("Enter a time that is later than the first time")
OF_MOMENTS = {
    "past": _("Enter a time that is still to come"),
    "missing": _("Clocks go forward in that night, and this time does not exist. Enter another time."),
    "twice": _("Clocks go back in that night, and this time comes twice. Enter another time."),
}
NOT_A_FILE = _("Attach the file again: we do not have it any more")
TOO_MANY_FILES = _many("Attach %(number)s file at most", "Attach %(number)s files at most")
