"""Whether the course was attempted at all, by what it left behind (RTE 3-25)."""

import pandas as pd
from pandera.pandas import Check

from scormaudit import Rule, in_course, shared


@shared
def _earlier_session(cmi: pd.DataFrame) -> pd.Series:
    """Records of which a session has ended: time was added up, or the entry says resume."""
    return cmi.total_time_seconds.gt(0) | cmi.entry.eq("resume")


@shared
def _written(cmi: pd.DataFrame) -> pd.Series:
    """Records that a course wrote to; a score of 0 may be what an LMS makes of a blank."""
    scored = cmi.score_raw_value.ne(0) & cmi.given_score_raw
    kept = cmi.given_lesson_location | cmi.given_suspend_data
    return cmi.session_time_seconds.gt(0) | scored | kept


_TRACES = (
    "lesson_status", "total_time", "session_time", "entry", "score_raw", "lesson_location",
    "suspend_data", "start_date_utc", "exit_date_utc",
)  # fmt: skip


class NotAttemptedWithTraces(Rule, code="ST101"):
    """Not attempted, yet the course left time, a score, a location or suspend data.

    Only the LMS writes `not attempted`, before the first launch; when a session ends in
    which the course says nothing, it has to write `completed`. So the learner was there,
    and what the status was is lost. A learner who may be in the course is not judged.
    """

    severity = "error"
    page = "3-25"
    needs = _TRACES
    check = Check(
        lambda cmi: (
            ~(
                cmi.lesson_status.eq("not attempted")
                & (_earlier_session(cmi) | (_written(cmi) & ~in_course(cmi)))
            )
        )
    )
    _untouched = {
        "lesson_status": "not attempted",
        "total_time": "0000:00:00.00",
        "session_time": "",
        "entry": "ab-initio",
        "score_raw": "",
        "lesson_location": "",
        "suspend_data": "",
    }
    good = (
        _untouched,
        {**_untouched, "score_raw": "0", "session_time": "00:00:00"},
        {"lesson_status": "not attempted"},
        {**_untouched, "lesson_status": "incomplete", "total_time": "00:05:00"},
        {**_untouched, "suspend_data": "p=1", "start_date_utc": "2026-03-02T10:00:00Z"},
    )
    bad = (
        {**_untouched, "total_time": "00:05:00"},
        {**_untouched, "session_time": "00:05:00"},
        {**_untouched, "score_raw": "80"},
        {**_untouched, "lesson_location": "slide_2"},
        {**_untouched, "suspend_data": "p=1"},
        {**_untouched, "entry": "resume"},
        {**_untouched, "total_time": "00:05:00", "start_date_utc": "2026-03-02T10:00:00Z"},
    )


class NotAttemptedWithAnswers(Rule, code="ST102"):
    """Not attempted, yet there are interactions.

    Questions are recorded by a course that runs, so the learner was there; the LMS had to
    put another status in place when the session ended. Other traces, where there are any,
    are told by ST101.
    """

    severity = "error"
    page = "3-25"
    needs = (*_TRACES, "interactions_count")
    check = Check(
        lambda cmi: (
            ~(
                cmi.lesson_status.eq("not attempted")
                & cmi.interactions_count_value.gt(0)
                & ~_earlier_session(cmi)
                & ~_written(cmi)
                & ~in_course(cmi)
            )
        )
    )
    good = (
        {"lesson_status": "not attempted", "interactions_count": "0"},
        {"lesson_status": "not attempted", "interactions_count": None},
        {"lesson_status": "failed", "interactions_count": "3"},
        {
            "lesson_status": "not attempted",
            "interactions_count": "3",
            "start_date_utc": "2026-03-02T10:00:00Z",
        },
    )
    bad = ({"lesson_status": "not attempted", "interactions_count": "3"},)


class CompletedByOpening(Rule, code="ST120"):
    """Completed within five seconds, and nothing else was recorded.

    When a course never says how far the learner got, the LMS has to write `completed`. That
    is the standard at work and no damage; but who counts completions should know that this
    one may be no more than a glance.
    """

    severity = "info"
    page = "3-25"
    needs = (
        "lesson_status", "total_time", "session_time", "score_raw", "lesson_location",
        "suspend_data",
    )  # fmt: skip
    check = Check(
        lambda cmi: (
            ~(
                cmi.lesson_status.eq("completed")
                & cmi.total_time_seconds.le(5)
                & (cmi.session_time_seconds.le(5) | cmi.blank_session_time)
                & cmi.blank_score_raw
                & cmi.blank_lesson_location
                & cmi.blank_suspend_data
            )
        )
    )
    _glance = {
        "lesson_status": "completed",
        "total_time": "00:00:01",
        "session_time": "00:00:01",
        "score_raw": "",
        "lesson_location": "",
        "suspend_data": "",
    }
    good = (
        {**_glance, "total_time": "00:12:00", "session_time": "00:12:00"},
        {**_glance, "total_time": "00:12:00"},
        {**_glance, "lesson_location": "slide_9"},
        {**_glance, "score_raw": "80"},
        {**_glance, "lesson_status": "incomplete"},
        {"lesson_status": "completed"},
    )
    bad = (_glance, {**_glance, "session_time": "", "total_time": "0000:00:00.00"})
