"""Rows and typed columns: states stay apart, and a column means what each of its texts means."""

import math
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import dates, decimals, texts

from scormaudit.cmi import INTERACTIONS, NESTED, OBJECTIVES, SCALARS
from scormaudit.frame import (
    COLUMNS,
    MOST_INDICES,
    Rows,
    count,
    failures,
    names_after,
    typed,
)
from scormaudit.lms.wire import Reading, Sco, instant
from scormaudit.meaning import MEANINGS, Meaning, decimal, seconds
from scormaudit.text import text_of
from scormaudit.timespan import centiseconds

KEY = {"enrollment_id": "e", "assignment_id": "a", "assignment_status_id": None}
KINDS = {
    "str": lambda values: pd.Series(values, dtype="str"),
    "object": lambda values: pd.Series(values, dtype="object"),
    "string": lambda values: pd.Series(values, dtype="string"),
    "python": lambda values: pd.Series(values, dtype="string[python]"),
    "category": lambda values: pd.Series(values, dtype="object").astype("category"),
    "arrow": lambda values: pd.Series(values, dtype=pd.ArrowDtype(pa.string())),
    "large": lambda values: pd.Series(values, dtype=pd.ArrowDtype(pa.large_string())),
    "dictionary": lambda values: pa.table(
        {"x": pa.array(values, pa.string()).dictionary_encode()}
    ).to_pandas()["x"],
    "arrow-dictionary": lambda values: pd.Series(
        pd.arrays.ArrowExtensionArray(pa.array(values, pa.string()).dictionary_encode())
    ),
}  # fmt: skip
kinds = st.sampled_from(sorted(KINDS))
columns = st.lists(st.none() | texts | decimals | dates().map(lambda pair: pair[0]), max_size=8)


def sco(sco_id="s", **elements):
    """A SCO whose elements are readings, or text for a value; `__` stands for a dot."""
    readings = {
        f"cmi.{name.replace('__', '.')}": Reading("value", r) if isinstance(r, str) else r
        for name, r in elements.items()
    }
    return Sco(sco_id=sco_id, title="", start_date_utc=None, exit_date_utc=None, elements=readings)


def tables_of(*scos):
    """The tables of some SCOs, as frames."""
    rows = Rows()
    for one in scos:
        rows.add(one, KEY, {"learner": "L"})
    return {name: pd.DataFrame(content) for name, content in rows.tables.items()}


def equal(expected, actual):
    """Whether two lists of numbers are the same, NaN included."""
    return np.array_equal(np.array(expected, float), actual.to_numpy(), equal_nan=True)


# --- rows --------------------------------------------------------------------------------


def test_states_stay_apart_in_a_record():
    """Value, `""`, null, and null with a row of its own in element_errors are four things."""
    tables = tables_of(
        sco(
            core__lesson_status="passed",
            core__lesson_location=Reading("empty"),
            core__exit=Reading("absent"),
            comments=Reading("error", "101 - General exception"),
        )
    )
    (row,) = tables["records"].to_dict("records")
    assert ("passed", "") == (row["lesson_status"], row["lesson_location"])
    assert (None, None, None) == (row["exit"], row["comments"], row["suspend_data"])
    assert ("e", "a", None, "s", "L") == tuple(row[k] for k in [*KEY, "sco_id", "learner"])
    (error,) = tables["element_errors"].to_dict("records")
    assert {**KEY, "sco_id": "s", "element": "cmi.comments"} | {
        "message": "101 - General exception"
    } == error


def test_an_error_message_never_becomes_a_value():
    """No message of the LMS stands in a value's place, however it looks."""
    tables = tables_of(sco(core__score__raw=Reading("error", "85")))
    assert tables["records"]["score_raw"].isna().all()


