"""Judging: audit, and the rules."""

import shlex
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer
from typer.core import TyperCommand

from scormaudit.cli.shell import (
    Codes,
    Rules,
    Source,
    among,
    app,
    audited,
    save,
    selected,
    split,
    then,
    typed,
)

if TYPE_CHECKING:
    from distributed import Client

    from scormaudit.audit import Report
    from scormaudit.pack import Pack


class Format(StrEnum):
    """How `audit` answers."""

    terminal = "terminal"
    json = "json"
    csv = "csv"
    junit = "junit"
    github = "github"
    html = "html"
    xlsx = "xlsx"


class Engine(StrEnum):
    """Where `audit` judges."""

    local = "local"
    dask = "dask"


@app.command()
def audit(
    snapshot: Source,
    select: Codes = [],  # noqa: B006
    ignore: Codes = [],  # noqa: B006
    rules: Rules = None,
    format: Annotated[Format, typer.Option(help="How to answer.")] = Format.terminal,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="A file for the answer.")] = None,
    show_values: Annotated[bool, typer.Option(help="Show what learners' records hold.")] = False,
    engine: Annotated[
        Engine, typer.Option(help="Judge in this process, or the parts on a cluster of Dask.")
    ] = Engine.local,
    scheduler: Annotated[
        str, typer.Option(help="Of Dask, as tcp://host:8786; without one, workers here.")
    ] = "",
) -> None:
    """Run the rules over a snapshot."""
    from scormaudit.snapshot import read_snapshot

    if format is Format.xlsx and out is None:
        raise typer.BadParameter("A workbook needs -o, a file to be written to.")
    opened = read_snapshot(snapshot)
    with _engine(engine, scheduler, len(opened.manifest.parts)) as client:
        report = audited(opened, select, ignore, rules, client)
    if format is Format.terminal and out is None:
        from scormaudit.report import terminal

        terminal.console(width=80).print(terminal.findings(report))
    elif format is Format.html and out is not None:
        from scormaudit.report.written import write_page

        again = _again("audit", snapshot, select, ignore, rules, show_values)
        command = f"{again} --format html -o {shlex.quote(str(out))}"
        write_page(report, out, show_values=show_values, command=command, new=False)
    elif format is Format.xlsx:
        from scormaudit.report import workbook, written

        assert out is not None
        written.write(out, workbook.as_workbook(report, show_values=show_values), new=False)
    else:
        text = _formatted(report, format, show_values)
        if out is None:
            typer.echo(text.removesuffix("\n"))
        else:
            save(out, text)
    if format is Format.terminal or out is not None:
        then(typed("propose", snapshot, "-o", "plan.json"))
    raise typer.Exit(_verdict(report))


@contextmanager
def _engine(engine: Engine, scheduler: str, parts: int) -> Iterator["Client | None"]:
    """The cluster that judges, nothing where this process does."""
    if scheduler and engine is Engine.local:
        raise typer.BadParameter("--scheduler needs --engine dask.")
    if engine is Engine.local:
        yield None
        return
    from scormaudit.cluster import connected

    with connected(scheduler, parts) as client:
        yield client


