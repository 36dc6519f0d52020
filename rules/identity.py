"""What the LMS could and could not answer."""

from pandera.pandas import Check

from scormaudit import Rule


class ElementFailed(Rule, code="ID201"):
    """The LMS could not read an element that it has.

    The answer holds an error in place of a value, so rules that need the element cannot
    judge this record. `401` is left out here: an LMS need not implement every element.
    """

    severity = "warning"
    table = "element_errors"
    element = "message"
    check = Check(lambda message: message.str.startswith("401"))
    good = ({"element": "cmi.comments", "message": "401 - Not Implemented Error"},)
    bad = ({"element": "cmi.core.score.raw", "message": "101 - General exception"},)
