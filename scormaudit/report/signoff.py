"""The gate's answer on one page, as HTML and as Markdown, with room for names."""

import base64
import hashlib
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from scormaudit.errors import ScormauditError
from scormaudit.gate import INCOMPLETE, Answer
from scormaudit.pack import target_of
from scormaudit.report.chart import mark, symbols
from scormaudit.report.lettering import coded
from scormaudit.report.markup import many, prose, text

SUFFIXES = (".html", ".md")
_STYLE = (
    Path(__file__).with_name("page.css").read_text(encoding="utf-8")
    + """
.signoff header, .signoff main, .signoff footer { max-width: 56rem; }
.signoff h2 { margin: 1.5rem 0 .4rem; font-size: 1.1rem; }
.signoff .tiles { grid-template-columns: repeat(auto-fit, minmax(7.5rem, 1fr)); }
.signoff ul { columns: 2 22rem; column-gap: 2.5rem; font-size: .85rem; }
.signoff li { break-inside: avoid; }
.signoff .names th { width: 25%; }
.signoff .names td { height: 2.6rem; border-bottom: 1px solid var(--ink); }
.signoff .facts { font-size: .85rem; }
@media print { html { font-size: 8.5pt; } .signoff h2 { margin-top: .8rem; }
  .signoff .tiles { grid-template-columns: repeat(6, 1fr); } .signoff ul { columns: 2; } }
"""
)
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"
_ROLES = ("Data steward", "Owner of the records", "Owner of the target")
_SIGNED = ("role", "name", "date", "signature")
_ATTRIBUTION = (
    "Names are what people write here: this page says who took it upon themselves, and proves "
    "nothing by itself. The digests tie it to one snapshot, one set of rules and one file of "
    "criteria."
)
Table = tuple[tuple[str, ...], list[tuple[str, ...]]]


def written(answer: Answer, path: Path) -> str:
    """The page in the form that a file's name asks for; ScormauditError for any other."""
    refuse_kind(path)
    return as_html(answer) if path.suffix.lower() == ".html" else as_markdown(answer)


def refuse_kind(path: Path) -> None:
    """ScormauditError where a name promises a kind of file that a sign-off is not written as."""
    if path.suffix.lower() not in SUFFIXES:
        raise ScormauditError(
            f"A sign-off is not written as {path.suffix or 'a file without a suffix'}.",
            where=str(path),
            todo=f"Name a file that ends in {' or '.join(SUFFIXES)}.",
        )


def heading(answer: Answer) -> str:
    """The answer in a few words."""
    if answer.ready:
        return f"Ready for {answer.target}"
    why = "the snapshot is incomplete; " if answer.exit_code == INCOMPLETE else ""
    return f"Not ready for {answer.target}: {why}{many(len(answer.reasons), 'reason')}"


def as_markdown(answer: Answer) -> str:
    """The page as Markdown, tables and all."""
    lines = [f"# {heading(answer)}", ""]
    lines += [_plain(answer.criteria.title), ""] if answer.criteria.title else []
    lines += ["## Criteria", "", *_grid(_criteria(answer)), ""]
    if answer.reasons:
        lines += ["## Reasons", "", *(f"- {_plain(reason)}" for reason in answer.reasons), ""]
    if answer.criteria.allow:
        lines += ["## Allowances", "", *_grid(_allowances(answer)), ""]
    lines += ["## Figures", "", *_grid((("figure", "number"), _figures(answer))), ""]
    lines += ["## Digests", "", *_grid((("what", "value"), _digests(answer))), ""]
    lines += ["## Signed", "", *_grid((_SIGNED, [(role, "", "", "") for role in _ROLES])), ""]
    return "\n".join([*lines, _ATTRIBUTION, ""])


