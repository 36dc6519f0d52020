"""Findings to a plan: what can be mended beyond doubt, and what is refused and why."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any

from scormaudit.audit import Report
from scormaudit.cmi import COMPLETED, FIELDS
from scormaudit.errors import PlanError, SettingsError
from scormaudit.frame import ATTEMPT, KEYS, RECORD
from scormaudit.lms.wire import encode, instant, same
from scormaudit.pack import Pack
from scormaudit.plan import (
    FIELD,
    Change,
    Class,
    Op,
    Plan,
    Refusal,
    Seen,
    column_of,
    element_of,
    fingerprint,
    seen,
    undo_of,
)
from scormaudit.policy import Policy, account
from scormaudit.rule import Edit, Rule, columns, title
from scormaudit.snapshot import Snapshot
from scormaudit.timespan import respell

_JUDGED = "a person decides (--include judgement)"
_ONE_WAY = f"the API could not write the old value back, so {_JUDGED}"
_UNSURE = "no value is certain"
_LOWER = {"safe": ("safe", "judgement", "manual"), "judgement": ("judgement", "manual"),
          "manual": ("manual",)}  # fmt: skip
Row = Mapping[str, Any]
Edits = dict[type[Rule], Edit]


class _RefusedError(Exception):
    """Why a record is left alone."""


def propose(
    report: Report,
    *,
    include: Iterable[str] = (),
    fix: Mapping[str, str] | None = None,
    policy: Policy | None = None,
    journal: str = "",
    now: datetime | None = None,
) -> Plan:
    """A plan of the safe repairs, and with `include=["judgement"]` of those a person decides.

    `fix` gives rules a lower class than their own, by code: judgement or manual. `journal` is
    the head of the LMS's journal, which `apply` then insists on; `now` (default: the clock) is
    what the quiet hours are counted back from. PlanError where the report is not of a snapshot:
    a plan needs to know where each id came from.
    """
    snapshot, policy = report.snapshot, policy or Policy()
    if snapshot is None:
        raise PlanError(
            "A frame does not say which assignment_status_id its rows belong to.",
            todo="Audit a snapshot of `fetch` instead.",
        )
    snapshot.verify()
    now = now or datetime.now(UTC)
    quiet = now - timedelta(hours=float(policy.quiet_hours))
    wanted: tuple[Class, ...] = ("safe", "judgement") if "judgement" in include else ("safe",)
    classes = _classes(report.pack, fix or {})
    failed = _failed(snapshot)
    bindings = _bindings(snapshot)
    proposed: list[Change] = []
    refused: list[Refusal] = []
    for row, rules in _mendable(report, snapshot, classes):
        key = {name: row[name] for name in RECORD}
        edits = {rule: edit for rule in rules if (edit := rule.repair(row))}
        kinds = {r: _class(row, classes[r.code], e) for r, e in edits.items()}
        chosen = {r: e for r, e in edits.items() if kinds[r] in wanted}
        left = [rule for rule in rules if rule not in chosen]
        refused.extend(_left(row, left, edits, classes))
        if not chosen:
            continue
        try:
            lost = failed.get(tuple(key.values()), set())
            _agree(chosen, edits)
            _refuse(row, chosen, lost, quiet)
            binding = bindings[row["assignment_status_id"]]
            kind: Class = "judgement" if "judgement" in map(kinds.get, chosen) else "safe"
            proposed.append(_change(row, chosen, kind, lost, snapshot, binding))
        except _RefusedError as error:
            codes = tuple(rule.code for rule in chosen)
            refused.append(Refusal(**key, rules=codes, reason=str(error)))
    policy.bear(len(proposed), "Select fewer rules or a smaller worklist.")
    return Plan(
        target=snapshot.manifest.base_url,
        snapshot=snapshot.manifest.id,
        pack=report.pack.digest,
        tool_version=version("scormaudit"),
        policy=policy,
        proposed=tuple(proposed),
        refused=tuple(refused),
        planner=account(),
        journal=journal,
    )


def _classes(pack: Pack, lowered: Mapping[str, str]) -> dict[str, str]:
    """The class of each rule's repair; SettingsError where one would be raised."""
    classes: dict[str, str] = {rule.code: rule.fix for rule in pack.rules}
    for code, kind in lowered.items():
        if code not in classes or kind not in _LOWER[classes[code]]:
            raise SettingsError(
                f"The repair of {code} cannot be {kind}.",
                where="[tool.scormaudit.fix]",
                todo="Name a rule, and a class below its own: judgement or manual.",
            )
        classes[code] = kind
    return classes


def _mendable(
    report: Report, snapshot: Snapshot, classes: Mapping[str, str]
) -> Iterable[tuple[Row, list[type[Rule]]]]:
    """Each record with its mendable rules, in the order of the snapshot.

    What is only worth knowing is legal and stays; raise its severity to have it mended.
    """
    found = report.findings
    fixable = [code for code, kind in classes.items() if kind != "manual"]
    findings = found[found["rule"].isin(fixable) & found["severity"].ne("info")]
    rules: dict[int, list[type[Rule]]] = defaultdict(list)
    for code, row in zip(findings["rule"], findings["row"], strict=True):
        if report.pack[code].table == "records":
            rules[row].append(report.pack[code])
    positions = sorted(rules)
    records = snapshot.records.iloc[positions].astype("object")
    records = records.where(records.notna(), None)
    rows: list[Any] = records.to_dict("records")
    for position, row in zip(positions, rows, strict=True):
        yield row, rules[position]


