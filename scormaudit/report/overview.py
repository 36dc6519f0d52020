"""Courses by rules as a heat strip, the months, and the rules that break together."""

import pandas as pd

from scormaudit.report.chart import bar, mark, warmth
from scormaudit.report.markup import counted, text
from scormaudit.report.pattern import Pair, heat, monthly, together
from scormaudit.report.placing import Placed
from scormaudit.report.row import ORDER, WORD, percent
from scormaudit.report.veil import short

_COURSES, _RULES, _MONTHS = 20, 16, 24


def strip(placed: Placed) -> str:
    """How many records of each course broke each rule, the more the stronger the ground."""
    if placed.findings.empty:
        return ""
    kinds = dict(zip(placed.findings["rule"], placed.findings["severity"], strict=True))
    counts = heat(placed)
    totals = counts.sum().to_dict()
    rules = sorted(
        map(str, counts), key=lambda rule: (ORDER.index(kinds[rule]), -totals[rule], rule)
    )
    shown = counts.loc[counts.index[:_COURSES], rules[:_RULES]]
    sizes = placed.records.groupby("course", observed=True)["records"].sum()
    head = "".join(
        f'<th scope="col"><a href="#{text(r)}">{text(r)}</a></th>' for r in map(str, shown)
    )
    rows = "".join(
        f'<tr><th scope="row">{short(course)}</th>'
        + "".join(
            _cell(n, sizes.get(course, n), kinds[rule])
            for rule, n in zip(shown, cells, strict=True)
        )
        + "</tr>"
        for course, *cells in shown.itertuples()
    )
    return f"""<p class="note">Records that broke a rule; the stronger the ground, the greater
their share of the {placed.grouped_by}. {_left_out(counts, shown, placed.grouped_by)}</p>
<div class="scroll" tabindex="0" role="region" aria-labelledby="courses"><table class="heats">
<thead><tr><th scope="col">{placed.grouped_by}</th>{head}</tr></thead>
<tbody>{rows}</tbody></table></div>"""


def months(placed: Placed) -> str:
    """A row a month: its records, those with a finding as a bar, and its findings by severity.

    The months before the last 24 are one row.
    """
    table = monthly(placed)
    if placed.findings.empty or table.empty:
        return "<p>No finding has a date.</p>" if len(placed.findings) else "<p>No finding.</p>"
    dated = table[table.index != ""]
    rows = [
        (month, *cells) for month, *cells in table.drop(index=dated.index[:-_MONTHS]).itertuples()
    ]
    if len(dated) > _MONTHS:
        earlier = dated.iloc[:-_MONTHS]
        rows.insert(0, (f"before {dated.index[-_MONTHS]}", *earlier.sum()))
    heads = "".join(
        f'<th scope="col" class="number"><span class="{kind}">{mark(kind)}</span>{WORD[kind]}s</th>'
        for kind in ORDER
    )
    return f"""<p class="note">The month in which a record was left, or else begun (UTC).</p>
<div class="scroll" tabindex="0" role="region" aria-labelledby="months"><table class="months">
<thead><tr><th scope="col">month</th><th scope="col" class="number">records</th>{heads}
<th scope="col">records with a finding</th></tr></thead>
<tbody>{"".join(_month(*row) for row in rows)}</tbody></table></div>"""


def pairs(placed: Placed) -> str:
    """The pairs of rules that share records, with how much they overlap."""
    found = together(placed)
    if not found:
        return "<p>No two rules have enough of their records in common to be told.</p>"
    return f"""<p class="note">Where two rules break in the same records they often have one cause:
mend it once, then audit again.</p><table class="stacked"><thead><tr><th scope="col">rules</th>
<th scope="col">in the same records</th><th scope="col">share of the records that broke either</th>
</tr></thead><tbody>{"".join(map(_pair, found))}</tbody></table>"""


def _cell(number: int, records: int, kind: str) -> str:
    if not number:
        return "<td></td>"
    return f"<td>{warmth(number / max(records, 1), kind)}<span>{number:,}</span></td>"


def _month(month: str, records: int, affected: int, *findings: int) -> str:
    numbers = "".join(f'<td class="number">{number:,}</td>' for number in (records, *findings))
    share = affected / max(records, 1)
    return (
        f'<tr><th scope="row">{text(month) or "no date"}</th>{numbers}<td><span class="share">'
        f'{bar(share, "unknown")}<span class="number">{percent(share)}</span></span></td></tr>'
    )


def _left_out(counts: pd.DataFrame, shown: pd.DataFrame, word: str) -> str:
    more = [
        counted(whole - part, name)
        for whole, part, name in zip(counts.shape, shown.shape, (word, "rule"), strict=True)
        if whole > part
    ]
    return f"Not shown: {' and '.join(more)} with fewer." if more else ""


def _pair(pair: Pair) -> str:
    one, other = (f'<a href="#{text(rule)}">{text(rule)}</a>' for rule in pair.rules)
    return (
        f'<tr><th scope="row">{one} and {other}</th><td>{counted(pair.both, "record")}: '
        f"{percent(pair.both / pair.first)} of {text(pair.rules[0])}, "
        f"{percent(pair.both / pair.second)} of {text(pair.rules[1])}</td>"
        f'<td><span class="share">{bar(pair.overlap, "unknown")}'
        f'<span class="number">{percent(pair.overlap)}</span></span></td></tr>'
    )
