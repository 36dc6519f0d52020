"""Before a move: whether it is ready, and what the target will make of the records."""

from enum import StrEnum
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Annotated

import typer

from scormaudit.cli.shell import Out, Rules, Source, app, then, typed

if TYPE_CHECKING:
    from scormaudit.gate import Answer
    from scormaudit.mapping.preview import Preview


class Target(StrEnum):
    """Where records may go."""

    strict = "strict"
    moodle = "moodle"
    scorm_cloud = "scorm-cloud"
    scorm2004 = "scorm2004"
    cmi5 = "cmi5"


class Translation(StrEnum):
    """What records may be translated into."""

    scorm2004 = "scorm2004"
    cmi5 = "cmi5"


@app.command()
def gate(
    snapshot: Source,
    target: Annotated[Target, typer.Option(help="Where the records are to go.")],
    criteria: Annotated[
        Path | None, typer.Option(help="A gate.toml; without one: all read, and no error.")
    ] = None,
    out: Annotated[
        list[Path],
        typer.Option("-o", "--out", help="A sign-off, .html or .md; never overwritten."),
    ] = [],  # noqa: B006
    report: Annotated[
        Path | None, typer.Option(help="A page of all findings; never overwritten.")
    ] = None,
    rules: Rules = None,
) -> None:
    """Say whether a snapshot is ready to move, with every reason.

    Exit code 0 is ready and 1 is not; 7 is that less was read than the criteria ask, whatever
    else was found. Settings of pyproject.toml have no say.

    Criteria are TOML: title = "…", target = "moodle", coverage = 100, no_errors = ["MDL", "ST1"]
    (or ["all"]), a table [warnings] with MDL = 0 or all = 500, and for each finding that somebody
    answers for a table [[allow]] with rule, owner, reason and until.
    """
    from scormaudit.gate import gate as judged
    from scormaudit.report import signoff
    from scormaudit.report.written import refuse, write, write_page
    from scormaudit.snapshot import read_snapshot

    for path in out:
        signoff.refuse_kind(path)
    refuse(*out, *filter(None, [report]))
    answer = judged(read_snapshot(snapshot), target.value, criteria, *filter(None, [rules]))
    _answer(answer)
    for path in out:
        write(path, signoff.written(answer, path).encode(errors="replace"))
        typer.echo(f"written: {path}")
    if report:
        command = typed("gate", snapshot, "--target", target.value, "--report", report)
        for path in write_page(answer.report, report, command=command):
            typer.echo(f"written: {path}")
    then(_next(answer, snapshot))
    raise typer.Exit(answer.exit_code)


def _answer(answer: "Answer") -> None:
    """Each criterion, and below it every reason why it is not met."""
    from scormaudit.report import signoff

    typer.echo(signoff.heading(answer))
    for line in answer.lines:
        _say(f"  {'not met' if line.reasons else 'met':<8} {line.asked}: {line.found}", 11)
        for reason in line.reasons:
            _say(f"           - {reason}", 13)
    if answer.unasked:
        _say(f"  told     {answer.unasked} that no criterion asks about", 11)
    for leave, standing in answer.standings:
        _say(
            f"  allowed  {standing.findings:,} of {leave.allowance.rule} by {leave.owner} until "
            f"{leave.allowance.until}: {standing.state}",
            11,
        )


def _say(line: str, indent: int) -> None:
    """A line, with what does not fit into 80 columns below it."""
    typer.echo(fill(line, 80, subsequent_indent=" " * indent, break_on_hyphens=False))


def _next(answer: "Answer", snapshot: str) -> str:
    """What to do with the answer."""
    if answer.exit_code == 7:
        return typed("fetch", "WORKLIST", "-o", "again", "--since", snapshot)
    worst = next((line.reasons[0] for line in answer.lines[2:] if line.reasons), "")
    if worst.partition(":")[0].isalnum():
        return typed("explain", worst.partition(":")[0])
    standards = [one.value for one in Translation]
    translated = answer.target if answer.target in standards else standards[0]
    return typed("preview", snapshot, "--target", translated, "-o", "preview")


@app.command()
def preview(
    snapshot: Source,
    target: Annotated[Translation, typer.Option(help="The standard to translate into.")],
    out: Out,
    names: Annotated[bool, typer.Option(help="Write learners' names too.")] = False,
    home: Annotated[
        str, typer.Option(help="The system of the learners' ids, as an IRI.  [the snapshot's LMS]")
    ] = "",
) -> None:
    """Translate every record as SCORM 2004 or xAPI would have it, and list every loss.

    The files hold learners' values; losses.csv and what is printed do not.
    """
    from scormaudit.mapping.iri import home_of
    from scormaudit.mapping.preview import preview as written
    from scormaudit.snapshot import read_snapshot

    if home and home_of(home) != home.rstrip("/"):
        raise typer.BadParameter("--home is an IRI, such as https://lms.example.org.")
    made = written(read_snapshot(snapshot), target.value, out, names=names, home=home)
    _tell(made, "elements" if target is Translation.scorm2004 else "statements")
    if not names:
        typer.echo("Learners' names are left out (--names writes them).")
    then(typed("gate", snapshot, "--target", target.value))


def _tell(made: "Preview", what: str) -> None:
    """The losses by kind, each with the elements that lose most, and the files."""
    from scormaudit.mapping.loss import KINDS

    total = sum(made.kinds.values())
    typer.echo(f"{made.records:,} records as {made.said:,} {what}; {total:,} losses in "
               f"{made.touched:,} records")  # fmt: skip
    for kind, number in made.kinds.most_common():
        typer.echo(f"  {number:>9,}  {kind}: {KINDS[kind]}")
        of_kind = [(e, n) for (k, e), n in made.losses.most_common() if k == kind]
        for element, count in of_kind:
            typer.echo(f"  {count:>9,}    {element}")
    for name in made.files:
        typer.echo(f"written: {made.folder / name}")