class _Report(TyperCommand):
    """Takes a `--clean` that nothing is named behind for the folder `sound`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        bare = [at for at, word in enumerate(args, 1) if word == "--clean"]
        for at in reversed(bare):
            if at == len(args) or args[at].startswith("-"):
                args = [*args[:at], "sound", *args[at:]]
        return super().parse_args(ctx, args)


@app.command(cls=_Report)
def report(
    snapshot: Source,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="The page to write.")] = None,
    clean: Annotated[
        Path | None,
        typer.Option(
            help="Write the records that held: a folder, or a .parquet or .csv file.  "
            "[without a name: sound]"
        ),
    ] = None,
    select: Codes = [],  # noqa: B006
    ignore: Codes = [],  # noqa: B006
    rules: Rules = None,
    show_values: Annotated[bool, typer.Option(help="Show what learners' records hold.")] = False,
) -> None:
    """Write the report of a snapshot as a page, or the records that held; overwrites nothing.

    Without -o and --clean the page is report.html. A record held if no rule of severity error or
    warning was broken in it.
    """
    from scormaudit.report.clean import refuse_kind, write_clean
    from scormaudit.report.written import refuse, write_page
    from scormaudit.snapshot import read_snapshot

    page = out or (None if clean else Path("report.html"))
    refuse(*filter(None, (page, clean)))
    if clean:
        refuse_kind(clean)
    judged = audited(read_snapshot(snapshot), select, ignore, rules)
    if page:
        again = _again("report", snapshot, select, ignore, rules, show_values)
        command = f"{again} -o {shlex.quote(str(page))}"
        for path in write_page(judged, page, show_values=show_values, command=command):
            typer.echo(f"written: {path}")
    if clean:
        held = write_clean(judged, clean)
        typer.echo(f"written: {clean}, {held} of {judged.records} records held")
    then(typed("propose", snapshot, "-o", "plan.json"))
    raise typer.Exit(_verdict(judged))


@app.command()
def rules(
    folder: Annotated[Path | None, typer.Option("--rules", help="A folder beside.")] = None,
    theme: Annotated[list[str], typer.Option(help="status, score, …: a file of rules.")] = [],  # noqa: B006
    severity: Annotated[list[str], typer.Option(help="error, warning, info.")] = [],  # noqa: B006
    fix: Annotated[list[str], typer.Option(help="safe, judgement, manual.")] = [],  # noqa: B006
    select: Codes = [],  # noqa: B006
    ignore: Codes = [],  # noqa: B006
    target: Annotated[list[str], typer.Option(help="strict, moodle, …: what it does.")] = [],  # noqa: B006
    markdown: Annotated[bool, typer.Option("--markdown", help="All of it as a page.")] = False,
) -> None:
    """List the rules; with --target those about where records are to go."""
    from scormaudit.pack import TARGETS, Pack, choose, target_of
    from scormaudit.report import catalogue, terminal
    from scormaudit.rule import Fix, Severity
    from scormaudit.rule import theme as theme_of

    targets = among("--target", target, TARGETS)
    about = targets or (TARGETS if markdown else ())
    pack = _pack(folder, targets=about, as_settings_say=not markdown)
    if targets:
        pack = Pack(tuple(rule for rule in pack.rules if target_of(rule)), pack.digest)
    themes = among("--theme", theme, sorted({theme_of(rule) for rule in pack.rules}))
    severities = among("--severity", severity, get_args(Severity))
    fixes = among("--fix", fix, get_args(Fix))
    pack = Pack(
        tuple(
            rule
            for rule in choose(pack, selected(select), split(ignore)).rules
            if (not themes or theme_of(rule) in themes)
            and (not severities or rule.severity in severities)
            and (not fixes or rule.fix in fixes)
        ),
        pack.digest,
    )
    if markdown:
        typer.echo(catalogue.as_markdown(pack), nl=False)
        return
    terminal.console(width=80).print(terminal.rules(pack.rules))
    then(typed("explain", pack.rules[0].code) if pack.rules else typed("rules"))


@app.command()
def explain(code: str, rules: Rules = None) -> None:
    """Tell one rule in full, one about a target too."""
    from scormaudit.pack import TARGETS, target_of
    from scormaudit.report import terminal

    rule = _pack(rules, targets=TARGETS)[code]
    terminal.console(width=80).print(terminal.explained(rule))
    if target := target_of(rule):
        then(typed("gate", "SNAPSHOT", "--target", target))
        return
    beside = ("--rules", rules) if rules else ()
    then(typed("audit", "SNAPSHOT", "--select", rule.code, *beside))


def _pack(
    folder: Path | None, *, targets: Iterable[str] = (), as_settings_say: bool = True
) -> "Pack":
    """The rules to tell of, with the severities of the settings unless those are left out."""
    from scormaudit.config import read_settings
    from scormaudit.pack import outlined, rated

    if not as_settings_say:
        return outlined(*([folder] if folder else []), targets=targets)
    settings = read_settings(rules=folder)
    folders = [settings.rules] if settings.rules else []
    return rated(outlined(*folders, targets=targets), settings.severity)


def _again(
    command: str,
    snapshot: str,
    select: list[str],
    ignore: list[str],
    rules: Path | None,
    show_values: bool,
) -> str:
    """The command line that audits the same again, but for what it writes."""
    words = ["scormaudit", command, snapshot]
    words += [word for codes in select for word in ("--select", codes)]
    words += [word for codes in ignore for word in ("--ignore", codes)]
    words += ["--rules", str(rules)] if rules else []
    return shlex.join([*words, *(["--show-values"] if show_values else [])])


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
        case Format.terminal | Format.xlsx:
            return terminal.plain(terminal.findings(report))


def _verdict(report: "Report") -> int:
    """2 where a rule crashed, 7 where records are missing, 1 for errors, else 0."""
    if any(result.crashed for result in report.results):
        return 2
    if not report.complete:
        return 7
    return 1 if report.count("error") else 0
