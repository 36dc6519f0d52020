"""Paging under adversity: what is read is a state the record was in, or an error by name.

Simulated: a record whose SCOs are inserted, deleted and renamed between any two requests, on a
server that clamps pages, repeats them or counts them from 0.
"""

import json
import re
from collections import Counter
from contextlib import ExitStack
from random import Random

import pytest

from scormaudit.errors import Ambiguous, NotFound, Unstable
from scormaudit.lms.client import Client
from scormaudit.lms.numbering import Numbering
from scormaudit.lms.paging import _pass, read_pages
from scormaudit.lms.wire import Reading, Sco
from scormaudit.sandbox import Attempt, Sandbox
from scormaudit.sandbox import Sco as Stored

RUNS = 10_000
KEY = ("11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222")
S = "33333333-3333-4333-8333-333333333333"
NAMES = ("cmi.core.lesson_status",)


def sco(sco_id, title=""):
    """A SCO as it is read."""
    return Sco(
        sco_id=sco_id, title=title, start_date_utc=None, exit_date_utc=None,
        elements={NAMES[0]: Reading("value", title)},
    )  # fmt: skip


class Restless:
    """A record that may change before each request, and a server with ways of its own.

    What it repeats is page 2: one that counts from 0 and gives page 0 again as page 1 is, to
    anyone who asks, one that counts from 1. `restlessness` is the chance of a change; it comes
    to rest after `changes` of them. `past` holds every state that it was in.
    """

    def __init__(self, random):
        self.random = random
        self.scos = {f"s{n:02}": "" for n in range(random.randint(0, 9))}
        self.most = random.choice((2, 3, 4, 30))
        self.counts_from = random.choice((1, 1, 0))
        self.zero = random.choice(("clamped", "empty", "refused"))
        self.repeats = random.random() < 0.1
        self.restlessness = random.choice((0.05, 0.2, 0.6))
        self.changes = random.choice((0, 1, 2, 3, 8, 1000))
        self.past = [self.scos]
        self.numbering = Numbering()
        self.widest = 0

    def page(self, *keys_names_page):
        """A page counted from 1, as a client gives it."""
        scos = self.numbering.read(self.ask, keys_names_page[-1])
        self.widest = max(self.widest, len(scos))
        return scos

    def first_page(self, *_):
        """The first page is 1 until a page 1 is empty."""
        return self.numbering.first

    def persistently(self, read):
        """Nothing fails here but what is said on purpose."""
        return read()

    def ask(self, page):
        """A page by the server's own number, after what happens before it."""
        if self.changes and self.random.random() < self.restlessness:
            self.change()
        at = page - self.counts_from
        if at < 0 and self.zero == "refused":
            raise NotFound("There is no page 0.")
        if at < 0 and self.zero == "empty":
            return []
        at = max(0, at)
        if self.repeats and page == 2:
            at -= 1
        ids = sorted(self.scos)[at * self.most : (at + 1) * self.most]
        return [sco(sco_id, self.scos[sco_id]) for sco_id in ids]

    def change(self):
        """One SCO is inserted, deleted, given another id or another title."""
        self.changes -= 1
        scos, one = dict(self.scos), self.random.choice([*self.scos, None])
        kind = self.random.choice(("insert", "delete", "rename", "retitle"))
        if kind != "insert" and one is not None:
            title = scos.pop(one)
            kind = kind if kind != "rename" else "insert"
            if kind == "retitle":
                scos[one] = f"{title}+"
        if kind == "insert":
            scos[f"{self.random.choice('atz')}{self.random.randint(0, 99):02}"] = "new"
        self.scos = scos
        self.past = [*self.past, scos]


def read(lms, how):
    """What a reading of the record gives: the SCOs, or the name of the error."""
    try:
        lms.numbering.settle(lms.ask)
        found = how(lms, *KEY, NAMES)
    except (Ambiguous, Unstable) as error:
        return type(error).__name__
    return {one.sco_id: one.title for one in found}


def simulated(how, runs=RUNS):
    """How many readings were right, named an error, and missed something in silence."""
    outcomes = Counter()
    for seed in range(runs):
        lms = Restless(Random(seed))
        found = read(lms, how)
        outcomes[found if isinstance(found, str) else found in lms.past] += 1
    return outcomes


def test_nothing_is_missed_in_silence():
    """In 10,000 restless records every reading is a state the record was in, or an error."""
    outcomes = simulated(read_pages)
    assert 0 == outcomes[False]
    assert RUNS == sum(outcomes.values())
    assert outcomes[True] > RUNS / 2


