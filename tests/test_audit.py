"""Held, broken, unknown or crashed: four outcomes that never pass for one another."""

import pandas as pd
import pytest
from repair import Bench, attempt

from scormaudit import audit
from scormaudit.audit import FINDING
from scormaudit.cmi import SCALARS
from scormaudit.errors import PackError, SnapshotError
from scormaudit.frame import RECORD
from scormaudit.pack import load
from scormaudit.report import html, tables

CRASHING = '''"""More."""
from pandera.pandas import Check
from scormaudit import Rule

class Crashes(Rule, code="XX101"):
    """Always fails to judge.

    So.
    """

    element = "entry"
    check = Check(lambda column: column.astype(float).gt(0))

class Wrong(Rule, code="XX102"):
    """Answers with one word for all rows.

    So.
    """

    needs = ("entry",)
    check = Check(lambda cmi: True)
'''


def result(report, code):
    return next(r for r in report.results if r.rule.code == code)


@pytest.fixture
def read(tmp_path):
    """The audit of some attempts."""
    benches = []

    def judged(*attempts, **options):
        bench = Bench(tmp_path / str(len(benches)), *attempts)
        bench.folder.mkdir()
        benches.append(bench)
        return audit(bench.snapshot(), **options)

    yield judged
    for bench in benches:
        bench.close()


def test_a_finding_names_its_place(read):
    """A finding names rule, record, CMI element, value and class of repair."""
    report = read(attempt(1), attempt(2, core__entry="resume"))
    finding = report.findings.iloc[0]
    assert 1 == len(report.findings)
    assert ("VO102", "error", "cmi.core.entry", "ab-inito", "safe") == (
        finding["rule"], finding["severity"], finding["element"], finding["value"], finding["fix"]
    )  # fmt: skip
    assert list(FINDING) == list(report.findings.columns)


def test_an_index_is_named(read):
    """A finding in a collection names the element with its index."""
    objectives = {"objectives.0.id": "a", "objectives.1.id": "b", "objectives.1.status": "done"}
    report = read(attempt(1, **objectives), select=["CO101"])
    assert ["cmi.objectives.1.status"] == list(report.findings["element"])
    assert [1] == list(report.findings["index"])


def test_a_failed_element_makes_its_rules_unknown(read):
    """A rule cannot judge a record whose element failed, and does not say that it holds."""
    failing = attempt(1, errors={"cmi.core.entry": "101 - General exception"})
    report = read(failing, attempt(2))
    entry = result(report, "VO102")
    assert (1, 1, 1) == (entry.tested, entry.broken, entry.unknown)
    alone = read(failing)
    assert "unknown" == result(alone, "VO102").outcome
    assert "held" == result(alone, "VO103").outcome
    assert ["ID201"] == list(alone.findings["rule"])


def test_a_failed_objective_makes_its_rule_unknown(read):
    """An element that failed at one index leaves the other indices judged."""
    failing = attempt(
        1,
        errors={"cmi.objectives.0.status": "101 - General exception"},
        **{"objectives.0.status": "x", "objectives.1.status": "done"},
    )
    status = result(read(failing), "CO101")
    assert (1, 1, 1) == (status.tested, status.broken, status.unknown)


def test_an_absent_element_breaks_nothing(read):
    """An element that an LMS leaves out is not a wrong one."""
    report = read(attempt(1, core__entry=None, core__lesson_mode=None, core__total_time=None))
    assert [] == list(report.findings["rule"])


def test_what_was_not_read_is_unknown():
    """A rule whose column is not there is unknown and says which column it lacks."""
    report = audit(pd.DataFrame({"entry": ["ab-inito", None]}))
    assert "broken" == result(report, "VO102").outcome
    mode = result(report, "VO103")
    assert ("unknown", "lesson_mode was not read", 2) == (mode.outcome, mode.reason, mode.unknown)
    assert "unknown" == result(report, "CO101").outcome


