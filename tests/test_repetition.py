"""A key that stands twice is found wherever its rows lie, and no other is."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandera.errors import SchemaErrors
from repair import Bench, attempt
from strategies import texts

from scormaudit import audit, repetition, schema
from scormaudit.columns import columns_of
from scormaudit.frame import RECORD
from scormaudit.part import tables_in
from scormaudit.repetition import hashed, repeated
from scormaudit.snapshot import Writer
from scormaudit.verdict import Verdict, combined, judge_part, line_up, merged, settled, suspected

KEYS = st.lists(st.sampled_from(["a", "b", "c", "", None]) | texts, min_size=1, max_size=12)
FACTS = {"base_url": "https://lms.example.org", "from_utc": "", "to_utc": "", "elements": (),
         "worklist": {}, "tool_version": ""}  # fmt: skip


def frame_of(keys):
    """Records whose SCO ids these are, of one assignment."""
    frame = pd.DataFrame({"sco_id": pd.Series(keys, dtype="object")})
    return frame.assign(enrollment_id="e", assignment_id="a")


def twice(keys):
    """The places of what stands more than once; null and blank never do."""
    return [n for n, key in enumerate(keys) if key and keys.count(key) > 1]


@settings(max_examples=60)
@given(KEYS)
def test_what_stands_twice_is_found(keys):
    """Every row of a repeated key breaks the rule, and no row beside."""
    findings = audit(frame_of(keys), select=["AR203"]).findings
    assert twice(keys) == findings["row"].tolist()


def in_parts(keys, cuts):
    """The verdict on records with these keys, of which a new part begins at each cut."""
    rules = audit(frame_of(["x"]), select=["AR203"]).pack.rules
    pieces = [piece for piece in np.split(np.arange(len(keys)), sorted(cuts)) if len(piece)]
    frames = [frame_of(keys).iloc[piece].reset_index(drop=True) for piece in pieces]
    parts = [tables_in(frame, rules) for frame in frames]
    verdict = combined(judge_part(rules, part) for part in parts)
    if suspects := suspected(verdict):
        verdict = settled(verdict, combined(line_up(rules, part, suspects) for part in parts))
    return verdict


def agrees(keys, verdict):
    """Whether the verdict finds every repeated key, each row once."""
    found = [row for table in verdict.findings.values() for row in table["row"].to_pylist()]
    tally = verdict.tallies["AR203"]
    counts = (tally.tested, tally.broken) == (len(keys), len(twice(keys)))
    return counts and twice(keys) == sorted(found)


@pytest.mark.parametrize(
    ("keys", "cuts"),
    [
        ("aab", {1}),
        ("aaba", {2}),
        ("abab", {1, 2, 3}),
        ("aabbacb", {2, 4, 5}),
        (["a", "", None, "", None, "a"], {3}),
    ],
)
def test_a_key_repeats_within_and_across_parts(keys, cuts):
    """A row of a key that stands in its own part and in another is found, and counted once."""
    assert agrees([*keys], in_parts([*keys], cuts))


@settings(max_examples=40)
@given(KEYS, st.data())
def test_parts_make_no_difference(keys, data):
    """However the rows are cut into parts, the same rows break, counted once."""
    cuts = data.draw(st.sets(st.integers(1, len(keys)), max_size=4))
    assert agrees(keys, in_parts(keys, cuts))


def test_merging_is_associative():
    """Verdicts may be merged two by two in any grouping, and an empty one changes nothing."""
    rules = audit(frame_of(["x"]), select=["AR203", "VO102"]).pack.rules
    frames = [frame_of([*word]).assign(entry=word) for word in ("aab", "bcd", "dd")]
    one, two, three = (judge_part(rules, tables_in(frame, rules)) for frame in frames)
    left, right = merged(merged(one, two), three), merged(one, merged(two, three))
    for verdict in (right, combined([one, two, three]), merged(Verdict(), merged(left, Verdict()))):
        assert (left.tallies, left.rows) == (verdict.tallies, verdict.rows)
        tables = (left.findings["records"], verdict.findings["records"])
        assert tables[0].to_pylist() == tables[1].to_pylist()
        for code, hashes in left.hashes.items():
            assert np.array_equal(np.concatenate(hashes), np.concatenate(verdict.hashes[code]))


def test_equal_hashes_are_not_equal_keys(monkeypatch):
    """Keys whose hashes agree by chance are told apart by their texts."""
    monkeypatch.setattr(repetition, "_mixed", lambda hashes, _: hashes * np.uint64(0))
    keys = ["a", "bb", "a", "c"]
    assert [0, 2] == audit(frame_of(keys), select=["AR203"]).findings["row"].tolist()


@given(KEYS)
def test_a_hash_is_the_same_in_every_kind_of_column(keys):
    """A key has one hash, whether its column is kept by words or by rows."""
    frame = frame_of(keys).astype({"sco_id": "object"})
    kept = columns_of(frame, RECORD, {})
    coded = columns_of(frame.assign(sco_id=frame["sco_id"].astype("category")), RECORD, {})
    for one, other in zip(hashed(kept, RECORD), hashed(coded, RECORD), strict=True):
        assert np.array_equal(one, other)
    assert np.array_equal(repeated(kept, RECORD), repeated(coded, RECORD))


@pytest.fixture
def imported(tmp_path):
    """A snapshot as an import leaves it: the record of one SCO in two of three parts."""
    bench = Bench(tmp_path, *(attempt(n) for n in range(1, 4)))
    table = bench.snapshot().records.astype("object")
    bench.close()
    rows = table.where(table.notna(), None).to_dict("records")
    writer = Writer(tmp_path / "imported", ("learner", "course"))
    for part in ([rows[0], rows[1]], [rows[2]], [rows[1]]):
        writer.write({"records": part})
    return writer.finish(**FACTS)


def test_a_key_in_two_parts_is_found(imported, monkeypatch):
    """The record that an import left in two parts is found in both, judged at once or not."""
    from scormaudit import part

    for most in (100, 1):
        monkeypatch.setattr(part, "MOST", most)
        report = audit(imported, select=["AR203"])
        assert [1, 3] == report.findings["row"].tolist()
        assert (4, 2) == (report.results[0].tested, report.results[0].broken)
        assert 1 == report.findings["enrollment_id"].nunique()


def test_the_schema_breaks_on_the_same_rows(imported):
    """`schema()` finds the repeated rows in a frame as the audit does."""
    with pytest.raises(SchemaErrors) as raised:
        schema(select=["AR203"]).validate(imported.records, lazy=True)
    assert {1, 3} == {*raised.value.failure_cases["index"]}
