"""The views as HTML: everything is escaped, and the theme's own colours are kept.

Reports and snapshots show no learner's value. No view shows what differs from one run to the
next (addresses with ports, ids of snapshots, times), so that a committed notebook stays the same.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from scormaudit.applied import Applied, Done
from scormaudit.audit import Report, Result
from scormaudit.entry import Entry
from scormaudit.journal import Journal
from scormaudit.notebook.block import Html, code, html, listed, strong, table, view
from scormaudit.notebook.places import places
from scormaudit.plan import Change, Op, Plan, Seen
from scormaudit.report.leaving import left_alone
from scormaudit.report.markup import many, text, visible
from scormaudit.report.terminal import summary
from scormaudit.rule import Row, Rule, reason, title
from scormaudit.snapshot import Snapshot

_FIRST = 10
_WORST = ("error", "warning", "info")
_MARK = {"error": "#d6453d", "warning": "#b57700", "info": "#4a86d8"}
_QUIET = ("verified", "already", "would_send")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_MEANING = {
    "ok": "read whole",
    "empty": "read, and holds no record yet",
    "forbidden": "the token may not read it",
    "not_found": "the LMS does not know it",
    "unstable": "it changed while it was read",
    "ambiguous": "the answer can be read in two ways",
    "error": "the LMS gave no usable answer",
}


def report(report: Report) -> Html:
    """The verdict, the broken rules worst first, what was not judged, and where and when."""
    broken = [result for result in report.results if result.outcome == "broken"]
    broken.sort(key=lambda result: (_WORST.index(result.rule.severity), -result.broken))
    unjudged: defaultdict[str, list[str]] = defaultdict(list)
    for result in report.results:
        if result.crashed or result.unknown:
            unjudged[_unjudged(result)].append(result.rule.code)
    return view(
        strong(summary(report)),
        table(
            ("rule", "severity", "broken", "tested", "fix", "what is wrong"),
            map(_broken, broken),
        ),
        listed("Not judged:", [_because(codes, why) for why, codes in unjudged.items()]),
        *(Html(chart._repr_html_()) for chart in places(report)),
    )


def snapshot(snapshot: Snapshot) -> Html:
    """How much was read from where, whether it is complete, and how each assignment went."""
    manifest = snapshot.manifest
    whole = "complete" if manifest.complete else "incomplete"
    counts = ", ".join(
        many(manifest.counts.get(table, 0), word)
        for table, word in (
            ("objectives", "objective"),
            ("interactions", "interaction"),
            ("element_errors", "failed element"),
        )
    )
    assignments = many(sum(manifest.coverage.values()), "assignment")
    states = sorted(manifest.coverage, key=lambda state: (state != "ok", state != "empty", state))
    return view(
        strong(f"{many(len(snapshot), 'record')} of {assignments}, {whole}."),
        f"Read from {_host(manifest.base_url)}, with {counts}.",
        table(
            ("assignments", "state", "meaning"),
            [(manifest.coverage[state], state, _MEANING.get(state, "")) for state in states],
        ),
    )


def plan(plan: Plan) -> Html:
    """What would be changed, what is left alone and why, and the first changes old and new."""
    ops = [(change, op) for change in plan.proposed for op in change.ops]
    kinds = Counter((" ".join(c.rules), c.kind, op.field, op.undo) for c, op in ops)
    risks = dict.fromkeys(risk for change in plan.proposed for risk in change.risks)
    caption = "Changes:" if len(ops) <= _FIRST else f"The first {_FIRST} of {len(ops)}:"
    return view(
        strong(f"{repr(plan)[1:-1]}."),
        f"For {_host(plan.target)}. Nothing is sent before a person has approved it.",
        table(
            ("rule", "class", "field", "undo", "changes"),
            [(*kind, number) for kind, number in sorted(kinds.items())],
        ),
        *(code(risk) for risk in risks),
        listed("Left alone:", left_alone(plan)),
        caption if ops else "",
        table(
            ("rule", "record", "field", "old → new"),
            [(" ".join(c.rules), _place(c), op.field, _old_and_new(op)) for c, op in ops[:_FIRST]],
        ),
    )


def applied(applied: Applied) -> Html:
    """How a run ended; changes that went well only as a count."""
    noted = [d for d in applied.done if d.state not in _QUIET or d.detail]
    return view(
        strong(f"{repr(applied)[1:-1]}."),
        strong(applied.stopped),
        table(("state", "rule", "SCO", "fields", "detail"), map(_ended, noted)),
    )


def journal(journal: Journal) -> Html:
    """What was done, entry by entry, without what learners' records hold."""
    entries = journal.entries()
    number = "1 entry" if len(entries) == 1 else f"{len(entries)} entries"
    return view(
        strong(f"Journal of {number}, each following from the one before."),
        table(("entry", "kind", "state", "rule", "fields"), map(_entry, entries)),
    )


