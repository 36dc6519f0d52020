"""Scores: their range, their bounds and their scale (RTE 3-27 to 3-29)."""

import pandas as pd
from pandera.pandas import Check

from scormaudit import Rule, shared


def _normalised(score: pd.Series) -> pd.Series:
    """Scores within 0 to 100; others are the business of the rules about ranges."""
    return score.between(0, 100)


def _outside(scores: pd.DataFrame) -> pd.Series:
    """Rows whose raw score, itself in range, lies beyond a bound that is in range too."""
    raw, low, high = scores.score_raw_value, scores.score_min_value, scores.score_max_value
    beyond = (raw.lt(low) & _normalised(low)) | (raw.gt(high) & _normalised(high))
    return _normalised(raw) & beyond


def _empty_scale(scores: pd.DataFrame) -> pd.Series:
    """Rows whose minimum leaves no room below the maximum."""
    low, high = scores.score_min_value, scores.score_max_value
    return low.ge(high) & _normalised(low) & _normalised(high)


@shared
def _scaled(cmi: pd.DataFrame) -> pd.Series:
    """Scores of at most 1 where something else in the record ends at 1 as well."""
    low_mastery = cmi.mastery_score_value.between(0, 1, inclusive="right")
    return cmi.score_raw_value.between(0, 1, inclusive="right") & (
        cmi.score_max_value.eq(1) | low_mastery
    )


class ScoreRawRange(Rule, code="SC101"):
    """The raw score lies outside 0 to 100.

    SCORM 1.2 asks for a normalised score. A course that reports points has lost the scale
    with it, so no number can be put in its place: never clamp, ask the course's owner.
    """

    severity = "error"
    page = "3-27"
    needs = ("score_raw",)
    check = Check(lambda cmi: ~(cmi.score_raw_value.lt(0) | cmi.score_raw_value.gt(100)))
    good = (
        {"score_raw": "0"},
        {"score_raw": "-0"},
        {"score_raw": "100"},
        {"score_raw": ""},
        {"score_raw": "high"},
    )
    bad = ({"score_raw": "100.5"}, {"score_raw": "-1"}, {"score_raw": "12345"})


class ScoreRawWithinBounds(Rule, code="SC201"):
    """The raw score lies below the minimum or above the maximum stored with it.

    The specification does not say that min ≤ raw ≤ max, but a reader who scales the score by
    its bounds gets less than nothing or more than everything. The API can write neither
    bound, so the course's owner must say which number is wrong.
    """

    severity = "warning"
    page = "3-27"
    needs = ("score_raw", "score_min", "score_max")
    check = Check(lambda cmi: ~_outside(cmi))
    good = (
        {"score_raw": "80", "score_min": "0", "score_max": "100"},
        {"score_raw": "80", "score_min": "", "score_max": ""},
        {"score_raw": "", "score_min": "10", "score_max": "100"},
        {"score_raw": "150", "score_min": "0", "score_max": "100"},
        {"score_raw": "80", "score_min": "200", "score_max": ""},
        {"score_raw": "80", "score_min": "0", "score_max": "80.0"},
    )
    bad = (
        {"score_raw": "80", "score_min": "0", "score_max": "75"},
        {"score_raw": "5", "score_min": "10", "score_max": "100"},
    )


class ScoreScaleEmpty(Rule, code="SC202"):
    """The minimum score is not below the maximum score.

    On such a scale no score means anything; whoever computes a percentage divides by zero
    or gets its mirror image. The specification does not forbid it in words.
    """

    severity = "warning"
    page = "3-28"
    needs = ("score_min", "score_max")
    check = Check(lambda cmi: ~_empty_scale(cmi))
    good = (
        {"score_min": "0", "score_max": "100"},
        {"score_min": "", "score_max": "0"},
        {"score_min": "0", "score_max": ""},
        {"score_min": "200", "score_max": "100"},
    )
    bad = ({"score_min": "100", "score_max": "0"}, {"score_min": "0", "score_max": "0"})


class ScoreWithoutMaximum(Rule, code="SC203"):
    """There is a raw score, but the maximum score is blank.

    Only the raw score is mandatory. A reader has to trust that it is a percentage; a course
    that counts points looks just the same.
    """

    severity = "info"
    page = "3-27"
    needs = ("score_raw", "score_max")
    check = Check(lambda cmi: ~(_normalised(cmi.score_raw_value) & cmi.blank_score_max))
    good = (
        {"score_raw": "80", "score_max": "100"},
        {"score_raw": "80", "score_max": None},
        {"score_raw": "", "score_max": ""},
        {"score_raw": "150", "score_max": ""},
    )
    bad = ({"score_raw": "80", "score_max": ""},)


class MasteryBeyondMaximum(Rule, code="SC204"):
    """The mastery score lies above the maximum score, so nobody can reach it.

    Either the course counts points and the manifest speaks of percent, or the other way
    round. An LMS that applies the mastery score fails every learner.
    """

    severity = "warning"
    page = "3-43"
    needs = ("mastery_score", "score_max")
    check = Check(
        lambda cmi: (
            ~(
                cmi.mastery_score_value.gt(cmi.score_max_value)
                & _normalised(cmi.mastery_score_value)
                & cmi.score_max_value.gt(1)
            )
        )
    )
    good = (
        {"mastery_score": "80", "score_max": "100"},
        {"mastery_score": "80", "score_max": "80"},
        {"mastery_score": "80", "score_max": ""},
        {"mastery_score": "150", "score_max": "100"},
        {"mastery_score": "80", "score_max": "1"},
    )
    bad = ({"mastery_score": "80", "score_max": "10"},)


