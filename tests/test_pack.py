"""A folder of rules is loaded like the shipped pack, or refused in words that help."""

import subprocess
import sys
from inspect import getdoc, getfile

import pandas as pd
import pytest

from scormaudit import audit
from scormaudit.errors import PackError, SettingsError
from scormaudit.pack import choose, declared, load, rated
from scormaudit.rule import title

HEAD = '''"""More."""

from pandera.pandas import Check

from scormaudit import Rule

'''
OWN = (
    HEAD
    + '''
class Loud(Rule, code="XX101"):
    """The entry shouts.

    Capitals are hard to read.
    """

    severity = "warning"
    element = "entry"
    check = Check(lambda entry: ~entry.str.isupper())
    good = ({"entry": "resume"},)
    bad = ({"entry": "RESUME"},)


class Shape(Rule):
    """A shape without a code is no rule of its own."""

    element = "exit"


class Odd(Shape, code="XX201"):
    """The exit is odd.

    So they say.
    """

    check = Check.isin(["", "suspend"])
    good = ({"exit": ""},)
    bad = ({"exit": "odd"},)
'''
)
BAD = {
    "no such folder": (None, "no such folder"),
    "syntax": ("class Rule(:\n", "SyntaxError"),
    "crash": ("1 / 0\n", "ZeroDivisionError"),
    "no docstring": (
        HEAD
        + 'class A(Rule, code="XX101"):\n    element = "entry"\n    check = Check.isin([""])\n',
        "lacks a docstring",
    ),
    "twice": (
        HEAD
        + 'class A(Rule, code="XX101"):\n    """A."""\n'
        + '    element = "entry"\n    check = Check.isin([""])\n\n'
        + 'class B(A, code="XX101"):\n    """B."""\n',
        "XX101 is used twice",
    ),
    "a shipped code": (
        HEAD
        + 'class A(Rule, code="ST103"):\n    """A."""\n'
        + '    element = "entry"\n    check = Check.isin([""])\n',
        "ST103 is used twice",
    ),
    "bad code": (
        HEAD
        + 'class A(Rule, code="first"):\n    """A."""\n'
        + '    element = "entry"\n    check = Check.isin([""])\n',
        "lacks a code such as",
    ),
    "no check": (
        HEAD + 'class A(Rule, code="XX101"):\n    """A."""\n    element = "entry"\n',
        "lacks a check",
    ),
    "check is no Check": (
        HEAD
        + 'class A(Rule, code="XX101"):\n    """A."""\n'
        + '    element = "entry"\n    check = lambda entry: True\n',
        "lacks a check",
    ),
    "no element": (
        HEAD + 'class A(Rule, code="XX101"):\n    """A."""\n    check = Check.isin([""])\n',
        "lacks an element",
    ),
    "no repair": (
        HEAD
        + 'class A(Rule, code="XX101"):\n    """A."""\n    fix = "safe"\n'
        + '    element = "entry"\n    check = Check.isin([""])\n',
        "lacks a repair",
    ),
    "unknown severity": (
        HEAD
        + 'class A(Rule, code="XX101"):\n    """A."""\n    severity = "fatal"\n'
        + '    element = "entry"\n    check = Check.isin([""])\n',
        "lacks a severity",
    ),
    "unknown fix": (
        HEAD
        + 'class A(Rule, code="XX101"):\n    """A."""\n    fix = "perhaps"\n'
        + '    element = "entry"\n    check = Check.isin([""])\n',
        "lacks a fix",
    ),
    "unknown table": (
        HEAD
        + 'class A(Rule, code="XX101"):\n    """A."""\n    table = "learners"\n'
        + '    element = "entry"\n    check = Check.isin([""])\n',
        "lacks a table",
    ),
}


@pytest.fixture
def folder(tmp_path):
    """A folder with two rules of the user's own."""
    (tmp_path / "manners.py").write_text(OWN)
    return tmp_path


def test_a_folder_stands_beside_the_shipped_rules(folder):
    """Rules of a folder judge beside the shipped ones, and those alone where wanted."""
    own = {"XX101", "XX201"}
    shipped = {rule.code for rule in load().rules}
    assert shipped | own == {rule.code for rule in load(folder).rules}
    assert own == {rule.code for rule in load(folder, shipped_too=False).rules}
    report = audit(pd.DataFrame({"entry": ["RESUME", ""]}), rules=folder, select=["XX1"])
    assert [("XX101", "warning", 0)] == list(
        report.findings[["rule", "severity", "row"]].itertuples(index=False, name=None)
    )


