"""Scores: their range and their order (RTE 3-27 to 3-29)."""

from pandera.pandas import Check

from scormaudit import Rule


class ScoreRawRange(Rule, code="SC101"):
    """The raw score lies outside 0 to 100.

    SCORM 1.2 asks for a normalised score. A course that reports points has lost the scale
    with it, so no number can be put in its place: never clamp, ask the course's owner.
    """

    severity = "error"
    page = "3-27"
    needs = ("score_raw",)
    check = Check(lambda cmi: ~(cmi.score_raw_value.lt(0) | cmi.score_raw_value.gt(100)))
    good = ({"score_raw": "0"}, {"score_raw": "100"}, {"score_raw": ""}, {"score_raw": "high"})
    bad = ({"score_raw": "100.5"}, {"score_raw": "-1"}, {"score_raw": "12345"})


class ScoreRawWithinBounds(Rule, code="SC201"):
    """The raw score lies below the minimum or above the maximum stored with it.

    The specification does not say that min ≤ raw ≤ max, but a reader who scales the score by
    its bounds gets less than nothing or more than everything.
    """

    severity = "warning"
    page = "3-27"
    needs = ("score_raw", "score_min", "score_max")
    check = Check(
        lambda cmi: (
            ~(
                cmi.score_raw_value.lt(cmi.score_min_value)
                | cmi.score_raw_value.gt(cmi.score_max_value)
            )
        )
    )
    good = (
        {"score_raw": "80", "score_min": "0", "score_max": "100"},
        {"score_raw": "80", "score_min": "", "score_max": ""},
        {"score_raw": "", "score_min": "10", "score_max": "100"},
    )
    bad = (
        {"score_raw": "80", "score_min": "0", "score_max": "75"},
        {"score_raw": "5", "score_min": "10", "score_max": "100"},
    )
