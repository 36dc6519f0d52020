"""Trying again: what passes, how long it is waited for, and when it is given up."""

import json
import time
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from threading import Barrier, Thread

import pytest
import stamina
from hypothesis import given
from hypothesis import strategies as st
from patient import patiently
from strategies import anything

from scormaudit.errors import Busy, Forbidden, Interrupted, LmsError, Refused
from scormaudit.lms.client import Client
from scormaudit.lms.retry import Patience, persistently, retry_after

KEY = ("11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222")
NAMES = ("cmi.core.lesson_status",)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)


class Time:
    """A clock that stands until it is moved."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@given(st.integers(0, 10**12 - 1), st.sampled_from(("", " ")))
def test_seconds_are_taken_as_they_are(seconds, blank):
    """A Retry-After in seconds is that many seconds."""
    assert seconds == retry_after(f"{blank}{seconds}{blank}")


@given(moments, st.integers(-(10**6), 10**6), st.integers(-12, 14))
def test_dates_count_from_the_answer(date, seconds, hours):
    """A Retry-After as a date is seconds after the answer's own date, whatever our clock says."""
    until = date + timedelta(seconds=seconds)
    header, own = (format_datetime(moment, usegmt=True) for moment in (until, date))
    assert max(0, seconds) == retry_after(header, own)
    abroad = until.astimezone(timezone(timedelta(hours=hours)))
    assert max(0, seconds) == retry_after(format_datetime(abroad), own)


def test_dates_without_a_date_count_from_now():
    """Where the answer has no date of its own, our clock has to do."""
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert 0 < retry_after(until) <= 60
    assert 0 == retry_after("Thu, 01 Jan 1970 00:00:00 GMT")


@given(anything)
def test_any_other_header_asks_for_nothing(text):
    """Whatever stands in a Retry-After, it is seconds from 0 on, or nothing."""
    seconds = retry_after(text, text)
    assert seconds is None or 0 <= seconds < 10**12


@pytest.mark.parametrize("text", [None, "", "soon", "-1", "1e3", "NaN", "inf", "٣", "1" * 13])
def test_nonsense_asks_for_nothing(text):
    """What is neither seconds nor a date is no Retry-After."""
    assert retry_after(text) is None


def test_patience_ends_at_its_deadline():
    """A read is tried again until so long after its first failure, which may come late."""
    clock = Time()
    patience = Patience(60, clock)
    clock.now += 500
    assert patience(Busy("no")) is True
    clock.now += 60
    assert patience(Interrupted("no")) is True
    clock.now += 1
    assert patience(Busy("no")) is False


def test_a_rest_that_is_asked_for_puts_the_deadline_off():
    """Retry-After is waited out in full, with up to a second more, and does not count."""
    clock = Time()
    patience = Patience(60, clock)
    for _ in range(5):
        wait = patience(Busy("no", retry_after=300))
        assert 300 <= wait <= 301
        clock.now += wait
    clock.now += 61
    assert patience(Busy("no", retry_after=300)) is False


@pytest.mark.parametrize(
    "error", [Refused("no"), Forbidden("no"), ValueError(), Busy("no", passing=False)]
)
def test_what_does_not_pass_is_not_tried_again(error):
    """A refusal, a rest of hours and a fault of our own end at once."""
    assert Patience(60)(error) is False


def test_the_last_error_is_the_one_that_is_raised():
    """After so many attempts the last error stands, not one of stamina's."""
    errors = iter([Busy("first"), Interrupted("second"), Busy("last")])

    def fail():
        raise next(errors)

    with pytest.raises(LmsError, match="last"):
        persistently(fail, deadline=60, attempts=3)


@pytest.mark.parametrize("status", [429, 503])
def test_a_rest_holds_back_every_thread(stub, status):
    """While a Retry-After lasts, no thread of the client asks for anything."""
    asked, barrier = [], Barrier(2, timeout=5)

    def answer(_):
        asked.append(time.monotonic())
        if len(asked) == 1:
            return status, b"", "Retry-After: 0.3"
        return 200, b"[]"

    with Client(stub(answer).url, "token") as client, stamina.set_testing(False):

        def first():
            patiently(client, *KEY, NAMES, 2)

        def second():
            barrier.wait()
            patiently(client, *KEY, NAMES, 2)

        threads = [Thread(target=second)]
        threads[0].start()
        real, client.pace.rest = client.pace.rest, lambda seconds: (real(seconds), barrier.wait())
        first()
        threads[0].join()
    assert 3 == len(asked)
    assert min(asked[1:]) - asked[0] >= 0.3


def test_a_read_that_passes_is_whole(stub):
    """However many attempts a page took, its SCOs are those of the one good answer."""
    item = {"sco_id": "s", "title": "", "cmi_fields": [], "api_error_entity": {"error_code": 0}}
    bad = [(503, b""), None, (200, b"[{"), (200, b"<html>")]
    answers = iter([*bad, (200, json.dumps([item]).encode())])
    with Client(stub(lambda _: next(answers)).url, "token") as client:
        assert ["s"] == [sco.sco_id for sco in patiently(client, *KEY, NAMES, 2)]
