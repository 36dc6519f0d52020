"""Worklists: whatever file comes, its pairing is beyond doubt or nothing is fetched."""

import re
from uuid import UUID, uuid4

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import anything

from scormaudit.errors import WorklistError
from scormaudit.worklist import IDS, read_worklist

E, A, S = (str(UUID(int=n)) for n in (0xE, 0xA, 0x5))
E2, A2, S2 = (str(UUID(int=n)) for n in (0xE2, 0xA2, 0x52))
HEADER = ",".join(IDS)


@pytest.fixture
def written(tmp_path):
    """Writes a file and gives its path."""

    def write(content, name="worklist.csv"):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def rows(worklist, *columns):
    """Some columns of a worklist as tuples."""
    return list(worklist.frame[list(columns)].itertuples(index=False, name=None))


def sample(number=3):
    """Good rows with a label."""
    return pd.DataFrame(
        [
            {
                **{name: str(UUID(int=n + 1000 * k)) for k, name in enumerate(IDS)},
                "learner": f"L{n}",
            }
            for n in range(number)
        ]
    )


# --- every kind of source ----------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".csv", ".CSV", ".txt", "", ".xlsx", ".XLSX", ".parquet"])
def test_every_format_gives_the_same_rows(tmp_path, suffix):
    """CSV, XLSX and Parquet of the same table are the same worklist, counted as they show it."""
    path = tmp_path / f"worklist{suffix}"
    if suffix.lower() == ".xlsx":
        with path.open("wb") as file:
            sample().to_excel(file, index=False, engine="openpyxl")
    elif suffix == ".parquet":
        sample().to_parquet(path)
    else:
        sample().to_csv(path, index=False)
    worklist = read_worklist(path)
    first = 1 if suffix == ".parquet" else 2
    expected = [(first + n, *row) for n, row in enumerate(sample().itertuples(index=False))]
    assert expected == rows(worklist, "row", *IDS, "learner")
    assert (path.name, ("learner",)) == (worklist.name, worklist.labels)


@pytest.mark.parametrize(
    "source",
    [
        sample(),
        sample().to_dict("records"),
        sample().astype("category"),
        sample().astype("string"),
        sample().set_axis([5, 5, 5]),
    ],
    ids=["frame", "dicts", "category", "string", "index"],
)
def test_rows_at_hand_are_counted_from_one(source):
    """A frame of any kind, or a list of dicts, is a worklist whose rows count from 1."""
    worklist = read_worklist(source)
    assert [1, 2, 3] == worklist.frame["row"].tolist()
    assert sample()[list(IDS)].to_numpy().tolist() == [list(r) for r in rows(worklist, *IDS)]


def test_uuid_objects_are_ids():
    """Ids may be UUID objects, and a missing write key may be any kind of nothing."""
    for nothing in (None, float("nan"), pd.NA, ""):
        row = {"enrollment_id": UUID(E), "assignment_id": UUID(A), "assignment_status_id": nothing}
        assert [(E, A, "")] == rows(read_worklist([row]), *IDS)


def test_reading_changes_nothing():
    """The frame that was given stays as it was."""
    frame = sample().rename(columns=str.upper)
    before = frame.copy(deep=True)
    read_worklist(frame)
    pd.testing.assert_frame_equal(before, frame)


def test_the_digest_is_that_of_the_file(written):
    """The digest names the bytes that were read; a frame of other content has another."""
    path = written(f"{HEADER}\n{E},{A},{S}\n")
    assert read_worklist(path).digest == read_worklist(path).digest
    assert 64 == len(read_worklist(path).digest)
    assert read_worklist(sample(1)).digest != read_worklist(sample(2)).digest


def test_repr_shows_no_learner():
    """A worklist shows how long it is, and no one's name."""
    assert "<Worklist of 3 assignments>" == repr(read_worklist(sample()))


