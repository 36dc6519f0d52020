"""Snapshots made of readings, cut into parts in any order, and what was changed in them."""

from hypothesis import strategies as st
from strategies import anything, texts

from scormaudit.cmi import INTERACTIONS, NESTED, OBJECTIVES, SCALARS
from scormaudit.frame import Rows
from scormaudit.lms.wire import Reading, Sco
from scormaudit.snapshot import Writer

FACTS = {
    "base_url": "https://lms.example.org",
    "from_utc": "2026-03-03T00:00:00Z",
    "to_utc": "2026-03-03T01:00:00Z",
    "elements": (),
    "worklist": {"name": "worklist.csv", "sha256": "0" * 64, "rows": "0"},
    "tool_version": "0",
}
_OTHERS = ("cmi.core.score.scaled", "cmi.completion_status", "runtime.x", "x")


def readings():
    """A value, an empty element or a failed one."""
    value = texts.filter(bool).map(lambda text: Reading("value", text))
    failed = anything.filter(bool).map(lambda text: Reading("error", text))
    return st.one_of(value, value, st.just(Reading("empty", "")), failed)


def _names():
    names = [element.name for element in SCALARS if not element.name.endswith("_count")]
    for index in range(2):
        for element in (*OBJECTIVES, *INTERACTIONS, *NESTED):
            if not element.name.endswith("_count"):
                one = element.name.replace(".n.", f".{index}.").replace(".m.", ".0.")
                names.append(one)
    return st.sampled_from(names)


@st.composite
def scos(draw):
    """One SCO with some elements, and counts that hold the indices it has."""
    found = draw(st.dictionaries(_names(), readings(), max_size=12))
    for prefix in ("cmi.objectives", "cmi.interactions"):
        size = draw(st.integers(0, 2))
        found[f"{prefix}._count"] = Reading("value", str(size))
    for index in range(2):
        for nested in ("objectives", "correct_responses"):
            size = draw(st.integers(0, 1))
            found[f"cmi.interactions.{index}.{nested}._count"] = Reading("value", str(size))
    dates = st.none() | st.just("2026-03-02T10:00:00Z") | anything
    return Sco(
        sco_id="", title=draw(anything), start_date_utc=draw(dates), exit_date_utc=draw(dates),
        elements=found,
    )  # fmt: skip


ids = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=6)
keys = st.tuples(ids, ids, ids) | st.tuples(*[st.sampled_from(("a", "b", "\x1f", "\x1ee"))] * 3)
plain = st.dictionaries(st.tuples(ids, ids, ids), scos(), min_size=1, max_size=5)
"""Records by ids without anything that a CSV would trim."""
sides = st.dictionaries(keys, scos(), min_size=1, max_size=5)
"""Records by enrollment, assignment and SCO."""


def written(folder, records, *, order=None, cut=3, course="Course", states=()):
    """A snapshot of some records, in this order, a part for every `cut`."""
    writer = Writer(folder, ("course",))
    listed = [list(records.items())[at] for at in (order or range(len(records)))]
    for at in range(0, max(len(listed), 1), cut):
        rows, coverage = Rows(), []
        for (enrollment, assignment, sco_id), sco in listed[at : at + cut]:
            key = {"enrollment_id": enrollment, "assignment_id": assignment,
                   "assignment_status_id": ""}  # fmt: skip
            named = Sco(
                sco_id=sco_id, title=sco.title, start_date_utc=sco.start_date_utc,
                exit_date_utc=sco.exit_date_utc, elements=sco.elements,
            )  # fmt: skip
            rows.add(named, key, {"course": course})
            coverage.append({**key, "row": 1, "state": "ok", "scos": 1})
        coverage += [{"state": state} for state in states]
        writer.write({**rows.tables, "coverage": coverage})
    return writer.finish(**FACTS)


def with_element(sco, name, reading):
    """The SCO with another reading of one element; None takes it away."""
    elements = {**sco.elements}
    elements.pop(name, None)
    if reading is not None:
        elements[name] = reading
    return Sco(
        sco_id=sco.sco_id, title=sco.title, start_date_utc=sco.start_date_utc,
        exit_date_utc=sco.exit_date_utc, elements=elements,
    )  # fmt: skip


def told(comparison):
    """The changes as a set of tuples, without their places in files."""
    columns = [c for c in comparison.changes if not c.endswith("_row")]
    return sorted(map(tuple, comparison.changes[columns].astype("object").to_numpy().tolist()))