def as_html(answer: Answer) -> str:
    """The page as one file that loads nothing from elsewhere and runs nothing."""
    kind = "held" if answer.ready else "error"
    title = f"<p class='lead'>{text(answer.criteria.title)}</p>" if answer.criteria.title else ""
    reasons = "".join(f"<li>{prose(coded(reason))}</li>" for reason in answer.reasons)
    tiles = "".join(
        f"<div><dt>{text(name)}</dt><dd>{text(number)}</dd></div>"
        for name, number in _figures(answer)
    )
    facts = "".join(
        f"<dt>{text(name)}</dt><dd><code>{text(coded(value))}</code></dd>"
        for name, value in _digests(answer)
    )
    allowances = f"<h2>Allowances</h2>{_table(_allowances(answer))}"
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer"><meta name="color-scheme" content="light dark">
<title>Sign-off: {text(answer.target)}</title><style>{_STYLE}</style></head>
<body class="signoff">{symbols()}
<header><div class="verdict {kind}"><p class="kind">Before a migration to {text(answer.target)}</p>
<h1><span class="{kind}">{mark(kind)}</span>{text(heading(answer))}</h1>{title}</div>
<dl class="tiles">{tiles}</dl></header><main>
<h2>Criteria</h2>{_table(_criteria(answer))}
{f"<h2>Reasons</h2><ul>{reasons}</ul>" if reasons else ""}
{allowances if answer.criteria.allow else ""}
<h2>Digests</h2><dl class="facts">{facts}</dl>
<h2>Signed</h2>{_table((_SIGNED, [(role, "", "", "") for role in _ROLES]), "names")}
</main><footer><p>{text(_ATTRIBUTION)}</p></footer></body></html>
"""


def _criteria(answer: Answer) -> Table:
    rows: list[tuple[str, ...]] = [
        (line.asked, line.found, "no" if line.reasons else "yes") for line in answer.lines
    ]
    return ("asked", "found", "met"), rows


def _allowances(answer: Answer) -> Table:
    rows: list[tuple[str, ...]] = [
        (
            leave.allowance.rule,
            leave.owner,
            leave.allowance.reason,
            str(leave.allowance.until),
            standing.state,
            f"{standing.findings:,}",
        )
        for leave, standing in answer.standings
    ]
    return ("rule", "owner", "reason", "until", "state", "findings"), rows


def _figures(answer: Answer) -> list[tuple[str, str]]:
    report = answer.report
    told = report.findings
    about = told["rule"].isin([r.rule.code for r in report.results if target_of(r.rule)])
    severe = told.loc[about, "severity"]
    return [
        ("records", f"{report.records:,}"),
        ("errors", f"{report.count('error'):,}"),
        (f"errors for {answer.target}", f"{int(severe.eq('error').sum()):,}"),
        ("warnings", f"{report.count('warning'):,}"),
        (f"warnings for {answer.target}", f"{int(severe.eq('warning').sum()):,}"),
        ("allowed", f"{len(report.allowed):,}"),
    ]


def _digests(answer: Answer) -> list[tuple[str, str]]:
    manifest, criteria = answer.snapshot.manifest, answer.criteria
    rules = f"{len(answer.report.results)}, SHA-256 {answer.report.pack.digest}"
    file = f"{criteria.file}, SHA-256 {criteria.digest}" if criteria.file else "none; the defaults"
    return [
        ("snapshot", f"{manifest.id}, read from {manifest.base_url} until {manifest.to_utc}"),
        ("its manifest", f"SHA-256 {answer.manifest}"),
        ("rules", rules),
        ("criteria", file),
        ("judged", f"{answer.at.isoformat(timespec='seconds')} by scormaudit "
                   f"{version('scormaudit')}"),
    ]  # fmt: skip


def _table(table: Table, kind: str = "") -> str:
    head, rows = table
    cells = "".join(f"<th scope='col'>{text(word)}</th>" for word in head)
    body = "".join(
        f"<tr>{''.join(f'<td>{text(coded(cell))}</td>' for cell in row)}</tr>" for row in rows
    )
    return (
        f"<div class='scroll'><table class='{kind}'><thead><tr>{cells}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def _grid(table: tuple[Iterable[str], Iterable[Iterable[str]]]) -> list[str]:
    head, rows = table
    named = tuple(head)
    body = [f"| {' | '.join(_plain(cell) for cell in row)} |" for row in rows]
    return [f"| {' | '.join(named)} |", f"|{'---|' * len(named)}", *body]


def _plain(words: str) -> str:
    """Words that make no table, no link and no tag of Markdown."""
    shown = coded(words).replace("\\\\", "\\")
    for mark_of in ("\\", "|", "<", "[", "*", "_", "`"):
        shown = shown.replace(mark_of, f"\\{mark_of}")
    return shown
