"""The commands; each loads what it needs when it runs, so that help is quick."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scormaudit.errors import ScormauditError

if TYPE_CHECKING:
    from scormaudit.audit import Report
    from scormaudit.plan import Change
    from scormaudit.snapshot import Snapshot

app = typer.Typer(
    help="Audit and reviewed repair of SCORM 1.2 learner records in NexPort Campus.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Out = Annotated[Path, typer.Option("-o", "--out", help="Where to write; never overwritten.")]
Timeout = Annotated[float, typer.Option(min=0.1, help="Seconds to wait for an answer.")]
Codes = Annotated[list[str], typer.Option(help="Rule codes or their beginnings.")]
Rules = Annotated[Path | None, typer.Option(help="A folder of rules beside the shipped ones.")]
JournalFile = Annotated[Path | None, typer.Option(help="Default: one for each LMS, in the home.")]


class Format(StrEnum):
    """How `audit` answers."""

    terminal = "terminal"
    json = "json"
    csv = "csv"
    junit = "junit"
    github = "github"
    html = "html"


def main() -> None:
    """Run a command; an error of ours is told in words, with its exit code."""
    try:
        app()
    except ScormauditError as error:
        typer.echo(f"scormaudit: {error}", err=True)
        sys.exit(error.exit_code)


@app.command()
def demo(out: Out = Path("scormaudit-demo")) -> None:
    """Fetch, audit and propose against the embedded sandbox, without a network."""
    from scormaudit.audit import audit
    from scormaudit.fetch import fetch
    from scormaudit.fixer import propose
    from scormaudit.lms.client import Client
    from scormaudit.plan import write_plan
    from scormaudit.report import html, terminal

    with Client.sandbox() as client, _progress("reading", len(client.worklist)) as tick:
        snapshot = fetch(client, client.worklist, out / "snapshot", progress=tick)
    report = audit(snapshot)
    plan = propose(report)
    _save(out / "report.html", html.as_html(report))
    write_plan(plan, out / "plan.json")
    console = terminal.console()
    console.print(terminal.findings(report))
    console.print()
    console.print(terminal.changes(plan))
    worst = max(report.results, key=lambda r: (r.rule.severity == "error", r.broken)).rule.code
    _next(
        f"open {out / 'report.html'}",
        f"scormaudit explain {worst}",
        f"scormaudit review {out / 'plan.json'}",
        "scormaudit sandbox    # a server to practise on, approve and apply included",
    )


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8765,
    records: Annotated[int, typer.Option(min=1, help="How many records to seed.")] = 200,
    seed: Annotated[int, typer.Option(help="The same seed gives the same records.")] = 1,
    db: Annotated[Path | None, typer.Option(help="Keep the state in this file.")] = None,
    recordings: Annotated[Path | None, typer.Option(help="Serve recorded courses.")] = None,
    worklist: Annotated[Path | None, typer.Option(help="Where to write the worklist.")] = None,
    fault: Annotated[list[str], typer.Option(help="Faults to show, by name.")] = [],  # noqa: B006
    more: Annotated[list[str], typer.Argument(hidden=True)] = [],  # noqa: B006
) -> None:
    """Run a NexPort-compatible server for practice until it is interrupted."""
    import tempfile

    from scormaudit.sandbox import Sandbox

    practice = Sandbox(
        records=records, seed=seed, db=db, port=port, faults=_split(fault + more),
        recordings=recordings,
    )  # fmt: skip
    folder = Path(tempfile.mkdtemp(prefix="scormaudit-")) if worklist is None else worklist.parent
    path = practice.write_worklist(worklist or folder / "worklist.csv")
    typer.echo(f"URL       {practice.base_url}")
    typer.echo(f"Token     {practice.token}")
    typer.echo(f"Worklist  {path}")
    _next(
        f"export SCORMAUDIT_BASE_URL={practice.base_url} SCORMAUDIT_TOKEN={practice.token}",
        f"scormaudit fetch {path} -o snapshot",
    )
    sys.stdout.flush()
    practice.serve()


@app.command()
def fetch(
    worklist: Annotated[Path, typer.Argument(help="CSV, XLSX or Parquet.")],
    out: Out,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="How many to read at a time.")] = 4,
    timeout: Timeout = 30,
) -> None:
    """Read every record of a worklist into a snapshot folder."""
    from scormaudit.config import connect, read_settings
    from scormaudit.fetch import fetch as read
    from scormaudit.worklist import read_worklist

    checked = read_worklist(worklist)
    with (
        connect(read_settings(), timeout=timeout) as client,
        _progress("reading", len(checked)) as tick,
    ):
        snapshot = read(client, checked, out, jobs=jobs, progress=tick)
    states = ", ".join(f"{n} {state}" for state, n in snapshot.manifest.coverage.items())
    typer.echo(f"{len(snapshot)} records of {len(checked)} assignments ({states})")
    _next(f"scormaudit audit {out}")
    raise typer.Exit(0 if snapshot.manifest.complete else 7)


@app.command()
def audit(
    snapshot: Path,
    select: Codes = [],  # noqa: B006
    ignore: Codes = [],  # noqa: B006
    rules: Rules = None,
    format: Annotated[Format, typer.Option(help="How to answer.")] = Format.terminal,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="A file for the answer.")] = None,
    show_values: Annotated[bool, typer.Option(help="Show what learners' records hold.")] = False,
) -> None:
    """Run the rules over a snapshot."""
    from scormaudit.snapshot import read_snapshot

    opened = read_snapshot(snapshot)
    report = _audited(opened, select, ignore, rules)
    if format is Format.terminal and out is None:
        from scormaudit.report import terminal

        terminal.console().print(terminal.findings(report))
    else:
        text = _formatted(report, format, show_values)
        if out is None:
            typer.echo(text.removesuffix("\n"))
        else:
            _save(out, text)
    if format is Format.terminal or out is not None:
        _next(f"scormaudit propose {snapshot} -o plan.json")
    raise typer.Exit(_verdict(report))


@app.command()
def rules(
    folder: Annotated[Path | None, typer.Option("--rules", help="A folder beside.")] = None,
) -> None:
    """List the rules."""
    from scormaudit.pack import load
    from scormaudit.report import terminal

    pack = load(*([folder] if folder else []))
    terminal.console().print(terminal.rules(pack.rules))
    _next(f"scormaudit explain {pack.rules[0].code}")


@app.command()
def explain(code: str, rules: Rules = None) -> None:
    """Tell one rule in full."""
    from scormaudit.pack import load
    from scormaudit.report import terminal

    terminal.console().print(terminal.explained(load(*([rules] if rules else []))[code]))
    _next(f"scormaudit audit SNAPSHOT --select {code.upper()}")


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

    if unknown := set(_split(include)) - {"safe", "judgement"}:
        raise typer.BadParameter(f"--include takes safe or judgement, not {', '.join(unknown)}")
    report = _audited(read_snapshot(snapshot), select, ignore, rules)
    plan = planned(report, include=_split(include))
    write_plan(plan, out)
    terminal.console().print(terminal.changes(plan))
    _next(f"scormaudit review {out}")


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
    _next(f"scormaudit approve {plan} --all-safe --expect {safe} --reviewer NAME --reason TEXT")


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
    chosen = _chosen(
        opened.proposed, _split(rule and rule + more), _split(change and change + more)
    )
    decide(opened, decisions_file(plan), chosen, reviewer=reviewer, reason=reason, expect=expect)
    typer.echo(f"{len(chosen)} changes approved by {reviewer}")
    _next(f"scormaudit apply {plan}")


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
    from scormaudit.config import connect, read_settings
    from scormaudit.plan import read_plan
    from scormaudit.report import terminal

    opened = read_plan(plan)
    settings = read_settings()
    if not settings.base_url:
        settings = read_settings(base_url=opened.target)
    with (
        connect(settings, timeout=timeout) as client,
        _progress("applying" if execute else "comparing", len(opened)) as tick,
    ):
        applied = carry_out(
            plan, client, execute=execute, expect=expect, home=settings.home, journal=journal,
            settle=settle, rate=rate, progress=tick,
        )  # fmt: skip
    terminal.console().print(terminal.run(applied))
    if execute:
        typer.echo(f"journal {applied.journal}, head {applied.head}")
        _next(f"scormaudit undo {applied.journal} -o undo.json    # if it must go back")
    else:
        sendable = applied.count("would_send", "already", "conflict", "skipped")
        _next(f"scormaudit apply {plan} --execute --expect {sendable}")
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
    _next(f"scormaudit review {out}")


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
        _save(export, exported(entries))
    if not verify and export is None:
        terminal.console().print(terminal.entries(entries))
    typer.echo(f"{len(entries)} entries, chain intact, head {entries[-1].hash}")
    _next(f"scormaudit undo {journal} -o undo.json")


def _audited(
    snapshot: "Snapshot", select: list[str], ignore: list[str], rules: Path | None
) -> "Report":
    from scormaudit.audit import audit as judged

    return judged(snapshot, select=_split(select), ignore=_split(ignore), rules=rules)


def _formatted(report: "Report", format: Format, show_values: bool) -> str:
    from scormaudit.report import html, tables, terminal

    match format:
        case Format.json:
            return tables.as_json(report, show_values=show_values)
        case Format.csv:
            return tables.as_csv(report, show_values=show_values)
        case Format.junit:
            return tables.as_junit(report)
        case Format.github:
            return tables.as_github(report)
        case Format.html:
            return html.as_html(report, show_values=show_values)
        case Format.terminal:
            return terminal.plain(terminal.findings(report))


def _verdict(report: "Report") -> int:
    """2 where a rule crashed, 7 where records are missing, 1 for errors, else 0."""
    if any(result.crashed for result in report.results):
        return 2
    if not report.complete:
        return 7
    return 1 if report.count("error") else 0


def _chosen(
    proposed: "tuple[Change, ...]", codes: tuple[str, ...], hashes: tuple[str, ...]
) -> "list[Change]":
    if codes:
        wanted = {code.upper() for code in codes}
        return [change for change in proposed if wanted.intersection(change.rules)]
    if hashes:
        return [change for change in proposed if change.hash.startswith(hashes)]
    return [change for change in proposed if change.kind == "safe"]


def _split(values: list[str]) -> tuple[str, ...]:
    """`--select A,B --select C` is A, B and C."""
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())


def _save(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ScormauditError(
            f"It cannot be written ({error.strerror}).", where=str(path)
        ) from None


def _next(*commands: str) -> None:
    typer.echo("next:" + "".join(f"\n  {command}" for command in commands))


@contextmanager
def _progress(what: str, total: int) -> Iterator[Callable[[], Any]]:
    """A bar on a terminal, nothing elsewhere."""
    from rich.progress import Progress

    from scormaudit.report import terminal

    console = terminal.console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)
