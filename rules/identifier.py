"""The identifier of the learner (RTE 3-21, 3-58); other identifiers stand with what they name."""

import re
from string import digits

from pandera.pandas import Check

from scormaudit import Rule

_STRANGE = re.compile(r"[^A-Za-z0-9_\-\u0080-\U0010ffff]")


def _identifies(text: str) -> bool:
    """1 to 255 letters, digits, `-` and `_`; of other scripts whatever can be seen."""
    seen = all(c.isprintable() and not c.isspace() for c in text)
    return 0 < len(text) <= 255 and seen and not _STRANGE.search(text)


class StudentIdStrict(Rule, code="DT401"):
    """The student id is blank, too long, or not of letters, digits, `-` and `_`.

    For this one identifier the specification says it in so many words: no blank, no period,
    no more than 255 characters. An e-mail address is the usual offender; a course that uses
    the id in a file name or a URL then loses the learner. The LMS sets it, so it is mended
    in the learner's profile.
    """

    severity = "error"
    page = "3-21"
    element = "student_id"
    alike = (digits,)
    check = Check(_identifies, element_wise=True)
    good = (
        {"student_id": "JS-2000"},
        {"student_id": "stu_1"},
        {"student_id": "4711"},
        {"student_id": "zoë"},
        {"student_id": "x" * 255},
        {"student_id": None},
    )
    bad = (
        {"student_id": "joe@example.com"},
        {"student_id": "a b"},
        {"student_id": "a.b"},
        {"student_id": "a\u00a0b"},
        {"student_id": "x" * 256},
        {"student_id": ""},
    )


class StudentIdAscii(Rule, code="DT402"):
    """The student id has letters beyond ASCII.

    Whether they count as alphanumeric is open; a system that compares ids byte by byte may
    not find the learner again.
    """

    severity = "info"
    page = "3-21"
    element = "student_id"
    alike = (digits,)
    check = Check(lambda text: text.isascii() or not _identifies(text), element_wise=True)
    good = (
        {"student_id": "JS-2000"},
        {"student_id": "zoë@example.com"},
        {"student_id": ""},
        {"student_id": None},
    )
    bad = ({"student_id": "zoë"},)
