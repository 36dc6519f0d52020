"""XLSX: a protected table of text, read back cell by cell as what it has become."""

import warnings
from collections.abc import Mapping
from functools import partial
from io import BytesIO
from types import ModuleType
from typing import TYPE_CHECKING, Any

from scormaudit.errors import PlanError
from scormaudit.plan import Plan
from scormaudit.sheet.grid import CHANGE, COMMENT, DECISION, Grid, grid
from scormaudit.sheet.returned import Cell, Odd

if TYPE_CHECKING:
    from openpyxl.styles import NamedStyle

_SHEET = "review"
_MOST = 1_048_575
_WIDTHS = {"change": 14, "decision": 11, "comment": 30, "why": 44, "edit": 44, "risks": 30}
_LOOKS = {CHANGE: "id", DECISION: "to fill in", COMMENT: "to fill in"}
_KINDS = {"n": "a number", "b": "a truth value", "d": "a date", "e": "an error", "f": "a formula"}
_TODO = "Export the plan again and decide there."


def as_workbook(plan: Plan, meanings: Mapping[str, str]) -> bytes:
    """One sheet of text cells; only decision and comment are unlocked."""
    own, excel = grid(plan), _openpyxl()
    if len(own.ids) > _MOST:
        raise PlanError(
            f"{len(own.ids)} changes are more than the {_MOST} rows of a workbook.",
            todo="Export it as .csv.",
        )
    book = excel.Workbook(write_only=True)
    sheet = book.create_sheet(_SHEET)
    _furnish(sheet, own.header, len(own.ids))
    looks = _styles()
    sheet.append([_text(sheet, name, looks["head"]) for name in own.header])
    styles = [looks[_LOOKS.get(at, "to read")] for at in range(len(own.header))]
    for row in own.filled(meanings):
        sheet.append(list(map(partial(_text, sheet), row, styles)))
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def workbook_rows(own: Grid, content: bytes) -> list[list[Cell]]:
    """The cells of the sheet `review`, or of the only one; what is no text is odd."""
    excel = _openpyxl()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what openpyxl would not write again
            book = excel.load_workbook(BytesIO(content))
    except Exception as error:  # noqa: BLE001 - zip, XML and openpyxl have exceptions of their own
        kind = type(error).__name__
        raise PlanError(f"It is not a readable XLSX file ({kind}).", todo=_TODO) from None
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    sheet = sheets.get(_SHEET) or (book.worksheets[0] if len(sheets) == 1 else None)
    if sheet is None:
        raise PlanError(f"There is no sheet named {_SHEET}.", todo=_TODO)
    if sheet.max_row > 2 * len(own.ids) + 1000 or sheet.max_column > 16_000:
        raise PlanError("There are cells far outside the table.", todo="Delete them.")
    merged = {cell for area in sheet.merged_cells.ranges for cell in area.cells}
    return [[_cell(cell, merged) for cell in row] for row in sheet.iter_rows()]


def _openpyxl() -> ModuleType:
    try:
        import openpyxl
    except ImportError:
        raise PlanError(
            "XLSX needs an extra.",
            todo="Run `pip install 'scormaudit[excel]'`, or use .csv.",
        ) from None
    return openpyxl  # type: ignore[no-any-return]


def _cell(cell: Any, merged: set[tuple[int, int]]) -> Cell:
    if (cell.row, cell.column) in merged:
        return Odd("merged with others")
    if cell.value is None:
        return ""
    if cell.data_type == "s":
        from openpyxl.utils.escape import unescape

        return str(unescape(str(cell.value)))
    return Odd(f"{_KINDS.get(cell.data_type, 'something else')} instead of text")


def _styles() -> "dict[str, NamedStyle]":
    """How a header, an id, a cell to read and a cell to fill in look; all of them are text."""
    from openpyxl.styles import Alignment, Font, NamedStyle, Protection

    flow = Alignment(wrap_text=True, vertical="top", readingOrder=1)
    cut = Alignment(horizontal="fill", vertical="top")
    styles = (
        NamedStyle("head", number_format="@", alignment=flow, font=Font(bold=True)),
        NamedStyle("id", number_format="@", alignment=cut),
        NamedStyle("to read", number_format="@", alignment=flow),
        NamedStyle(
            "to fill in", number_format="@", alignment=flow, protection=Protection(locked=False)
        ),
    )
    return {style.name: style for style in styles}


def _text(sheet: Any, text: str, style: "NamedStyle") -> Any:
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    cell.style = style
    return cell


def _furnish(sheet: Any, header: tuple[str, ...], rows: int) -> None:
    """Widths, frozen header, filter, a list to decide from, and protection as a help."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    for at, name in enumerate(header, 1):
        width = _WIDTHS.get(name.partition(" ")[0], 22)
        sheet.column_dimensions[get_column_letter(at)].width = width
    sheet.freeze_panes = "D2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(header))}{rows + 1}"
    sheet.protection.sheet = True
    sheet.protection.autoFilter = False
    sheet.protection.formatColumns = False
    sheet.protection.formatRows = False
    words = DataValidation(type="list", formula1='"approve,reject,defer"', allow_blank=True)
    words.showErrorMessage = True
    words.error = "approve, reject, defer, or nothing"
    words.add(f"B2:B{rows + 2}")
    sheet.data_validations.append(words)
