"""The findings of each rule as CSV: small ones within the page, others as files beside it."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from scormaudit.audit import Report
from scormaudit.report.placing import by_rule
from scormaudit.report.tables import as_csv

_WITHIN = 48_000


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A CSV file beside the page, or still only to be written."""

    rule: str
    findings: int
    content: bytes = field(repr=False)

    @property
    def name(self) -> str:
        """The file's name in its folder."""
        return f"{self.rule}.csv"

    @property
    def digest(self) -> str:
        """The SHA-256 of the content."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloads:
    """Where the page's links lead: `links` by rule; `beside` are files that must be written."""

    links: Mapping[str, str]
    beside: tuple[File, ...]
    folder: str


def downloads(report: Report, folder: str, *, show_values: bool) -> Downloads:
    """A CSV for each rule with findings, allowed ones included.

    The smallest stand within the page as long as there is room; the others go into `folder`,
    a name beside the page. Without it they have no link.
    """
    links, beside, room = {}, [], _WITHIN
    files = sorted(_files(report, show_values=show_values), key=lambda file: len(file.content))
    for file in files:
        room -= len(file.content)
        if room >= 0:
            text = base64.b64encode(file.content).decode()
            links[file.rule] = f"data:text/csv;charset=utf-8;base64,{text}"
        elif folder:
            links[file.rule] = f"{folder}/{file.name}"
            beside.append(file)
    beside.sort(key=lambda file: file.rule)
    return Downloads(links=links, beside=tuple(beside), folder=folder)


def folder_of(page: Path) -> Path:
    """The folder beside a page: `report-files` of `report.html`."""
    return page.with_name(f"{page.stem}-files")


def _files(report: Report, *, show_values: bool) -> list[File]:
    own = by_rule(report.findings)
    allowed = by_rule(report.allowed)
    none, nothing = report.findings.iloc[:0], report.allowed.iloc[:0]
    files = []
    for rule in sorted({*own, *allowed}):
        part = replace(report, findings=own.get(rule, none), allowed=allowed.get(rule, nothing))
        content = as_csv(part, show_values=show_values).encode("utf-8-sig", "replace")
        files.append(File(rule=rule, findings=len(part.findings), content=content))
    return files
