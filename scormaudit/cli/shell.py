"""What all commands share: the app, its options, progress, and the last line."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scormaudit.errors import ScormauditError, SettingsError

if TYPE_CHECKING:
    from scormaudit.audit import Report
    from scormaudit.config import Settings
    from scormaudit.lms.client import Client
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


def audited(
    snapshot: "Snapshot", select: list[str], ignore: list[str], rules: Path | None
) -> "Report":
    """Audit by options as they were typed, and by the settings where there are none."""
    from scormaudit.audit import audit as judged
    from scormaudit.config import judging

    return judged(snapshot, **judging(chosen(select, ignore, rules)))


def chosen(select: list[str], ignore: list[str], rules: Path | None) -> "Settings":
    """The settings with the options; a `--select` also sets aside the settings' `ignore`."""
    from scormaudit.config import read_settings

    wanted = split(select) or None
    unwanted = split(ignore) or (() if wanted else None)
    return read_settings(select=wanted, ignore=unwanted, rules=rules)


def connect(settings: "Settings", timeout: float, **pace: Any) -> "Client":
    """A client by token, or else by username and password; SettingsError names what is missing."""
    from scormaudit.lms.client import Client

    if not settings.base_url:
        raise SettingsError(
            "No LMS is named.", todo="Set SCORMAUDIT_BASE_URL, or try `scormaudit sandbox`."
        )
    options = {
        "write_token": settings.write_token,
        "timeout": timeout,
        "ca_file": settings.ca_file,
        "trust_env": settings.trust_env,
        **pace,
    }
    if settings.token:
        return Client(settings.base_url, settings.token, **options)
    if settings.username and settings.password:
        return Client.login(settings.base_url, settings.username, settings.password, **options)
    raise SettingsError(
        "There is no token.",
        todo="Set SCORMAUDIT_TOKEN, or SCORMAUDIT_USERNAME and SCORMAUDIT_PASSWORD.",
    )


def among(option: str, values: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    """The words of an option, each of which must be one of `known`."""
    words, known = split(values), tuple(known)
    for word in words:
        if word not in known:
            near = get_close_matches(word, known, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"Take {', '.join(known)}."
            raise typer.BadParameter(f"{option} does not know {word!r}. {hint}")
    return words


def split(values: Iterable[str]) -> tuple[str, ...]:
    """`--select A,B --select C` is A, B and C."""
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())


def save(path: Path, text: str) -> None:
    """Write an answer to a file that the user named."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ScormauditError(
            f"It cannot be written ({error.strerror}).", where=str(path)
        ) from None


def then(*commands: str) -> None:
    """End with what to do next."""
    typer.echo("next:" + "".join(f"\n  {command}" for command in commands))


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[], Any]]:
    """A bar on a terminal, nothing elsewhere."""
    from rich.progress import Progress

    from scormaudit.report import terminal

    console = terminal.console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)