def rule(rule: type[Rule]) -> Html:
    """One rule in full: what it is called, why, and what holds and breaks it."""
    page = f"SCORM 1.2 RTE, page {rule.page}" if rule.page else ""
    facts = [rule.severity, f"fix: {rule.fix}", page]
    return view(
        Html(f"<strong>{text(rule.code)} &nbsp;{code(title(rule))}</strong>"),
        " · ".join(filter(None, facts)),
        *(code(paragraph) for paragraph in reason(rule).split("\n\n")),
        _examples(rule),
    )


def _broken(result: Result) -> tuple[object, ...]:
    rule = result.rule
    return (
        rule.code, _severity(rule), result.broken, result.tested, rule.fix, code(title(rule)),
    )  # fmt: skip


def _because(codes: Iterable[str], why: str) -> Html:
    """Rules that could not judge for one reason."""
    return Html(f"<strong>{text(', '.join(codes))}</strong> {html(why)}")


def _unjudged(result: Result) -> str:
    if result.crashed:
        return f"crashed: {result.reason}"
    return f"could not judge {many(result.unknown, 'row')}: {result.reason}"


def _place(change: Change) -> Html:
    """The labels of a change's record by name, or a short id if there are none, and its SCO."""
    labels = [label for _, label in sorted(change.labels.items()) if label]
    words = " · ".join(labels or [f"{change.enrollment_id[:8]}…"])
    return Html(f"{text(words)} · <code>{text(change.sco_id)}</code>")


def _old_and_new(op: Op) -> Html:
    return Html(f"{_seen(op.before)} → {_value(op.after)}")


def _seen(seen: Seen) -> Html:
    return _value(seen.text) if seen.state in ("value", "empty") else Html(f"<em>{seen.state}</em>")


def _ended(done: Done) -> tuple[object, ...]:
    change = done.change
    fields = " ".join(op.field for op in change.ops)
    return done.state, " ".join(change.rules), change.sco_id, fields, done.detail


def _entry(entry: Entry) -> tuple[object, ...]:
    said = entry.content()
    change = said.get("change", {"rules": (), "ops": ()})
    fields = " ".join(op["field"] for op in change["ops"])
    state = said.get("state") or said.get("outcome") or ""
    return entry.seq, entry.kind, state, " ".join(change["rules"]), fields


def _examples(rule: type[Rule]) -> Html:
    """Rows that hold, rows that break, and where the rule can mend these, how."""
    examples = [("holds", row, "") for row in rule.good[:3]]
    examples += [("breaks", row, _mended(rule, row)) for row in rule.bad[:3]]
    names = dict.fromkeys(name for _, row, _ in examples for name in row)
    end = -1 if rule.fix == "manual" else None
    return table(
        ("example", *names, "repair")[:end],
        [(word, *_cells(row, names), mended)[:end] for word, row, mended in examples],
    )


def _cells(row: Row, names: Iterable[str]) -> Iterator[Html]:
    """The value of each name, nothing where the example does not care."""
    for name in names:
        value = row.get(name, "")
        cell = _value(value) if isinstance(value, str) else Html("<em>absent</em>")
        yield cell if name in row else Html("")


def _mended(rule: type[Rule], row: Row) -> str:
    edit = rule.repair(row)
    return Html(f"{text(edit.field)} {_value(edit.text)}") if edit else "none is certain"


def _value(value: str) -> Html:
    """A text in quotes on one line, with control characters as codes."""
    return Html(f'<code style="white-space:nowrap">{text(visible(value))}</code>')


def _severity(rule: type[Rule]) -> Html:
    colour = _MARK[rule.severity]
    square = f'<span style="color:{colour}" aria-hidden="true">■</span>'
    return Html(f"{square}&nbsp;{rule.severity}")


def _host(url: str) -> str:
    """Which LMS, without the port; of what was imported, which file."""
    host = urlsplit(url).hostname or url.partition(":")[2]
    return "this machine" if host in _LOOPBACK else host
