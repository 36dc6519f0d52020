"""LibreOffice opens sheets full of payloads, finds no formula, and gives every decision back."""

import os
import re
import shutil
import subprocess
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook
from sheets import PAYLOADS, change, hostile, op, planned, said, words

from scormaudit.errors import PlanError
from scormaudit.sheet import read_sheet, write_sheet

SEPARATORS = {"commas": "44", "others": "59/9/32/124"}
"""How a CSV may be split: as it was written, or at all else that programs split at."""
CONTROL = 'a,=1+1,"=1+1",007,1/2,a;=1+1\r\n'


def plan():
    """A payload in every text, and beside it one in the name of a label, a rule and a field."""
    named = (
        change(n, text, labels={text: text}, rules=(text,), ops=(op(text, text, "x"),))
        for n, text in enumerate(PAYLOADS.values(), len(PAYLOADS))
        if text
    )
    return planned(*hostile().proposed, *named)


def spelled(separators):
    """How LibreOffice reads a CSV in UTF-8: it looks for numbers, dates and formulas."""
    return f"--infilter=CSV:{separators},34,76,1,,0,false,true,false,false,false,0,true"


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """Folders of what LibreOffice made of the sheets, all by a few starts of it."""
    if not shutil.which("soffice"):
        missing = "soffice is not installed (Debian: libreoffice-calc)"
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
    folder = tmp_path_factory.mktemp("office")
    for suffix in (".xlsx", ".csv"):
        write_sheet(plan(), said(plan()), folder / f"sheet{suffix}")
    (folder / "control.csv").write_text(CONTROL, newline="")
    book = load_workbook(folder / "sheet.xlsx")
    book["review"]["C2"] = "as agreed, \u00e9\u0436"
    book.save(folder / "sheet.xlsx")

    def convert(into, out, *names, **options):
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        command = ["soffice", profile, "--headless", *options.values(), "--convert-to", into]
        paths = [str(folder / name) for name in names]
        done = subprocess.run(
            [*command, "--outdir", str(folder / out), *paths],
            capture_output=True, text=True, check=True, timeout=300,
        )  # fmt: skip
        assert len(names) == done.stdout.count(" using filter : "), done.stdout + done.stderr

    csv = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false"
    convert("xlsx", "xlsx", "sheet.xlsx")
    convert(csv, "csv", "sheet.xlsx")
    shutil.copy(folder / "csv" / "sheet.csv", folder / "saved.csv")
    for name, codes in SEPARATORS.items():
        convert("xlsx", name, "sheet.csv", "saved.csv", "control.csv", infilter=spelled(codes))
    return folder


def formulas(path):
    """Every formula in a workbook, by openpyxl and in its XML."""
    cells = [c for row in load_workbook(path).worksheets[0] for c in row if c.data_type == "f"]
    with ZipFile(path) as book:
        sheets = [n for n in book.namelist() if n.startswith("xl/worksheets/sheet")]
        found = re.findall(r"<f[ >]", "".join(book.read(name).decode() for name in sheets))
    return [c.coordinate for c in cells], len(found)


@pytest.mark.parametrize("name", SEPARATORS)
def test_the_office_makes_formulas_of_what_is_no_sheet(office, name):
    """The proof is able to fail: a CSV that was not made safe becomes formulas here."""
    assert 0 < formulas(office / name / "control.xlsx")[1]


@pytest.mark.parametrize("path", ["xlsx/sheet.xlsx", "commas/sheet.xlsx", "commas/saved.xlsx"])
def test_every_decision_survives_the_office(office, path):
    """A sheet saved by LibreOffice, from XLSX, CSV or one after the other, says the same."""
    sheet = read_sheet(plan(), office / path)
    assert said(plan()) == words(sheet)
    assert ((), (), (), 0) == (sheet.void, sheet.unknown, sheet.duplicate, sheet.missing)


def test_every_decision_survives_as_csv(office):
    """A workbook saved as CSV by LibreOffice says the same."""
    sheet = read_sheet(plan(), office / "csv" / "sheet.csv")
    assert said(plan()) == words(sheet)
    assert () == sheet.void


@pytest.mark.parametrize("path", ["xlsx/sheet.xlsx", "csv/sheet.csv", "commas/saved.xlsx"])
def test_a_comment_survives_the_office(office, path):
    """What a reviewer wrote is the same after LibreOffice saved it."""
    first = plan().proposed[0].hash
    assert ("approve", "as agreed, \u00e9\u0436") == read_sheet(plan(), office / path).decisions[
        first
    ]


@pytest.mark.parametrize(
    "path", ["xlsx/sheet", "commas/sheet", "commas/saved", "others/sheet", "others/saved"]
)
def test_no_cell_becomes_a_formula(office, path):
    """No payload becomes a formula, even where a CSV is split at what does not part its cells."""
    assert ([], 0) == formulas(office / f"{path}.xlsx")


def test_a_sheet_split_wrongly_decides_nothing(office):
    """A CSV opened with other separators and saved so is refused."""
    with pytest.raises(PlanError):
        read_sheet(plan(), office / "others" / "sheet.xlsx")


def test_the_help_survives_the_office(office):
    """Text format, locked cells and the list of words are still there."""
    sheet = load_workbook(office / "xlsx" / "sheet.xlsx")["review"]
    assert {"@"} == {cell.number_format for row in sheet for cell in row if cell.value is not None}
    assert sheet.protection.sheet
    assert [True, False, False, True] == [c.protection.locked for c in sheet[2][:4]]
    assert '"approve,reject,defer"' == sheet.data_validations.dataValidation[0].formula1
