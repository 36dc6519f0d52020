"""Rules are told without the libraries that their checks need, and never asked that way."""

import subprocess
import sys

import pytest

from scormaudit.frame import COLUMNS, VIEWS
from scormaudit.pack import load, outlined
from scormaudit.rule import TABLES, columns, reason, theme, title

OWN = '''"""More."""

import pandas as pd
from pandera.pandas import Check

from scormaudit import Rule

{more}


class Loud(Rule, code="XX101"):
    """The entry shouts.

    Capitals are hard to read.
    """

    element = "entry"
    check = Check({check})
'''
TELLING = """
import sys
from pathlib import Path
from scormaudit.pack import outlined, load
pack = outlined({folders})
print(len(pack.rules), *sorted({{"pandas", "pandera", "numpy"}} & {{*sys.modules}}))
print(*(rule.code for rule in pack.rules))
assert pack.digest == load({folders}).digest
print(hasattr(load({folders}).rules[0].check, "get_backend"), "pandera" in sys.modules)
"""


def told(*folders):
    """What a fresh interpreter tells of the packs: the modules it needed, the codes, the rest."""
    given = ", ".join(f"Path({str(folder)!r})" for folder in folders)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", TELLING.format(folders=given)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.splitlines()


def test_the_shipped_rules_need_neither_pandas_nor_pandera_to_be_told():
    """All shipped rules are told without a heavy module, and asked with the real ones after."""
    first, codes, after = told()
    assert [str(len(load().rules))] == first.split()
    assert [rule.code for rule in load().rules] == codes.split()
    assert "True True" == after


@pytest.mark.parametrize(
    ("more", "check"),
    [
        ("LIMIT = pd.Series([1]).max()", "lambda entry: entry.ne('')"),
        ("import pandera.errors", "lambda entry: entry.ne('')"),
        ("from scormaudit import audit", "lambda entry: entry.ne('')"),
        ("import pyarrow.pandas_compat", "lambda entry: entry.ne('')"),
    ],
)
def test_a_file_that_wants_more_gets_it(tmp_path, more, check):
    """A file that computes with pandas when it is loaded is loaded with pandas."""
    (tmp_path / "more.py").write_text(OWN.format(more=more, check=check))
    first, codes, _ = told(tmp_path)
    assert "pandas" in first
    assert "XX101" in codes


def test_a_check_that_is_none_is_still_refused(tmp_path):
    """A name that pandera does not have is told as the mistake it is."""
    (tmp_path / "more.py").write_text(
        OWN.format(more="", check="1").replace("Check(1)", "Check.no")
    )
    done = subprocess.run(
        [sys.executable, "-m", "scormaudit", "rules", "--rules", str(tmp_path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert 2 == done.returncode
    assert "cannot be loaded: AttributeError" in done.stderr


def test_outlined_rules_say_the_same():
    """Title, reason, theme, columns and mended examples are those of the loaded rule."""
    for one, other in zip(load().rules, outlined().rules, strict=True):
        for fact in (title, reason, theme, columns):
            assert fact(one) == fact(other)
        assert [one.repair(row) for row in one.bad] == [other.repair(row) for row in other.bad]


def test_a_rule_may_be_about_every_table():
    """The tables that a rule may name are those that there are."""
    assert {*COLUMNS, *VIEWS} == {*TABLES}