# --- spellings that are taken ------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        f"\ufeff{HEADER}\n{E},{A},{S}\n",
        f"{HEADER}\r\n{E},{A},{S}\r\n",
        f"{HEADER}\n{E},{A},{S}",
        f"{HEADER.replace(',', ';')}\n{E};{A};{S}\n",
        f"\ufeff{HEADER.replace(',', ';')};label\n{E};{A};{S};a,b,c,d,e\n",
        f'"enrollment_id","assignment_id","assignment_status_id"\n"{E}","{A}","{S}"\n',
        f'\ufeff"enrollment_id","assignment_id","assignment_status_id"\n{E},{A},{S}\n',
        f" Enrollment_ID , ASSIGNMENT_ID,Assignment_Status_Id\n {E.upper()},{A} ,\t{S.upper()}\n",
        f"assignment_status_id,x,assignment_id,enrollment_id\n{S},,{A},{E}\n",
        f"{HEADER},,\n{E},{A},{S},,\n,,,,\n",
        f"{HEADER}\n{E},{A},{S}\n\n\n",
    ],
    ids=[
        "bom", "crlf", "no-last-newline", "semicolons", "semicolons-bom", "quoted", "quoted-bom",
        "case-and-blanks", "other-order", "trailing-commas", "trailing-lines",
    ],
)  # fmt: skip
def test_spellings_of_a_csv(written, content):
    """What spreadsheets make of a CSV file is read as it was meant."""
    assert [(2, E, A, S)] == rows(read_worklist(written(content)), "row", *IDS)


def test_blank_lines_keep_row_numbers_right(written):
    """A blank line is passed over, and the rows below are numbered as a spreadsheet shows them."""
    content = f"{HEADER}\n\n{E},{A},{S}\n,,\n\n{E2},{A2},{S2}\n"
    assert [3, 6] == read_worklist(written(content)).frame["row"].tolist()


def test_blank_rows_of_a_sheet_keep_row_numbers_right(tmp_path):
    """In XLSX too a blank row is passed over and counted."""
    frame = pd.concat([sample(1), pd.DataFrame([{}]), sample(2).tail(1)])
    frame.to_excel(tmp_path / "w.xlsx", index=False)
    assert [2, 4] == read_worklist(tmp_path / "w.xlsx").frame["row"].tolist()


def test_the_write_key_may_be_missing(written):
    """An audit needs no assignment_status_id: neither the column nor every cell of it."""
    assert [(E, A, "")] == rows(
        read_worklist(written(f"enrollment_id,assignment_id\n{E},{A}\n")), *IDS
    )
    content = f"{HEADER}\n{E},{A},\n{E2},{A},{S}\n{E},{A2},\n"
    assert ["", S, ""] == [r[2] for r in rows(read_worklist(written(content)), *IDS)]


def test_labels_are_carried_along_as_text(written):
    """Further columns stay text: leading zeros, NA and unicode come through."""
    content = f"{HEADER},learner,course no,N/A\n{E},{A},{S},Zoë «NA»,007,NA\n"
    worklist = read_worklist(written(content))
    assert ("learner", "course no", "N/A") == worklist.labels
    assert [("Zoë «NA»", "007", "NA")] == rows(worklist, *worklist.labels)


def test_labels_that_clash_step_aside(written):
    """A label named like a column of the snapshot is kept under another name."""
    content = f"{HEADER},title,row,state,sco_id,lesson_status\n{E},{A},{S},a,b,c,d,e\n"
    worklist = read_worklist(written(content))
    expected = ("title", "row", "state", "sco_id", "lesson_status")
    assert tuple(f"worklist_{name}" for name in expected) == worklist.labels
    assert [(2, "a", "b", "c", "d", "e")] == rows(worklist, "row", *worklist.labels)


@given(st.lists(anything.filter(lambda t: t.strip()), min_size=2, max_size=2))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_label_survives_a_csv(tmp_path, labels):
    """Whatever a label holds, quotes and newlines included, it is carried along or refused."""
    frame = pd.DataFrame({"enrollment_id": [E, E2], "assignment_id": [A, A], "label": labels})
    frame.to_csv(tmp_path / "w.csv", index=False, encoding="utf-8")
    try:
        worklist = read_worklist(tmp_path / "w.csv")
    except WorklistError:
        assert any("\0" in label or "\r" in label for label in labels)
        return
    newlines = re.compile(r"\r\n|\r")
    expected = [newlines.sub("\n", label.strip()) for label in labels]
    assert expected == [newlines.sub("\n", label) for label in worklist.frame["label"]]


