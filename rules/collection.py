"""Objectives and interactions (RTE 3-36 to 3-57)."""

from pandera.pandas import Check

from scormaudit import VOCABULARY, Rule


class ObjectiveStatusWord(Rule, code="CO101"):
    """An objective's status is none of the six words.

    A blank is what a run-time stores that was never told one.
    """

    severity = "error"
    page = "3-41"
    table = "objectives"
    element = "status"
    check = Check.isin((*VOCABULARY["status"], ""))
    good = ({"status": "not attempted"}, {"status": ""}, {"status": None})
    bad = ({"status": "mastered"}, {"status": "Passed"})
