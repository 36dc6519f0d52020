"""A generated snapshot: any number of records, a share of which has one of sixteen defects."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from scormaudit.snapshot import FORMAT, TABLES, Manifest, schema_of

PART = 100_000
SIXTEEN = (
    "enrollment_id", "assignment_id", "sco_id", "title", "lesson_status", "entry", "exit",
    "credit", "lesson_mode", "session_time", "total_time", "score_raw", "score_min", "score_max",
    "mastery_score", "start_date_utc", "exit_date_utc", "suspend_data",
)  # fmt: skip
"""The columns that the sixteen rules are about, and the title."""
_DEFECTS = {
    "lesson_status": "Passed", "entry": "ab-inito", "exit": "suspended", "credit": "yes",
    "lesson_mode": "Normal", "session_time": "PT5M", "total_time": "5:00", "score_raw": "185",
    "score_min": "-10", "score_max": "1,000", "suspend_data": "x" * 4097,
}  # fmt: skip
_BLANK = (
    "launch_data", "comments", "comments_from_lms", "max_time_allowed", "preference_language",
)  # fmt: skip


def write(folder: Path, records: int, defects: float, *, part: int = PART, seed: int = 7) -> None:
    """A snapshot of so many records in `folder`; the same arguments give the same bytes."""
    entries = []
    for number, begin in enumerate(range(0, records, part)):
        rows = min(part, records - begin)
        table = made(rows, defects, np.random.default_rng([seed, number]))
        entries.append(
            {
                name: _written(folder, name, number, table if name == "records" else None)
                for name in TABLES
            }
        )
    counts = {name: sum(entry[name]["rows"] for entry in entries) for name in TABLES}
    manifest = Manifest(
        format=FORMAT, id="0" * 32, base_url="https://lms.example.org", from_utc="", to_utc="",
        complete=True, counts=counts, coverage={}, elements=(), labels=(), worklist={},
        parts=tuple(entries), tool_version="",
    )  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(asdict(manifest)), encoding="utf-8")


def made(rows: int, defects: float, dice: np.random.Generator) -> pa.Table:
    """One part of the records."""
    texts = _sound(rows, dice)
    kinds = len(_DEFECTS) + 5
    kind = np.where(dice.random(rows) < defects, dice.integers(0, kinds, rows), -1)
    for number, (name, text) in enumerate(_DEFECTS.items()):
        texts[name] = _put(texts[name], kind == number, pa.scalar(text))
    bounds, dates, times, mastery, twice = (kind == len(_DEFECTS) + n for n in range(5))
    for name, text in (("score_raw", "5"), ("score_min", "10"), ("score_max", "100")):
        texts[name] = _put(texts[name], bounds, pa.scalar(text))
    texts["exit_date_utc"] = _put(texts["exit_date_utc"], dates, pa.scalar("2024-01-01T00:00:00Z"))
    texts["total_time"] = _put(texts["total_time"], times, pa.scalar("0000:00:00.00"))
    for name, text in (("lesson_status", "passed"), ("score_raw", "10"), ("mastery_score", "70")):
        texts[name] = _put(texts[name], mastery, pa.scalar(text))
    before = np.maximum(np.arange(rows) - 1, 0)
    for name in ("enrollment_id", "assignment_id", "sco_id"):
        texts[name] = pc.if_else(pa.array(twice), texts[name].take(before), texts[name])
    schema = schema_of("records", ())
    return pa.table([texts.get(field.name, pa.nulls(rows)) for field in schema], schema=schema)


def _sound(rows: int, dice: np.random.Generator) -> dict[str, pa.Array]:
    """Records in which no rule finds anything: two fifths of one session, a tenth untouched."""
    again, touched = dice.random(rows) < 0.6, dice.random(rows) < 0.9
    session = dice.integers(600, 360_000, rows) * touched
    total = session + dice.integers(1, 2_000_000, rows) * (again & touched)
    start = dice.integers(1_735_689_600, 1_767_225_600, rows)
    page, score = dice.integers(1, 60, rows), dice.integers(1, 201, rows) / 2
    status = np.where(touched, dice.choice(4, rows, p=(0.45, 0.2, 0.1, 0.25)), 4)
    score = np.where(status == 0, 70 + score * 0.3, score * 0.69).round(1)
    scored, unfinished = np.isin(status, (0, 2)), status == 3
    looking = (status == 1) & (dice.random(rows) < 0.2)
    return {
        "enrollment_id": _ids(rows, dice),
        "assignment_id": _ids(rows, dice),
        "assignment_status_id": _ids(rows, dice),
        "sco_id": _of(("sco_1", "sco_2", "sco_3"), dice.integers(0, 3, rows)),
        "title": _of([f"Course {n}" for n in range(400)], dice.integers(0, 400, rows)),
        "start_date_utc": pc.if_else(pa.array(touched), _dates(start), None),
        "exit_date_utc": pc.if_else(pa.array(touched), _dates(start + session // 100 + 5), None),
        "student_id": _joined("stu_", dice.integers(0, 200_000, rows)),
        "student_name": _joined("Learner, No ", dice.integers(0, 200_000, rows)),
        "lesson_location": _where(touched, _joined("slide_", page)),
        "credit": _of(("credit", "no-credit"), looking.astype(int)),
        "lesson_status": _of(
            ("passed", "completed", "failed", "incomplete", "not attempted"), status
        ),
        "entry": _of(("ab-initio", "resume", ""), again * touched * dice.integers(1, 3, rows)),
        "score_raw": _where(scored, pa.array(score).cast(pa.string())),
        "score_max": _where(scored, _of(("100",), np.zeros(rows, int))),
        "score_min": _where(scored, _of(("0",), np.zeros(rows, int))),
        "total_time": _timespans(total),
        "lesson_mode": _of(("normal", "review"), looking.astype(int)),
        "exit": _of(("", "logout", "suspend"), np.where(unfinished, 2, dice.integers(0, 2, rows))),
        "session_time": _where(touched, _timespans(session)),
        "suspend_data": _where(unfinished, _bookmarks(page, dice)),
        "mastery_score": _of(("70", ""), dice.choice(2, rows, p=(0.7, 0.3))),
        "time_limit_action": _of(("continue,no message",), np.zeros(rows, int)),
        **{name: _of(("",), np.zeros(rows, int)) for name in _BLANK},
        **{f"preference_{n}": _of(("0",), np.zeros(rows, int)) for n in ("audio", "speed", "text")},
        **{f"{n}_count": _of(("0",), np.zeros(rows, int)) for n in ("objectives", "interactions")},
    }


def _of(words: "list[str] | tuple[str, ...]", codes: np.ndarray) -> pa.Array:
    return pa.array(words).take(pa.array(codes))


def _where(there: np.ndarray, texts: pa.Array) -> pa.Array:
    """The texts where they are there, blank elsewhere."""
    return pc.if_else(pa.array(there), texts, pa.scalar(""))


def _put(texts: pa.Array, where: np.ndarray, text: pa.Scalar) -> pa.Array:
    return pc.if_else(pa.array(where), text, texts)


def _joined(*pieces: "str | np.ndarray") -> pa.Array:
    texts = [p if isinstance(p, str) else pa.array(p).cast(pa.string()) for p in pieces]
    return pc.binary_join_element_wise(*texts, "")


def _padded(numbers: np.ndarray, width: int) -> pa.Array:
    return pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width=width, padding="0")


def _timespans(hundredths: np.ndarray) -> pa.Array:
    seconds = hundredths // 100
    pieces = (
        _padded(seconds // 3600, 4), ":", _padded(seconds // 60 % 60, 2), ":",
        _padded(seconds % 60, 2), ".", _padded(hundredths % 100, 2), "",
    )  # fmt: skip
    return pc.binary_join_element_wise(*pieces)


def _dates(seconds: np.ndarray) -> pa.Array:
    return pc.strftime(pa.array(seconds).cast(pa.timestamp("s")), format="%Y-%m-%dT%H:%M:%SZ")


def _bookmarks(page: np.ndarray, dice: np.random.Generator) -> pa.Array:
    """What a course keeps: a hundred characters, most of them its own."""
    rows = len(page)
    seen = _of([",".join(map(str, range(1, n))) for n in range(1, 61)], page)
    mark = pa.array(dice.integers(0, 2**62, rows)).cast(pa.string())
    return pc.binary_join_element_wise(
        '{"page": ', pa.array(page).cast(pa.string()), ', "seen": [', seen, '], "mark": ', mark,
        "}", "",
    )  # fmt: skip


def _ids(rows: int, dice: np.random.Generator) -> pa.Array:
    """UUIDs of version 4."""
    digits = np.frombuffer(b"0123456789abcdef", np.uint8)[dice.integers(0, 16, (rows, 36))]
    digits[:, (8, 13, 18, 23)] = ord("-")
    digits[:, 14] = ord("4")
    digits[:, 19] = ord("a")
    ends = np.arange(rows + 1, dtype=np.int32) * 36
    return pa.StringArray.from_buffers(rows, pa.py_buffer(ends), pa.py_buffer(digits.tobytes()))


def _written(folder: Path, name: str, number: int, table: pa.Table | None) -> dict[str, object]:
    file = f"{name}/part-{number:05}.parquet"
    (folder / name).mkdir(parents=True, exist_ok=True)
    table = schema_of(name, ()).empty_table() if table is None else table
    pq.write_table(table, folder / file, compression="zstd", write_page_checksum=True)
    return {"file": file, "rows": table.num_rows, "sha256": ""}
