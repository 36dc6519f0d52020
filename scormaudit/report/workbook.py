"""XLSX for spreadsheet people: a summary, groups by course, SCO and month, a sheet a rule."""

from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from types import ModuleType
from typing import Any

import pandas as pd

from scormaudit.audit import Report
from scormaudit.errors import ScormauditError
from scormaudit.report.placing import Placed, by_rule, placed
from scormaudit.report.row import ORDER, WORD, sort_key
from scormaudit.report.terminal import summary
from scormaudit.rule import title
from scormaudit.sheet.cells import coded, fitted, quoted

_MOST = 1_048_575
_GROUPS: Mapping[str, tuple[str, ...]] = {
    "by course": ("course",),
    "by SCO": ("course", "sco_id", "title"),
    "by month": ("month",),
}
_FACTS = ("rule", "title", "severity", "outcome", "tested", "broken", "unknown", "allowed", "fix")
_WHERE = (
    "course",
    "sco_id",
    "title",
    "month",
    "enrollment_id",
    "assignment_id",
    "element",
    "index",
)
_RECORDS = "records affected"
_WIDTHS = {_RECORDS: 17, "title": 42, "course": 36, "element": 34, "value": 40, "enrollment_id": 38,
           "assignment_id": 38, "sco_id": 24}  # fmt: skip
Cells = Sequence[str | int | None]


def as_workbook(report: Report, *, show_values: bool = False) -> bytes:
    """The workbook; every text is text, whatever it begins with, and hidden signs are codes.

    Values stand between quotes. ScormauditError where openpyxl is missing, or where a rule has
    more findings than a sheet has rows.
    """
    excel, where = _openpyxl(), placed(report)
    book = excel.Workbook(write_only=True)
    ranked = sorted(report.results, key=sort_key)
    facts = [
        (r.rule.code, _text(title(r.rule)), WORD[r.rule.severity], r.outcome, r.tested, r.broken,
         r.unknown, r.allowed, r.rule.fix)
        for r in ranked
    ]  # fmt: skip
    _sheet(book, "summary", _FACTS, facts, below=[(), (summary(report),), *_source(report)])
    for name, keys in _GROUPS.items():
        _sheet(book, name, *_grouped(where, keys))
    own = by_rule(where.findings)
    for rule in (result.rule.code for result in ranked if result.rule.code in own):
        _sheet(book, rule, *_listed(own[rule], show_values=show_values))
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _openpyxl() -> ModuleType:
    try:
        import openpyxl
    except ImportError:
        raise ScormauditError(
            "XLSX needs an extra.",
            todo="Run `pip install 'scormaudit[excel]'`, or take --format csv.",
        ) from None
    return openpyxl  # type: ignore[no-any-return]


def _source(report: Report) -> list[Cells]:
    if report.snapshot is None:
        return []
    manifest = report.snapshot.manifest
    return [
        (_text(f"Snapshot {manifest.id}, read {manifest.from_utc} to {manifest.to_utc}."),),
        (f"Rule pack {report.pack.digest}.",),
    ]


def _grouped(placed: Placed, keys: tuple[str, ...]) -> tuple[list[str], Iterable[Cells]]:
    """A row a group: records with a finding, findings by severity, then findings by rule."""
    found = placed.findings
    by = [found[key].astype("object") for key in keys]
    counts = pd.DataFrame({_RECORDS: found.groupby(by, sort=False)["record"].nunique()})
    for severity in ORDER:
        own = found["severity"].eq(severity).groupby(by, sort=False).sum()
        counts[f"{WORD[severity]}s"] = own
    rules = [str(rule) for rule in sorted(found["rule"].unique())]
    each = found.groupby([*by, found["rule"].astype("object")], sort=False).size()
    wide = each.unstack(fill_value=0).reindex(counts.index) if len(each) else counts
    counts[rules] = wide[rules]
    counts = counts.sort_values(["errors", "warnings", _RECORDS], ascending=False, kind="stable")
    if keys == ("month",):
        counts = counts.sort_index()
    rows = counts.reset_index().itertuples(index=False, name=None)
    return [*keys, *counts.columns], (tuple(map(_plain, row)) for row in rows)


def _listed(findings: pd.DataFrame, *, show_values: bool) -> tuple[list[str], Iterable[Cells]]:
    """The findings of a rule, each with where it is and, if asked for, what was read."""
    if len(findings) > _MOST:
        raise ScormauditError(
            f"{len(findings)} findings of one rule are more than the {_MOST} rows of a sheet.",
            todo="Take --format csv, or --select other rules.",
        )
    shown = findings[list(_WHERE)].astype("object")
    shown = shown.where(shown.notna(), None)
    for name in _WHERE[:-1]:
        known = {text: _text(text) for text in shown[name].unique()}
        shown[name] = shown[name].map(known)
    if show_values:
        shown["value"] = findings["value"].map(quoted, na_action="ignore")
    return list(map(str, shown.columns)), shown.itertuples(index=False, name=None)


def _sheet(
    book: Any, name: str, header: Sequence[str], rows: Iterable[Cells], below: Sequence[Cells] = ()
) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(name)
    for at, column in enumerate(header, 1):
        sheet.column_dimensions[get_column_letter(at)].width = _WIDTHS.get(column, 12)
    sheet.freeze_panes = "A2"
    heads = [WriteOnlyCell(sheet, column) for column in header]
    for head in heads:
        head.font = Font(bold=True)
    sheet.append(heads)
    body = list(rows)
    for row in (*body, *below):
        sheet.append([_cell(sheet, cell) for cell in row])
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(header))}{len(body) + 1}"


def _cell(sheet: Any, cell: str | int | None) -> Any:
    """A cell; of what openpyxl would take for one of Excel's errors a text all the same."""
    if not isinstance(cell, str) or not cell.startswith("#"):
        return cell
    from openpyxl.cell import WriteOnlyCell

    made = WriteOnlyCell(sheet, cell)
    made.data_type = "s"
    return made


def _text(text: str | None) -> str | None:
    """A text that no program takes for a formula, cut where it is over-long."""
    return None if text is None else fitted(coded(text))


def _plain(cell: Any) -> str | int | None:
    return _text(cell) if isinstance(cell, str) else int(cell)
