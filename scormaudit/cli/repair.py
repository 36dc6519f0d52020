"""The reviewed repair: propose, review, approve, apply, undo, and the journal."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scormaudit.cli.shell import (
    Codes,
    JournalFile,
    Out,
    Rules,
    Timeout,
    app,
    audited,
    connect,
    progress,
    save,
    split,
    then,
)

if TYPE_CHECKING:
    from scormaudit.plan import Change


@app.command()
def propose(
    snapshot: Path,
    out: Out,
    include: Annotated[list[str], typer.Option(help="`judgement`: what a person decides.")] = [],  # noqa: B006
    select: Codes = [],  # noqa: B006
    ignore: Codes = [],  # noqa: B006
    rules: Rules = None,
) -> None:
    """Turn findings into a plan of edits; nothing is sent."""
    from scormaudit.fixer import propose as planned
    from scormaudit.plan import write_plan
    from scormaudit.report import terminal
    from scormaudit.snapshot import read_snapshot

    if unknown := set(split(include)) - {"safe", "judgement"}:
        raise typer.BadParameter(f"--include takes safe or judgement, not {', '.join(unknown)}")
    report = audited(read_snapshot(snapshot), select, ignore, rules)
    plan = planned(report, include=split(include))
    write_plan(plan, out)
    terminal.console().print(terminal.changes(plan))
    then(f"scormaudit review {out}")


@app.command()
def review(plan: Path) -> None:
    """Show every change of a plan, old and new, with what was decided."""
    from scormaudit.plan import read_plan
    from scormaudit.report import terminal
    from scormaudit.review import decisions_file, read_decisions, standing

    opened = read_plan(plan)
    last = standing(opened, read_decisions(decisions_file(plan)))
    meanings = {change: decision.meaning for change, decision in last.items()}
    terminal.console().print(terminal.reviewed(opened, meanings))
    safe = sum(change.kind == "safe" for change in opened.proposed)
    then(f"scormaudit approve {plan} --all-safe --expect {safe} --reviewer NAME --reason TEXT")


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
    from scormaudit.review import decide, decisions_file

    if sum(map(bool, (rule, change, all_safe))) != 1:
        raise typer.BadParameter("give one of --rule, --change and --all-safe")
    opened = read_plan(plan)
    chosen = _chosen(opened.proposed, split(rule and rule + more), split(change and change + more))
    decide(opened, decisions_file(plan), chosen, reviewer=reviewer, reason=reason, expect=expect)
    typer.echo(f"{len(chosen)} changes approved by {reviewer}")
    then(f"scormaudit apply {plan}")


@app.command()
def apply(
    plan: Path,
    execute: Annotated[bool, typer.Option("--execute", help="Send; else a dry run.")] = False,
    expect: Annotated[int | None, typer.Option(help="How many changes are approved.")] = None,
    journal: JournalFile = None,
    settle: Annotated[float, typer.Option(min=0, help="Seconds before a lost edit is read.")] = 120,
    rate: Annotated[float, typer.Option(min=0.01, help="Edits a second at the most.")] = 2,
    timeout: Timeout = 30,
) -> None:
    """Compare the approved changes with the LMS, and with --execute send them."""
    from scormaudit.apply import apply as carry_out
    from scormaudit.config import read_settings
    from scormaudit.plan import read_plan
    from scormaudit.report import terminal

    opened = read_plan(plan)
    settings = read_settings()
    if not settings.base_url:
        settings = read_settings(base_url=opened.target)
    with (
        connect(settings, timeout) as client,
        progress("applying" if execute else "comparing", len(opened)) as tick,
    ):
        applied = carry_out(
            plan, client, execute=execute, expect=expect, home=settings.home, journal=journal,
            settle=settle, rate=rate, progress=tick,
        )  # fmt: skip
    terminal.console().print(terminal.run(applied))
    if execute:
        typer.echo(f"journal {applied.journal}, head {applied.head}")
        then(f"scormaudit undo {applied.journal} -o undo.json    # if it must go back")
    else:
        sendable = applied.count("would_send", "already", "conflict", "skipped")
        then(f"scormaudit apply {plan} --execute --expect {sendable}")
    raise typer.Exit(applied.exit_code)


@app.command()
def undo(journal: Path, out: Out) -> None:
    """Plan the way back: the values that verified changes replaced."""
    from scormaudit.plan import write_plan
    from scormaudit.report import terminal
    from scormaudit.undo import undo as planned

    plan = planned(journal)
    write_plan(plan, out)
    terminal.console().print(terminal.changes(plan))
    then(f"scormaudit review {out}")


@app.command()
def journal(
    journal: Path,
    verify: Annotated[bool, typer.Option("--verify", help="Check the chain alone.")] = False,
    export: Annotated[Path | None, typer.Option(help="All entries as JSON lines.")] = None,
) -> None:
    """Show a journal, check its chain, or export it."""
    from scormaudit.journal import exported, read_journal
    from scormaudit.report import terminal

    entries = read_journal(journal)
    if export is not None:
        save(export, exported(entries))
    if not verify and export is None:
        terminal.console().print(terminal.entries(entries))
    typer.echo(f"{len(entries)} entries, chain intact, head {entries[-1].hash}")
    then(f"scormaudit undo {journal} -o undo.json")


def _chosen(
    proposed: "tuple[Change, ...]", codes: tuple[str, ...], hashes: tuple[str, ...]
) -> "list[Change]":
    if codes:
        wanted = {code.upper() for code in codes}
        return [change for change in proposed if wanted.intersection(change.rules)]
    if hashes:
        return [change for change in proposed if change.hash.startswith(hashes)]
    return [change for change in proposed if change.kind == "safe"]
