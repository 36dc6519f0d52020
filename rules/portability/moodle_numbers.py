"""What Moodle's mod_scorm does to scores and times, by its run-time (`datamodels/scorm_12.js`)."""

import re

from pandera.pandas import Check

from scormaudit import Rule

_DECIMAL = re.compile(r"-?[0-9]{0,3}(\.[0-9]*)?")
_NUMBER = re.compile(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_ADDABLE = re.compile(r"-?[0-9]+:-?[0-9]+:-?[0-9]+(\.[0-9]+)?")
_TENTHS = re.compile(r"[0-9:]+\.[1-9]")
_HOURS = re.compile(r"[0-9]{5,}:.*|9999:99:99\.99")


def _score(text: str) -> bool:
    """Blank, or what both its pattern and its range let pass."""
    if text == "":
        return True
    decimal = _DECIMAL.fullmatch(text) and _NUMBER.fullmatch(text)
    return decimal is not None and 0 <= float(text) <= 100


class ScoreRefused(Rule, code="MDL121"):
    """Moodle refuses this raw score.

    Its pattern has up to three digits before the point, and its range is 0 to 100; what does
    not fit is answered with 405 and never stored, and the grade stays empty.
    """

    element = "score_raw"
    check = Check(_score, element_wise=True)
    good = ({"score_raw": "100"}, {"score_raw": "28.999999999999996"}, {"score_raw": ""})
    bad = ({"score_raw": "150"}, {"score_raw": "0050"}, {"score_raw": "85,5"}, {"score_raw": "-5"})


class MaximumRefused(Rule, code="MDL122"):
    """Moodle refuses this maximum score.

    Its range is 0 to 100 too; without a maximum the grade book takes points for percent.
    """

    element = "score_max"
    check = Check(_score, element_wise=True)
    good = ({"score_max": "10"}, {"score_max": ""})
    bad = ({"score_max": "200"},)


class ScoreZeroed(Rule, code="MDL123"):
    """Moodle stores 0 for this blank score when the course writes it again.

    It multiplies what it is given by one. This course writes scores, since it wrote a maximum or
    a minimum; afterwards 0 points and no points cannot be told apart.
    """

    severity = "warning"
    needs = ("score_raw", "score_max", "score_min")
    check = Check(
        lambda cmi: (
            ~(cmi.score_raw.eq("") & (cmi.score_max_value.notna() | cmi.score_min_value.notna()))
        )
    )
    good = (
        {"score_raw": "", "score_max": "", "score_min": ""},
        {"score_raw": "0", "score_max": "100"},
    )
    bad = ({"score_raw": "", "score_max": "100"},)


class ScoreInPoints(Rule, code="MDL124"):
    """Moodle takes the points of this score for percent.

    Its grade is the raw score as it stands (`scorm_grade_user_attempt`), whatever the maximum:
    7 of 10 points become a grade of 7.
    """

    needs = ("score_raw", "score_max")
    check = Check(
        lambda cmi: (
            ~(cmi.score_raw_value.gt(0) & cmi.score_max_value.notna() & cmi.score_max_value.ne(100))
        )
    )
    good = (
        {"score_raw": "7", "score_max": ""},
        {"score_raw": "70", "score_max": "100"},
        {"score_raw": "0", "score_max": "10"},
    )
    bad = ({"score_raw": "7", "score_max": "10"},)


class TotalBreaks(Rule, code="MDL131"):
    """Moodle cannot add to this total time.

    It splits the text at its colons: where there are not three numbers the next finish fails in
    the browser or stores `NaN`, and neither the old time nor the new session is kept.
    """

    element = "total_time"
    check = Check(lambda text: _ADDABLE.fullmatch(text) is not None, element_wise=True)
    good = ({"total_time": "0000:10:00"}, {"total_time": "0:5:0"}, {"total_time": "10049:00:00"})
    bad = ({"total_time": "PT10M"}, {"total_time": "5:00"}, {"total_time": ""})


class TotalTenths(Rule, code="MDL132"):
    """Moodle reads the one digit of this total time's fraction as hundredths.

    `.5` is five hundredths to it, and the next finish writes `.05`: up to 0.81 seconds of each
    such session are lost (measured: 1.5 s and 1.5 s make 2.10 s).
    """

    severity = "warning"
    element = "total_time"
    check = Check(lambda text: _TENTHS.fullmatch(text) is None, element_wise=True)
    good = ({"total_time": "00:00:01.50"}, {"total_time": "00:00:01"})
    bad = ({"total_time": "00:00:01.5"},)


class TotalBeyond(Rule, code="MDL133"):
    """Moodle lets this total time grow beyond what SCORM 1.2 can spell.

    It counts hours without a limit (measured: 10049:00:00), and no other system reads it then.
    """

    severity = "warning"
    element = "total_time"
    check = Check(lambda text: _HOURS.fullmatch(text) is None, element_wise=True)
    good = ({"total_time": "9999:00:00"},)
    bad = ({"total_time": "10049:00:00.00"}, {"total_time": "9999:99:99.99"})


class SessionDropped(Rule, code="MDL134"):
    """Moodle does not store this session time.

    It leaves the element out of what it stores and adds it to the total time at the finish, so
    the length of the last session is known no more; the total keeps it.
    """

    severity = "info"
    needs = ("session_time",)
    check = Check(
        lambda cmi: (
            cmi.session_time.isna() | cmi.session_time.eq("") | cmi.session_time_seconds.eq(0)
        )
    )
    good = ({"session_time": ""}, {"session_time": "00:00:00"})
    bad = ({"session_time": "00:10:00"}, {"session_time": "PT10M"})
