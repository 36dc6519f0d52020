"""A report as one HTML file that loads nothing from elsewhere."""

from collections.abc import Sequence

from scormaudit.audit import Report, Result
from scormaudit.frame import RECORD
from scormaudit.report.markup import prose, text, visible
from scormaudit.report.terminal import summary
from scormaudit.rule import reason, title

_SHOWN = 10
_ORDER = ("error", "warning", "info")
_STYLE = """
:root { color-scheme: light dark; --line: #8884; --error: #b3261e; --warning: #8a5a00;
  --info: #1a5fb4; }
@media (prefers-color-scheme: dark) { :root { --error: #ff8a80; --warning: #ffcc66;
  --info: #8ab4f8; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
.verdict { font-size: 1.25rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
.error { color: var(--error); } .warning { color: var(--warning); } .info { color: var(--info); }
details { margin: .75rem 0; } summary { cursor: pointer; } code { overflow-wrap: anywhere; }
@media print { details { break-inside: avoid; } }
"""


def as_html(report: Report, *, show_values: bool = False) -> str:
    """The page: verdict, coverage, a row a rule, and the first findings of each broken one."""
    broken = sorted(
        (r for r in report.results if r.outcome in ("broken", "crashed")),
        key=lambda r: (_ORDER.index(r.rule.severity), -r.broken),
    )
    sections = "".join(_section(report, result, show_values=show_values) for result in broken)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>SCORM audit</title><style>{_STYLE}</style></head><body><main>
<h1>SCORM audit</h1>
<p class="verdict">{text(summary(report))}</p>
{_coverage(report)}
<h2>Rules</h2>
<div class="scroll"><table><thead><tr><th>rule</th><th>what must not be</th><th>severity</th>
<th>outcome</th><th class="number">tested</th><th class="number">broken</th>
<th class="number">unknown</th><th>fix</th></tr></thead>
<tbody>{"".join(_row(result) for result in report.results)}</tbody></table></div>
<h2>Findings</h2>
{sections or "<p>None.</p>"}
</main></body></html>
"""


def _coverage(report: Report) -> str:
    if report.snapshot is None:
        return ""
    manifest = report.snapshot.manifest
    states = ", ".join(f"{n} {text(state)}" for state, n in manifest.coverage.items())
    return (
        f"<p>Read from {text(manifest.base_url)} between {text(manifest.from_utc)} and "
        f"{text(manifest.to_utc)}; assignments: {states}. Snapshot <code>"
        f"{text(manifest.id)}</code>.</p>"
    )


def _row(result: Result) -> str:
    rule = result.rule
    link = f'<a href="#{rule.code}">{rule.code}</a>' if result.broken else rule.code
    return (
        f"<tr><td>{link}</td><td>{prose(title(rule))}</td>"
        f'<td class="{rule.severity}">{rule.severity}</td><td>{result.outcome}</td>'
        f'<td class="number">{result.tested}</td><td class="number">{result.broken}</td>'
        f'<td class="number">{result.unknown}</td><td>{rule.fix}</td></tr>'
    )


def _section(report: Report, result: Result, *, show_values: bool) -> str:
    rule = result.rule
    mine = report.findings[report.findings["rule"].eq(rule.code)]
    values = "<th>value</th>" if show_values else ""
    names = [*RECORD, "element", *(["value"] if show_values else [])]
    rows = "".join(
        "<tr>" + "".join(f"<td><code>{text(cell)}</code></td>" for cell in _cells(row)) + "</tr>"
        for row in mine[names].head(_SHOWN).to_numpy(dtype=object).tolist()
    )
    more = f"<p>and {len(mine) - _SHOWN} more</p>" if len(mine) > _SHOWN else ""
    page = f" SCORM 1.2 RTE, page {text(rule.page)}." if rule.page else ""
    crashed = f"<p>The rule crashed: {text(result.reason)}.</p>" if result.crashed else ""
    return f"""<details id="{rule.code}" open><summary><strong>{rule.code}</strong>
{prose(title(rule))} <span class="{rule.severity}">({rule.severity}, {result.broken} of
{result.tested})</span></summary>{crashed}
<p>{prose(reason(rule))}{page}</p>
<div class="scroll"><table><thead><tr><th>enrollment</th><th>assignment</th><th>SCO</th>
<th>element</th>{values}</tr></thead><tbody>{rows}</tbody></table></div>{more}</details>
"""


def _cells(row: Sequence[str | None]) -> list[str]:
    """The three ids short, the element whole, and the value, if there, made visible."""
    return [*(_short(part) for part in row[:4]), *(visible(value or "") for value in row[4:])]


def _short(words: str | None) -> str:
    """An id as far as it is told apart; SCO ids and elements stay whole."""
    words = words or ""
    return f"{words[:8]}…" if len(words) == 36 and words.count("-") == 4 else words