def test_a_crash_is_no_failure(tmp_path):
    """A rule that crashes is named with its place, breaks nothing and quotes no value."""
    (tmp_path / "more.py").write_text(CRASHING)
    frame = pd.DataFrame({"entry": ["Anna's answer"]})
    report = audit(frame, rules=tmp_path, select=["XX", "VO102"])
    crashed = result(report, "XX101")
    assert ("crashed", 0) == (crashed.outcome, crashed.broken)
    assert "more.py" in crashed.reason
    assert "Anna" not in crashed.reason
    assert "crashed" == result(report, "XX102").outcome
    assert "broken" == result(report, "VO102").outcome


def test_an_index_of_the_users_own_is_kept():
    """Findings about a frame carry the frame's own labels."""
    frame = pd.DataFrame({"entry": ["resume", "Resume"]}, index=["a", "b"])
    assert ["b"] == list(audit(frame).findings["row"])


@pytest.mark.parametrize("dtype", ["object", "str", "string", "category", "string[pyarrow]"])
def test_every_kind_of_text_column(dtype):
    """However a text column is stored, the same rows break."""
    frame = pd.DataFrame({"entry": pd.Series(["resume", "Resume", None, ""], dtype=dtype)})
    assert [1] == list(audit(frame).findings["row"])


def test_half_a_surrogate_pair_is_judged():
    """Text that nothing could store breaks rules like any other, and can be told and written."""
    columns = ("entry", "suspend_data", "score_raw", "start_date_utc", "title", *RECORD)
    frame = pd.DataFrame(
        {name: pd.Series(["\ud800", "\udfff", None], dtype=object) for name in columns}
    )
    report = audit(frame)
    assert [0, 1] == list(report.findings.query("rule == 'VO102'")["row"])
    for told in (tables.as_json, tables.as_csv, html.as_html):
        assert "\N{REPLACEMENT CHARACTER}" in told(report, show_values=True).encode().decode()


@pytest.mark.parametrize(
    "columns", [["entry", "entry"], ["sco_id", "entry", "sco_id"], ["course", "course"]]
)
def test_a_column_that_is_there_twice_is_refused(columns):
    """Which of two columns is meant nobody knows, so none is judged."""
    frame = pd.DataFrame([["x"] * len(columns)], columns=columns)
    for select in ((), ["VO102"]):
        with pytest.raises(
            SnapshotError, match=f"DataFrame: The column {columns[0]} is there twice"
        ):
            audit(frame, select=select)


def test_no_rows_hold():
    """An empty frame breaks nothing."""
    frame = pd.DataFrame({"entry": [], "lesson_status": []})
    assert 0 == len(audit(frame).findings)
    assert list(FINDING) == list(audit(frame).findings.columns)


def test_the_input_is_not_changed():
    """An audit leaves the frame it was given as it was."""
    frame = pd.DataFrame({"entry": ["resume", "Resume"], "score_raw": ["1", None]})
    before = frame.copy(deep=True)
    audit(frame)
    pd.testing.assert_frame_equal(before, frame)


@pytest.mark.parametrize(
    ("select", "ignore", "expected"),
    [
        (["VO10"], ["VO104", "VO105", "VO106"], {"VO101", "VO102", "VO103"}),
        (["vo101", "CO101"], [], {"VO101", "CO101"}),
        (["VO101", "VO102"], ["VO102"], {"VO101"}),
    ],
)
def test_rules_are_chosen_by_prefix(select, ignore, expected):
    """Codes and their beginnings choose rules, whatever their case."""
    report = audit(pd.DataFrame({"entry": ["x"]}), select=select, ignore=ignore)
    assert expected == {r.rule.code for r in report.results}


@pytest.mark.parametrize("codes", ["VO101", "vo10", "VO"])
def test_one_code_needs_no_list(codes):
    """A code given alone is that code, not its letters."""
    frame = pd.DataFrame({"entry": ["x"]})
    for options in ({"select": codes}, {"select": ["VO", "CO"], "ignore": codes}):
        listed = {name: [v] if isinstance(v, str) else v for name, v in options.items()}
        expected, found = audit(frame, **listed), audit(frame, **options)
        assert [r.rule.code for r in expected.results] == [r.rule.code for r in found.results]


def test_a_typing_mistake_is_told():
    """An unknown code is refused, with the codes that come near."""
    with pytest.raises(PackError, match="Did you mean"):
        audit(pd.DataFrame(), select=["ST1O3"])


