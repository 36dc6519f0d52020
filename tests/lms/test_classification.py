"""What an answer means: errors of reads by name, outcomes of edits without wishful thinking."""

import json
import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scormaudit.errors import (
    Busy,
    Forbidden,
    LmsError,
    NotFound,
    NotUnderstood,
    Refused,
    Unauthenticated,
)
from scormaudit.lms.classification import Answer, Received, classify_edit, failure, scos_of

statuses = st.integers(100, 599)
codes = st.none() | st.integers(-(2**31), 2**31 - 1) | st.integers(0, 8)
PASSES, RECORDED, ENDS = (True, False), (False, False), (False, True)
LETTERS = {
    "B": (Busy, PASSES), "n": (NotUnderstood, PASSES), "r": (NotUnderstood, RECORDED),
    "M": (NotFound, RECORDED), "F": (Forbidden, RECORDED), "R": (Refused, ENDS),
    "U": (Unauthenticated, ENDS), "X": (NotUnderstood, ENDS),
}  # fmt: skip
CODES = (None, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, -1)
TABLE = {
    # no envelope, then codes 0 to 8, then one that is too large and one below zero
    "n nnRMUFnnn nn": (200, 201, 202, 204, 206),
    "X XXXXUXXXX XX": (100, 101, 300, 301, 302, 303, 307, 308, 600, 999),
    "X XXRMUFXXX XX": (400, 402, 404, 405, 406, 410, 413, 414, 415, 418, 421, 431, 451),
    "U UUUUUUUUU UU": (401,),
    "F FFRMUFFFF FF": (403,),
    "M MrRMUFrrr rr": (409,),
    "R RRRMUFRRR RR": (422,),
    "B BBBBUBBBB BB": (408, 425, 429, 500, 501, 502, 503, 504, 507, 511, 520, 599),
}
ITEM = {
    "sco_id": "s", "title": "", "cmi_fields": [], "api_error_entity": {"error_code": 0},
}  # fmt: skip
BARE = {
    "array": json.dumps([ITEM]).encode(), "empty-array": b"[]", "json": b'{"a": 1}',
    "number": b"0", "null": b"null", "other-array": b"[1, 2]", "html": b"<!doctype html><p>",
    "empty": b"", "blank": b" \r\n", "half-array": json.dumps([ITEM]).encode()[:-3],
    "half-envelope": b'{"api_error_entity": {"error_code": 0', "text": b"no", "bytes": b"\xff\xfe",
    "odd-envelope": b'{"api_error_entity": null}', "deep": b"[" * 5000,
    "late-array": b" \r\n" + json.dumps([ITEM]).encode() + b" ",
}  # fmt: skip
GOOD = ("array", "empty-array", "late-array")


def envelope(code, message=None):
    """The body of an error."""
    entity = {"error_code": code, "error_message": message}
    return json.dumps({"api_error_entity": entity}).encode()


def judged(status, body, **options):
    """What a read makes of an answer: the SCOs or the error."""
    try:
        return scos_of(Received(status=status, content=body, **options))
    except LmsError as error:
        return error


def fate(error):
    """The class of an error, and whether it passes or ends the run."""
    return type(error), (error.passing, error.ends_run)


# --- reads -------------------------------------------------------------------------------


@pytest.mark.parametrize(("letters", "status"), [
    (letters, status) for letters, several in TABLE.items() for status in several
])  # fmt: skip
def test_every_answer_has_one_meaning(letters, status):
    """Each status with each code and each kind of body means what the table says."""
    expected = dict(zip(CODES, letters.replace(" ", ""), strict=True))
    bodies = [(None, BARE[name]) for name in BARE if status != 200 or name not in GOOD]
    bodies += [(code, envelope(code)) for code in CODES[1:]]
    for code, body in bodies:
        assert LETTERS[expected[code]] == fate(judged(status, body)), (status, code, body[:40])


def test_only_one_answer_of_a_read_is_a_success():
    """Of all statuses and bodies, HTTP 200 with a whole array of SCOs without errors alone."""
    for status, name in product(range(100, 600), BARE):
        is_good = not isinstance(judged(status, BARE[name]), LmsError)
        assert ((status == 200) and name in GOOD) is is_good, (status, name)


