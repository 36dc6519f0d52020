"""The reviewed repair: propose, apply and undo."""

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
    from scormaudit.applied import Applied


@app.command()
def propose(
    snapshot: Path,
    out: Out,
    include: Annotated[list[str], typer.Option(help="`judgement`: what a person decides.")] = [],  # noqa: B006
    select: Codes = [],  # noqa: B006
    ignore: Codes = [],  # noqa: B006
    rules: Rules = None,
    journal: JournalFile = None,
) -> None:
    """Turn findings into a plan of edits; nothing is sent."""
    from scormaudit.applied import journal_file
    from scormaudit.config import read_settings
    from scormaudit.fixer import propose as planned
    from scormaudit.journal import is_begun, read_journal
    from scormaudit.plan import write_plan
    from scormaudit.policy import Policy
    from scormaudit.report import terminal
    from scormaudit.snapshot import read_snapshot

    if unknown := set(split(include)) - {"safe", "judgement"}:
        raise typer.BadParameter(f"--include takes safe or judgement, not {', '.join(unknown)}")
    opened, settings = read_snapshot(snapshot), read_settings()
    file = journal or journal_file(settings.home, opened.manifest.base_url)
    head = read_journal(file)[-1].hash if journal or is_begun(file) else ""
    report = audited(opened, select, ignore, rules)
    policy = Policy.of(settings.policy)
    plan = planned(report, include=split(include), fix=settings.fix, policy=policy, journal=head)
    write_plan(plan, out)
    terminal.console().print(terminal.changes(plan))
    then(f"scormaudit review {out}")


@app.command()
def apply(
    plan: Path,
    execute: Annotated[bool, typer.Option("--execute", help="Send; else a dry run.")] = False,
    expect: Annotated[int | None, typer.Option(help="How many changes are approved.")] = None,
    journal: JournalFile = None,
    settle: Annotated[
        float | None,
        typer.Option(
            min=0, help="Seconds before a lost edit is read.  [default: 120, or twice --timeout]"
        ),
    ] = None,
    rate: Annotated[float, typer.Option(min=0.01, help="Edits a second at the most.")] = 2,
    canary: Annotated[str | None, typer.Option(help="Sizes of the first batches.")] = None,
    max_conflicts: Annotated[int, typer.Option(min=0, help="Troubles before it stops.")] = 25,
    min_quiet_hours: Annotated[
        float | None, typer.Option(min=0, help="Hours that a record must have been left alone.")
    ] = None,
    timeout: Timeout = 30,
) -> None:
    """Compare the approved changes with the LMS, and with --execute send them."""
    from scormaudit.apply import apply as carry_out
    from scormaudit.config import read_settings
    from scormaudit.plan import read_plan
    from scormaudit.report import terminal
    from scormaudit.review import decisions_file, read_ledger

    opened = read_plan(plan)
    if warning := read_ledger(decisions_file(plan)).warning:
        typer.echo(warning, err=True)
    settings = read_settings()
    if not settings.base_url:
        settings = read_settings(base_url=opened.target)
    with (
        connect(settings, timeout) as client,
        progress("applying" if execute else "comparing", len(opened)) as tick,
    ):
        applied = carry_out(
            plan, client, execute=execute, expect=expect, home=settings.home, journal=journal,
            settle=settle, rate=rate, canary=canary, max_conflicts=max_conflicts,
            min_quiet_hours=min_quiet_hours, progress=tick,
        )  # fmt: skip
    terminal.console().print(terminal.run(applied))
    kept = f" --journal {journal}" if journal else ""
    if execute:
        on = f"scormaudit apply {plan} --execute --expect {expect}{kept}"
        _say_what_follows(plan, applied, on)
    elif applied.stopped:
        then("scormaudit doctor")
    elif applied.count("would_send"):
        _say_what_would_be_sent(applied)
        then(f"scormaudit apply {plan} --execute --expect {len(applied.done)}{kept}")
    else:
        then(f"scormaudit review {plan}    # nothing would be sent")
    raise typer.Exit(applied.exit_code)


@app.command()
def undo(journal: Path, out: Out) -> None:
    """Plan the way back: the values that verified changes replaced."""
    from scormaudit.config import read_settings
    from scormaudit.plan import write_plan
    from scormaudit.policy import Policy
    from scormaudit.report import terminal
    from scormaudit.undo import undo as planned

    plan = planned(journal, policy=Policy.of(read_settings().policy))
    write_plan(plan, out)
    terminal.console().print(terminal.changes(plan))
    then(f"scormaudit review {out}")


def _say_what_would_be_sent(applied: "Applied") -> None:
    """A line for each field that an execution would write now, old and new."""
    from scormaudit.report.lettering import brief, coded

    for change in (done.change for done in applied.done if done.state == "would_send"):
        for op in change.ops:
            old = brief(None if op.before.state == "absent" else op.before.text)
            where = f"{change.hash[:12]}  {change.enrollment_id}  {coded(change.sco_id)}"
            typer.echo(f"{where}  {op.field} {old} → {brief(op.after)}")


def _say_what_follows(plan: Path, applied: "Applied", on: str) -> None:
    """The journal, the records to look at again, and the way `on` or back."""
    typer.echo(f"journal {applied.journal}, head {applied.head}")
    again = plan.with_suffix(".again.csv")
    if len(applied.again):
        save(again, applied.again.to_csv(index=False))
        typer.echo(f"{again}: the records that were written to, to be audited again tomorrow")
    look = [f"scormaudit fetch {again} -o again    # look at them"] * bool(len(applied.again))
    if applied.stopped or applied.open:
        then(f"scormaudit journal {applied.journal}", *look, f"{on}    # goes on where it stopped")
    elif applied.exit_code:
        then(f"scormaudit review {plan}", f"scormaudit journal {applied.journal}", *look)
    else:
        then(f"scormaudit undo {applied.journal} -o undo.json    # if it must go back")
