"""The matrix would see it: each way to be careless shows in the figure that it should."""

import os

import pytest

from .figures import total
from .mutant import MUTANTS
from .told import told

ASKED = {"no intent", "trust a 200", "transport retry", "no settle", "skip the read-back",
         "approve by plan"}  # fmt: skip


@pytest.fixture(scope="module")
def results():
    """What became of the campaign of each mutant, all of them in one."""
    if not hasattr(os, "fork"):
        pytest.skip("only POSIX forks")
    everything = told([case for name, mutant in MUTANTS.items() for case in mutant.cases(name)])
    return {name: [one for one in everything if name == one["mutant"]] for name in MUTANTS}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_is_caught(results, name, record_property):
    """A careless apply is not taken for a good one, and it fails by doing harm, not by breaking."""
    sums = total(results[name])
    shown = ", ".join(f"{n} {figure}" for figure, n in sums.items() if n)
    record_property("figures", f"mutant, {name}: {shown}")
    assert sums[MUTANTS[name].figure] > 0
    assert 0 == sums["errors"], results[name]


def test_the_mutants_that_must_be():
    """None of the six ways that the design names is left out."""
    assert set(MUTANTS) >= ASKED
