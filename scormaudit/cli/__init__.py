"""The commands; each loads what it needs when it runs, so that help is quick."""

import io
import os
import sys
from contextlib import suppress
from typing import TextIO

import typer

from scormaudit.cli import journal, judging, lms, migration, practice, readiness, repair, review
from scormaudit.cli.shell import app
from scormaudit.errors import ScormauditError

__all__ = [
    "app", "journal", "judging", "lms", "main", "migration", "practice", "readiness", "repair",
    "review",
]  # fmt: skip
_INTERRUPTED = 130


def main() -> None:
    """Run a command; what goes wrong is told in words, with its exit code.

    A reader that has seen enough and closes the pipe is told nothing.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        code = _run()
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        code = 2
        if not isinstance(error, BrokenPipeError):
            _tell(f"{error.filename or 'standard output'}: It cannot be used ({error.strerror}).")
    for stream in (sys.stdout, sys.stderr):
        _settle(stream)
    sys.exit(code)


def _run() -> str | int | None:
    """Run a command; its exit code, which is 2 where its output was not taken to the end."""
    try:
        app()
    except ScormauditError as error:
        _tell(str(error))
        return error.exit_code
    except SystemExit as end:
        if end.code == _INTERRUPTED:
            _tell("It was interrupted.")
        return 2 if isinstance(end.__context__, BrokenPipeError) else end.code
    return 0


def _tell(what: str) -> None:
    """Say it on standard error, if anybody can hear it."""
    with suppress(OSError):
        typer.echo(f"scormaudit: {what}", err=True)


def _settle(stream: TextIO | None) -> None:
    """Let go of what nobody takes: the interpreter would fail on it at its end."""
    if stream is None:
        return
    try:
        stream.flush()
    except OSError:
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
