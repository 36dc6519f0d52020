"""Counts, gaps and repetitions: what a list must be as a whole (RTE 3-19)."""

import pandas as pd
from pandera.pandas import Check

from scormaudit import Row, Rule

_MOST = 2000
_RECORD = ("enrollment_id", "assignment_id", "sco_id")
_OBJECTIVE = ("id", "score_raw", "score_max", "score_min", "status")
_INTERACTION = ("id", "time", "type", "weighting", "student_response", "result", "latency")


def _too_many(count: pd.Series) -> pd.Series:
    """Counts that are legal, and above what is read of a record."""
    return count.between(_MOST, 65536, inclusive="right")


def _with(beside: Row, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows to look at for a verdict on `rows`.

    An example is one row, so a row that comes alone stands after the one `beside` it; that
    names no assignment, as every row of a snapshot does, and so belongs to examples only.
    """
    if len(rows) != 1:
        return rows
    given = pd.DataFrame([beside], columns=rows.columns, dtype="object")
    return pd.concat([given, rows.astype("object")]).astype("category")


def _codes(rows: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """A number for each text, -1 for null: quicker to compare than the texts."""
    return pd.DataFrame({column: rows[column].cat.codes for column in columns})


def _no_gap(columns: tuple[str, ...], keys: tuple[str, ...], beside: Row) -> Check:
    """No row that is absent as a whole from a list of which another row is there.

    Of a list that tells nothing at all, the LMS may keep everything to itself.
    """

    def holds(rows: pd.DataFrame) -> pd.Series:
        seen = _with(beside, rows)
        told = seen[list(columns)].notna().any(axis=1)
        groups = _codes(seen, keys)
        others = told.groupby([groups[key] for key in keys]).transform("any")
        return (told | ~others).iloc[len(seen) - len(rows) :]

    return Check(holds)


def _no_repetition(columns: tuple[str, ...], beside: Row) -> Check:
    """No row whose texts stood in an earlier row already; a blank repeats nothing."""

    def holds(rows: pd.DataFrame) -> pd.Series:
        seen = _with(beside, rows)
        last = seen[columns[-1]]
        again = _codes(seen, columns).duplicated() & last.notna() & last.ne("")
        return ~again.iloc[len(seen) - len(rows) :]

    return Check(holds)


class ManyObjectives(Rule, code="AR101"):
    """The record counts more than 2000 objectives, so none of them was read.

    A count of that size is the work of a loop that never ended. What stands below it is
    unknown, and no rule about objectives has judged this record.
    """

    severity = "warning"
    page = "3-37"
    needs = ("objectives_count",)
    check = Check(lambda cmi: ~_too_many(cmi.objectives_count_value))
    good = (
        {"objectives_count": "0"},
        {"objectives_count": "2000"},
        {"objectives_count": "70000"},
        {"objectives_count": "many"},
        {"objectives_count": ""},
    )
    bad = ({"objectives_count": "2001"},)


class ManyInteractions(Rule, code="AR102"):
    """The record counts more than 2000 interactions, so none of them was read.

    Courses that write a new entry for each answer can come far, but not so far. No rule
    about interactions has judged this record.
    """

    severity = "warning"
    page = "3-48"
    needs = ("interactions_count",)
    check = Check(lambda cmi: ~_too_many(cmi.interactions_count_value))
    good = (
        {"interactions_count": "0"},
        {"interactions_count": "2000"},
        {"interactions_count": "70000"},
        {"interactions_count": ""},
    )
    bad = ({"interactions_count": "65536"},)


class ObjectiveGap(Rule, code="AR111"):
    """There is nothing at this index of the objectives, though others have something.

    Indices run from 0 without a gap, and the count ends behind the last one. The entry was
    skipped by the course or lost by the LMS; it must not be closed by renumbering, since
    the course knows its objectives by their index.
    """

    severity = "error"
    page = "3-19"
    table = "objectives"
    needs = (*_OBJECTIVE, *_RECORD)
    check = _no_gap(_OBJECTIVE, _RECORD, {"sco_id": "lesson", "id": "aim_1"})
    good = (
        {"sco_id": "lesson", "id": "aim_2", "status": "passed"},
        {"sco_id": "lesson", "id": "", "status": "passed"},
        {"sco_id": "lesson", "id": "aim_2"},
        {"sco_id": "another lesson", "id": None},
    )
    bad = ({"sco_id": "lesson", "id": None},)


class InteractionGap(Rule, code="AR112"):
    """There is nothing at this index of the interactions, though others have something.

    Indices run from 0 without a gap, and the count ends behind the last one. An answer may
    be lost here; some systems lose the first whenever the course is opened again.
    """

    severity = "error"
    page = "3-19"
    table = "interactions"
    needs = (*_INTERACTION, *_RECORD)
    check = _no_gap(_INTERACTION, _RECORD, {"sco_id": "lesson", "id": "q1"})
    good = (
        {"sco_id": "lesson", "id": "q2", "type": "choice"},
        {"sco_id": "lesson", "id": None, "result": "wrong"},
        {"sco_id": "another lesson", "id": None},
    )
    bad = ({"sco_id": "lesson", "id": None},)


class InteractionEmptied(Rule, code="AR115"):
    """There are only blanks at this index of the interactions.

    A course does not write an entry to say nothing. Some systems empty the first entry when
    the course is opened again, so an answer may be lost here.
    """

    severity = "warning"
    page = "3-19"
    table = "interactions"
    needs = _INTERACTION
    check = Check(
        lambda rows: (
            ~(
                rows[list(_INTERACTION)].isin(["", None]).all(axis=1)
                & rows[list(_INTERACTION)].notna().any(axis=1)
            )
        )
    )
    good = (
        {"id": "q1", "type": "choice"},
        {"id": "", "type": "", "result": "wrong"},
        {"id": None, "type": None},
    )
    bad = ({"id": "", "type": "", "student_response": "", "result": ""}, {"id": ""})


class InteractionObjectiveGap(Rule, code="AR113"):
    """An interaction names no objective at this index, though it does at others.

    The lists inside an interaction run from 0 without a gap as well. Which objective the
    question was for is not known any more.
    """

    severity = "error"
    page = "3-50"
    table = "interaction_objectives"
    needs = ("id", "index", *_RECORD)
    check = _no_gap(("id",), (*_RECORD, "index"), {"sco_id": "lesson", "index": "0", "id": "a"})
    good = (
        {"sco_id": "lesson", "index": "0", "id": "aim_2"},
        {"sco_id": "lesson", "index": "1", "id": None},
        {"sco_id": "another lesson", "index": "0", "id": None},
    )
    bad = ({"sco_id": "lesson", "index": "0", "id": None},)


class CorrectResponseGap(Rule, code="AR114"):
    """An interaction has no correct response at this index, though it has at others.

    The lists inside an interaction run from 0 without a gap as well. Reports may show fewer
    right answers than the question has.
    """

    severity = "error"
    page = "3-53"
    table = "correct_responses"
    needs = ("pattern", "index", *_RECORD)
    check = _no_gap(
        ("pattern",), (*_RECORD, "index"), {"sco_id": "lesson", "index": "0", "pattern": "a"}
    )
    good = (
        {"sco_id": "lesson", "index": "0", "pattern": "b"},
        {"sco_id": "lesson", "index": "1", "pattern": None},
        {"sco_id": "another lesson", "index": "0", "pattern": None},
    )
    bad = ({"sco_id": "lesson", "index": "0", "pattern": None},)


class ObjectiveTwice(Rule, code="AR201"):
    """An objective's id stands at an earlier index of the same record already.

    An objective has one status and one score, and here there are two places to look for
    them. Which one the course reads is not known, so nothing can be merged.
    """

    severity = "warning"
    page = "3-38"
    table = "objectives"
    needs = ("id", *_RECORD)
    check = _no_repetition((*_RECORD, "id"), {"sco_id": "lesson", "id": "aim_1"})
    good = (
        {"sco_id": "lesson", "id": "aim_2"},
        {"sco_id": "lesson", "id": "AIM_1"},
        {"sco_id": "lesson", "id": ""},
        {"sco_id": "lesson", "id": None},
        {"sco_id": "another lesson", "id": "aim_1"},
    )
    bad = ({"sco_id": "lesson", "id": "aim_1"},)


class InteractionTwice(Rule, code="AR202"):
    """An interaction's id stands at an earlier index of the same record already.

    Many courses write a journal, with a new entry for every try, and the last one counts.
    Others update the first entry. Know which before you count right answers.
    """

    severity = "info"
    page = "3-49"
    table = "interactions"
    needs = ("id", *_RECORD)
    check = _no_repetition((*_RECORD, "id"), {"sco_id": "lesson", "id": "q1"})
    good = (
        {"sco_id": "lesson", "id": "q2"},
        {"sco_id": "lesson", "id": ""},
        {"sco_id": "lesson", "id": None},
        {"sco_id": "another lesson", "id": "q1"},
    )
    bad = ({"sco_id": "lesson", "id": "q1"},)


class RecordTwice(Rule, code="AR203"):
    """The same lesson of the same assignment has another record already.

    One learner has one record of a lesson. Imports have left two that contradict each
    other; the newer one is likely to count, but keep both until a person has looked.
    """

    severity = "error"
    unique = _RECORD
    element = "sco_id"
    _key = {"enrollment_id": "e", "assignment_id": "a", "sco_id": "lesson"}
    good = (
        _key,
        {**_key, "sco_id": "another lesson"},
        {**_key, "assignment_id": "b"},
        {"sco_id": "lesson"},
        {**_key, "sco_id": ""},
        {**_key, "sco_id": ""},
    )
    bad = (_key, _key)
