"""Decisions about a plan: review and approve."""

import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scormaudit.cli.shell import app, split, then, typed
from scormaudit.errors import ApprovalError, CountError, PlanError

if TYPE_CHECKING:
    from scormaudit.plan import Change, Plan
    from scormaudit.review import Meaning, Verdict
    from scormaudit.sheet import Sheet

_MOST = 20
Who = Annotated[str, typer.Option(help="Who decides.")]
Why = Annotated[str, typer.Option(help="Why; it is kept with each decision.")]


@app.command()
def review(
    plan: Path,
    reviewer: Who = "",
    reason: Why = "",
    list_: Annotated[bool, typer.Option("--list", help="List; ask nothing.")] = False,
    export: Annotated[
        Path | None, typer.Option(help="Write a sheet to decide in (.xlsx, .csv) or read (.html).")
    ] = None,
    import_: Annotated[
        Path | None, typer.Option("--import", help="Take the decisions of a sheet.")
    ] = None,
    expect: Annotated[
        int | None, typer.Option(min=0, help="How many changes the sheet must approve.")
    ] = None,
) -> None:
    """Decide about every change of a plan, at the terminal or in a sheet; elsewhere list them.

    An import keeps the decisions of all intact rows; it ends with 5 if any row is void,
    unknown or there twice, with 0 otherwise.
    """
    from scormaudit.plan import read_plan

    if export and import_:
        raise typer.BadParameter("give one of --export and --import")
    opened = read_plan(plan)
    if export:
        _export(opened, plan, export, reviewer)
    elif import_:
        _import(opened, plan, import_, reviewer, reason, expect)
    elif not list_ and len(opened) and sys.stdin.isatty() and sys.stdout.isatty():
        _sit(opened, plan, reviewer, reason)
    else:
        _list(opened, plan)


@app.command()
def approve(
    plan: Path,
    reviewer: Annotated[str, typer.Option(help="Who decides.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept with the decision.")],
    expect: Annotated[int, typer.Option(min=0, help="How many changes this must be.")],
    rule: Annotated[list[str], typer.Option(help="All changes by these rules.")] = [],  # noqa: B006
    change: Annotated[list[str], typer.Option(help="These changes, by hash.")] = [],  # noqa: B006
    all_safe: Annotated[bool, typer.Option("--all-safe", help="All safe changes.")] = False,
    more: Annotated[list[str], typer.Argument(hidden=True)] = [],  # noqa: B006
) -> None:
    """Approve exactly as many changes as expected, or nothing."""
    from scormaudit.plan import read_plan
    from scormaudit.report.markup import many
    from scormaudit.review import decide, decisions_file

    if sum(map(bool, (rule, change, all_safe))) != 1:
        raise typer.BadParameter("give one of --rule, --change and --all-safe")
    codes, hashes = split(rule and rule + more), split(change and change + more)
    if not (all_safe or codes or hashes):
        raise typer.BadParameter("--rule and --change must name something, a blank names nothing")
    opened = read_plan(plan)
    chosen = _chosen(opened.proposed, codes, hashes)
    _refuse(opened, reviewer)
    _standing(opened, plan)
    decide(opened, decisions_file(plan), chosen, reviewer=reviewer, reason=reason, expect=expect)
    typer.echo(f"{many(expect, 'change')} approved by {reviewer}")
    found = _standing(opened, plan)
    _lacking([found[change.hash] for change in chosen])
    _then(plan, found)


def _sit(opened: "Plan", plan: Path, reviewer: str, reason: str) -> None:
    """An interactive review, whose decisions are kept one by one."""
    import click

    from scormaudit.cli.desk import Desk, Hands
    from scormaudit.policy import account
    from scormaudit.report import reviewing, terminal
    from scormaudit.review import decisions_file

    def line(question: str) -> str:
        try:
            return str(typer.prompt(question, default="", show_default=False))
        except typer.Abort:
            return ""

    try:
        reviewer = reviewer or typer.prompt("Your name", default=account() or None)
        reason = reason or typer.prompt("Reason, kept with each decision (w changes it)")
    except typer.Abort:
        typer.echo(err=True)
        raise PlanError(
            "A review needs a reviewer and a reason; nothing was decided.",
            todo="Answer both questions, or give --reviewer and --reason.",
        ) from None
    console = terminal.console()
    hands = Hands(key=click.getchar, line=line)
    file = decisions_file(plan)
    desk = Desk(opened, file, reviewer=reviewer, reason=reason, console=console, hands=hands)
    found = desk.sit()
    console.print(reviewing.tally(found))
    typer.echo(f"decisions are in {file}")
    _then(plan, found)


def _list(opened: "Plan", plan: Path) -> None:
    from scormaudit.decisions import ATTRIBUTION
    from scormaudit.report import reviewing, terminal

    found = _standing(opened, plan)
    console = terminal.console()
    console.print(reviewing.reviewed(opened, found))
    if not len(opened):
        return
    if any(verdict.word != "open" for verdict in found.values()):
        console.print(ATTRIBUTION)
    if which := _undecided(opened, found):
        then(typed("approve", plan, *which, "--reviewer", "NAME", "--reason", "TEXT"))
    else:
        _then(plan, found)


def _undecided(opened: "Plan", found: "Mapping[str, Verdict]") -> tuple[object, ...]:
    """The options that approve what waits for a decision; none where nothing does.

    All safe ones are no choice where one of them is rejected or deferred: it would be approved too.
    """
    if all(verdict.settled for verdict in found.values()):
        return ()
    safe = [found[change.hash] for change in opened.proposed if change.kind == "safe"]
    refused = any(one.rejected or one.deferred for one in safe)
    if refused or all(one.settled for one in safe):
        return "--change", "HASH", "--expect", 1
    return "--all-safe", "--expect", len(safe)


