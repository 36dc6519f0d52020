"""Reading the LMS: fetch, doctor, and record."""

from pathlib import Path
from typing import Annotated

import typer

from scormaudit.cli.shell import Out, Timeout, app, connect, progress, then, typed, with_keyring

Given = Annotated[Path, typer.Argument(help="CSV, XLSX or Parquet.")]
Jobs = Annotated[int, typer.Option(min=1, max=64, help="How many to read at a time.")]
Rate = Annotated[float | None, typer.Option(min=0.01, help="Requests a second at the most.")]


@app.command()
def fetch(
    worklist: Given,
    out: Out,
    jobs: Jobs = 4,
    timeout: Timeout = 30,
    rate: Rate = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a fetch that ended.")
    ] = False,
    since: Annotated[Path | None, typer.Option(help="Take what is settled from here.")] = None,
    older_than: Annotated[
        float | None, typer.Option(min=0, help="With --since: settled for so many days.")
    ] = None,
) -> None:
    """Read every record of a worklist into a snapshot folder."""
    from scormaudit.config import read_settings
    from scormaudit.fetch import fetch as read
    from scormaudit.worklist import read_worklist

    checked = read_worklist(worklist)
    with (
        connect(read_settings(), timeout, jobs=jobs, rate=rate) as client,
        progress("reading", len(checked)) as tick,
    ):
        snapshot = read(
            client, checked, out, jobs=jobs, resume=resume, since=since, older_than=older_than,
            progress=tick, tell=typer.echo,
        )  # fmt: skip
    manifest = snapshot.manifest
    states = ", ".join(f"{n} {state}" for state, n in manifest.coverage.items())
    taken = f", {manifest.reused} taken from the earlier snapshot" if manifest.reused else ""
    typer.echo(f"{len(snapshot)} records of {len(checked)} assignments ({states}){taken}")
    then(typed("audit", out))
    raise typer.Exit(0 if manifest.complete else 7)


@app.command()
def doctor(
    worklist: Annotated[Path | None, typer.Argument(help="Its first row is tried.")] = None,
    timeout: Timeout = 30,
) -> None:
    """Look at the settings, the way to the LMS and what the token may do; nothing is written."""
    from scormaudit.config import in_force, read_settings
    from scormaudit.doctor import examine
    from scormaudit.keychain import standing
    from scormaudit.report import terminal

    given = read_settings()
    settings = with_keyring(given)
    kept = {
        name: (text, origin if getattr(given, name) == getattr(settings, name) else "keyring")
        for name, (text, origin) in in_force(settings).items()
    }
    with connect(settings, timeout) as client:
        checks = examine(client, worklist, settings=kept | {"keyring": (standing(), "")})
    terminal.console().print(terminal.examined(checks))
    bad = any(check.state == "problem" for check in checks)
    then(typed("doctor") if bad else typed("fetch", worklist or "WORKLIST", "-o", "snapshot"))
    raise typer.Exit(2 if bad else 0)


@app.command()
def record(worklist: Given, out: Out, timeout: Timeout = 30) -> None:
    """Turn records of your own into a cassette for a test, in which nobody can be found."""
    from scormaudit.config import read_settings
    from scormaudit.record import record as recorded
    from scormaudit.worklist import read_worklist

    checked = read_worklist(worklist)
    with connect(read_settings(), timeout) as client:
        rows = recorded(client, checked, out)
    typer.echo("enrollment_id,assignment_id")
    for row in rows:
        typer.echo(f"{row['enrollment_id']},{row['assignment_id']}")
    then(f"keep the lines above as the worklist that replays {out}")
