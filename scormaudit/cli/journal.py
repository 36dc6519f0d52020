"""What was done: the journal, shown, checked or exported."""

import os
from pathlib import Path
from typing import Annotated

import typer

from scormaudit.cli.shell import app, is_export, then, typed
from scormaudit.errors import JournalError, ScormauditError

Head = Annotated[str | None, typer.Option(help="A hash that must be in the chain.")]


@app.command()
def journal(
    journal: Path,
    verify: Annotated[bool, typer.Option("--verify", help="Check the chain alone.")] = False,
    head: Head = None,
    export: Annotated[Path | None, typer.Option(help="All entries as JSON lines.")] = None,
    redacted: Annotated[
        bool, typer.Option("--redacted", help="Export no values, labels or free text.")
    ] = False,
) -> None:
    """Show a journal or an export of one, check its chain, or export it."""
    from scormaudit import entry
    from scormaudit.journal import read_journal
    from scormaudit.report import terminal

    if redacted and export is None:
        raise typer.BadParameter("--redacted goes with --export")
    entries = (entry.read_export if is_export(journal) else read_journal)(journal)
    if head is not None and not (head and entry.holds(entries, head)):
        raise JournalError(
            "The head is not in the chain: entries were cut off, or it is another journal's.",
            where=str(journal),
            todo="Keep the file as it is and restore the journal from a backup.",
        )
    if export is not None:
        kept = [entry.redacted(one) for one in entries] if redacted else entries
        _save(export, entry.exported(kept))
    if not verify and export is None:
        terminal.console().print(terminal.entries(entries))
    last, number = entries[-1].hash, len(entries)
    typer.echo(f"{number} {'entry' if number == 1 else 'entries'}, chain intact, head\n  {last}")
    if export is not None:
        then(typed("journal", export, "--verify", "--head", last))
    elif not is_export(journal):
        then(typed("undo", journal, "-o", "undo.json"))


def _save(path: Path, text: str) -> None:
    """Write what holds learners' values: for this account alone, and over nothing."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except OSError as error:
        raise ScormauditError(
            f"It cannot be written ({error.strerror}).", where=str(path)
        ) from None