@given(statuses, codes, st.binary() | st.sampled_from(tuple(BARE.values())))
def test_every_failed_read_is_an_lms_error(status, code, body):
    """No status, code or body, known or not, breaks the reading of an error."""
    body = body if code is None else envelope(code)
    error = failure(Received(status=status, content=body))
    assert isinstance(error, LmsError)
    assert not (error.passing and error.ends_run)


@pytest.mark.parametrize(
    ("codes", "letter"),
    [
        ((5,), (Forbidden, ENDS)), ((4,), (Unauthenticated, ENDS)), ((3,), (NotFound, RECORDED)),
        ((2,), (Refused, RECORDED)), ((1,), (NotUnderstood, PASSES)),
        ((99,), (NotUnderstood, PASSES)), ((0, 0, 3), (NotFound, RECORDED)),
        ((3, 5), (Forbidden, ENDS)), ((0, 1, 4), (Unauthenticated, ENDS)),
    ],
)  # fmt: skip
def test_the_worst_code_of_the_items_counts(codes, letter):
    """One SCO that failed fails the page; a code about the token ends the run."""
    items = [ITEM | {"api_error_entity": {"error_code": code}} for code in codes]
    assert letter == fate(judged(200, json.dumps(items).encode()))


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (503, b"<html>", "HTTP 503 with an HTML page"), (200, b"", "HTTP 200 with nothing in it"),
        (404, b"no", "HTTP 404 with something that is not JSON"),
        (200, b"{}", "HTTP 200 with JSON of another kind"), (500, b"[]", "HTTP 500 with a list"),
        (409, envelope(3), r"HTTP 409 with code 3\.$"),
        (409, envelope(3, "No entity found."), r"HTTP 409 with code 3 \(No entity found\)\.$"),
        (409, envelope(3, "X."), r"HTTP 409 with code 3 \(X\)\.$"),
    ],
)  # fmt: skip
def test_an_error_says_what_came(status, body, words):
    """Status, code and message of an answer stand in its error, with something to do."""
    error = judged(status, body)
    assert re.search(f"^The LMS answered {words}", error.what)
    assert error.todo


@pytest.mark.parametrize(
    ("message", "words"),
    [("No entity found.", "code 3 for a SCO (No entity found)."), (None, "code 3 for a SCO.")],
)
def test_an_error_of_an_item_says_what_came(message, words):
    """The code and the message that one SCO names stand in the error, with something to do."""
    entity = {"error_code": 3, "error_message": message}
    error = judged(200, json.dumps([ITEM | {"api_error_entity": entity}]).encode())
    assert f"The LMS answered {words} Check the ids in the worklist." == str(error)


@pytest.mark.parametrize(
    ("status", "code"), [(200, 3), (200, None), (403, 5)], ids=["item", "page", "envelope"]
)
def test_what_the_lms_says_is_made_fit_to_be_shown(status, code):
    """The LMS's own words pass through what hides a token, wherever they stand."""
    body = envelope(code or 3, "the token abc")
    if code == 3:
        entity = {"error_code": 3, "error_message": "the token abc"}
        body = json.dumps([ITEM | {"api_error_entity": entity}]).encode()
    with pytest.raises(LmsError) as caught:
        scos_of(
            Received(status=status, content=body), lambda words: words.replace("abc", "[hidden]")
        )
    assert "(the token [hidden])" in str(caught.value)


def test_headers_and_a_byte_order_mark_are_read():
    """A Retry-After is kept in seconds, from a date too; a mark of .NET is no part of the JSON."""
    later = {
        "date": "Mon, 02 Mar 2026 10:00:00 GMT",
        "retry-after": "Mon, 02 Mar 2026 10:01:00 GMT",
    }
    for headers, seconds in (({"retry-after": "7"}, 7), (later, 60), ({}, None)):
        received = Received.of(429, b"\xef\xbb\xbf[]", headers)
        assert (429, b"[]", seconds) == (received.status, received.content, received.retry_after)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
def test_a_rest_that_is_asked_for_is_handed_on(status):
    """A busy server's Retry-After stands in the error; a rest of hours ends the run instead."""
    short, long = (judged(status, b"", retry_after=seconds) for seconds in (900, 901))
    assert (900, PASSES) == (short.retry_after, fate(short)[1])
    assert (901, ENDS) == (long.retry_after, fate(long)[1])
    assert "It asks to be left alone for 901 seconds." == long.todo
    assert "Try again later, with fewer --jobs or a --rate." == short.todo