def _export(opened: "Plan", plan: Path, sheet: Path, reviewer: str) -> None:
    """A sheet with the reviewer's own standing decisions; a page with those of everybody."""
    from scormaudit.report.markup import many
    from scormaudit.review import person
    from scormaudit.sheet import write_sheet

    meanings: dict[str, str] = {}
    everybody = sheet.suffix.lower() == ".html"
    for name, verdict in _standing(opened, plan).items():
        for meaning, decisions in (
            ("approve", verdict.approved), ("reject", verdict.rejected), ("defer", verdict.deferred)
        ):  # fmt: skip
            if any(everybody or person(d.reviewer) == person(reviewer) for d in decisions):
                meanings[name] = meaning
    write_sheet(opened, meanings, sheet)
    typer.echo(f"{many(len(opened), 'change')} in {sheet}")
    taken = ("--import", sheet, "--reviewer", "NAME", "--reason", "TEXT")
    then(typed("review", plan, *(() if everybody else taken)))


def _import(
    opened: "Plan", plan: Path, path: Path, reviewer: str, reason: str, expect: int | None
) -> None:
    """Take what a sheet decides: one decision for each meaning and comment."""
    from scormaudit.review import decide, decisions_file
    from scormaudit.sheet import read_sheet

    if not reviewer.strip() or not reason.strip():
        raise PlanError(
            "An import needs --reviewer and --reason.",
            where=str(path),
            todo="The sheet does not say who decided; nothing was decided.",
        )
    sheet = read_sheet(opened, path)
    _standing(opened, plan)
    groups: dict[tuple[Meaning, str], list[Change]] = {}
    for change in opened.proposed:
        if change.hash in sheet.decisions:
            groups.setdefault(sheet.decisions[change.hash], []).append(change)
    approvals = sum(len(group) for (word, _), group in groups.items() if word == "approve")
    if expect is not None and approvals != expect:
        raise CountError(
            f"It approves {approvals} changes, {expect} were expected; nothing was decided.",
            where=str(path),
            todo="Look at the sheet again before you give another count.",
        )
    if approvals:
        _refuse(opened, reviewer)
    for (meaning, comment), group in groups.items():
        why = f"{reason}: {comment}" if comment else reason
        decide(
            opened, decisions_file(plan), group,
            meaning=meaning, reviewer=reviewer, reason=why, expect=len(group),
        )  # fmt: skip
    _taken(sheet, reviewer)
    found = _standing(opened, plan)
    _lacking([found[name] for name, (word, _) in sheet.decisions.items() if word == "approve"])
    _then(plan, found)
    if sheet.void or sheet.unknown or sheet.duplicate:
        raise typer.Exit(5)


def _taken(sheet: "Sheet", reviewer: str) -> None:
    """What an import took, and what it left and why."""
    from scormaudit.report.markup import many

    words: dict[Meaning, str] = {"approve": "approved", "reject": "rejected", "defer": "deferred"}
    counts = Counter(meaning for meaning, _ in sheet.decisions.values())
    told = ", ".join(f"{counts[meaning]} {word}" for meaning, word in words.items())
    typer.echo(f"{told} by {reviewer}; {many(sheet.blank, 'blank row')}, deciding nothing")
    if sheet.missing:
        typer.echo(f"not in the sheet: {many(sheet.missing, 'change')} of the plan")
    for what, odd in (
        ("void", [f"row {row}: {why}" for row, why in sheet.void]),
        ("not in this plan", sheet.unknown),
        ("there more than once", sheet.duplicate),
    ):
        if odd:
            typer.echo(f"{len(odd)} {what}, not taken:", err=True)
            more = [f"and {len(odd) - _MOST} more"] if len(odd) > _MOST else []
            typer.echo("\n".join(f"  {line}" for line in (*odd[:_MOST], *more)), err=True)


def _standing(opened: "Plan", plan: Path) -> "dict[str, Verdict]":
    """Where every change stands; a torn last line of the decisions is told."""
    from scormaudit.review import decisions_file, read_ledger, verdicts

    file = decisions_file(plan)
    ledger = read_ledger(file)
    if ledger.torn:
        typer.echo(f"{file}: {ledger.warning}", err=True)
    return verdicts(opened, ledger.decisions)


def _refuse(opened: "Plan", reviewer: str) -> None:
    """ApprovalError where an approval by this reviewer would not count."""
    from scormaudit.policy import account
    from scormaudit.review import barred

    if why := barred(opened, reviewer, account()):
        raise ApprovalError(why, todo="Another person must approve; nothing was decided.")


def _lacking(found: "list[Verdict]") -> None:
    """What approvals alone did not settle."""
    lacks = Counter(str(verdict) for verdict in found if verdict.word != "approved")
    for what, number in lacks.items():
        typer.echo(f"{number} of them: {what}")


def _then(plan: Path, found: "Mapping[str, Verdict]") -> None:
    """Apply where something may be sent, else more review."""
    if any(verdict.word == "approved" for verdict in found.values()):
        then(typed("apply", plan))
    else:
        short = any(verdict.word in ("short", "barred") for verdict in found.values())
        then(typed("review", plan, *(("--reviewer", "ANOTHER") if short else ())))


def _chosen(
    proposed: "tuple[Change, ...]", codes: tuple[str, ...], hashes: tuple[str, ...]
) -> "list[Change]":
    if codes:
        wanted = {code.upper() for code in codes}
        return [change for change in proposed if wanted.intersection(change.rules)]
    if hashes:
        return [change for change in proposed if change.hash.startswith(hashes)]
    return [change for change in proposed if change.kind == "safe"]