def test_indices_become_rows():
    """Each index is a row with its nested lists, a hole in a collection included."""
    tables = tables_of(
        sco(
            objectives___count="2", objectives__1__id="o2", objectives__1__score__raw="",
            interactions___count="1", interactions__0__id="q", interactions__0__latency="00:00:05",
            interactions__0__correct_responses___count="2",
            interactions__0__correct_responses__0__pattern="a",
            interactions__0__correct_responses__1__pattern=Reading("absent"),
            interactions__0__objectives___count="0",
        )
    )  # fmt: skip
    assert [0, 1] == tables["objectives"]["index"].tolist()
    assert [True, False] == tables["objectives"]["id"].isna().tolist()
    (row,) = tables["interactions"].to_dict("records")
    assert ("q", ["a", None], []) == (row["id"], row["correct_responses"], row["objective_ids"])
    assert set(COLUMNS["interactions"]) <= set(row)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0), ("3", 3), ("003", 3), ("2000", MOST_INDICES), ("2001", 0), ("", 0), ("-1", 0),
        ("1.0", 0), (" 1", 0), ("٣", 0), ("²", 0), ("9" * 5000, 0), ("NaN", 0), ("1_0", 0),
    ],
)  # fmt: skip
def test_counts_that_cannot_be_are_none(text, expected):
    """A count is believed if it is a plain number that a course may reach."""
    assert expected == count(sco(objectives___count=text), "cmi.objectives")


@pytest.mark.parametrize("state", ["absent", "empty", "error"])
def test_a_count_without_a_value_is_none(state):
    """A count that is absent, empty or failed promises nothing."""
    assert () == names_after(
        [sco(objectives___count=Reading(state, "5" if state == "error" else ""))]
    )


def test_names_come_in_two_steps_and_nested_ones_in_three():
    """Counts promise indices, and counts among those promise the nested ones, each asked once."""
    first = sco(objectives___count="1", interactions___count="2")
    names = names_after([first])
    assert len(OBJECTIVES) + 2 * len(INTERACTIONS) == len(names)
    assert "cmi.interactions.1.correct_responses._count" in names
    answers = {name: Reading("value", "1" if "count" in name else "x") for name in names}
    nested = names_after([replace(first, elements={**first.elements, **answers})])
    assert 2 * len(NESTED) == len(nested)
    assert "cmi.interactions.1.correct_responses.0.pattern" in nested


def test_what_failed_beyond_a_count_is_no_error():
    """SCOs are asked together; an index that only another one has is not held against this one."""
    failed = Reading("error", "401 - Not Implemented Error")
    tables = tables_of(
        sco(
            objectives___count="1", objectives__0__id=failed, objectives__1__id=failed,
            interactions___count="1", interactions__0__objectives___count="1",
            interactions__0__objectives__0__id=failed, interactions__0__objectives__1__id=failed,
            interactions__1__objectives__0__id=failed,
        )
    )  # fmt: skip
    assert [
        "cmi.objectives.0.id", "cmi.interactions.0.objectives.0.id",
    ] == tables["element_errors"]["element"].tolist()  # fmt: skip


def test_failures_find_their_rows():
    """Which rows of a column failed is known by record, and by index in a collection."""
    failed = Reading("error", "x")
    tables = tables_of(
        sco("a", comments=failed, objectives___count="2", objectives__1__status=failed),
        sco("b", comments="fine", objectives___count="2"),
    )
    assert {"comments": [True, False]} == {
        name: mask.tolist() for name, mask in failures(tables, "records").items()
    }
    assert {"status": [False, True, False, False]} == {
        name: mask.tolist() for name, mask in failures(tables, "objectives").items()
    }


def test_without_errors_nothing_failed(fetched):
    """A table without errors, or one that is not judged, has no failures."""
    assert {} == failures(tables_of(sco("a")), "records")
    assert {} == failures({"records": fetched.records}, "records")
    assert {} == failures(tables_of(sco("a", comments=Reading("error", "x"))), "coverage")


# --- typed columns -----------------------------------------------------------------------


