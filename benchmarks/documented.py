"""Pandera and Great Expectations on pandas, as their documentation has them."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.expressions import KEY, SUBJECT, TIMESPAN, VOCABULARY


def documented(frame: Any) -> Iterator[tuple[str, Any, Any]]:  # noqa: C901 - one schema, as one would write it
    """Pandera: one schema with lazy validation."""
    import pandas as pd
    import pandera.pandas as pa

    def number(column: Any) -> Any:
        return pd.to_numeric(column, errors="coerce")

    def seconds(column: Any) -> Any:
        parts = column.str.extract(r"^(\d{2,4}):(\d\d):(\d\d(?:\.\d{1,2})?)$")
        return number(parts[0]) * 3600 + number(parts[1]) * 60 + number(parts[2])

    def moment(column: Any) -> Any:
        return pd.to_datetime(column, errors="coerce", utc=True)

    columns = {c: pa.Column(checks=pa.Check.isin(w)) for c, w in VOCABULARY.values()}
    for name in ("session_time", "total_time"):
        columns[name] = pa.Column(checks=pa.Check.str_matches(f"^$|{TIMESPAN}"))
    for name in ("score_raw", "score_min", "score_max"):
        fits = pa.Check(lambda score: score.eq("") | number(score).between(0, 100))
        columns[name] = pa.Column(checks=fits)
    columns["suspend_data"] = pa.Column(checks=pa.Check.str_length(max_value=4096))
    raw, low, high = "score_raw", "score_min", "score_max"
    checks = {
        "BS201": lambda df: (
            ~(number(df[raw]).lt(number(df[low])) | number(df[raw]).gt(number(df[high])))
        ),
        "BC101": lambda df: ~moment(df["exit_date_utc"]).lt(moment(df["start_date_utc"])),
        "BC102": lambda df: ~seconds(df["total_time"]).lt(seconds(df["session_time"])),
        "BP101": lambda df: (
            ~(df["lesson_status"].eq("passed") & number(df[raw]).lt(number(df["mastery_score"])))
        ),
    }
    schema = pa.DataFrameSchema(
        columns, checks=[pa.Check(f, name=c) for c, f in checks.items()], unique=KEY
    )
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases = errors.failure_cases
    else:
        return
    code_of = {column: code for code, column in SUBJECT.items() if code not in checks}
    for (column, check), own in cases.groupby(["column", "check"], dropna=False):
        code = check if check in checks else code_of.get(column)
        if str(check).startswith("multiple_fields_uniqueness"):
            code = "BU101" if column == "sco_id" else None
        elif check in checks and column != SUBJECT[check]:
            continue
        if code:
            yield code, own["index"], own["failure_case"]


def expected(frame: Any) -> Iterator[tuple[str, Any, Any]]:
    """Rules over several columns look at columns that are made for them first."""
    import great_expectations as gx
    import pandas as pd

    number = {
        n: pd.to_numeric(frame[n], errors="coerce")
        for n in ("score_raw", "score_min", "score_max", "mastery_score")
    }
    exits, starts = (
        pd.to_datetime(frame[n], errors="coerce", utc=True)
        for n in ("exit_date_utc", "start_date_utc")
    )
    seconds = {}
    for name in ("session_time", "total_time"):
        parts = frame[name].str.extract(r"^(\d{2,4}):(\d\d):(\d\d(?:\.\d{1,2})?)$")
        hours, minutes, rest = (pd.to_numeric(parts[n], errors="coerce") for n in range(3))
        seconds[name] = hours * 3600 + minutes * 60 + rest
    raw, low, high = number["score_raw"], number["score_min"], number["score_max"]
    failed = frame["lesson_status"].eq("passed") & raw.lt(number["mastery_score"])
    made = {
        "BS201": ~(raw.lt(low) | raw.gt(high)),
        "BC101": ~exits.lt(starts),
        "BC102": ~seconds["total_time"].lt(seconds["session_time"]),
        "BP101": ~failed,
    }
    made |= {
        code: frame[name].eq("") | number[name].between(0, 100)
        for code, name in (("BS101", "score_raw"), ("BS102", "score_min"), ("BS103", "score_max"))
    }
    expect = gx.expectations
    wanted = {
        code: expect.ExpectColumnValuesToBeInSet(column=column, value_set=list(words))
        for code, (column, words) in VOCABULARY.items()
    }
    for code, name in (("BT101", "session_time"), ("BT102", "total_time")):
        wanted[code] = expect.ExpectColumnValuesToMatchRegex(column=name, regex=f"^$|{TIMESPAN}")
    for code in made:
        wanted[code] = expect.ExpectColumnValuesToBeInSet(column=code, value_set=[True])
    wanted["BU101"] = expect.ExpectCompoundColumnsToBeUnique(column_list=KEY)
    wanted["BL101"] = expect.ExpectColumnValueLengthsToBeBetween(
        column="suspend_data", max_value=4096
    )
    context = gx.get_context(mode="ephemeral")
    source = context.data_sources.add_pandas("source").add_dataframe_asset("records")
    batch = source.add_batch_definition_whole_dataframe("all")
    got = batch.get_batch({"dataframe": frame.assign(**made)})
    for code, expectation in wanted.items():
        told = got.validate(expectation, result_format="COMPLETE").result
        rows = np.array(told.get("unexpected_index_list") or [], dtype="int64")
        yield code, rows, frame[SUBJECT[code]].iloc[rows]
