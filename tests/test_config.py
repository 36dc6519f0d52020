"""What pyproject.toml says of rules: chosen, rated otherwise, and allowed for a while."""

import json
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
from repair import Bench, attempt, uuid

from scormaudit import audit, propose
from scormaudit.allowance import Allowance
from scormaudit.audit import FINDING
from scormaudit.config import in_force, judging, read_settings
from scormaudit.errors import SettingsError
from scormaudit.report import tables, terminal

OPEN = {"rule": "VO102", "reason": "the old player misprints it", "until": "2999-12-31"}
OVER = OPEN | {"until": "2001-01-31"}
TWO = pd.DataFrame(
    {
        "enrollment_id": [uuid(1), uuid(2)],
        "assignment_id": [uuid(101), uuid(102)],
        "sco_id": ["a", "b"],
        "entry": ["ab-inito", "ab-inito"],
    }
)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Makes the folder of the test the current one, with settings in its pyproject.toml."""
    monkeypatch.chdir(tmp_path)
    for name in ("SELECT", "IGNORE", "RULES", "SEVERITY", "ALLOW"):
        monkeypatch.delenv(f"SCORMAUDIT_{name}", raising=False)

    def write(text):
        (tmp_path / "pyproject.toml").write_text(f"[tool.scormaudit]\n{text}")
        return tmp_path

    return write


def judged(frame=TWO, *allow, **options):
    """The audit of a frame by the rule about the entry."""
    return audit(frame, select=["VO102"], allow=allow, **options)


# --- settings ----------------------------------------------------------------------------


def test_the_whole_table_is_read(project):
    """Every key about rules comes from the table as `audit` takes it."""
    project(
        'select = ["ST", "VO102"]\nignore = ["ST104"]\nrules = "mine"\n'
        'severity = { ST103 = "info" }\n'
        '[[tool.scormaudit.allow]]\nrule = "VO102"\nreason = "old"\nuntil = 2999-12-31\n'
    )
    said = judging(read_settings())
    assert ("ST", "VO102") == said["select"]
    assert ("ST104",) == said["ignore"]
    assert "mine" == str(said["rules"])
    assert {"ST103": "info"} == said["severity"]
    assert ({"rule": "VO102", "reason": "old", "until": date(2999, 12, 31)},) == said["allow"]


def test_without_a_table_nothing_is_said(project):
    """Without settings an audit is that of all rules as they are."""
    project("")
    expected = {"select": (), "ignore": (), "rules": None, "severity": {}, "allow": ()}
    assert expected == judging(read_settings())


def test_options_win(project):
    """An option replaces the setting of its name, and leaves the others."""
    project('select = ["ST"]\nignore = ["ST104"]\n')
    settings = read_settings(select=("VO",), ignore=None)
    assert (("VO",), ("ST104",)) == (settings.select, settings.ignore)


def test_the_environment_lists_codes(project, monkeypatch):
    """In the environment codes are listed with commas; pyproject.toml comes later and wins."""
    project('ignore = ["ST"]\n')
    monkeypatch.setenv("SCORMAUDIT_SELECT", "VO, CL101")
    monkeypatch.setenv("SCORMAUDIT_IGNORE", "VO")
    settings = read_settings()
    assert (("VO", "CL101"), ("ST",)) == (settings.select, settings.ignore)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('severty = { ST103 = "info" }', "severty .*did you mean severity"),
        ('quite_else = "x"', "quite_else"),
        ('severity = "info"', "severity"),
        ("severity = { ST103 = 3 }", "severity.ST103"),
        ("select = 3", "select"),
        ('allow = "ST103"', "allow"),
        ("allow = [3]", "allow.0"),
        ('select = ""', "select .*names no code"),
        ('ignore = " , "', "ignore .*names no code"),
        ("ca_file = 3", "ca_file"),
        ('trust_env = "perhaps"', "trust_env"),
        ("severity = {", "pyproject.toml cannot be read"),
    ],
)
def test_a_setting_of_the_wrong_shape_is_named(project, text, says):
    """A key that is misspelt or holds something else is named."""
    project(text + "\n")
    with pytest.raises(SettingsError, match=says):
        read_settings()


@pytest.mark.parametrize(
    "text",
    ["[tool]\nscormaudit = 5", "tool = 5", '[tool]\nscormaudit = ["a"]', "[[tool.scormaudit]]"],
)
def test_settings_that_are_no_table_are_told(project, text):
    """Whatever stands where the table should, the file is named and how it should begin."""
    (project("") / "pyproject.toml").write_text(text + "\n")
    with pytest.raises(SettingsError, match=r"pyproject\.toml: .* \[tool.scormaudit\]"):
        read_settings()


def test_a_file_that_is_no_text_is_told(project):
    """A pyproject.toml that cannot be decoded is a setting that cannot be used."""
    (project("") / "pyproject.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match=r"pyproject\.toml cannot be read"):
        read_settings()


def test_codes_that_an_environment_leaves_empty(project, monkeypatch):
    """An empty variable is none; one that names no code is no selection of all rules."""
    project("")
    monkeypatch.setenv("SCORMAUDIT_SELECT", "")
    assert () == read_settings().select
    monkeypatch.setenv("SCORMAUDIT_SELECT", " ,")
    with pytest.raises(SettingsError, match=r"select .*names no code"):
        read_settings()


def test_what_is_in_force_says_where_it_comes_from(project, monkeypatch):
    """Of each setting about the LMS the value and its origin are told, of secrets no value."""
    for name in ("TOKEN", "WRITE_TOKEN", "USERNAME", "PASSWORD", "CA_FILE", "HOME"):
        monkeypatch.delenv(f"SCORMAUDIT_{name}", raising=False)
    project('ca_file = "ca.pem"\ntoken = "s3cret-token"\n')
    monkeypatch.setenv("SCORMAUDIT_BASE_URL", "https://lms.example.org")
    monkeypatch.setenv("SCORMAUDIT_CA_FILE", "other.pem")
    monkeypatch.setenv("SCORMAUDIT_TRUST_ENV", "1")
    said = in_force(read_settings(username="someone"))
    assert ("https://lms.example.org", "environment") == said["base_url"]
    assert ("ca.pem", "pyproject.toml") == said["ca_file"]
    assert ("True", "environment") == said["trust_env"]
    assert ("someone", "") == said["username"]
    assert ("", "") == said["password"] == said["write_token"]
    assert "pyproject.toml" == said["token"][1]
    assert "default" == said["home"][1]
    assert "s3cret" not in repr(said)


# --- allowances --------------------------------------------------------------------------


def test_an_allowed_finding_does_not_count():
    """What is allowed is listed with reason and last day, and does not count."""
    report = judged(TWO, OPEN)
    assert 0 == report.count("error") == len(report.findings)
    assert [("VO102", 0), ("VO102", 1)] == [
        (row.rule, row.row) for row in report.allowed.itertuples()
    ]
    assert [*FINDING, "reason", "until"] == list(report.allowed.columns)
    assert {(OPEN["reason"], date(2999, 12, 31))} == set(
        zip(report.allowed["reason"], report.allowed["until"], strict=True)
    )
    (result,) = report.results
    assert ("held", 0, 2, 2) == (result.outcome, result.broken, result.allowed, result.tested)


def test_an_expired_allowance_allows_nothing():
    """After its last day an allowance no longer applies, and is said to be expired."""
    report = judged(TWO, OVER)
    assert 2 == report.count("error")
    assert "expired" == report.allowances[0].state
    assert "1 allowance expired" in terminal.summary(report)
    assert "expired 2001-01-31" in terminal.plain(terminal.findings(report))


def test_the_last_day_counts():
    """An allowance holds on its last day, and not on the next."""
    today = datetime.now(UTC).date()
    assert 2 == len(judged(TWO, OPEN | {"until": today + timedelta(days=1)}).allowed)
    assert 0 == len(judged(TWO, OPEN | {"until": today - timedelta(days=1)}).allowed)
    from scormaudit.allowance import sift

    leave = Allowance(rule="VO102", reason="x", until=date(2030, 5, 1))
    for day, expected in ((1, 2), (2, 0)):
        _, allowed, _ = sift(judged().findings, [leave], date(2030, 5, day))
        assert expected == len(allowed)


@pytest.mark.parametrize(
    ("narrowed", "expected"),
    [
        ({"enrollment_id": uuid(1)}, [0]),
        ({"assignment_id": uuid(102)}, [1]),
        ({"sco_id": "b"}, [1]),
        ({"enrollment_id": uuid(1), "sco_id": "b"}, []),
        ({"enrollment_id": uuid(9)}, []),
    ],
)
def test_ids_narrow_an_allowance(narrowed, expected):
    """With ids an allowance covers the records that have all of them, and no other."""
    report = judged(TWO, OPEN | narrowed)
    assert expected == list(report.allowed["row"])
    assert 2 - len(expected) == report.count("error")
    assert ("used" if expected else "unused") == report.allowances[0].state


def test_another_rule_is_not_covered():
    """An allowance is of one rule; the others count as ever."""
    report = audit(TWO, select=["VO"], allow=[OPEN | {"rule": "VO103"}])
    assert 2 == report.count("error")


def test_the_first_of_several_covers():
    """A finding that several allowances cover is told with the first."""
    report = judged(TWO, OPEN | {"sco_id": "a", "reason": "first"}, OPEN)
    assert ["first", OPEN["reason"]] == list(report.allowed["reason"])
    assert [1, 1] == [standing.findings for standing in report.allowances]


def test_a_frame_without_ids_is_not_covered_by_them():
    """Where a frame does not say whose a row is, an id covers nothing."""
    frame = pd.DataFrame({"entry": ["ab-inito"]})
    assert 0 == len(judged(frame, OPEN | {"sco_id": "a"}).allowed)
    assert 1 == len(judged(frame, OPEN).allowed)


def test_an_allowance_of_a_rule_that_is_not_judged_is_not_mentioned():
    """An audit says nothing of allowances about rules that it leaves out."""
    report = audit(TWO, select=["CL"], allow=[OPEN])
    assert () == report.allowances


def test_an_allowance_may_be_an_object():
    """`Allowance` and a table say the same."""
    leave = Allowance(rule="vo102", reason=OPEN["reason"], until=date(2999, 12, 31), sco_id="a")
    assert [0] == list(judged(TWO, leave).allowed["row"])


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        (OPEN | {"rule": "VO1O2"}, r"allow\[0\].rule: No rule has the code VO1O2. Did you mean VO"),
        (OPEN | {"rule": "VO"}, r"allow\[0\].rule"),
        (OPEN | {"rule": ""}, r"allow\[0\].rule"),
        ({"reason": "x", "until": "2999-12-31"}, r"allow\[0\].rule"),
        ({"rule": "VO102", "until": "2999-12-31"}, r"allow\[0\].reason.*Say why"),
        (OPEN | {"reason": "  "}, r"allow\[0\].reason"),
        ({"rule": "VO102", "reason": "x"}, r"allow\[0\].until: An allowance must end"),
        (OPEN | {"until": "soon"}, r"allow\[0\].until: This is not a date"),
        (OPEN | {"until": 2030}, r"allow\[0\].until: This is not a date"),
        (OPEN | {"enrolment_id": uuid(1)}, r"allow\[0\].enrolment_id.*mean enrollment_id"),
        (OPEN | {"sco_id": ""}, r"allow\[0\].sco_id"),
        (OPEN | {"sco_id": 3}, r"allow\[0\].sco_id"),
        ("VO102", r"allow\[0\]"),
    ],
)
def test_a_faulty_allowance_is_refused(entry, says):
    """Without a known rule, a reason and a day, or with an odd key, an allowance is refused."""
    with pytest.raises(SettingsError, match=says):
        judged(TWO, entry)


# --- where it is told ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """Two misprinted entries of which one is allowed, one element that failed, of a snapshot."""
    failing = attempt(3, core__entry="resume", errors={"cmi.core.exit": "101 - General exception"})
    bench = Bench(tmp_path_factory.mktemp("allowed"), attempt(1), attempt(2), failing)
    yield audit(
        bench.snapshot(),
        select=["VO102", "VO104"],
        allow=[OPEN | {"enrollment_id": uuid(1)}, OVER],
    )
    bench.close()


def test_a_plan_leaves_it_alone(report):
    """Nothing is proposed for a record whose finding is allowed."""
    plan = propose(report, include=["judgement"])
    assert [uuid(2)] == [change.enrollment_id for change in plan.proposed]


def test_the_terminal_lists_it(report):
    """The terminal tells each allowance with day and reason, and sums up in the last line."""
    lines = terminal.plain(terminal.findings(report)).splitlines()
    text = " ".join(lines)
    assert "allowed: VO102 1 finding until 2999-12-31" in text
    assert OPEN["reason"] in text
    assert "; 1 allowed until 2999-12-31; 1 allowance expired" in terminal.summary(report)


def test_the_terminal_says_what_was_not_judged(report):
    """Rules that could not judge some rows are told with how many of how many and why."""
    assert "not judged: the element itself failed (VO104 1/3)" in terminal.plain(
        terminal.findings(report)
    )


def test_many_rules_that_cannot_judge_do_not_drown_the_findings():
    """A frame of one column leaves most rules unknown, and the terminal says so in few lines."""
    whole = terminal.plain(terminal.findings(audit(TWO)))
    told = [line for line in whole.splitlines() if line.startswith("not judged:")]
    assert 5 == len(told)
    assert "more for other reasons" in told[-1]
    assert "could not be judged" in " ".join(whole.split())


def test_json_gains_keys_alone(report):
    """Allowed findings stand under a key of their own, the documented keys stay as they are."""
    document = json.loads(tables.as_json(report))
    assert {"snapshot", "rules", "findings", "allowances", "allowed"} == set(document)
    assert [uuid(2)] == [finding["enrollment_id"] for finding in document["findings"]]
    (allowed,) = document["allowed"]
    assert (uuid(1), OPEN["reason"], "2999-12-31", None) == (
        allowed["enrollment_id"], allowed["reason"], allowed["until"], allowed["value"]
    )  # fmt: skip
    assert ["used", "expired"] == [leave["state"] for leave in document["allowances"]]
    plain = json.loads(tables.as_json(judged()))
    assert {"snapshot", "rules", "findings"} == set(plain)


def test_other_forms_say_it():
    """CSV, JUnit and annotations list what is allowed, and count it nowhere as broken."""
    report = judged(TWO, OPEN | {"reason": "50%\nof them"})
    lines = tables.as_csv(report).splitlines()
    assert lines[0].endswith("fix,allowed_because,allowed_until")
    junit = tables.as_junit(report)
    assert 'failures="0"' in junit
    assert 'skipped="1"' in junit
    assert "2 allowed until 2999-12-31" in junit
    expected = "::notice title=VO102::2 allowed until 2999-12-31: 50%25%0Aof them"
    assert expected == tables.as_github(report)


def test_an_expired_allowance_is_told_beside_its_findings():
    """Reports for CI name the allowance that ran out beside the rule that fails again."""
    report = judged(TWO, OVER)
    for form in (tables.as_junit, tables.as_github):
        assert "the allowance expired 2001-01-31" in form(report)
