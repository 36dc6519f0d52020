"""A snapshot given to pytest becomes a test for each rule; without one this costs nothing.

Nothing heavy is imported before a snapshot was recognised, so all imports of the engine stand
in functions.
"""

import json
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from scormaudit.audit import Report, Result
    from scormaudit.config import Settings
    from scormaudit.pack import Pack
    from scormaudit.rule import Rule
    from scormaudit.snapshot import Snapshot

_FORMAT = "scormaudit-snapshot-"
_SHOWN = 10
_FAILING = {"error": ("error",), "warning": ("error", "warning"), "info": ()}


class IncompleteSnapshotWarning(pytest.PytestWarning):
    """Not every assignment of the worklist was read, so some records were not judged."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the plugin."""
    group = parser.getgroup("scormaudit", "auditing a snapshot of scormaudit")
    group.addoption(
        "--scormaudit-fail-on",
        choices=tuple(_FAILING),
        default="warning",
        help="The least severity that fails; findings below it are expected failures "
        "(default: %(default)s).",
    )
    group.addoption(
        "--scormaudit-show-values",
        action="store_true",
        help="Show what learners' records hold in failures.",
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "SnapshotFile | None":
    """The manifest of a snapshot that was named: the folder or the file is an argument.

    A snapshot that merely lies in a folder which is searched is left alone.
    """
    if file_path.name != "manifest.json":
        return None
    named = parent.session.isinitpath(file_path) or parent.session.isinitpath(file_path.parent)
    if not (named and _is_snapshot(file_path)):
        return None
    return SnapshotFile.from_parent(parent, path=file_path)


def _is_snapshot(manifest: Path) -> bool:
    """Whether a manifest.json is one of ours, whatever its version."""
    try:
        content = manifest.read_bytes()
        if _FORMAT.encode() not in content:
            return False
        document = json.loads(content)
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(document, dict) and str(document.get("format", "")).startswith(_FORMAT)


class SnapshotFile(pytest.File):
    """A snapshot; it is audited when the first of its rules is run, once for all of them."""

    def collect(self) -> Iterator["RuleItem"]:
        """One item a rule, named by its code."""
        from scormaudit.errors import ScormauditError

        try:
            manifest, rules = self.snapshot.manifest, self._chosen()
        except ScormauditError as error:
            raise self.CollectError(f"scormaudit: {error}") from None
        if not manifest.complete:
            states = ", ".join(f"{n} {state}" for state, n in manifest.coverage.items())
            self.warn(IncompleteSnapshotWarning(f"the snapshot is incomplete: {states}"))
        for rule in rules:
            yield RuleItem.from_parent(self, name=rule.code, rule=rule)

    @cached_property
    def snapshot(self) -> "Snapshot":
        """The opened snapshot."""
        from scormaudit.snapshot import read_snapshot

        return read_snapshot(self.path.parent)

    @cached_property
    def report(self) -> "Report":
        """The audit by the rules that this run has not deselected; SnapshotError names what of
        the snapshot cannot be read, since no rule can pass by the rest alone."""
        from scormaudit.audit import audit
        from scormaudit.errors import SnapshotError

        codes = [item.name for item in self.session.items if item.parent is self]
        report = audit(self.snapshot, select=codes, rules=self._pack, allow=self._settings.allow)
        if report.lost:
            what = f"A part of the snapshot cannot be read: {', '.join(report.lost[:3])}."
            raise SnapshotError(what, where=str(self.path.parent), todo="Fetch it anew.")
        return report

    @cached_property
    def _settings(self) -> "Settings":
        from scormaudit.config import read_settings

        return read_settings()

    def _chosen(self) -> "Iterable[type[Rule]]":
        """The rules that the settings select, after the allowances were checked against them."""
        from scormaudit.allowance import read_allowances
        from scormaudit.pack import choose

        read_allowances(self._settings.allow, self._pack)
        return choose(self._pack, self._settings.select, self._settings.ignore).rules

    @cached_property
    def _pack(self) -> "Pack":
        from scormaudit.pack import load, rated

        folders = [self._settings.rules] if self._settings.rules else []
        return rated(load(*folders), self._settings.severity)


class RuleItem(pytest.Item):
    """One rule: broken fails, crashed errs, unknown is skipped, what is allowed is expected."""

    parent: SnapshotFile
    result: "Result"

    def __init__(self, *, rule: "type[Rule]", **facts: Any) -> None:
        super().__init__(**facts)
        from scormaudit.rule import theme

        self.extra_keyword_matches.add(theme(rule))

    def setup(self) -> None:
        """Audit, and err where that or the rule cannot be done."""
        from scormaudit.errors import ScormauditError

        try:
            results = self.parent.report.results
        except ScormauditError as error:
            pytest.fail(f"scormaudit: {error}", pytrace=False)
        self.result = next(result for result in results if result.rule.code == self.name)
        if self.result.crashed:
            pytest.fail(f"{self.name} crashed: {self.result.reason}", pytrace=False)

    def runtest(self) -> None:
        """Tell the outcome to pytest."""
        from scormaudit.report.tables import permitted

        result = self.result
        if result.unknown:
            some = f"{result.unknown} of {result.unknown + result.tested} rows"
            self.add_report_section("call", "scormaudit", f"{some} not judged: {result.reason}")
        if result.outcome == "unknown":
            pytest.skip(f"could not be judged: {result.reason}")
        if result.broken and self._counts(result.rule.severity):
            pytest.fail(self._failure(), pytrace=False)
        if result.broken:
            pytest.xfail(f"{self._share()}, of severity {result.rule.severity}")
        if result.allowed:
            pytest.xfail(permitted(self.parent.report, result))

    def reportinfo(self) -> tuple[Path, None, str]:
        """Where it stands, and its code."""
        return self.path, None, self.name

    def _counts(self, severity: str) -> bool:
        failing = _FAILING[self.config.getoption("--scormaudit-fail-on")]
        return not failing or severity in failing

    def _share(self) -> str:
        return f"{self.result.broken} of {self.result.tested} rows"

    def _failure(self) -> str:
        """What is wrong, in how many rows, and the first of them."""
        from scormaudit.report.tables import lapsed, permitted, places
        from scormaudit.rule import title

        result, report = self.result, self.parent.report
        shown = self.config.getoption("--scormaudit-show-values")
        lines = [
            f"{title(result.rule)} ({result.rule.severity}, {self._share()})",
            *places(report, result, most=_SHOWN, show_values=shown),
            *([permitted(report, result)] if result.allowed else []),
            *lapsed(report, result),
            f"why: scormaudit explain {self.name}",
        ]
        return "\n".join(lines)
