"""What Moodle's mod_scorm does to a record, by its run-time (`datamodels/scorm_12.js`)."""

import pandas as pd
from pandera.pandas import Check

from scormaudit import VOCABULARY, Rule


def _decided(cmi: pd.DataFrame) -> pd.Series:
    return cmi.credit.ne("no-credit") & ~cmi.lesson_mode.isin(["browse", "review"])


def _visited(cmi: pd.DataFrame) -> pd.Series:
    """Records with a trace of a session: time, a score or an answer."""
    return (
        cmi.total_time_seconds.gt(0)
        | cmi.session_time_seconds.gt(0)
        | cmi.score_raw_value.notna()
        | cmi.interactions_count_value.gt(0)
    )


class StatusSetByMastery(Rule, code="MDL101"):
    """Moodle changes this status by the mastery score at the next finish.

    At LMSFinish of a session for credit in normal mode it writes passed or failed over whatever
    the course said, `incomplete` too (measured: incomplete at 79 of 80 is stored as failed).
    """

    needs = ("lesson_status", "score_raw", "mastery_score", "credit", "lesson_mode")
    check = Check(
        lambda cmi: (
            ~(
                _decided(cmi)
                & (
                    cmi.lesson_status.ne("passed") & cmi.score_raw_value.ge(cmi.mastery_score_value)
                    | cmi.lesson_status.ne("failed")
                    & cmi.score_raw_value.lt(cmi.mastery_score_value)
                )
            )
        )
    )
    _told = {"mastery_score": "80", "score_raw": "79"}
    good = (
        {**_told, "lesson_status": "failed"},
        {**_told, "lesson_status": "passed", "score_raw": "80"},
        {**_told, "lesson_status": "incomplete", "mastery_score": ""},
        {**_told, "lesson_status": "completed", "lesson_mode": "review"},
    )
    bad = (
        {**_told, "lesson_status": "incomplete"},
        {**_told, "lesson_status": "passed"},
        {**_told, "lesson_status": "completed", "score_raw": "80"},
    )


class StatusSetByBlank(Rule, code="MDL102"):
    """Moodle fails this learner, since it reads a blank score as 0.

    A course that writes the blank score it was given has it turned into the number 0, and 0 is
    below the mastery score (measured: completed, mastery 80, blank raw is stored as failed).
    """

    needs = ("lesson_status", "score_raw", "mastery_score", "credit", "lesson_mode")
    check = Check(
        lambda cmi: (
            ~(
                _decided(cmi)
                & cmi.lesson_status.isin(["passed", "completed", "incomplete"])
                & cmi.score_raw.eq("")
                & cmi.mastery_score_value.gt(0)
            )
        )
    )
    good = (
        {"lesson_status": "completed", "score_raw": "", "mastery_score": ""},
        {"lesson_status": "completed", "score_raw": "", "mastery_score": "0"},
        {"lesson_status": "failed", "score_raw": "", "mastery_score": "80"},
        {"lesson_status": "completed", "score_raw": None, "mastery_score": "80"},
    )
    bad = ({"lesson_status": "completed", "score_raw": "", "mastery_score": "80"},)


class StatusSetByFinish(Rule, code="MDL103"):
    """Moodle makes `completed` of this `not attempted` at the next finish.

    A session in which the course said nothing ends as `completed`, a preview too: the branch
    that would write `browsed` is behind it and cannot be reached (measured).
    """

    needs = (
        "lesson_status", "total_time", "session_time", "score_raw", "interactions_count",
        "lesson_mode",
    )  # fmt: skip
    check = Check(
        lambda cmi: (
            ~(
                cmi.lesson_status.eq("not attempted")
                & (_visited(cmi) | cmi.lesson_mode.eq("browse"))
            )
        )
    )
    good = (
        {"lesson_status": "not attempted", "total_time": "0000:00:00.00", "session_time": ""},
        {"lesson_status": "browsed", "lesson_mode": "browse"},
    )
    bad = (
        {"lesson_status": "not attempted", "total_time": "00:10:00"},
        {"lesson_status": "not attempted", "lesson_mode": "browse"},
    )


class CreditRecomputed(Rule, code="MDL104"):
    """Moodle gives credit for this attempt, which had none.

    It keeps no credit of its own: an attempt in normal mode has it (`get_scorm_default`), and
    the mastery score then decides about the status.
    """

    needs = ("credit", "lesson_mode")
    check = Check(
        lambda cmi: ~(cmi.credit.notna() & cmi.credit.ne("credit") & cmi.lesson_mode.eq("normal"))
    )
    good = (
        {"credit": "credit", "lesson_mode": "normal"},
        {"credit": "no-credit", "lesson_mode": "browse"},
        {"credit": None, "lesson_mode": "normal"},
    )
    bad = (
        {"credit": "no-credit", "lesson_mode": "normal"},
        {"credit": "no credit", "lesson_mode": "normal"},
    )


class StatusRefused(Rule, code="MDL105"):
    """Moodle refuses this lesson status.

    Its pattern has the six words alone and answers 405 to others, so the record arrives without
    a status and the next finish writes `completed`.
    """

    element = "lesson_status"
    check = Check.isin(VOCABULARY["lesson_status"])
    good = ({"lesson_status": "passed"},)
    bad = ({"lesson_status": "complete"}, {"lesson_status": "unknown"}, {"lesson_status": ""})


class ExitRefused(Rule, code="MDL111"):
    """Moodle refuses this exit, and the next entry is not a resume.

    Only an exit that reads `suspend` makes the next entry `resume`.
    """

    element = "exit"
    check = Check.isin((*VOCABULARY["exit"], "normal"))
    good = ({"exit": "suspend"}, {"exit": "normal"})
    bad = ({"exit": "Suspend"}, {"exit": "resume"})


class ExitNormal(Rule, code="MDL112"):
    """Moodle refuses the exit `normal`, which it spells as a blank.

    An exit that was never set means the same to it, so nothing is lost but the word.
    """

    severity = "warning"
    element = "exit"
    check = Check.ne("normal")
    good = ({"exit": ""},)
    bad = ({"exit": "normal"},)


class EntryRecomputed(Rule, code="MDL113"):
    """Moodle does not keep this entry.

    It makes the entry from the exit and the status; a word that contradicts these is lost.
    """

    severity = "warning"
    element = "entry"
    check = Check.isin(VOCABULARY["entry"])
    good = ({"entry": "resume"},)
    bad = ({"entry": "ab-inito"},)


class PreviewCounts(Rule, code="MDL106"):
    """Moodle counts this preview as done.

    It stores no mode with an attempt, which is known by how a visit was launched: a status that
    stands for a look at the course is then the result of the learner.
    """

    needs = ("lesson_status", "lesson_mode")
    check = Check(
        lambda cmi: (
            ~(cmi.lesson_status.isin(["completed", "passed"]) & cmi.lesson_mode.eq("browse"))
        )
    )
    good = (
        {"lesson_status": "browsed", "lesson_mode": "browse"},
        {"lesson_status": "completed", "lesson_mode": "review"},
    )
    bad = ({"lesson_status": "completed", "lesson_mode": "browse"},)
