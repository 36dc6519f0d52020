"""Pace: a rate that is kept, a window that narrows when the LMS labours and widens when calm."""

from itertools import pairwise
from random import Random
from threading import Barrier, Lock, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from patient import patiently

from scormaudit.errors import SettingsError
from scormaudit.lms.client import Client
from scormaudit.lms.pace import Clock, Pace, Turn, Window

KEY = ("11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222")
NAMES = ("cmi.core.lesson_status",)


class Time(Clock):
    """A clock that moves when it is waited for."""

    def __init__(self):
        self.time = 100.0

    def now(self):
        return self.time

    def wait(self, _, seconds):
        assert seconds is not None, "nobody is there to end this wait"
        self.time += seconds


class Lms:
    """Requests to an LMS, `jobs` at a time, in a time of their own."""

    def __init__(self, jobs):
        self.window, self.jobs, self.time = Window(jobs), jobs, 0.0

    def ask(self, times, took, overloaded=False):
        """Rounds of requests that end together; `took` gives the seconds of each."""
        for _ in range(times):
            size = min(self.window.size, self.jobs)
            turns = [Turn(self.time, not overloaded, overloaded) for _ in range(size)]
            for turn in turns:
                turn.started = self.time
            start = self.time
            self.time += max(seconds := [took() for _ in turns])
            for turn, second in zip(turns, sorted(seconds), strict=True):
                self.window.tell(turn, start + second, size)
        return self.window.size


# --- the window --------------------------------------------------------------------------


def test_overload_halves_once_for_all_that_was_in_flight():
    """429 to everything in flight is one message: half as many, not none."""
    lms = Lms(8)
    assert [4, 2, 1, 1] == [lms.ask(1, lambda: 0.1, overloaded=True) for _ in range(4)]


def test_calm_widens_one_by_one_up_to_the_jobs():
    """Eight good answers for each in flight allow one more, and never more than the jobs."""
    lms = Lms(4)
    lms.ask(2, lambda: 0.1, overloaded=True)
    assert 1 == lms.window.size
    assert [1, 2, 2, 3] == [lms.ask(n, lambda: 0.1) for n in (7, 1, 7, 1)]
    assert 4 == lms.ask(1000, lambda: 0.1)


def test_one_bad_answer_ends_the_calm():
    """A spell with a failure in it is not calm."""
    window = Window(2)
    window.tell(Turn(0, overloaded=True), 1, 2)
    for turn in range(100):
        window.tell(Turn(2 + turn, answered=turn % 8 != 7), 2.1 + turn, 1)
    assert 1 == window.size


def test_rising_latency_narrows():
    """Answers that take five times as long as before mean fewer in flight."""
    lms = Lms(8)
    lms.ask(50, lambda: 0.1)
    assert 8 == lms.window.size
    assert lms.ask(10, lambda: 0.5) < 8


def test_slowness_that_stays_is_not_of_our_making():
    """Where asking less does not help, the pace does not starve, and comes back."""
    lms = Lms(8)
    lms.ask(50, lambda: 0.1)
    sizes = [lms.ask(1, lambda: 1.0) for _ in range(1000)]
    assert min(sizes) >= 2
    assert 8 == sizes[-1]
    assert sum(sizes) >= 0.95 * 8 * len(sizes)


def test_latency_of_our_own_making_falls_with_the_window():
    """A server that slows down for more than two at a time is soon asked two or three at a time."""
    lms = Lms(8)
    lms.ask(50, lambda: 0.1)
    sizes = [lms.ask(1, lambda: 0.1 * max(1, lms.window.size - 2)) for _ in range(40)]
    assert min(sizes) <= 4


@pytest.mark.parametrize(
    "took",
    [
        lambda random: random.expovariate(10),
        lambda random: random.lognormvariate(-2.3, 1),
        lambda random: 0.05 * random.paretovariate(1.5),
        lambda random: 0.1 + (2.0 if random.random() < 0.05 else 0),
        lambda random: random.choice((0.05, 0.4)),
        lambda random: random.choice((0.05, 0.05, 1.0)),
    ],
    ids=["exponential", "lognormal", "pareto", "outliers", "two-kinds", "long-and-short"],
)
def test_noise_costs_nothing(took):
    """A steady server, however noisy, is asked as fast as ever: 99 % of the jobs at the least."""
    random, lms = Random(1), Lms(8)
    sizes = [lms.ask(1, lambda: took(random)) for _ in range(5000)]
    assert sum(sizes) >= 0.99 * 8 * len(sizes)


def test_a_server_next_door_is_never_slow():
    """Three times a millisecond is still no reason to hold back."""
    lms = Lms(8)
    lms.ask(50, lambda: 0.001)
    assert 8 == lms.ask(50, lambda: 0.05)