class ScoreScaledToOne(Rule, code="SC205"):
    """The raw score looks like a fraction of 1, as SCORM 2004 writes it.

    A score of 0.85 is legal and may be less than one point of a hundred; but with a maximum
    or a mastery score of at most 1, 85 % is meant. Maximum and mastery score cannot be
    written, so the score cannot be brought to another scale alone.
    """

    severity = "info"
    page = "3-27"
    needs = ("score_raw", "score_max", "mastery_score")
    check = Check(lambda cmi: ~_scaled(cmi))
    good = (
        {"score_raw": "0.85", "score_max": "100", "mastery_score": "80"},
        {"score_raw": "0.85", "score_max": "", "mastery_score": ""},
        {"score_raw": "1", "score_max": "100"},
        {"score_raw": "0", "score_max": "1", "mastery_score": "0"},
        {"score_raw": "85", "mastery_score": "0.8"},
    )
    bad = (
        {"score_raw": "0.85", "score_max": "1"},
        {"score_raw": "0.85", "score_max": "", "mastery_score": "0.8"},
    )


class ScoreInPoints(Rule, code="SC206"):
    """The maximum score is not 100, so the raw score counts points.

    The specification wants a normalised score and course authors send points all the same.
    7 of 10 is shown as 7 % by a system that does not look at the maximum.
    """

    severity = "info"
    page = "3-28"
    needs = ("score_raw", "score_max", "mastery_score")
    check = Check(
        lambda cmi: (
            ~(
                cmi.score_raw_value.between(0, cmi.score_max_value)
                & cmi.score_max_value.between(0, 100, inclusive="neither")
                & ~cmi.mastery_score_value.gt(cmi.score_max_value)
                & ~_scaled(cmi)
            )
        )
    )
    good = (
        {"score_raw": "7", "score_max": "100"},
        {"score_raw": "7", "score_max": ""},
        {"score_raw": "", "score_max": "10"},
        {"score_raw": "12", "score_max": "10"},
        {"score_raw": "7", "score_max": "10", "mastery_score": "80"},
        {"score_raw": "0.7", "score_max": "1"},
    )
    bad = ({"score_raw": "7", "score_max": "10"},)


class ObjectiveScoreWithinBounds(Rule, code="SC301"):
    """An objective's score lies below its minimum or above its maximum.

    As with the score of the whole lesson, the specification does not say it, and a reader
    who scales the number gets nonsense.
    """

    severity = "warning"
    page = "3-39"
    table = "objectives"
    needs = ("score_raw", "score_min", "score_max")
    check = Check(lambda cmi: ~_outside(cmi))
    good = (
        {"score_raw": "80", "score_min": "0", "score_max": "100"},
        {"score_raw": "80", "score_min": "", "score_max": ""},
        {"score_raw": "200", "score_min": "0", "score_max": "100"},
        {"score_raw": "", "score_min": "10", "score_max": "100"},
    )
    bad = ({"score_raw": "80", "score_min": "0", "score_max": "75"},)


class ObjectiveScaleEmpty(Rule, code="SC302"):
    """An objective's minimum score is not below its maximum score.

    No score can lie between the two, so no percentage can be computed from it.
    """

    severity = "warning"
    page = "3-40"
    table = "objectives"
    needs = ("score_min", "score_max")
    check = Check(lambda cmi: ~_empty_scale(cmi))
    good = (
        {"score_min": "0", "score_max": "100"},
        {"score_min": "", "score_max": ""},
        {"score_min": "0", "score_max": "200"},
    )
    bad = ({"score_min": "50", "score_max": "50"},)


class ScoreLeftAtObjective(Rule, code="SC303"):
    """Passed with 0 points, while its only objective has a score.

    The course seems to have scored the objective and forgotten the lesson. Which of the two
    numbers a certificate should show, and whether they share a scale, its owner must say.
    """

    severity = "warning"
    page = "3-27"
    table = "objectives"
    needs = (
        "score_raw", "record_score_raw", "record_lesson_status", "record_objectives_count",
    )  # fmt: skip
    check = Check(
        lambda cmi: (
            ~(
                cmi.record_lesson_status.eq("passed")
                & cmi.record_score_raw_value.eq(0)
                & cmi.record_objectives_count_value.eq(1)
                & cmi.score_raw_value.between(0, 100, inclusive="right")
            )
        )
    )
    _one = {
        "score_raw": "100",
        "record_score_raw": "0",
        "record_lesson_status": "passed",
        "record_objectives_count": "1",
    }
    good = (
        {**_one, "record_score_raw": "100"},
        {**_one, "record_score_raw": ""},
        {**_one, "record_objectives_count": "2"},
        {**_one, "record_lesson_status": "failed"},
        {**_one, "score_raw": "0"},
    )
    bad = (_one, {**_one, "score_raw": "80", "record_score_raw": "0.0"})
