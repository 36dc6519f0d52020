"""A record page: every element of an attempt in order, and beside it what is wrong."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from scormaudit.pack import Pack
from scormaudit.report.chart import mark
from scormaudit.report.evidence import Row, Shown
from scormaudit.report.markup import counted, prose, text
from scormaudit.report.placing import Placed
from scormaudit.report.row import ORDER
from scormaudit.report.veil import bounded, short, told
from scormaudit.rule import title

_RULES = 6
_WEIGHT = {"error": 1_000_000, "warning": 1_000, "info": 1}


def worst(placed: Placed, most: int) -> list[int]:
    """The records with most findings, errors before warnings before notes."""
    weight = placed.findings["severity"].map(_WEIGHT)
    sums = weight.groupby(placed.findings["record"]).sum()
    return sums.sort_values(ascending=False, kind="stable").index[:most].tolist()


def page(
    number: int,
    record: Row,
    elements: Sequence[Shown],
    findings: pd.DataFrame,
    pack: Pack,
    *,
    labels: Iterable[str],
    show_values: bool,
    most: int,
) -> str:
    """One record, folded; elements without a finding are left out where there are too many."""
    wrong: dict[str, list[Any]] = {}
    first_few = findings.drop_duplicates(["element", "rule"]).groupby("element").head(_RULES)
    for finding in first_few.itertuples(index=False):
        wrong.setdefault(str(finding.element), []).append(finding)
    shown = _chosen(elements, wrong, most)
    named = {element.name for element in shown}
    rest = [Shown(name, "", None, "not read as an element") for name in wrong if name not in named]
    rest = rest[: most - len(shown)]
    rows = "".join(_element(e, wrong.get(e.name, []), pack, show=show_values) for e in shown + rest)
    first = findings.iloc[0]
    left = len(elements) - len(shown)
    more = f'<p class="note">{counted(left, "element")} more not shown.</p>' if left else ""
    beside = "".join(
        f"<dt>{bounded(label)}</dt><dd>{told(record[label], label, show=True)}</dd>"
        for label in labels
        if show_values
    )
    course = f"{short(first['course'])}, " if first["course"] else ""
    return f"""<details class="plain"><summary><span><strong>Record {number}</strong>
<code>{short(first["enrollment_id"])}</code> · {course}<code>{bounded(first["sco_id"])}</code>
{bounded(first["title"])} · {_counts(findings)}</span></summary>
<div class="fold" id="record-{number}"><dl class="facts">
<dt>enrollment</dt><dd><code>{short(first["enrollment_id"])}</code></dd>
<dt>assignment</dt><dd><code>{short(first["assignment_id"])}</code></dd>
<dt>last month</dt><dd>{text(first["month"]) or "unknown"}</dd>{beside}</dl>
<table class="stacked"><thead><tr><th scope="col">element</th><th scope="col">what it holds</th>
<th scope="col">what is wrong</th></tr></thead><tbody>{rows}</tbody></table>{more}</div></details>
"""


def _chosen(elements: Sequence[Shown], wrong: Mapping[str, list[Any]], most: int) -> list[Shown]:
    """Those with findings or errors, and of the others the first, in the order of the record."""
    room = most - sum(element.name in wrong or bool(element.error) for element in elements)
    chosen: list[Shown] = []
    for element in elements:
        loud = element.name in wrong or bool(element.error)
        room -= not loud
        if (loud or room >= 0) and len(chosen) < most:
            chosen.append(element)
    return chosen


def _element(element: Shown, findings: Iterable[Any], pack: Pack, *, show: bool) -> str:
    notes = "<br>".join(
        f'<span class="{f.severity}">{mark(f.severity)}<a href="#{f.rule}">{f.rule}</a></span> '
        f"{prose(title(pack[f.rule]))}"
        for f in findings
    )
    if element.error:
        code = element.error.partition(" ")[0]
        said = element.error if show else code if code.isdigit() else ""
        value = f"<i>failed {bounded(said)}</i>"
    else:
        value = told(element.text, element.column, show=show)
    name = f'<th scope="row"><code>{bounded(element.name)}</code></th>'
    marked = ' class="wrong"' if notes else ""
    return f"<tr{marked}>{name}<td>{value}</td><td>{notes}</td></tr>"


def _counts(findings: pd.DataFrame) -> str:
    counts = findings["severity"].value_counts()
    words = {"error": "error", "warning": "warning", "info": "note"}
    return ", ".join(counted(counts[kind], words[kind]) for kind in ORDER if kind in counts)