def _left(
    row: Row, rules: Iterable[type[Rule]], edits: Edits, classes: Mapping[str, str]
) -> Iterator[Refusal]:
    """What is not planned of a record is told, not dropped; one refusal a reason."""
    codes: dict[str, tuple[str, ...]] = {}
    for rule in rules:
        edit, safe = edits.get(rule), classes[rule.code] == "safe"
        why = _UNSURE if not edit else _ONE_WAY if safe and _is_one_way(row, edit) else _JUDGED
        codes[why] = (*codes.get(why, ()), rule.code)
    for why, those in codes.items():
        yield Refusal(**{name: row[name] for name in RECORD}, rules=those, reason=why)


def _class(row: Row, fix: str, edit: Edit) -> Class:
    """A repair is safe only if its rule says so, it decides nothing, and it can be undone."""
    before = row[FIELD[edit.field].column]
    if fix != "safe" or _is_one_way(row, edit) or _decides(edit, before or ""):
        return "judgement"
    return "safe"


def _is_one_way(row: Row, edit: Edit) -> bool:
    """Whether the API could not write the old value back."""
    return undo_of(edit.field, row[FIELD[edit.field].column])[0] == "impossible"


def _decides(edit: Edit, before: str) -> bool:
    """Whether an edit changes what was achieved, and not only how it is spelled."""
    match edit.field:
        case "lesson_status":
            return True
        case "raw_score":
            return not same(FIELD[edit.field], edit.text, before)
        case "total_time":
            return respell(before) != edit.text
        case _:
            return False


def _agree(chosen: Edits, edits: Edits) -> None:
    """Raise where rules want different values, even if only one of them would be planned."""
    fields = {edit.field for edit in chosen.values()}
    wanted: dict[str, tuple[str, str]] = {}
    for rule, edit in edits.items():
        other, text = wanted.setdefault(edit.field, (rule.code, edit.text))
        if edit.field in fields and text != edit.text:
            raise _RefusedError(f"{other} and {rule.code} want different values of {edit.field}")


def _refuse(row: Row, edits: Edits, failed: set[str], quiet: datetime) -> None:
    """Raise where a record must not be touched, whatever the rules would mend."""
    if not row["assignment_status_id"]:
        raise _RefusedError("the worklist gives no assignment_status_id")
    for rule, edit in edits.items():
        if not failed.isdisjoint(columns(rule)):
            raise _RefusedError("an element that the rule needs could not be read")
        try:
            encode(FIELD[edit.field], edit.text)
        except ValueError as error:
            raise _RefusedError(f"{edit.field} cannot be written: {error}") from None
    dates = [instant(row[name] or "") for name in ATTEMPT[1:]]
    start, exit_ = dates
    if start and not (exit_ and exit_ >= start):
        raise _RefusedError("the learner may be in the course now (no exit since the start)")
    if any(date and date > quiet for date in dates):
        raise _RefusedError("the record was used within the quiet hours")


def _change(
    row: Row, edits: Edits, kind: Class, failed: set[str], snapshot: Snapshot, binding: str
) -> Change:
    state = {f.column: Seen("error") if f.column in failed else seen(row[f.column]) for f in FIELDS}
    ops = {edit.field: _op(edit, state[FIELD[edit.field].column]) for edit in edits.values()}
    touched = {FIELD[name].column for name in ops}
    relied = {column for rule in edits for column in columns(rule)} - touched
    completes = any(op.field == "lesson_status" and op.after == "completed" for op in ops.values())
    return Change(
        **{name: row[name] for name in KEYS},
        binding=binding,
        ops=tuple(ops[name] for name in sorted(ops)),
        guards={element_of(name): seen(row[name]) for name in sorted(relied)},
        frame={element_of(c): fingerprint(s) for c, s in state.items() if c not in touched},
        rules=tuple(rule.code for rule in edits),
        reasons=tuple(title(rule) for rule in edits),
        risks=(COMPLETED,) if completes else (),
        kind=kind,
        labels={name: row[name] for name in snapshot.manifest.labels},
        target=snapshot.manifest.base_url,
    )


def _op(edit: Edit, before: Seen) -> Op:
    undo, reason = undo_of(edit.field, None if before.state == "absent" else before.text)
    return Op(
        field=edit.field,
        element=element_of(FIELD[edit.field].column),
        before=before,
        after=edit.text,
        undo=undo,
        undo_reason=reason,
    )


def _failed(snapshot: Snapshot) -> dict[tuple[str, ...], set[str]]:
    """For each record, the columns that the LMS could not read."""
    errors = snapshot.table("element_errors")
    failed: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for *key, element in errors[[*RECORD, "element"]].itertuples(index=False):
        failed[tuple(key)].add(column_of(element))
    return failed


def _bindings(snapshot: Snapshot) -> dict[str, str]:
    """Where each assignment_status_id came from: the worklist, its digest and the row."""
    source = snapshot.manifest.worklist
    coverage = snapshot.table("coverage", ["assignment_status_id", "row"])
    return {
        status_id: f"{source['name']} sha256:{source['sha256'][:16]} row {row}"
        for status_id, row in coverage.itertuples(index=False)
    }
