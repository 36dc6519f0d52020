"""An apply killed anywhere, twice, whatever the LMS does: nothing lost, doubled or made up."""

import os
from itertools import product

import pytest

from .behaviour import BEHAVIOURS
from .case import MOMENTS, PLACES, covering, spread
from .figures import FIGURES, total
from .told import told

CASES = covering()
FAULTS = [figure for figure in FIGURES if figure != "late"]


@pytest.fixture(scope="module")
def results():
    """What became of every case; processes are forked, which not every system can."""
    if not hasattr(os, "fork"):
        pytest.skip("only POSIX forks")
    return told(CASES)


@pytest.mark.parametrize("figure", [*FAULTS, "errors"])
def test_nothing_is_wrong(results, figure, record_property):
    """After the last resume the journal and the LMS agree, and every approved change has ended."""
    sums = total(results)
    record_property("figures", "crash matrix: " + ", ".join(f"{n} {k}" for k, n in sums.items()))
    wrong = [f"{one['case']}: {'; '.join(one['notes'])}" for one in results if one[figure]]
    assert [] == wrong


def test_every_case_was_run(results):
    """At least 500 runs, and of every place in apply at which a process can die, some did."""
    assert sorted(map(str, CASES)) == sorted(one["case"] for one in results)
    assert len(results) >= 500
    assert set(PLACES) == {place for one in results for place in one["struck"]}


def test_every_change_has_an_end_that_fits(results):
    """Where the LMS recovers and nobody meddles, every change is verified, or parked for a person.

    Parked is one whose edit was lost twice, and only a kill can lose the second.
    """
    calm = ("none", "commit and cut", "late commit", "half answer", "slow drip", "stalled answer",
            "error after commit", "code 1 after commit", "delivered twice")  # fmt: skip
    ends = {end for one in results if one["behaviour"] in calm for end in one["ends"]}
    assert ends <= {"verified", "parked", "already"}
    assert "verified" in ends


def test_each_place_meets_each_behaviour():
    """The runs in CI leave out no pair of a place and a behaviour, and no moment of a second."""
    pairs = {(case.first[0], case.behaviour) for case in CASES}
    assert set(product(PLACES, BEHAVIOURS)) == pairs
    assert len(BEHAVIOURS) >= 14
    assert set(MOMENTS) == {case.second for case in CASES}


def test_the_long_campaign_is_strewn():
    """Ten thousand runs are all different, meet everything, and are the same every time."""
    cases = list(spread(10_000))
    assert 10_000 == len(set(cases))
    assert set(product(BEHAVIOURS, MOMENTS)) == {(case.behaviour, case.first) for case in cases}
    assert set(product(BEHAVIOURS, MOMENTS)) == {(case.behaviour, case.second) for case in cases}
    assert cases == list(spread(10_000))
