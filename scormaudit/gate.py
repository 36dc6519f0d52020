"""Whether a snapshot may go to its target: what was asked, what was found, every reason."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from scormaudit.allowance import Standing
from scormaudit.audit import Report, Result, audit
from scormaudit.criteria import ALL, Criteria, Leave, read_criteria
from scormaudit.pack import load_target
from scormaudit.rule import title
from scormaudit.snapshot import GOOD, MANIFEST, Snapshot

READY, SHUT, INCOMPLETE = 0, 1, 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One criterion: what was asked, what was found, and each reason why it is not met."""

    asked: str
    found: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the gate says, with all that it was worked out from; `at` is UTC."""

    target: str
    criteria: Criteria
    lines: tuple[Line, ...]
    report: Report
    snapshot: Snapshot
    manifest: str
    at: datetime

    def __repr__(self) -> str:
        if self.ready:
            return f"<Ready for {self.target}>"
        return f"<Not ready for {self.target}: {_counted(len(self.reasons), 'reason')}>"

    @property
    def reasons(self) -> tuple[str, ...]:
        """Everything that keeps the gate shut."""
        return tuple(reason for line in self.lines for reason in line.reasons)

    @property
    def ready(self) -> bool:
        """Whether nothing does."""
        return not self.reasons

    @property
    def exit_code(self) -> int:
        """7 where too little was read, whatever else was found; else 1 for shut, 0 for ready."""
        if self.lines[0].reasons:
            return INCOMPLETE
        return READY if self.ready else SHUT

    @property
    def unasked(self) -> str:
        """How many errors and warnings no criterion speaks of; nothing where there is none."""
        asked = {
            "error": self.criteria.no_errors,
            "warning": tuple(code for code, _ in self.criteria.warnings),
        }
        counts = {
            severity: sum(
                result.broken
                for result in _broken(self.report, severity, ALL)
                if not any(code == ALL or result.rule.code.startswith(code) for code in codes)
            )
            for severity, codes in asked.items()
        }
        return ", ".join(_counted(n, severity) for severity, n in counts.items() if n)

    @property
    def standings(self) -> Iterator[tuple[Leave, Standing]]:
        """Each allowance and what became of it."""
        return zip(self.criteria.allow, self.report.allowances, strict=True)


def gate(snapshot: Snapshot, target: str, criteria: Path | None = None, *folders: Path) -> Answer:
    """Judge a snapshot by the shipped rules, those about `target` and those of `folders`.

    SettingsError names a key of the criteria that cannot be, SnapshotError a snapshot that is
    not what was written: a sign-off is about evidence that is intact.
    """
    pack = load_target(target, *folders)
    asked = read_criteria(criteria, target, pack) if criteria else Criteria()
    snapshot.verify()
    report = audit(snapshot, rules=pack, allow=[leave.allowance for leave in asked.allow])
    return Answer(
        target=target,
        criteria=asked,
        lines=(
            _coverage(snapshot, asked),
            _judged(report),
            *(_errors(report, asked, code) for code in asked.no_errors),
            *(_warnings(report, code, most) for code, most in asked.warnings),
        ),
        report=report,
        snapshot=snapshot,
        manifest=hashlib.sha256((snapshot.path / MANIFEST).read_bytes()).hexdigest(),
        at=datetime.now(UTC),
    )


def _coverage(snapshot: Snapshot, criteria: Criteria) -> Line:
    states = snapshot.manifest.coverage
    read, whole = sum(states.get(state, 0) for state in GOOD), sum(states.values())
    share = 100 * read / whole if whole else 100.0
    short = share < criteria.coverage
    missing = ", ".join(f"{n:,} {state}" for state, n in states.items() if state not in GOOD)
    return Line(
        asked=f"at least {criteria.coverage:g} % of the worklist read",
        found=f"{read:,} of {whole:,} entries ({_percent(read, whole)} %)",
        reasons=(f"Not all was read: {missing}.",) if short else (),
    )


def _percent(part: int, whole: int) -> str:
    """A share to two digits, never rounded up to the whole."""
    hundredths = part * 10_000 // whole if whole else 10_000
    return f"{hundredths / 100:g}"


def _judged(report: Report) -> Line:
    crashed = [result for result in report.results if result.crashed]
    return Line(
        asked="every rule has judged",
        found=f"{len(report.results) - len(crashed)} of {len(report.results)} rules",
        reasons=tuple(f"{r.rule.code} crashed ({r.reason}), so nobody knows." for r in crashed),
    )


def _errors(report: Report, criteria: Criteria, code: str) -> Line:
    broken = _broken(report, "error", code)
    ended = {
        leave.allowance.rule: f" The allowance of {leave.owner} ended on {leave.allowance.until}."
        for leave, standing in zip(criteria.allow, report.allowances, strict=True)
        if standing.state == "expired"
    }
    return Line(
        asked="no error" if code == ALL else f"no error of {code}",
        found=_counted(sum(result.broken for result in broken), "error"),
        reasons=tuple(
            f"{result.rule.code}: {title(result.rule)}; {_counted(result.broken, 'error')}."
            f"{ended.get(result.rule.code, '')}"
            for result in broken
        ),
    )


def _warnings(report: Report, code: str, most: int) -> Line:
    broken = _broken(report, "warning", code)
    number = sum(result.broken for result in broken)
    of = "" if code == ALL else f" of {code}"
    worst = ", ".join(f"{result.rule.code} {result.broken:,}" for result in broken)
    why = f"{_counted(number, 'warning')}{of}, where {most:,} may be: {worst}."
    return Line(
        asked=f"at most {_counted(most, 'warning')}{of}",
        found=_counted(number, "warning"),
        reasons=(why,) if number > most else (),
    )


def _broken(report: Report, severity: str, code: str) -> list[Result]:
    """The results of a severity and a beginning of code that count, the worst first."""
    found = [
        result
        for result in report.results
        if result.broken
        and result.rule.severity == severity
        and (code == ALL or result.rule.code.startswith(code))
    ]
    return sorted(found, key=lambda result: (-result.broken, result.rule.code))


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