def test_a_single_pass_would_miss():
    """The same records, read in one pass, are missed in silence now and then."""

    def single(lms, *key_names):
        scos, _ = _pass(lms, key_names[:2], key_names[2])
        if scos is None:
            raise Ambiguous("One came twice.")
        return scos

    outcomes = simulated(single, runs=RUNS // 5)
    assert outcomes[False] > 0


def test_counting_from_one_always_would_miss():
    """A reader that never looks at page 0 misses on a server that counts from 0."""

    def careless(lms, *args):
        lms.numbering.first = 1
        return read_pages(lms, *args)

    assert simulated(careless, runs=RUNS // 5)[False] > 0


@pytest.mark.parametrize("size", [2, 3, 4, 30])
def test_a_record_at_rest_is_read_whole(size):
    """Without changes every record is read right, whatever the pages are like; none is an error."""
    for seed in range(300):
        lms = Restless(Random(seed))
        lms.most, lms.changes, lms.repeats = size, 0, False
        assert lms.scos == read(lms, read_pages), seed


def moved(scos, to):
    """What a record of `scos` gives that becomes `to` after each pass's page 1, and how often."""
    lms, asked = Restless(Random(1)), []
    lms.scos, lms.most, lms.changes, lms.repeats, lms.counts_from = scos, 2, 0, False, 1
    lms.numbering.first = 1
    real = lms.ask

    def ask(page):
        asked.append(page)
        found = real(page)
        lms.scos = to(lms.scos, len(asked)) if page == 1 else lms.scos
        return found

    lms.ask = ask
    return read(lms, read_pages), asked


def test_a_sco_that_moves_to_the_next_page_is_read_again():
    """An insertion shows one SCO on two pages; the passes after it are read, and agree."""
    four = {f"s{n}": "" for n in range(4)}
    found, asked = moved(four, lambda scos, turn: scos | {"a": ""} if turn == 1 else scos)
    assert four | {"a": ""} == found
    assert [1, 2, 1, 2, 3, 4, 1, 2, 3, 4] == asked


def test_a_sco_that_moves_in_every_pass_is_an_error_by_name():
    """Four passes in which one SCO came twice are Ambiguous, and there is no fifth."""
    four = {f"s{n}": "" for n in range(4)}
    found, asked = moved(four, lambda scos, turn: scos | {f"a{99 - turn}": ""})
    assert "Ambiguous" == found
    assert 4 * [1, 2] == asked


def test_a_repeated_page_is_an_error_by_name():
    """A page that comes twice is Ambiguous, never a longer record."""
    lms = Restless(Random(1))
    lms.scos = {f"s{n}": "" for n in range(6)}
    lms.most, lms.changes, lms.repeats, lms.counts_from = 2, 0, True, 1
    assert "Ambiguous" == read(lms, read_pages)


# --- with a server -----------------------------------------------------------------------


@pytest.fixture
def served():
    """Makes clients of a sandbox with a record of so many SCOs, behind faults."""
    with ExitStack() as stack:

        def make(scos, *faults):
            stored = [Stored(f"s{n}") for n in range(scos)]
            attempts = [Attempt(*KEY, S, scos=stored)]
            server = stack.enter_context(Sandbox.of(attempts, faults=faults))
            return stack.enter_context(Client(server.base_url, server.token)), server

        yield make


@pytest.mark.parametrize("faults", [(), ("pages-from-zero",), ("clamped-pages",),
                                    ("pages-from-zero", "clamped-pages")])  # fmt: skip
@pytest.mark.parametrize("scos", [1, 2, 3, 7])
def test_every_sco_comes_however_pages_are_counted(served, faults, scos):
    """Pages from 0 or from 1, of two SCOs or of a thousand: every SCO is read."""
    client, _ = served(scos, *faults)
    assert int("pages-from-zero" not in faults) == client.first_page(*KEY)
    assert [f"s{n}" for n in range(scos)] == [one.sco_id for one in read_pages(client, *KEY, NAMES)]


@pytest.mark.parametrize(
    "fault",
    [(503, b""), (429, b"", "Retry-After: 0.2"), (200, b"<html>"), (200, b"[{", ), None],
    ids=["busy", "rest", "page", "half", "reset"],
)  # fmt: skip
def test_an_error_on_page_two_begins_with_page_one(stub, fault):
    """Whatever befalls page 2 of a record, page 1 is asked for again, and no fault is seen."""
    first = {"sco_id": "s", "title": "", "cmi_fields": [], "api_error_entity": {"error_code": 0}}
    one, end = (200, json.dumps([first]).encode()), (200, b"[]")
    answers = iter([one, fault, one, end])
    server = stub(lambda _: next(answers))
    with Client(server.url, "token") as client:
        client.numbering.first = 1
        assert ["s"] == [found.sco_id for found in read_pages(client, *KEY, NAMES)]
    assert ["1", "2", "1", "2"] == [re.search(r"page=(\d)", t)[1] for t in server.targets]


def test_an_empty_first_page_is_not_believed(served):
    """Without being told, a client notices a server that counts from 0 at the first record."""
    client, server = served(2, "pages-from-zero")
    assert 2 == len(client.page(*KEY, NAMES, 1))
    assert [] == client.page(*KEY, NAMES, 2)
    assert 0 == client.numbering.first
    before = server.requests()["GetCmiData"]
    client.page(*KEY, NAMES, 1)
    assert 1 == server.requests()["GetCmiData"] - before


def test_a_server_that_counts_from_one_is_asked_once_more(served):
    """Finding out costs two reads, once; without it a record costs what it always did."""
    client, server = served(2)
    client.page(*KEY, NAMES, 1)
    assert 1 == server.requests()["GetCmiData"]
    assert [1, 1, 1] == [client.first_page(*KEY) for _ in range(3)]
    assert 3 == server.requests()["GetCmiData"]


def test_an_empty_record_says_nothing_about_pages(served):
    """A record without SCOs leaves it open how pages are counted."""
    client, _ = served(0)
    assert client.first_page(*KEY) is None
    assert [] == client.page(*KEY, NAMES, 1)


def test_a_record_that_comes_to_rest_shows_how_pages_are_counted():
    """A change while pages 1 and 0 are compared starts the comparison anew, four times at most."""
    answers = iter([[sco("a")], [sco("b")], [sco("c")], [sco("b")], [sco("c")], [sco("c")]])
    numbering = Numbering()
    assert 1 == numbering.settle(lambda _: next(answers))


def test_a_change_is_not_taken_for_a_way_of_counting():
    """Where the record changes whenever pages 1 and 0 are compared, nothing is concluded."""
    answers = iter(4 * [[sco("a")], [sco("b")], [sco("c")], [sco("b")]])
    numbering = Numbering()
    with pytest.raises(Unstable):
        numbering.settle(lambda _: next(answers))
    assert numbering.first is None
    assert "<Numbering from ?>" == repr(numbering)