# --- what is refused ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "It is empty"),
        ("\n\n", "It is empty"),
        (f"{HEADER}\n", "It has no rows"),
        (f"{HEADER}\n\n,,\n", "It has no rows"),
        (f"enrollment,assignment\n{E},{A}\n", "enrollment_id and assignment_id are missing"),
        (f"enrollment_id,assignment\n{E},{A}\n", "assignment_id is missing.*Found are"),
        (f"{E},{A},{S}\n", "are missing"),
        (f"enrollment_id\tassignment_id\n{E}\t{A}\n", "are missing"),
        (f"{HEADER},enrollment_id\n{E},{A},{S},{E2}\n", "enrollment_id is there twice"),
        (f"{HEADER},Enrollment_ID\n{E},{A},{S},{E2}\n", "enrollment_id is there twice"),
        (f"{HEADER},x,x\n{E},{A},{S},1,2\n", "x is there twice"),
        (f"enrollment_id,assignment_id\n{S},{E},{A}\n", "line 2, saw 3"),
        (f"{HEADER}\n{E},{A},{S}\n{E2},{A},{S2},x\n", "line 3, saw 4"),
        (f'{HEADER}\n"{E},{A},{S}\n', "not a readable CSV"),
        (f"{HEADER}\n{E},{A},{S}\n".encode("utf-16"), "not UTF-8 .row 1"),
        (f"{HEADER},n\n{E},{A},{S},ok\n{E2},{A},,Zoë\n".encode("latin-1"), "not UTF-8 .row 3"),
        (b"\0" * 50, "are missing"),
        (b"PK\x03\x04 rest of a zip", "are missing"),
    ],
)
def test_malformed_files_are_refused(written, content, message):
    """A file that is not a worklist is refused with a reason that names it."""
    with pytest.raises(WorklistError, match=message) as caught:
        read_worklist(written(content))
    assert "worklist.csv" in str(caught.value)


@pytest.mark.parametrize("name", ["w.xlsx", "w.XLSX", "w.parquet"])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"PAR1", b"PAR1PAR1", HEADER.encode()])
def test_damaged_files_are_refused(written, name, content):
    """A damaged workbook or Parquet file is refused with advice, not with its reader's error."""
    with pytest.raises(WorklistError, match="Export it anew"):
        read_worklist(written(content, name))


def test_an_empty_sheet_is_empty(tmp_path):
    """A workbook without a cell is called empty."""
    pd.DataFrame().to_excel(tmp_path / "w.xlsx", index=False)
    with pytest.raises(WorklistError, match="empty"):
        read_worklist(tmp_path / "w.xlsx")


def test_missing_files_are_refused(tmp_path):
    """A file that is not there, or is a folder, is named."""
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(WorklistError, match="cannot be read") as caught:
            read_worklist(path)
        assert str(path) == caught.value.where


@pytest.mark.parametrize("source", [[], [{}], pd.DataFrame(), [{"enrollment_id": E}]])
def test_rows_without_ids_are_refused(source):
    """Rows at hand need the two ids as a file does."""
    with pytest.raises(WorklistError, match="missing"):
        read_worklist(source)


def test_text_that_is_no_unicode_is_refused():
    """A lone surrogate could not be written to a snapshot, so it does not come in."""
    with pytest.raises(WorklistError, match="not Unicode"):
        read_worklist([{"enrollment_id": E, "assignment_id": A, "learner": "\ud800"}])


@pytest.mark.parametrize(
    "bad",
    ["", "x", E[:-1], f"{E}0", f"{{{E}}}", E.replace("-", ""), "٠" + E[1:], "NaN", f"{E}\n{E}"],
)
@pytest.mark.parametrize("column", IDS)
def test_what_is_no_uuid_is_named_by_row(column, bad):
    """Each id that is not a UUID is named by its row and column; nothing is fetched."""
    frame = sample()
    frame.loc[1, column] = bad
    if column == "assignment_status_id" and bad == "":
        assert 3 == len(read_worklist(frame))
        return
    with pytest.raises(WorklistError, match=f"row 2: {column} is not a UUID") as caught:
        read_worklist(frame)
    assert "row 1:" not in str(caught.value)
    assert "row 3:" not in str(caught.value)
    assert "Nothing was fetched" in str(caught.value)


def test_ids_of_a_refused_row_are_not_shown():
    """The error names row and column; what stands there may be a name and is not repeated."""
    with pytest.raises(WorklistError) as caught:
        read_worklist(sample().assign(enrollment_id=["Zoë Learner"] * 3))
    assert "Zoë" not in str(caught.value)


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ((E, A, S), "row 3: the same enrollment and assignment as row 2"),
        ((E, A, S), "row 3: assignment_status_id already stands for another one in row 2"),
        ((E.upper(), A.upper(), ""), "row 3: the same enrollment and assignment as row 2"),
        ((E, A, S2), "row 3: the same enrollment and assignment as row 2"),
        ((E2, A, S), "row 3: assignment_status_id already stands for another one in row 2"),
        ((E, A2, S.upper()), "row 3: assignment_status_id already stands for another one in row 2"),
    ],
)
def test_pairings_are_one_to_one(written, second, message):
    """A record twice, two write keys for a record, two records for a write key: all refused."""
    content = f"{HEADER}\n{E},{A},{S}\n{','.join(second)}\n"
    with pytest.raises(WorklistError, match=message):
        read_worklist(written(content))


