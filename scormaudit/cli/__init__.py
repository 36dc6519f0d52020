"""The commands; each loads what it needs when it runs, so that help is quick."""

import io
import sys

import typer

from scormaudit.cli import judging, lms, practice, repair
from scormaudit.cli.shell import app
from scormaudit.errors import ScormauditError

__all__ = ["app", "judging", "lms", "main", "practice", "repair"]


def main() -> None:
    """Run a command; an error of ours is told in words, with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        app()
    except ScormauditError as error:
        typer.echo(f"scormaudit: {error}", err=True)
        sys.exit(error.exit_code)
