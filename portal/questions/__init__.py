"""The kernel: what a question, an option, an answer and a form are.

It knows neither Flask nor SQLAlchemy and imports nothing of the portal's. A question is written
once, as a value; the web page, the paper, the checks, the stored row, the codebook and the counts
are derived from it.
"""

from portal.questions.answers import Answer, Answers
from portal.questions.conditions import AnyOf, DefinitionError, Each, If, Unless
from portal.questions.files import Files
from portal.questions.form import Form, Page, read_all
from portal.questions.groups import Group
from portal.questions.kinds import (
    Choice,
    Date,
    Moment,
    Number,
    Option,
    Problem,
    Question,
    Reader,
    Register,
    Text,
    Time,
    Worded,
)
from portal.questions.messages import Message, as_written
from portal.questions.notices import Line, Notice

__all__ = [
    "Answer",
    "Answers",
    "AnyOf",
    "Choice",
    "Date",
    "DefinitionError",
    "Each",
    "Files",
    "Form",
    "Group",
    "If",
    "Line",
    "Message",
    "Moment",
    "Notice",
    "Number",
    "Option",
    "Page",
    "Problem",
    "Question",
    "Reader",
    "Register",
    "Text",
    "Time",
    "Unless",
    "Worded",
    "as_written",
    "read_all",
]