def test_one_enrollment_may_have_several_assignments(written):
    """The same learner in two courses, and two learners in one, are no duplicates."""
    content = f"{HEADER}\n{E},{A},{S}\n{E},{A2},{S2}\n{E2},{A},{E}\n"
    assert 3 == len(read_worklist(written(content)))


def test_many_problems_are_cut_short():
    """Ten bad rows are named and the others counted, so that the first is still in sight."""
    with pytest.raises(WorklistError, match=r"row 10: .*\n  and 15 more") as caught:
        read_worklist(sample(25).assign(enrollment_id="x"))
    assert "row 11:" not in str(caught.value)


@pytest.mark.parametrize("some", [1, 2, 3, 7])
def test_rows_are_the_same_however_many_are_read_at_a_time(written, monkeypatch, some):
    """A worklist is read some rows at a time, and nothing shows where one such lot ends."""
    content = f' Enrollment_ID,assignment_id,title\n{E.upper()},{A}, x \n,,\n\n{E2},{A2},"a\nb"\n'
    files = written(content), written("", "w.parquet")
    sample(5).to_parquet(files[1])
    whole = [read_worklist(file).frame for file in files]
    monkeypatch.setattr("scormaudit.worklist._SOME", some)
    for file, expected in zip(files, whole, strict=True):
        pd.testing.assert_frame_equal(expected, read_worklist(file).frame)


@pytest.mark.parametrize("some", [1, 2, 3])
def test_twins_are_found_however_far_apart(written, monkeypatch, some):
    """Two rows of one assignment are seen though they were not read at the same time."""
    monkeypatch.setattr("scormaudit.worklist._SOME", some)
    content = f"{HEADER}\n{E},{A},{S}\n{E2},{A},{S2}\n{E},{A2},\n{E2},{A2},\n{E},{A},\n"
    with pytest.raises(WorklistError, match=r"row 6: the same .* as row 2") as caught:
        read_worklist(written(content))
    assert 1 == str(caught.value).count("  row ")


@pytest.fixture(scope="module")
def many():
    """A hundred thousand good rows."""
    ids = {name: [str(uuid4()) for _ in range(100_000)] for name in IDS}
    return pd.DataFrame({**ids, "learner": "someone"})


def test_a_hundred_thousand_rows_are_read(many, tmp_path):
    """A large worklist is read whole and in order."""
    many.to_csv(tmp_path / "w.csv", index=False)
    worklist = read_worklist(tmp_path / "w.csv")
    assert 100_000 == len(worklist)
    assert many[list(IDS)].to_numpy().tolist() == worklist.frame[list(IDS)].to_numpy().tolist()
    assert 100_001 == worklist.frame["row"].iloc[-1]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (b",Zo\xeb", "not UTF-8 .row 77779"),
        (b",more", "line 77779, saw 4"),
        (b'"', "not a readable CSV"),
    ],
)
def test_damage_far_down_a_file_is_named(written, bad, message):
    """What spoils a large file is named by its row, however far down that is."""
    lines = [HEADER.encode(), *[f"{UUID(int=n)},{A},".encode() for n in range(77_800)]]
    lines[77_778] = bad + lines[77_778] if bad == b'"' else lines[77_778] + bad
    with pytest.raises(WorklistError, match=message):
        read_worklist(written(b"\n".join(lines)))


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("assignment_id", "x", "row 77779: assignment_id is not a UUID"),
        ("assignment_status_id", 0, "row 77779: assignment_status_id already .* in row 2"),
    ],
)
def test_one_bad_row_among_a_hundred_thousand_is_named(many, tmp_path, column, value, message):
    """One bad row in a large worklist is named by its number in the file."""
    frame = many.copy()
    frame.loc[77_777, column] = value if value else frame.loc[value, column]
    frame.to_csv(tmp_path / "w.csv", index=False)
    with pytest.raises(WorklistError, match=message) as caught:
        read_worklist(tmp_path / "w.csv")
    assert 1 == str(caught.value).count("  row ")