def test_parts_make_no_difference(read, monkeypatch):
    """Findings are the same whether a snapshot has one part or many."""
    from scormaudit import fetch  # noqa: F401 - the module below is behind the function

    attempts = [attempt(n) for n in range(1, 6)]
    whole = read(*attempts)
    import sys

    monkeypatch.setattr(sys.modules["scormaudit.fetch"], "PART", 2)
    parts = read(*attempts)
    pd.testing.assert_frame_equal(whole.findings, parts.findings)
    assert [r.tested for r in whole.results] == [r.tested for r in parts.results]


def test_a_rule_says_the_same_alone(read):
    """What a rule finds does not hang on which other rules are chosen."""
    kept = ("cmi.core.lesson_mode", "cmi.core.exit", "cmi.core.session_time")
    names = [element.name for element in SCALARS if element.name not in kept]
    lacking = dict.fromkeys(names, "401 - Not Implemented Error")
    among = read(attempt(1, errors=lacking))
    for code in ("ID202", "ID203"):
        alone = read(attempt(1, errors=lacking), select=code)
        assert len(alone.findings) == among.findings["rule"].eq(code).sum() > 0


def test_the_pack_is_hashed_by_its_files(tmp_path):
    """The digest of a pack changes with any byte of its files."""
    (tmp_path / "more.py").write_text(CRASHING)
    before = load(tmp_path).digest
    (tmp_path / "more.py").write_text(CRASHING + "\n")
    assert before != load(tmp_path).digest
    assert before != load().digest


FRAMES = '''"""Rules that take their frame for a frame."""

from pandera.pandas import Check

from scormaudit import Rule


class Own(Rule, code="XX101"):
    """Asked by name."""

    needs = ("entry", "score_raw")
    check = Check(lambda cmi: ~(cmi.entry.eq("x") & cmi["score_raw_value"].gt(1)))


class Whole(Rule, code="XX102"):
    """Asked with methods of a frame."""

    needs = ("entry", "score_raw")
    check = Check(
        lambda cmi: ~(cmi.assign(a=cmi.entry).eq("x").any(axis=1) & cmi.loc[:, "score_raw"].notna())
    )


class Some(Rule, code="XX103"):
    """Asked for some columns."""

    needs = ("entry", "score_raw")
    check = Check(lambda cmi: cmi.entry.ne("x") | cmi[["score_raw"]].notna().any(axis=1))


class EachRow(Rule, code="XX104"):
    """Asked row by row."""

    needs = ("entry", "score_raw")
    check = Check(lambda row: not (row.entry == "x" and row.score_raw_value > 1), element_wise=True)


class Given(Rule, code="XX105"):
    """Asked what is there and not blank."""

    needs = ("entry", "score_raw")
    check = Check(lambda cmi: ~(cmi.given_entry & cmi.given_score_raw & cmi.score_raw_value.isna()))
'''


@pytest.mark.parametrize("dtype", ["object", "str", "category"])
def test_a_check_gets_a_frame_whatever_it_does_with_it(tmp_path, dtype):
    """A check that asks for a column, for all of them or for a row is answered as by a frame."""
    (tmp_path / "more.py").write_text(FRAMES)
    frame = pd.DataFrame({"entry": ["x", "x", "y", None], "score_raw": ["2", None, "3", "z"]})
    report = audit(frame.astype(dtype), rules=tmp_path, select=["XX"])
    assert [] == [(r.rule.code, r.reason) for r in report.results if r.crashed]
    found = report.findings.groupby("rule")["row"].agg(list).to_dict()
    assert {"XX101": [0], "XX102": [0], "XX103": [1], "XX104": [0]} == found
    assert [3] == list(
        audit(frame.assign(entry="y"), rules=tmp_path, select=["XX105"]).findings["row"]
    )


def test_a_snapshot_and_its_table_give_the_same(fetched):
    """Read from its files or taken from the frame they give, a record breaks the same rules."""
    codes = [rule.code for rule in load().rules if rule.table == "records" and not rule.needs]
    read, given = audit(fetched, select=codes), audit(fetched.records, select=codes)
    assert len(read.findings)
    pd.testing.assert_frame_equal(read.findings, given.findings)
