"""Trying it out: the demo and the sandbox."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from scormaudit.cli.shell import (
    Out,
    app,
    progress,
    split,
    then,
    typed,
)


@app.command()
def demo(out: Out = Path("scormaudit-demo")) -> None:
    """Fetch, audit and propose against the embedded sandbox, without a network."""
    from scormaudit.audit import audit
    from scormaudit.fetch import fetch
    from scormaudit.fixer import propose
    from scormaudit.lms.client import Client
    from scormaudit.plan import write_plan
    from scormaudit.report import terminal
    from scormaudit.report.leaving import never_planned
    from scormaudit.report.written import write_page

    with Client.sandbox() as client, progress("reading", len(client.worklist)) as tick:
        snapshot = fetch(client, client.worklist, out / "snapshot", progress=tick)
    report = audit(snapshot)
    plan = propose(report)
    command = typed("report", out / "snapshot", "-o", "report.html")
    write_page(report, out / "report.html", command=command, new=False)
    write_plan(plan, out / "plan.json")
    console = terminal.console()
    console.print(terminal.findings(report))
    console.print()
    console.print(terminal.changes(plan, never_planned(report, {})))
    worst = max(report.results, key=lambda r: (r.rule.severity == "error", r.broken)).rule.code
    then(
        shlex.join(["open", str(out / "report.html")]),
        typed("explain", worst),
        typed("review", out / "plan.json"),
        typed("sandbox", note="a server to practise on, approve and apply included"),
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
        records=records, seed=seed, db=db, port=port, faults=split(fault + more),
        recordings=recordings,
    )  # fmt: skip
    folder = Path(tempfile.mkdtemp(prefix="scormaudit-")) if worklist is None else worklist.parent
    path = practice.write_worklist(worklist or folder / "worklist.csv")
    typer.echo(f"URL       {practice.base_url}")
    typer.echo(f"Token     {practice.token}")
    typer.echo(f"Login     {practice.username} {practice.password}")
    typer.echo(f"Worklist  {path}")
    then(
        f"export SCORMAUDIT_BASE_URL={practice.base_url} SCORMAUDIT_TOKEN={practice.token}",
        typed("fetch", path, "-o", "snapshot"),
    )
    sys.stdout.flush()
    practice.serve()