def test_requests_that_fail_slowly_count_as_slow():
    """Timeouts narrow the window, connections that fail at once do not."""
    for took, narrows in ((30, True), (0.001, False)):
        window = Window(8)
        for turn in range(400):
            window.tell(Turn(turn, answered=True), turn + 0.1, 8)
        for turn in range(500, 8500, 100):
            window.tell(Turn(turn), turn + took, 8)
        assert narrows is (window.size < 8)


def test_without_jobs_the_window_opens_as_far_as_threads_ask():
    """No number of jobs is no limit, until the LMS asks for less: half of what was in flight."""
    window = Window()
    assert window.size is None
    window.tell(Turn(0, overloaded=True), 1, 12)
    assert 6 == window.size


@given(st.integers(1, 20), st.lists(st.tuples(st.booleans(), st.booleans(), st.floats(0, 100))))
def test_the_window_keeps_its_bounds(jobs, fates):
    """Whatever happens, at least one request is allowed and at most the jobs."""
    window = Window(jobs)
    for number, (answered, overloaded, took) in enumerate(fates):
        window.tell(Turn(number, answered, overloaded), number + took, window.size)
        assert 1 <= window.size <= jobs


# --- the pace ----------------------------------------------------------------------------


@given(st.floats(0.01, 1000), st.lists(st.floats(0, 5), min_size=2, max_size=30))
def test_the_rate_is_kept(rate, pauses):
    """No two requests start closer than the rate allows, however they come."""
    clock, starts = Time(), []
    pace = Pace(rate=rate, clock=clock)
    for pause in pauses:
        clock.time += pause
        with pace.turn() as turn:
            starts.append(turn.started)
    gaps = [late - early for early, late in pairwise(starts)]
    assert min(gaps) >= 0.999999 / rate - 1e-9


def test_without_a_rate_nobody_waits():
    """A pace without a rate lets requests start at once."""
    clock = Time()
    pace = Pace(4, clock=clock)
    for _ in range(100):
        with pace.turn():
            pass
    assert 100.0 == clock.time


def test_a_rest_delays_the_next_request_and_a_shorter_one_does_not_end_it():
    """The longest rest that was asked for is in force."""
    clock = Time()
    pace = Pace(clock=clock)
    pace.rest(50)
    pace.rest(10)
    with pace.turn() as turn:
        assert 150.0 == turn.started


def test_a_turn_that_raises_is_given_back():
    """A request that fails leaves its place to the next."""
    pace = Pace(1, clock=Time())
    for _ in range(3):
        with pytest.raises(KeyError), pace.turn():
            raise KeyError
    with pace.turn():
        assert "<Pace: 1 in flight of 1>" == repr(pace)


@pytest.mark.parametrize("options", [{"jobs": 0}, {"rate": 0}, {"rate": -1}, {"rate": float("inf")},
                                     {"rate": float("nan")}])  # fmt: skip
def test_paces_that_cannot_be_are_refused(options):
    """No jobs or no rate at all is a mistake, and named as one."""
    with pytest.raises(SettingsError):
        Pace(**options)


# --- with a server -----------------------------------------------------------------------


class Crowd:
    """A stub's answer that knows how many are asking; it answers when `jobs` do, or are done."""

    def __init__(self, together):
        self.lock, self.now, self.most = Lock(), 0, 0
        self.barrier = Barrier(together)

    def __call__(self, _):
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.barrier.wait(10)
        with self.lock:
            self.now -= 1
        return 200, b"[]"


def together(client, times, threads):
    """Pages read by several threads at once."""

    def read():
        for number in range(times):
            patiently(client, *KEY, NAMES, number + 2)

    workers = [Thread(target=read) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def test_jobs_are_the_most_at_a_time(stub):
    """However many threads ask, so many requests are in flight, no fewer and no more."""
    crowd = Crowd(3)
    with Client(stub(crowd).url, "token", jobs=3) as client:
        together(client, 4, threads=6)
    assert 3 == crowd.most


def test_more_than_a_pool_may_ask(stub):
    """A hundred threads and more are in flight together if nobody says otherwise."""
    crowd = Crowd(120)
    server = stub(crowd)
    server.socket.listen(120)
    with Client(server.url, "token") as client:
        together(client, 1, threads=120)
    assert 120 == crowd.most


def test_a_server_that_is_overloaded_is_asked_less(stub):
    """429 narrows a client's window, good answers widen it again, and every page comes."""
    turns = iter(range(10**6))
    server = stub(lambda _: (429, b"") if next(turns) < 8 else (200, b"[]"))
    with Client(server.url, "token", jobs=8) as client:
        together(client, 1, threads=8)
        narrow = client.pace.width
        together(client, 30, threads=8)
        assert narrow < 8 == client.pace.width
    assert len(server.targets) == 8 + 8 + 240
