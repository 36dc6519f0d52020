"""Faults by name, and those of the wire: each does what it says, on a count and not by chance."""

import time

import httpx
import pytest

from scormaudit.errors import ScormauditError
from scormaudit.sandbox import Sandbox
from scormaudit.sandbox.faults import FAULTS

from .faulty import KEYS, NAMES, silent
from .known import READ


@pytest.fixture
def faulty(caplog):
    """Makes sandboxes with faults; none of them may have anything to say about it."""
    with silent(caplog) as make:
        yield make


@pytest.mark.parametrize("name", ["latencyy", "latency-0", "latency-12345", "reset-100", "-5", ""])
def test_unknown_fault_names_the_known_ones(name):
    """A misspelt fault is refused before anything is opened, and all that exist are listed."""
    with pytest.raises(ScormauditError) as caught:
        Sandbox(records=1, faults=(name,))
    assert repr(name) in str(caught.value)
    assert set(FAULTS) | {"latency-N", "late-commit-N"} <= set(
        str(caught.value).rstrip(".").partition("milliseconds: ")[2].split(", ")
    )


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_says_what_happens(name):
    """Each fault has a docstring of its own, and a sandbox with it starts and stops."""
    assert len(FAULTS[name].__doc__.split()) > 5
    with Sandbox.of([], faults=(name,)):
        pass


@pytest.mark.parametrize("names", [("html-page", "half-body"), ("half-body", "html-page") * 2])
def test_order_of_names_is_nothing(faulty, names):
    """Faults stand in one order, from the wire inwards; naming one twice is naming it once.

    What an outer fault kept to itself an inner one does not count: half bodies are read in
    full by the server, so it counts them, and the 7th is its page.
    """
    bench = faulty(*names)
    expected = [200, 200, 200, "half", 200, 200, "html", "half"]
    assert expected == bench.reads(8)


@pytest.mark.parametrize(("name", "seconds"), [("latency", 0.01), ("latency-100", 0.1)])
def test_latency_delays(faulty, name, seconds):
    """Every request takes 10 ms longer, or as many as the name says; an edit too."""
    bench = faulty(name)
    start = time.perf_counter()
    assert [200, 200] == bench.reads(2)
    assert 200 == bench.edit().status_code
    assert time.perf_counter() - start >= 3 * seconds


def test_slow_drip_outlasts_a_timeout_for_each_piece(faulty):
    """The 5th body is whole, but takes a second in pauses that a read timeout never notices."""
    bench = faulty("slow-drip")
    calm = bench.read().content
    bench.reads(3)
    start = time.perf_counter()
    body = {**KEYS, "cmi_element_names": NAMES}
    with bench.http.stream("POST", READ, json=body, params=bench.params, timeout=0.5) as answer:
        headers_after = time.perf_counter() - start
        pieces = list(answer.iter_raw())
    assert headers_after < 0.5
    assert time.perf_counter() - start >= 0.95
    assert len(pieces) > 10
    assert calm == b"".join(pieces)


def test_slow_drip_ends_with_its_client(faulty):
    """Who leaves in the middle is not dripped on: the sandbox stops at once."""
    bench = faulty("slow-drip")
    bench.reads(4)
    body = {**KEYS, "cmi_element_names": []}
    with bench.http.stream("POST", READ, json=body, params=bench.params) as answer:
        next(answer.iter_raw(1))
    start = time.perf_counter()
    bench.sandbox.stop()
    assert time.perf_counter() - start < 0.8


def test_half_body_breaks_its_promise(faulty):
    """Every 4th read has the whole length in its headers, half of the bytes, and then an end."""
    bench = faulty("half-body")
    assert [200, 200, 200, "half"] * 2 == bench.reads(8)
    whole = bench.read().content
    bench.reads(2)
    body = {**KEYS, "cmi_element_names": NAMES}
    found, end = bench.raw(READ, body)
    head, _, half = found.partition(b"\r\n\r\n")
    assert f"content-length: {len(whole)}".encode() in head.lower()
    assert (whole[: len(whole) // 2], "closed") == (half, end)


def test_half_of_a_large_body_is_sent(faulty):
    """What stands in the server's buffers when it hangs up still arrives."""
    bench = faulty("half-body")
    bench.reads(3)
    found, end = bench.raw(READ, {**KEYS, "cmi_element_names": ["cmi.suspend_data"] * 60_000})
    head, _, half = found.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    assert length > 10_000_000
    assert (length // 2, "closed") == (len(half), end)


def test_reset_comes_before_any_answer(faulty):
    """Every 6th read gets a reset and not one byte; the next one is answered."""
    bench = faulty("reset")
    assert [*[200] * 5, "reset"] * 2 == bench.reads(12)
    bench.reads(5)
    assert (b"", "reset") == bench.raw(READ, {**KEYS, "cmi_element_names": []})
    assert 18 == bench.sandbox.requests()["GetCmiData"]


def test_duplicate_delivery_doubles_each_post(faulty):
    """One edit is sent and counted, two are committed, one is answered; a read is just a read."""
    bench = faulty("duplicate-delivery")
    assert 0 == bench.edit().json()["api_error_entity"]["error_code"]
    assert ["sco_a", "sco_a"] == bench.edits()
    assert 5 == len(bench.read().json())
    assert {"EditScormData": 1, "GetCmiData": 1} == {
        name: times for name, times in bench.sandbox.requests().items() if times
    }


@pytest.mark.parametrize(
    "name", ["slow-drip", "half-body", "reset", "html-page", "server-error", "storm", "wrong-type"]
)
def test_faults_of_reads_leave_the_rest_alone(faulty, name):
    """Twenty edits and twenty other requests meet no fault of a read."""
    bench = faulty(name)
    codes = [bench.edit().json()["api_error_entity"]["error_code"] for _ in range(20)]
    assert [0] * 20 == codes
    assert {200} == {bench.http.get("/openapi.json").status_code for _ in range(20)}


def test_faults_survive_a_client_that_leaves(faulty):
    """A client that is gone before its faulty answer costs nothing but its request."""
    bench = faulty("latency-50", "half-body")
    body = {**KEYS, "cmi_element_names": []}
    for _ in range(4):
        with pytest.raises(httpx.ReadTimeout):
            bench.http.post(READ, json=body, params=bench.params, timeout=0.01)
    assert [200, 200, 200, "half"] == bench.reads(4)