@pytest.mark.parametrize(("text", "says"), BAD.values(), ids=BAD)
def test_what_is_wrong_with_a_folder_is_said(tmp_path, text, says):
    """A folder that cannot be used is refused with the file and what it lacks."""
    file = tmp_path / "rules" / "mine.py"
    if text is not None:
        file.parent.mkdir()
        file.write_text(text)
    with pytest.raises(PackError, match=says) as caught:
        load(file.parent)
    assert str(file if text is not None else file.parent) == caught.value.where


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("ST1O3", "Did you mean ST103?$"),
        ("stl03", "Did you mean ST103?$"),
        ("XX109", "Did you mean XX101"),
        ("QQQQ", "`scormaudit rules` lists them"),
    ],
)
def test_what_was_meant_is_guessed(folder, code, says):
    """A letter in the place of a digit is seen through; else the nearest codes are told."""
    with pytest.raises(PackError, match=says.replace("?", r"\?")):
        load(folder)[code]


def test_a_file_is_no_folder(folder):
    """A file given as the folder is refused."""
    with pytest.raises(PackError, match="no such folder"):
        load(folder / "manners.py")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["rules", "--rules", "."], "mine.py: The file cannot be loaded: SyntaxError"),
        (["explain", "XX101", "--rules", "."], "mine.py: The file cannot be loaded"),
        (["rules", "--rules", "nowhere"], "nowhere: There is no such folder"),
    ],
)
def test_commands_say_it_without_a_traceback(tmp_path, arguments, says):
    """A command ends with exit code 2 and one sentence where a folder cannot be used."""
    (tmp_path / "mine.py").write_text("class Rule(:\n")
    done = subprocess.run(
        [sys.executable, "-m", "scormaudit", *arguments],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert 2 == done.returncode
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_no_rule_left_is_refused():
    """An audit by no rule would pass for a clean one, so it is none."""
    with pytest.raises(PackError, match="none is left"):
        choose(load(), ["ST103"], ["ST"])


def test_a_rated_rule_differs_in_its_severity_alone(folder):
    """Another severity leaves code, file, text and answers of a rule, and those of others."""
    pack = load(folder)
    other = rated(pack, {"XX101": "info"})
    before, after = pack["XX101"], other["XX101"]
    assert ("warning", "info", "warning") == (before.severity, after.severity, declared(after))
    for same in (title, getdoc, getfile, repr):
        assert same(before) == same(after)
    assert before.check is after.check
    assert pack["XX201"] is other["XX201"]
    assert pack.digest == other.digest


@pytest.mark.parametrize(
    ("severity", "expected"),
    [
        ({"XX": "info"}, ("info", "info")),
        ({"XX": "info", "XX2": "error"}, ("info", "error")),
        ({"XX201": "warning", "XX": "info"}, ("info", "warning")),
        ({"xx1": "error"}, ("error", "error")),
        ({}, ("warning", "error")),
    ],
)
def test_the_longest_beginning_wins(folder, severity, expected):
    """Of several beginnings of a code the longest decides, in whatever order they stand."""
    pack = rated(load(folder), severity)
    assert expected == (pack["XX101"].severity, pack["XX201"].severity)


@pytest.mark.parametrize(
    ("severity", "says"),
    [
        ({"XX1O1": "info"}, "severity.XX1O1: No rule has the code XX1O1. Did you mean XX101"),
        ({"XX101": "fatal"}, "severity.XX101: This is not a severity. Take error, warning or info"),
        ({"": "info"}, "severity."),
    ],
)
def test_a_severity_that_is_none_is_named(folder, severity, says):
    """A code or word that nobody knows is refused with its key."""
    with pytest.raises(SettingsError, match=says):
        rated(load(folder), severity)


def test_a_finding_has_the_severity_of_the_settings(folder):
    """Findings, results and counts all follow another severity."""
    report = audit(
        pd.DataFrame({"entry": ["RESUME"]}), rules=folder, select=["XX1"], severity={"XX": "error"}
    )
    assert ["error"] == list(report.findings["severity"])
    assert "error" == report.results[0].rule.severity
    assert 1 == report.count("error")


def test_a_crash_of_a_rated_rule_names_its_file(folder):
    """A rule with another severity still crashes in its own file and line."""
    text = (folder / "manners.py").read_text().replace("~entry.str.isupper()", "entry.nothing")
    (folder / "manners.py").write_text(text)
    report = audit(
        pd.DataFrame({"entry": ["x"]}), rules=folder, select=["XX1"], severity={"XX": "info"}
    )
    assert "manners.py, line" in report.results[0].reason
