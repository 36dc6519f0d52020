"""The reviewed repair: propose, apply and undo."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scormaudit.cli.shell import (
    Codes,
    JournalFile,
    Out,
    Rules,
    Source,
    app,
    audited,
    connect,
    no_export,
    progress,
    save,
    split,
    then,
    typed,
)
from scormaudit.errors import ScormauditError

if TYPE_CHECKING:
    from scormaudit.applied import Applied
    from scormaudit.entry import Entry


@app.command()
def propose(
    snapshot: Source,
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
    from scormaudit.report.leaving import never_planned
    from scormaudit.snapshot import read_snapshot

    if unknown := set(split(include)) - {"safe", "judgement"}:
        raise typer.BadParameter(f"--include takes safe or judgement, not {', '.join(unknown)}")
    opened, settings = read_snapshot(snapshot), read_settings()
    file = no_export(journal or journal_file(settings.home, opened.manifest.base_url))
    head = read_journal(file)[-1].hash if journal or is_begun(file) else ""
    report = audited(opened, select, ignore, rules)
    policy = Policy.of(settings.policy)
    plan = planned(report, include=split(include), fix=settings.fix, policy=policy, journal=head)
    write_plan(plan, out)
    terminal.console().print(terminal.changes(plan, never_planned(report, settings.fix)))
    then(typed("review", out))


@app.command()
def apply(
    plan: Path,
    execute: Annotated[bool, typer.Option("--execute", help="Send; else a dry run.")] = False,
    expect: Annotated[int | None, typer.Option(help="How many changes are approved.")] = None,
    journal: JournalFile = None,
    settle: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="Seconds before a lost edit is read: twice --timeout or more.  [default: 120]",
        ),
    ] = None,
    rate: Annotated[float, typer.Option(min=0.01, help="Edits a second at the most.")] = 2,
    canary: Annotated[str | None, typer.Option(help="Sizes of the first batches.")] = None,
    max_conflicts: Annotated[int, typer.Option(min=0, help="Troubles before it stops.")] = 25,
    min_quiet_hours: Annotated[
        float | None, typer.Option(min=0, help="Hours that a record must have been left alone.")
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option(
            min=0.1, help="Seconds to wait for an answer.  [default: 30, or half of --settle]"
        ),
    ] = None,
) -> None:
    """Compare the approved changes with the LMS, and with --execute send them."""
    from scormaudit.applied import journal_file, recalled, unfinished
    from scormaudit.apply import apply as carry_out
    from scormaudit.config import read_settings
    from scormaudit.plan import read_plan
    from scormaudit.report import terminal
    from scormaudit.report.markup import many
    from scormaudit.review import decisions_file, read_ledger

    opened = read_plan(plan)
    if warning := read_ledger(decisions_file(plan)).warning:
        typer.echo(warning, err=True)
    settings = read_settings()
    if not settings.base_url:
        settings = read_settings(base_url=opened.target)
    file = no_export(journal or journal_file(settings.home, opened.target))
    earlier = _entries(file)
    patience, settle = _patience(settle, timeout) if execute else (timeout or 30, settle)
    lost = len(unfinished(earlier))
    if lost:
        typer.echo(
            f"{many(lost, 'earlier edit')} of unknown outcome in the journal: an execution\n"
            "first waits for the settle time and reads back how each ended"
        )
    with (
        _told(execute),
        connect(settings, patience) as client,
        progress("applying" if execute else "comparing", len(opened)) as tick,
    ):
        applied = carry_out(
            plan, client, execute=execute, expect=expect, home=settings.home, journal=journal,
            settle=settle, rate=rate, canary=canary, max_conflicts=max_conflicts,
            min_quiet_hours=min_quiet_hours, progress=tick,
        )  # fmt: skip
    applied = recalled(applied, earlier, opened.hash)
    terminal.console().print(terminal.run(applied))
    kept = ("--journal", journal) if journal else ()
    number = expect if execute else len(applied.done)
    send = ("apply", plan, "--execute", "--expect", number, *kept)
    if execute:
        _say_what_follows(plan, applied, send, is_undo=bool(opened.undoes))
    else:
        _say_what_would_be_sent(plan, applied, lost, send)
    raise typer.Exit(applied.exit_code)


@app.command()
def undo(journal: Path, out: Out) -> None:
    """Plan the way back: the values that verified changes replaced."""
    from scormaudit.config import read_settings
    from scormaudit.plan import write_plan
    from scormaudit.policy import Policy
    from scormaudit.report import terminal
    from scormaudit.undo import undo as planned

    plan = planned(no_export(journal), policy=Policy.of(read_settings().policy))
    write_plan(plan, out)
    terminal.console().print(terminal.changes(plan))
    then(typed("review", out) if len(plan) else typed("journal", journal))


def _patience(settle: float | None, timeout: float | None) -> tuple[float, float | None]:
    """Timeout and settle time: for two timeouts an edit may be on its way.

    A settle time given alone shortens the timeout to its half; below two timeouts it is lifted.
    """
    if timeout is None:
        timeout = 30 if settle is None else min(30, max(1, settle / 2))
    if settle is None or settle >= 2 * timeout:
        return timeout, settle
    typer.echo(
        f"--settle {settle:g} is less than two timeouts: "
        f"a lost edit is read after {2 * timeout:g} seconds.",
        err=True,
    )
    return timeout, 2 * timeout


@contextmanager
def _told(execute: bool) -> Iterator[None]:
    """Whoever interrupts a dry run is told that it was one."""
    try:
        yield
    except KeyboardInterrupt:
        if not execute:
            typer.echo("Nothing was sent: this was a dry run.", err=True)
        raise


def _entries(file: Path) -> "list[Entry]":
    """What the journal holds; nothing where it cannot be read, which the run itself will tell."""
    from scormaudit.journal import is_begun, read_journal

    with suppress(ScormauditError):
        return read_journal(file) if is_begun(file) else []
    return []


def _say_what_would_be_sent(
    plan: Path, applied: "Applied", lost: int, send: tuple[Any, ...]
) -> None:
    """Each field old and new, and the way on; `lost` earlier edits are of unknown outcome."""
    from scormaudit.report import reviewing, terminal

    if applied.count("would_send"):
        terminal.console().print(reviewing.sendable(applied))
    if applied.stopped:
        then(typed("doctor"))
    elif applied.count("would_send") or lost:
        then(typed(*send))
    else:
        then(typed("review", plan, note="nothing would be sent"))


def _say_what_follows(
    plan: Path, applied: "Applied", send: tuple[Any, ...], *, is_undo: bool
) -> None:
    """The journal, the records to look at again, and the way on (to `send`) or back."""
    typer.echo(f"journal {applied.journal}, head\n  {applied.head}")
    again = plan.with_suffix(".again.csv")
    if len(applied.again):
        save(again, applied.again.to_csv(index=False))
        typer.echo(f"{again}: the records that were written to, to be audited again tomorrow")
    look = [typed("fetch", again, "-o", "again", note="look at them")] * bool(len(applied.again))
    shown = typed("journal", applied.journal)
    if applied.stopped or applied.open:
        is_doubt = applied.stopped.endswith("look before you go on.")
        note = "only when you know why" if is_doubt else "goes on where it stopped"
        then(shown, *look, typed(*send, note=note))
    elif applied.exit_code:
        then(typed("review", plan), shown, *look)
    elif is_undo:
        then(shown, *look)
    else:
        back = ("undo", applied.journal, "-o", "undo.json")
        then(typed(*back, note="if it must go back"))
