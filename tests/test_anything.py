"""Whatever an LMS may hold, no rule crashes, and every repair is one that settles."""

import shutil
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import HOSTILE, anything

from scormaudit import audit
from scormaudit.audit import breaks
from scormaudit.cmi import FIELDS, INTERACTIONS, NESTED, OBJECTIVES, SCALARS, STRAYS
from scormaudit.frame import ATTEMPT, Rows
from scormaudit.lms.wire import Reading, Sco, encode
from scormaudit.pack import load
from scormaudit.plan import FIELD
from scormaudit.snapshot import Writer

PACK = load()
EXAMPLES = sorted(
    {
        value
        for rule in PACK.rules
        for row in (*rule.good, *rule.bad)
        for value in row.values()
        if isinstance(value, str)
    }
)
TEXT = st.sampled_from(EXAMPLES) | st.sampled_from(HOSTILE) | anything
READING = st.one_of(
    TEXT.map(lambda text: Reading("value" if text else "empty", text)),
    st.just(Reading("absent")),
    st.just(Reading("error", "101 - General exception")),
)
INDEXED = [
    element.name.replace(".n.", f".{n}.").replace(".m.", ".0.")
    for element in (*OBJECTIVES, *INTERACTIONS, *NESTED)
    for n in (0, 1)
]
NAMES = [element.name for element in SCALARS] + INDEXED + list(STRAYS)
ONE_OF_EACH = {
    name: Reading("value", "2" if name.count(".") == 2 else "1")
    for name in NAMES
    if name.endswith("._count")
}


@st.composite
def scos(draw):
    """An SCO in which any element may hold anything."""
    elements = draw(st.dictionaries(st.sampled_from(NAMES), READING, max_size=40))
    title, start, end = (draw(st.none() | TEXT) for _ in ATTEMPT)
    return Sco(
        sco_id="sco",
        title=title or "",
        start_date_utc=start,
        exit_date_utc=end,
        elements=ONE_OF_EACH | elements,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where snapshots go, one after the other."""
    return tmp_path_factory.mktemp("anything"), count()


def snapshot_of(scos, folder):
    """A snapshot of these SCOs, each a record of its own."""
    base, numbers = folder
    rows = Rows()
    for number, sco in enumerate(scos):
        rows.add(sco, {"enrollment_id": f"e{number}", "assignment_id": "a"}, {})
    path = base / str(next(numbers))
    writer = Writer(path, ())
    writer.write(rows.tables | {"coverage": []})
    return writer.finish(
        base_url="https://lms.example.org", from_utc="", to_utc="", elements=(), worklist={},
        tool_version="",
    )  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(batch=st.lists(scos(), min_size=1, max_size=12))
def test_nothing_crashes_and_repairs_settle(batch, folder):
    """Any text in any element is judged, and a repair mends for good what it may write."""
    snapshot = snapshot_of(batch, folder)
    report = audit(snapshot)
    assert [] == [(r.rule.code, r.reason) for r in report.results if r.crashed]
    records = snapshot.records.astype("object")
    records = records.where(records.notna(), None).to_dict("records")
    for code, position in zip(report.findings["rule"], report.findings["row"], strict=True):
        rule = report.pack[code]
        if rule.table == "records" and rule.fix != "manual":
            settles(rule, records[position])
    shutil.rmtree(snapshot.path)


def settles(rule, row):
    """A repair of a broken row, if there is one, holds and can be written."""
    edit = rule.repair(row)
    if edit is None:
        return
    assert edit.field in {field.name for field in FIELDS}
    mended = {**row, FIELD[edit.field].column: edit.text}
    assert not breaks(rule, mended), (rule.code, edit)
    try:
        encode(FIELD[edit.field], edit.text)
    except ValueError:
        assert rule.fix == "judgement" or edit.field == "raw_score", (rule.code, edit)
