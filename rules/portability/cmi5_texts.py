"""What becomes of texts and preferences as xAPI documents and statements."""

import re

import pandas as pd
from pandera.pandas import Check

from scormaudit import Rule

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")


def _began(cmi: pd.DataFrame) -> pd.Series:
    """The start, or else the exit, which then ends what nobody saw begin."""
    return cmi.start_utc.fillna(cmi.exit_utc)


class ExitUntold(Rule, code="CMV141"):
    """xAPI does not tell how this session ended.

    A session is terminated, or suspended where it can be resumed; `time-out` and `logout` have
    no statement.
    """

    severity = "info"
    element = "exit"
    check = Check(lambda text: text not in ("time-out", "logout"), element_wise=True)
    good = (
        {"exit": "suspend"},
        {"exit": ""},
    )
    bad = (
        {"exit": "time-out"},
        {"exit": "logout"},
    )


class SessionUnended(Rule, code="CMV142"):
    """xAPI has no end to tell this session's time at.

    The length of a session stands in the statement that ends it, and no exit after the start is
    known. The total time may still count it.
    """

    severity = "warning"
    needs = ("session_time", "start_date_utc", "exit_date_utc")
    check = Check(lambda cmi: ~(cmi.session_time_seconds.gt(0) & ~cmi.exit_utc.ge(_began(cmi))))
    good = (
        {
            "session_time": "00:10:00",
            "start_date_utc": "2026-03-02T10:00:00Z",
            "exit_date_utc": "2026-03-02T10:10:05Z",
        },
        {"session_time": "", "exit_date_utc": None},
        {"session_time": "00:10:00", "exit_date_utc": "2026-03-02T10:10:05Z"},
    )
    bad = (
        {"session_time": "00:10:00", "start_date_utc": "2026-03-02T10:00:00Z"},
        {
            "session_time": "00:10:00",
            "start_date_utc": "2026-03-02T10:00:00Z",
            "exit_date_utc": "2026-03-01T10:00:00Z",
        },
    )


class LanguageUntranslated(Rule, code="CMV151"):
    """xAPI has no tag for this language.

    A language is a tag such as `en-US` there (the SCORM profile's preferences), and SCORM 1.2
    has any word. The learner may choose again.
    """

    severity = "info"
    element = "preference_language"
    check = Check(lambda text: text == "" or bool(_TAG.fullmatch(text)), element_wise=True)
    good = (
        {"preference_language": "en-US"},
        {"preference_language": ""},
    )
    bad = ({"preference_language": "English"},)


class AudioUntranslated(Rule, code="CMV152"):
    """xAPI has no such step of loudness.

    It has a factor of the usual loudness; off and no change have one, a step from 1 to 100 has
    none.
    """

    severity = "info"
    element = "preference_audio"
    check = Check.isin(["", "0", "-1"])
    good = ({"preference_audio": "-1"},)
    bad = ({"preference_audio": "50"},)


class SpeedUntranslated(Rule, code="CMV153"):
    """xAPI has no such step of speed.

    It has a factor of the usual speed; no change has one, a step from -100 to 100 has none.
    """

    severity = "info"
    element = "preference_speed"
    check = Check.isin(["", "0"])
    good = ({"preference_speed": "0"},)
    bad = ({"preference_speed": "50"},)


class TextUntranslated(Rule, code="CMV154"):
    """xAPI has no such setting for captions.

    It has the three of SCORM 1.2: off, no change and on.
    """

    severity = "info"
    element = "preference_text"
    check = Check.isin(["", "-1", "0", "1"])
    good = ({"preference_text": "1"},)
    bad = ({"preference_text": "2"},)


class StrayUntranslated(Rule, code="CMV161"):
    """xAPI gets nothing from a name that SCORM 1.2 does not have.

    Content that mixed the standards wrote it beside a status and a score of SCORM 1.2, and
    which of the two counts nobody knows.
    """

    table = "strays"
    needs = ("value", "element", "record_lesson_status")
    check = Check(
        lambda rows: ~(rows.value.notna() & rows.value.ne("") & rows.record_lesson_status.notna())
    )
    good = (
        {"element": "cmi.score.scaled", "value": "", "record_lesson_status": "passed"},
        {"element": "cmi.score.scaled", "value": "0.8"},
    )
    bad = ({"element": "cmi.score.scaled", "value": "0.8", "record_lesson_status": "passed"},)
