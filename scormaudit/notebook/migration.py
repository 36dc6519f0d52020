"""The views of a move: the gate's answer, what a translation loses, and two snapshots compared.

Like the others they show no learner's value, no id and nothing that another run would change.
"""

from collections.abc import Iterable, Iterator

import pandas as pd

from scormaudit.allowance import Standing
from scormaudit.compare import KINDS, Comparison
from scormaudit.compare.account import SUMS
from scormaudit.criteria import Leave
from scormaudit.gate import Answer, Line
from scormaudit.mapping.loss import KINDS as LOSSES
from scormaudit.mapping.preview import Preview
from scormaudit.notebook.block import Count, Html, code, listed, strong, table, view
from scormaudit.report.compared import WORDS, by_course, by_status, notes, verdict
from scormaudit.report.lettering import coded
from scormaudit.report.markup import counted, text
from scormaudit.report.signoff import heading
from scormaudit.report.veil import bounded, short

_FIRST = 12
_HEADS = {"added": "new records"}


def answer(answer: Answer) -> Html:
    """Ready or not, each criterion, every reason, and what somebody answers for."""
    return view(
        strong(f"{heading(answer)}."),
        answer.criteria.title,
        table(("criterion", "found", "met"), map(_criterion, answer.lines)),
        listed("Reasons:", map(code, answer.reasons)),
        table(
            ("allowed", "owner", "reason", "until", "state", "findings"),
            map(_leave, answer.standings),
        ),
    )


def preview(preview: Preview) -> Html:
    """How many records became what, the losses by kind, and the elements that lose most."""
    most = preview.losses.most_common(_FIRST)
    records, said = counted(preview.records, "record"), counted(preview.said, preview.unit)
    losses, touched = preview.losses.total(), counted(preview.touched, "record")
    return view(
        strong(f"{records} as {said}; {losses:,} losses in {touched}."),
        table(
            ("kind", "losses", "what it means"),
            [(kind, number, LOSSES[kind]) for kind, number in preview.kinds.most_common()],
        ),
        f"The elements that lose most, {len(most)} of {len(preview.losses)}:" if most else "",
        table(
            ("element", "kind", "losses"),
            [(_name(element), kind, number) for (kind, element), number in most],
        ),
        f"Written: {', '.join(preview.files)}.",
    )


def comparison(comparison: Comparison) -> Html:
    """The verdict, records by status and course, changed elements, and findings that turned."""
    courses = by_course(comparison)
    worse = courses[courses["worse"].gt(0)]
    return view(
        strong(verdict(comparison)),
        *notes(comparison),
        _sums("status", map(text, by_status(comparison)["status"]), by_status(comparison)),
        _sums(comparison.grouped_by, map(short, worse.head(_FIRST)["course"]), worse.head(_FIRST)),
        _left(len(worse), comparison.grouped_by),
        *_elements(comparison.elements),
        *_findings(comparison),
    )


def _criterion(line: Line) -> tuple[object, ...]:
    return line.asked, line.found, Html("<strong>no</strong>") if line.reasons else "yes"


def _leave(given: tuple[Leave, Standing]) -> tuple[object, ...]:
    leave, standing = given
    allowed = leave.allowance
    words = (allowed.rule, leave.owner, allowed.reason, str(allowed.until), standing.state)
    return (*map(coded, words), standing.findings)


def _sums(head: str, names: Iterable[str], sums: pd.DataFrame) -> Html:
    """Records by something, under names that are HTML already."""
    numbers = sums[list(SUMS)].itertuples(index=False, name=None)
    heads = (head, *(_HEADS.get(name, name) for name in SUMS))
    return table(
        heads, [(Html(name), *map(Count, row)) for name, row in zip(names, numbers, strict=True)]
    )


def _elements(elements: pd.DataFrame) -> Iterator[Html | str]:
    """Changed cells by element, most harm first, of the classes that there are."""
    kinds = [kind for kind in KINDS if elements[kind].any()]
    rows = elements.head(_FIRST)[["element", *kinds]].itertuples(index=False, name=None)
    yield table(
        ("changed element", *(WORDS[kind] for kind in kinds)),
        [(_name(element), *map(Count, sums)) for element, *sums in rows],
    )
    yield _left(len(elements), "element")


def _findings(comparison: Comparison) -> Iterator[Html | str]:
    if comparison.findings is None:
        return
    rules = comparison.findings.rules
    turned = rules[rules["vanished"].add(rules["appeared"]).gt(0)]
    heads = ("rule", "severity", "vanished", "appeared", "stayed")
    rows = turned[list(heads)].itertuples(index=False, name=None)
    yield table(heads, [(rule, severity, *map(Count, sums)) for rule, severity, *sums in rows])
    if turned.empty:
        yield "No finding appeared or vanished."


def _name(element: str) -> Html:
    """An element's name, which a course may have made up."""
    return Html(f"<code>{bounded(element)}</code>")


def _left(there: int, word: str) -> str:
    """How many rows a table has no room for."""
    left = there - _FIRST
    return f"Not shown: {counted(left, word)} more." if left > 0 else ""
