"""What an answer means: errors of reads by name, outcomes of edits without wishful thinking."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scormaudit.errors import (
    Forbidden,
    LmsError,
    NotFound,
    NotUnderstood,
    Refused,
    Unauthenticated,
)
from scormaudit.lms.classification import classify_edit, failure
from scormaudit.lms.wire import ApiError

statuses = st.integers(100, 599)
codes = st.none() | st.integers(-(2**31), 2**31 - 1) | st.integers(0, 8)


def entity(code):
    """An error entity, or None for a body without one."""
    return None if code is None else ApiError(error_code=code)


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (401, None, Unauthenticated), (403, 4, Unauthenticated), (403, 5, Forbidden),
        (403, None, Forbidden), (409, 3, NotFound), (409, None, NotFound), (422, 2, Refused),
        (422, None, Refused), (200, 2, Refused), (200, 3, NotFound), (200, 4, Unauthenticated),
        (200, 5, Forbidden), (200, None, NotUnderstood), (200, 0, NotUnderstood),
        (200, 1, NotUnderstood), (200, 99, NotUnderstood), (302, None, NotUnderstood),
        (404, None, NotUnderstood), (429, None, NotUnderstood), (500, 1, NotUnderstood),
        (503, None, NotUnderstood), (409, 5, Forbidden), (422, 3, NotFound),
    ],
)  # fmt: skip
def test_failed_reads_have_names(status, code, expected):
    """The code says what went wrong, and the status where there is no code."""
    error = failure(status, entity(code))
    assert expected is type(error)
    assert f"HTTP {status}" in str(error)
    assert error.todo


@given(statuses, codes)
def test_every_failed_read_is_an_lms_error(status, code):
    """No status and no code, known or not, breaks the reading of an error."""
    assert isinstance(failure(status, entity(code)), LmsError)


@pytest.mark.parametrize(
    ("status", "code", "expected", "stop"),
    [
        (200, 0, "ack", False), (200, 2, "rejected", False), (200, 3, "rejected", False),
        (409, 3, "rejected", False), (422, 2, "rejected", False), (200, 4, "rejected", True),
        (200, 5, "rejected", True), (401, None, "rejected", True), (403, None, "rejected", True),
        (403, 5, "rejected", True), (404, None, "rejected", True), (415, 2, "rejected", True),
        (200, 1, "unknown", False), (200, 7, "unknown", False), (200, None, "unknown", False),
        (408, None, "unknown", False), (429, None, "unknown", False), (500, 1, "unknown", False),
        (503, None, "unknown", False), (302, None, "unknown", True), (201, 0, "unknown", True),
    ],
)  # fmt: skip
def test_edits_have_outcomes(status, code, expected, stop):
    """An edit is done, refused or not known; what no one can explain stops the run."""
    answer = classify_edit(status, entity(code))
    assert (expected, stop) == (answer.outcome, answer.stop)


@given(statuses, codes)
def test_only_one_answer_is_a_success(status, code):
    """An edit is acknowledged by HTTP 200 with code 0, and by nothing else."""
    answer = classify_edit(status, entity(code))
    assert ((status, code) == (200, 0)) is (answer.outcome == "ack")
    assert answer.outcome != "not_sent"


@given(st.integers(500, 599), st.sampled_from((None, 0, 1, 6, 7, 8)))
def test_server_errors_leave_an_edit_unknown(status, code):
    """A server that broke down may have written before."""
    assert "unknown" == classify_edit(status, entity(code)).outcome
