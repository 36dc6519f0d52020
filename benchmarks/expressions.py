"""The sixteen rules in the words of other engines: polars expressions and SQL, tuned alike."""

# ruff: noqa: S608 - the tables are our own

from typing import Any

CODES = (
    "BV101", "BV102", "BV103", "BV104", "BV105", "BT101", "BT102", "BS101", "BS102", "BS103",
    "BS201", "BC101", "BC102", "BP101", "BU101", "BL101",
)  # fmt: skip
VOCABULARY = {
    "BV101": ("lesson_status", ("passed", "completed", "failed", "incomplete", "browsed",
                                "not attempted")),
    "BV102": ("entry", ("ab-initio", "resume", "")),
    "BV103": ("exit", ("time-out", "suspend", "logout", "")),
    "BV104": ("credit", ("credit", "no-credit")),
    "BV105": ("lesson_mode", ("normal", "review", "browse")),
}  # fmt: skip
SUBJECT = {code: column for code, (column, _) in VOCABULARY.items()} | {
    "BT101": "session_time", "BT102": "total_time", "BS101": "score_raw", "BS102": "score_min",
    "BS103": "score_max", "BS201": "score_raw", "BC101": "exit_date_utc", "BC102": "total_time",
    "BP101": "lesson_status", "BU101": "sco_id", "BL101": "suspend_data",
}  # fmt: skip
KEY = ["enrollment_id", "assignment_id", "sco_id"]
TIMESPAN = r"^\d{2,4}:\d\d:\d\d(\.\d{1,2})?$"
_DATE = "%Y-%m-%dT%H:%M:%SZ"


def broken() -> dict[str, Any]:
    """For each rule a polars expression that is true where a row breaks it; null breaks nothing."""
    import polars as pl

    def number(name: str) -> Any:
        return pl.col(name).cast(pl.Float64, strict=False)

    def seconds(name: str) -> Any:
        parts = pl.col(name).str.split_exact(":", 2).struct
        hours, minutes = (parts[n].cast(pl.Int32, strict=False) for n in range(2))
        whole = hours * 3600 + minutes * 60 + parts[2].cast(pl.Float64, strict=False)
        return pl.when(pl.col(name).str.contains(TIMESPAN)).then(whole)

    def moment(name: str) -> Any:
        return pl.col(name).str.to_datetime(_DATE, strict=False)

    raw, low, high, total = *map(number, ("score_raw", "score_min", "score_max")), "total_time"
    found = {code: ~pl.col(c).is_in(list(words)) for code, (c, words) in VOCABULARY.items()}
    for code, name in (("BT101", "session_time"), ("BT102", "total_time")):
        found[code] = pl.col(name).ne("") & ~pl.col(name).str.contains(TIMESPAN)
    for code, name in (("BS101", "score_raw"), ("BS102", "score_min"), ("BS103", "score_max")):
        found[code] = pl.col(name).ne("") & ~number(name).is_between(0, 100).fill_null(value=False)
    found |= {
        "BS201": raw.lt(low).fill_null(value=False) | raw.gt(high).fill_null(value=False),
        "BC101": moment("exit_date_utc") < moment("start_date_utc"),
        "BC102": seconds(total) < seconds("session_time"),
        "BP101": pl.col("lesson_status").eq("passed") & (raw < number("mastery_score")),
        "BU101": pl.struct(KEY).is_duplicated(),
        "BL101": pl.col("suspend_data").str.len_chars() > 4096,
    }
    return {code: found[code].fill_null(value=False) for code in CODES}


def sql(table: str, row: str) -> str:
    """One query that gives rule, row and value of every finding; `row` numbers the rows."""
    decoded = ", ".join(
        [f"try_cast({n} AS DOUBLE) AS {n}_value" for n in
         ("score_raw", "score_min", "score_max", "mastery_score")]
        + [f"try_strptime({n}, '{_DATE}') AS {n}_at" for n in ("start_date_utc", "exit_date_utc")]
        + [f"CASE WHEN regexp_full_match({n}, '{TIMESPAN[1:-1]}') THEN "
           f"split_part({n}, ':', 1)::INT * 3600 + split_part({n}, ':', 2)::INT * 60 + "
           f"split_part({n}, ':', 3)::DOUBLE END AS {n}_seconds"
           for n in ("session_time", "total_time")]
    )  # fmt: skip
    where = {code: f"{c} NOT IN {words}" for code, (c, words) in VOCABULARY.items()}
    where |= {
        code: f"{n} <> '' AND {n}_seconds IS NULL"
        for code, n in (("BT101", "session_time"), ("BT102", "total_time"))
    }
    where |= {
        code: f"{n} <> '' AND ({n}_value IS NULL OR {n}_value NOT BETWEEN 0 AND 100)"
        for code, n in (("BS101", "score_raw"), ("BS102", "score_min"), ("BS103", "score_max"))
    }
    where |= {
        "BS201": "score_raw_value < score_min_value OR score_raw_value > score_max_value",
        "BC101": "exit_date_utc_at < start_date_utc_at",
        "BC102": "total_time_seconds < session_time_seconds",
        "BP101": "lesson_status = 'passed' AND score_raw_value < mastery_score_value",
        "BU101": f"({', '.join(KEY)}) IN (SELECT ({', '.join(KEY)}) FROM {table} "
                 f"GROUP BY {', '.join(KEY)} HAVING count(*) > 1)",
        "BL101": "length(suspend_data) > 4096",
    }  # fmt: skip
    cases = ", ".join(
        f"CASE WHEN {where[code]} THEN {{'rule': '{code}', 'value': {SUBJECT[code]}}} END"
        for code in CODES
    )
    return (
        f"WITH decoded AS (SELECT *, {row} AS row_number, {decoded} FROM {table}), found AS "
        f"(SELECT row_number, unnest([{cases}]) AS finding FROM decoded) "
        "SELECT finding.rule AS rule, row_number AS row, finding.value AS value FROM found "
        "WHERE finding IS NOT NULL"
    )