def test_who_may_not_is_not_asked_to_wait():
    """A Retry-After beside an answer that will not pass is of no account."""
    assert judged(403, b"", retry_after=1000).retry_after is None


def test_a_repr_shows_no_learner():
    """What came back is shown by its status alone, for its content is a learner's."""
    assert "<Received 200>" == repr(Received(status=200, content=b"Ada Example"))


# --- edits -------------------------------------------------------------------------------


EDITED = {
    "a": ("ack", False), "r": ("rejected", False), "R": ("rejected", True),
    "u": ("unknown", False), "U": ("unknown", True), "b": ("busy", False),
    "t": ("throttled", False), "4": ("unauthenticated", False),
}  # fmt: skip
EDITS = {
    # no envelope, then codes 0 to 8, then one that is too large and one below zero
    "u aurr4Ruuu uu": (200,),
    "u uuuu4Ruuu uu": (201, 202, 204, 206),
    "u uuuuuuuuu uu": (408, 500, 501, 502, 504, 507, 511, 520, 599),
    "U UUUUUUUUU UU": (100, 101, 300, 301, 302, 303, 307, 308, 600, 999),
    "R RRRR4RRRR RR": (400, 402, 404, 405, 406, 410, 413, 414, 415, 418, 421, 425, 431, 451),
    "4 444444444 44": (401,),
    "R RRrr4RRRR RR": (403, 409, 422),
    "t ttttttttt tt": (429,),
    "b bbbbbbbbb bb": (503,),
}


def edited(status, code, **options):
    """What an edit makes of an answer with this code, or without an envelope."""
    body = b"<html>" if code is None else envelope(code)
    return classify_edit(Received(status=status, content=body, **options))


@pytest.mark.parametrize(("letters", "status"), [
    (letters, status) for letters, several in EDITS.items() for status in several
])  # fmt: skip
def test_every_answer_to_an_edit_has_one_outcome(letters, status):
    """Each status with each code means what the table says; what is odd ends the run."""
    outcomes = [edited(status, code) for code in CODES]
    expected = [EDITED[letter] for letter in letters.replace(" ", "")]
    assert expected == [(answer.outcome, answer.stop) for answer in outcomes]


@given(statuses, st.sampled_from(tuple(BARE.values())) | st.binary())
def test_without_an_envelope_no_edit_is_a_success(status, body):
    """An edit is acknowledged by HTTP 200 with code 0, whatever else comes with HTTP 200."""
    answer = classify_edit(Received(status=status, content=body))
    assert answer.outcome not in ("ack", "not_sent")
    assert str(status) in answer.reason


@given(statuses, codes)
def test_only_one_answer_is_a_success(status, code):
    """An edit is acknowledged by HTTP 200 with code 0, and by nothing else."""
    answer = edited(status, code)
    assert ((status, code) == (200, 0)) is (answer.outcome == "ack")
    assert answer.outcome != "not_sent"


@pytest.mark.parametrize("status", [429, 503])
def test_a_rest_that_is_asked_for_after_an_edit_is_handed_on(status):
    """A Retry-After stands in the answer; one of more than a quarter of an hour ends the run."""
    short, long = (edited(status, None, retry_after=seconds) for seconds in (900, 901))
    assert (900, False) == (short.retry_after, short.stop)
    assert (901, True) == (long.retry_after, long.stop)
    assert edited(status, None).retry_after is None
    assert f"HTTP {status}, no JSON envelope" == short.reason


def test_the_reason_names_status_and_code():
    """What is told of an edit is its status and code, never the LMS's own words."""
    assert "HTTP 422, code 2" == edited(422, 2).reason
    assert Answer("unknown", "HTTP 302, code 0", stop=True) == edited(302, 0)


def test_only_a_busy_lms_is_given_a_rest():
    """A Retry-After beside any other answer to an edit is of no account."""
    assert edited(500, None, retry_after=1000) == edited(500, None)


def test_an_answer_ends_no_run_unless_it_says_so():
    """An outcome that is given alone neither ends a run nor asks for a rest."""
    answer = Answer("unknown", "reset")
    assert (False, None) == (answer.stop, answer.retry_after)
