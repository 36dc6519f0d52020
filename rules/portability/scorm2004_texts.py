"""What becomes of texts and preferences as SCORM 2004 (4th Edition), by section of its RTE."""

import re

from pandera.pandas import Check

from scormaudit import Rule

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")


class SuspendDataLong(Rule, code="SFE141"):
    """SCORM 2004 may cut this suspend data.

    Every system keeps 64,000 characters (RTE 4.2.23) and may cut what comes after, and half a
    text resumes nothing.
    """

    element = "suspend_data"
    check = Check.str_length(0, 64000)
    good = ({"suspend_data": "x" * 64000},)
    bad = ({"suspend_data": "x" * 64001},)


class LocationLong(Rule, code="SFE142"):
    """SCORM 2004 may cut this lesson location.

    Every system keeps 1000 characters (RTE 4.2.14).
    """

    element = "lesson_location"
    check = Check.str_length(0, 1000)
    good = ({"lesson_location": "x" * 1000},)
    bad = ({"lesson_location": "x" * 1001},)


class LaunchDataLong(Rule, code="SFE143"):
    """SCORM 2004 may cut this launch data.

    Every system keeps 4000 characters (RTE 4.2.10); the package says it again.
    """

    severity = "warning"
    element = "launch_data"
    check = Check.str_length(0, 4000)
    good = ({"launch_data": "x" * 4000},)
    bad = ({"launch_data": "x" * 4001},)


class CommentsLong(Rule, code="SFE144"):
    """SCORM 2004 may cut these comments.

    Every system keeps 4000 characters of each comment (RTE 4.2.2), where SCORM 1.2 has 4096.
    """

    element = "comments"
    check = Check.str_length(0, 4000)
    good = ({"comments": "x" * 4000},)
    bad = ({"comments": "x" * 4001},)


class CommentsFromLmsLong(Rule, code="SFE145"):
    """SCORM 2004 may cut these comments from the LMS.

    Every system keeps 4000 characters of each comment (RTE 4.2.3).
    """

    severity = "warning"
    element = "comments_from_lms"
    check = Check.str_length(0, 4000)
    good = ({"comments_from_lms": "x" * 4000},)
    bad = ({"comments_from_lms": "x" * 4001},)


class LanguageUntranslated(Rule, code="SFE151"):
    """SCORM 2004 has no tag for this language.

    A language is a tag such as `en-US` there (RTE 4.2.13), and SCORM 1.2 has any word. The
    learner may choose again.
    """

    severity = "info"
    element = "preference_language"
    check = Check(lambda text: text == "" or bool(_TAG.fullmatch(text)), element_wise=True)
    good = (
        {"preference_language": "en-US"},
        {"preference_language": ""},
    )
    bad = ({"preference_language": "English"},)


class AudioUntranslated(Rule, code="SFE152"):
    """SCORM 2004 has no such step of loudness.

    It has a factor of the usual loudness; off and no change have one, a step from 1 to 100 has
    none.
    """

    severity = "info"
    element = "preference_audio"
    check = Check.isin(["", "0", "-1"])
    good = ({"preference_audio": "-1"},)
    bad = ({"preference_audio": "50"},)


class SpeedUntranslated(Rule, code="SFE153"):
    """SCORM 2004 has no such step of speed.

    It has a factor of the usual speed; no change has one, a step from -100 to 100 has none.
    """

    severity = "info"
    element = "preference_speed"
    check = Check.isin(["", "0"])
    good = ({"preference_speed": "0"},)
    bad = ({"preference_speed": "50"},)


class TextUntranslated(Rule, code="SFE154"):
    """SCORM 2004 has no such setting for captions.

    It has the three of SCORM 1.2: off, no change and on.
    """

    severity = "info"
    element = "preference_text"
    check = Check.isin(["", "-1", "0", "1"])
    good = ({"preference_text": "1"},)
    bad = ({"preference_text": "2"},)


class StrayUntranslated(Rule, code="SFE161"):
    """SCORM 2004 gets nothing from a name that SCORM 1.2 does not have.

    Some of these names are its own (`cmi.score.scaled`), yet this value was written beside a
    status and a score of SCORM 1.2, and which of the two counts nobody knows.
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