@given(columns, kinds)
def test_typed_columns_equal_decoding_each_text(values, kind):
    """However a column is stored, its meaning is that of each text, and null stays null."""
    names = ("score_raw", "total_time", "start_date_utc", "lesson_status")
    frame = pd.DataFrame({name: KINDS[kind](values) for name in names})
    out = typed(frame, names)
    for name in names:
        assert values == out[name].astype("object").where(out[name].notna(), None).tolist()
    assert equal([math.nan if v is None else decimal(v) for v in values], out["score_raw_value"])
    assert equal([math.nan if v is None else seconds(v) for v in values], out["total_time_seconds"])
    moments = [None if v is None else instant(v) for v in values]
    assert moments == [None if pd.isna(v) else v for v in out["start_utc"]]
    assert "datetime64[us, UTC]" == out["start_utc"].dtype


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_columns_of_nothing_but_null(kind):
    """A column that is null everywhere, or has no rows, is decoded to nothing of the right type."""
    for values in ([None, None], []):
        frame = pd.DataFrame(
            {"score_raw": KINDS[kind](values), "exit_date_utc": KINDS[kind](values)}
        )
        out = typed(frame, ["score_raw", "exit_date_utc"])
        assert ("float64", "datetime64[us, UTC]") == (out.score_raw_value.dtype, out.exit_utc.dtype)
        assert out.isna().all(axis=None)
        assert len(values) == len(out)


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([85, 100]), pd.Series([85.0, 100.0]), pd.Series([85, 100]).astype("category"),
        pd.Series([85, 100], dtype="Int64"), pd.Series([Decimal(85), Decimal(100)]),
        pd.Series([85, 100], dtype=pd.ArrowDtype(pa.decimal128(5, 2))),
        pd.Series(["85", 100], dtype="object"), pd.Series(["85", 100]).astype("category"),
    ],
)  # fmt: skip
def test_numbers_count_as_their_text(column):
    """A frame of the user's own may hold scores as numbers of any kind."""
    out = typed(pd.DataFrame({"score_raw": column}), ["score_raw"])
    assert [85.0, 100.0] == out["score_raw_value"].tolist()
    assert all(isinstance(value, str) for value in out["score_raw"])


@pytest.mark.parametrize(
    "nothing", [np.nan, None, pd.NA, pd.NaT, float("nan"), np.float64("nan")], ids=repr
)
def test_every_kind_of_null_is_null(nothing):
    """None, NaN and NA are absent, never the texts `None`, `nan` or `<NA>`."""
    column = text_of(pd.Series([nothing, "", "passed"], dtype="object")).category()
    assert [True, False, False] == column.isna().tolist()
    assert ["", "passed"] == sorted(column.categories)


def test_the_range_of_net_dates_is_exact():
    """.NET's least and greatest dates are dates like any other, to the microsecond."""
    values = ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z", "2026-03-01T09:00:00.731Z"]
    out = typed(pd.DataFrame({"start_date_utc": values}), ["start_date_utc"])
    assert [instant(value) for value in values] == list(out["start_utc"])


@given(decimals)
def test_decimals_mean_what_they_say(text):
    """A CMIDecimal is the float next to it."""
    assert float(Decimal(text)) == decimal(text)


@pytest.mark.parametrize(
    "text",
    ["", "-", ".", "--1", "+1", "1e5", "1_0", "NaN", "inf", " 1", "1,5", "٣", "²", "1.2.3", "0x1"],
)
def test_other_texts_are_no_decimals(text):
    """What SCORM does not call a decimal has no value, though Python may read it."""
    assert math.isnan(decimal(text))


@given(texts)
def test_any_text_has_a_meaning_or_none(text):
    """No text breaks the decoders, and seconds are exact to the hundredth."""
    assert isinstance(decimal(text), float)
    length = centiseconds(text)
    assert math.isnan(seconds(text)) if length is None else round(seconds(text) * 100) == length


def test_typed_keeps_the_index_and_leaves_out_what_is_missing():
    """The frame's own index comes back, twins included; columns that it lacks are left out."""
    frame = pd.DataFrame({"score_raw": ["1", None, "x"]}, index=[7, 7, 3])
    out = typed(frame, ["score_raw", "score_raw", "total_time"])
    assert ["score_raw", "score_raw_value"] == list(out)
    assert [7, 7, 3] == out.index.tolist()
    assert ["score_raw"] == list(frame)


@pytest.mark.parametrize("kind", ["category", "str", "object"])
def test_each_distinct_value_is_decoded_once(kind, monkeypatch):
    """A million rows of three words cost three decoded words."""
    seen = []

    def decode(words):
        seen.extend(words.to_pylist())
        return np.zeros(len(words))

    monkeypatch.setitem(MEANINGS, "CMIDecimal", Meaning(decode, "{}_value"))
    column = KINDS[kind](["1", "2", None] * 1000)
    typed(pd.DataFrame({"score_raw": column}), ["score_raw"])
    assert ["1", "2"] == sorted(seen)


def test_every_scalar_has_its_column():
    """A record has a column for each scalar element, in the order of the data model."""
    assert tuple(e.column for e in SCALARS) == COLUMNS["records"][3:]
