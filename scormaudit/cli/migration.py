"""Before and after a migration: compare, and import."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scormaudit.cli.shell import Codes, Out, Rules, app, audited, progress, save, split, then, typed

if TYPE_CHECKING:
    from scormaudit.compare import Comparison
    from scormaudit.imports import Imported


class Answer(StrEnum):
    """How `compare` answers."""

    terminal = "terminal"
    json = "json"
    csv = "csv"
    html = "html"


@app.command()
def compare(
    old: Annotated[str, typer.Argument(help="The snapshot before, or of the source; or a URL.")],
    new: Annotated[str, typer.Argument(help="The snapshot after, or of the target; or a URL.")],
    mapping: Annotated[
        list[Path],
        typer.Option(
            help="CSV of ids that changed, one to one: old_enrollment_id and new_enrollment_id, "
            "old_assignment_id and new_assignment_id, old_sco_id and new_sco_id, or some of these."
        ),
    ] = [],  # noqa: B006
    without: Annotated[
        list[str], typer.Option(help="Elements not compared: student_id, cmi.comments, strays …")
    ] = [],  # noqa: B006
    exact: Annotated[
        bool, typer.Option("--exact", help="Another spelling counts as a difference as well.")
    ] = False,
    findings: Annotated[
        bool, typer.Option(help="Audit both, and tell which findings appeared and vanished.")
    ] = True,
    select: Codes = [],  # noqa: B006
    ignore: Codes = [],  # noqa: B006
    rules: Rules = None,
    format: Annotated[Answer, typer.Option(help="How to answer.")] = Answer.terminal,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="A file for the answer.")] = None,
    show_values: Annotated[bool, typer.Option(help="Show what learners' records hold.")] = False,
) -> None:
    """Compare two snapshots: what is missing, what is new, and what became of every cell.

    A cell is lost, has another value, is gained, or is only spelled otherwise (timespans of one
    length, decimals of one value, words in other case or spacing).

    Exit code 0: alike, spelling apart; 1: records are missing or new, or values differ (with
    --exact: anything does); 7: a snapshot is incomplete, so nothing is proved.
    """
    from scormaudit.compare import compare as compared
    from scormaudit.snapshot import read_snapshot

    before, after = read_snapshot(old), read_snapshot(new)
    reports = None
    if findings:
        judged = [audited(snapshot, select, ignore, rules) for snapshot in (before, after)]
        reports = judged[0], judged[1]
    found = compared(before, after, mapping, without=split(without), reports=reports)
    if format is Answer.terminal and out is None:
        from scormaudit.report import compared as tables
        from scormaudit.report import terminal

        terminal.console(width=80).print(tables.overview(found))
    else:
        text = _formatted(found, format, show_values)
        if out is None:
            typer.echo(text.removesuffix("\n"))
        else:
            save(out, text)
    if format is Answer.terminal or out is not None:
        then(_next(found, old, new, format))
    raise typer.Exit(_verdict(found, exact=exact))


def _formatted(found: "Comparison", format: Answer, show_values: bool) -> str:
    from scormaudit.report import compared, compared_page, terminal

    match format:
        case Answer.json:
            return compared.as_json(found, show_values=show_values)
        case Answer.csv:
            return compared.as_csv(found, show_values=show_values)
        case Answer.html:
            return compared_page.as_html(found, show_values=show_values)
        case Answer.terminal:
            return terminal.plain(compared.overview(found))


def _next(found: "Comparison", old: str, new: str, format: Answer) -> str:
    """What to do with the answer: look closer where something differs, else audit the new one."""
    if found.same or format is Answer.html:
        return typed("audit", new)
    return typed("compare", old, new, "--format", "html", "-o", "comparison.html")


def _verdict(found: "Comparison", *, exact: bool) -> int:
    """7 where one is incomplete, 1 where they differ, else 0."""
    if not found.complete:
        return 7
    return 0 if (found.same if exact else found.alike) else 1


class Source(StrEnum):
    """Whose file `import` reads."""

    scorm_cloud = "scorm-cloud"
    moodle = "moodle"
    long = "long"


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="The file to read.")],
    source: Annotated[Source, typer.Option("--from", help="What kind of file it is.")],
    out: Out,
) -> None:
    """Turn a file of another system into a snapshot, to be audited and compared.

    scorm-cloud: registrations of SCORM Cloud or Rustici Engine (JSON), with activityDetails and
    runtime.

    moodle: SCORM tracks (CSV) with the columns userid, scormid, scoid, attempt, element, value;
    identifier, course, username and title may be there.

    long: CSV with the columns enrollment_id, assignment_id, sco_id, element, value;
    assignment_status_id and message may be there, other columns are labels.

    Rows that cannot be taken are kept in OUT-aside.csv with their number and reason, and the
    snapshot is incomplete (exit code 7). Elements beyond SCORM 1.2 are kept as strays.
    """
    from scormaudit.imports import expected, import_snapshot

    with progress("reading", expected(file, source.value)) as tick:
        done = import_snapshot(file, source.value, out, progress=tick)
    manifest = done.snapshot.manifest
    states = ", ".join(f"{number} {state}" for state, number in manifest.coverage.items())
    typer.echo(f"{_many(len(done.snapshot), 'record')} of {file.name} (assignments: {states})")
    for line in _told(done):
        typer.echo(line)
    then(typed("audit", out))
    raise typer.Exit(0 if manifest.complete else 7)


def _told(done: "Imported") -> Iterator[str]:
    """What is not in the snapshot, or is there in another way than in the file."""
    told = {
        "repeated": ("value", "said again, the same"),
        "strays": ("value", "of elements that SCORM 1.2 does not have, kept as strays"),
        "counted": ("list", "had no _count, so the items were counted"),
    }
    if done.aside:
        yield f"set aside: {_many(done.set_aside, 'row')}, in {done.aside}"
    for name, (what, words) in told.items():
        if done.tally.get(name):
            yield f"{_many(done.tally[name], what)} {words}"
    for name in sorted(set(done.tally) - set(told)):
        yield f"not taken: {done.tally[name]} x {name}"


def _many(number: int, what: str) -> str:
    from scormaudit.report.markup import counted

    return counted(number, what)
