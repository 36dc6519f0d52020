"""Faults of paging: clamped, shifted, repeated, without end, and moving while they are read."""

import pytest

from scormaudit.sandbox import Attempt

from .faulty import NAMES, SCOS, silent

A, B, C, D, E = (sco.sco_id for sco in SCOS)
IDS = [f"00000000-0000-4000-8000-{number:012}" for number in range(30)]
MANY = [Attempt(one, one, one, scos=SCOS) for one in IDS]


@pytest.fixture
def faulty(caplog):
    """Makes sandboxes with faults; none of them may have anything to say about it."""
    with silent(caplog) as make:
        yield make


def keys(one):
    """The read key of one of MANY."""
    return {"enrollment_id": one, "assignment_id": one}


def one_pass(bench, one, per_page=1000):
    """The SCO ids of each page up to the first empty one."""
    pages = []
    while page := bench.ids(keys(one), page=len(pages) + 1, per_page=per_page):
        pages.append(page)
    return pages


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"per_page": 1000}, [A, B]),
        ({}, [A, B]),
        ({"per_page": -1}, [A, B]),
        ({"per_page": 1, "page": 2}, [B]),
        ({"per_page": 3, "page": 3}, [E]),
        ({"per_page": 2, "page": 4}, []),
    ],
)
def test_clamped_pages_hold_two(faulty, query, expected):
    """More than two SCOs come on no page, and nothing says so; fewer are served as asked."""
    assert expected == faulty("clamped-pages").ids(**query)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"page": 0}, [A, B]),
        ({}, [A, B]),
        ({"page": -1}, [A, B]),
        ({"page": 1}, [C, D]),
        ({"page": 2}, [E]),
        ({"page": 3}, []),
    ],
)
def test_pages_count_from_zero(faulty, query, expected):
    """Page 0 is the first; who begins at 1 never sees it."""
    assert expected == faulty("pages-from-zero").ids(**query, per_page=2)


def test_one_page_from_zero_is_nothing_from_one(faulty):
    """Where all SCOs fit on page 0, page 1 is empty: the record looks as if it had none."""
    bench = faulty("pages-from-zero")
    assert [] == bench.ids(page=1, per_page=1000)
    assert [A, B, C, D, E] == bench.ids(page=0, per_page=1000)


def test_page_two_repeats_page_one(faulty):
    """Page 2 is page 1; page 3 is itself, and what page 2 held is nowhere."""
    bench = faulty("repeated-page")
    assert [[A, B], [A, B], [E], []] == [bench.ids(page=n, per_page=2) for n in (1, 2, 3, 4)]


def test_endless_pages_are_never_empty(faulty):
    """Past the end each page holds one SCO that no other has, with all that was asked absent."""
    bench = faulty("endless-pages")
    pages = [bench.read(page=page).json() for page in range(1, 31)]
    found = [item["sco_id"] for page in pages for item in page]
    assert [A, B, C, D, E] == found[:5]
    assert len(found) == len(set(found)) == 5 + 29
    assert [{"cmi_element_name": name} for name in NAMES] == pages[-1][0]["cmi_fields"]
    assert set(pages[0][0]) == set(pages[-1][0])


@pytest.mark.parametrize(
    "name", ["clamped-pages", "pages-from-zero", "repeated-page", "endless-pages", "moving-pages"]
)
@pytest.mark.parametrize("query", [{"page": "x"}, {"per_page": "x"}])
def test_what_is_no_number_is_refused_as_ever(faulty, name, query):
    """A page or a size that is no number is 422 with and without the fault."""
    expected = 422
    assert expected == faulty(name).read(**{"page": 1, "per_page": 2} | query).status_code


def test_unknown_ids_and_tokens_are_refused_as_ever(faulty):
    """Faults of pages make no pages out of refusals."""
    bench = faulty("endless-pages", "clamped-pages", "moving-pages")
    assert 409 == bench.read(keys(IDS[0])).status_code
    assert 403 == bench.read(access_token="nope").status_code


def test_pages_move_in_two_passes_and_rest(faulty):
    """The first pass is wrong in each of three ways, the second too; later ones agree.

    Some passes miss a SCO that was there all the time and show nothing of it, others show one
    SCO twice, by the same id or by two. The rest is the truth: one page after another of it.
    """
    bench = faulty("moving-pages", attempts=MANY)
    firsts, ends = set(), set()
    for one in IDS:
        passes = [one_pass(bench, one) for _ in range(5)]
        first, second, *others = [[sco for page in found for sco in page] for found in passes]
        assert others[0] == others[1] == others[2]
        assert first != others[0]
        assert second != others[0]
        assert first != second
        firsts.add(tuple(first))
        ends.add(tuple(others[0]))
    assert {(A, B, D, E), (A, B, B, C, D, E), (A, B, D, E, "~renamed")} == firsts
    assert {
        ("!inserted", B, C, D, E),
        (A, B, C, D, E, "~renamed"),
        (C, D, E, "~renamed"),
    } == ends


def test_movement_is_the_same_in_every_run(faulty):
    """What a record does follows from its ids and its own passes, not from the order of others."""
    forwards, backwards = (faulty("moving-pages", attempts=MANY) for _ in range(2))
    found = {one: [one_pass(forwards, one) for _ in range(3)] for one in IDS}
    again = {one: [one_pass(backwards, one) for _ in range(3)] for one in reversed(IDS)}
    assert found == again


def test_what_fits_on_one_page_does_not_move(faulty):
    """A record of two SCOs, or of one or none, stays as it is."""
    attempts = [Attempt(one, one, one, scos=SCOS[:n]) for n, one in enumerate(IDS[:3])]
    bench = faulty("moving-pages", attempts=attempts)
    for one, expected in zip(IDS, ([], [[A]], [[A, B]]), strict=False):
        assert [expected] * 4 == [one_pass(bench, one) for _ in range(4)]


def test_faults_of_pages_combine(faulty):
    """Clamped pages that count from zero: each does its part, whatever the order of the names."""
    for names in (("clamped-pages", "pages-from-zero"), ("pages-from-zero", "clamped-pages")):
        bench = faulty(*names)
        assert [[A, B], [C, D], [E], []] == [bench.ids(page=n, per_page=9) for n in range(4)]
    bench = faulty("moving-pages", "endless-pages")
    assert [A, B] == bench.ids(page=1, per_page=9)
    assert ["endless_000000009"] == bench.ids(page=9, per_page=9)
