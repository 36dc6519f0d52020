"""The plan as one static page for reading; it loads nothing and runs nothing."""

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape

from scormaudit.decisions import ATTRIBUTION
from scormaudit.plan import Change, Op, Plan
from scormaudit.sheet.cells import code, coded, fitted, named, quoted
from scormaudit.sheet.grid import edit, undo

_STYLE = """
:root { color-scheme: light dark; --line: #8886; --old: #b3261e; --new: #1b6e2c; }
@media (prefers-color-scheme: dark) { :root { --old: #ff8a80; --new: #81c995; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 90rem; margin: 2rem auto;
  padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
thead { display: table-header-group; }
th, td { text-align: left; vertical-align: top; padding: .4rem 1rem .4rem 0;
  border-bottom: 1px solid var(--line); }
p, dl { margin: 0 0 .25rem; } dl { display: grid; grid-template-columns: auto 1fr; }
dt::after { content: ":\\a0"; } dd { margin: 0; }
code, bdi { font: .9em/1.4 ui-monospace, monospace; overflow-wrap: anywhere;
  white-space: pre-wrap; }
del { color: var(--old); text-decoration: none; } ins { color: var(--new); }
.id { max-width: 9rem; }
@media print { body { max-width: none; margin: 0; font-size: 10pt; }
  tr { break-inside: avoid; } .scroll { overflow: visible; } }
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"
_HEAD = ("decision", "edits", "why", "what", "undo", "risks", "change")


def as_page(plan: Plan, meanings: Mapping[str, str]) -> bytes:
    """The page in UTF-8: counts, a row a change, and what was left alone."""
    ids = [change.hash for change in plan.proposed]
    said = [meanings.get(id_, "undecided") for id_ in ids]
    rows = "\n".join(map(_row, plan.proposed, ids, said))
    head = "".join(f'<th scope="col">{name}</th>' for name in _HEAD)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Review of a plan</title><style>{_STYLE}</style></head><body><main>
<h1>Review of a plan</h1>
<p>Plan {_code(plan.hash)} for {_bdi(quoted(plan.target))}.</p>
<p>{escape(_summary(plan, said))}</p>
<p>This page is for reading. Decisions come from a sheet or from the command line.
{escape(ATTRIBUTION)}</p>
<h2>Changes</h2>
<div class="scroll"><table><thead><tr>{head}</tr></thead>
<tbody>
{rows}
</tbody></table></div>
{_refusals(plan)}
</main></body></html>
""".encode()


def _summary(plan: Plan, said: Sequence[str]) -> str:
    kinds = Counter(change.kind for change in plan.proposed)
    counts = [f"{n} {word}" for word, n in (kinds + Counter(said)).items()]
    return f"Changes: {', '.join([str(len(plan)), *counts])}."


def _row(change: Change, id_: str, said: str) -> str:
    cells = (
        f"<strong>{said}</strong>",
        "".join(map(_edit, change.ops)),
        f"<p>{escape(change.kind)}: {escape(', '.join(map(code, change.rules)))}</p>"
        + _lines(change.reasons),
        _what(change),
        "".join(f"<p>{_bdi(undo(op))}</p>" for op in change.ops),
        _lines(change.risks),
        _code(id_),
    )
    marked = "".join(f"<td>{cell}</td>" for cell in cells[:-1])
    return f'<tr>{marked}<td class="id">{cells[-1]}</td></tr>'


def _edit(op: Op) -> str:
    shown = edit(op)
    parts = f"<p>{_bdi(shown.difference)}</p>" if shown.difference else ""
    return (
        f"<p>{_code(shown.field)}: <del>{_bdi(shown.was)}</del> → "
        f"<ins>{_bdi(shown.now)}</ins></p>{parts}"
    )


def _what(change: Change) -> str:
    ids = {
        "sco": change.sco_id,
        "enrollment": change.enrollment_id,
        "assignment": change.assignment_id,
    }
    facts = [(named(name), text) for name, text in change.labels.items()] + list(ids.items())
    marked = (f"<dt>{_bdi(n)}</dt><dd>{_bdi(fitted(quoted(text)))}</dd>" for n, text in facts)
    return f"<dl>{''.join(marked)}</dl>"


def _refusals(plan: Plan) -> str:
    if not plan.refused:
        return ""
    reasons = Counter((", ".join(map(code, r.rules)), coded(r.reason)) for r in plan.refused)
    rows = "".join(
        f"<tr><td>{n}</td><td>{_bdi(rules)}</td><td>{_bdi(fitted(reason))}</td></tr>"
        for (rules, reason), n in reasons.most_common()
    )
    return (
        f"<h2>Left alone</h2><table><thead><tr><th>records</th><th>rules</th><th>reason</th></tr>"
        f"</thead><tbody>{rows}</tbody></table>"
    )


def _lines(texts: tuple[str, ...]) -> str:
    return "".join(f"<p>{_bdi(quoted(text))}</p>" for text in texts)


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>"


def _bdi(text: str) -> str:
    """Escaped, and kept apart from its neighbours whatever direction its letters run in."""
    return f"<bdi>{escape(text)}</bdi>"
