"""What all commands share: the app, its options, progress, and the last line."""

import os
import shlex
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from importlib.metadata import version as version_of
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from scormaudit.errors import JournalError, ScormauditError, SettingsError
from scormaudit.privacy import open_file

if TYPE_CHECKING:
    from scormaudit.audit import Report
    from scormaudit.config import Settings
    from scormaudit.keychain import Kind
    from scormaudit.lms.client import Client
    from scormaudit.snapshot import Snapshot

ROAD = (
    "demo", "sandbox", "doctor", "fetch", "record", "audit", "report", "rules", "explain",
    "propose", "review", "approve", "apply", "undo", "journal",
    "preview", "gate", "import", "compare",
)  # fmt: skip


class _Road(TyperGroup):
    """Lists the commands in the order in which one takes them, others last."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return sorted(self.commands, key=lambda name: (*ROAD, name).index(name))


app = typer.Typer(
    cls=_Road,
    help="Audit and reviewed repair of SCORM 1.2 learner records in NexPort Campus.",
    epilog="Settings come from the environment or [tool.scormaudit] in pyproject.toml: "
    "SCORMAUDIT_BASE_URL, SCORMAUDIT_TOKEN, SCORMAUDIT_WRITE_TOKEN or SCORMAUDIT_USERNAME and "
    "SCORMAUDIT_PASSWORD, SCORMAUDIT_CA_FILE (PEM; it alone is trusted), SCORMAUDIT_TRUST_ENV "
    "(true: the environment's proxies and CA file count), SCORMAUDIT_HOME. Tokens and password "
    "may also be kept in the system's keyring; `scormaudit doctor` says what is in force.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Out = Annotated[Path, typer.Option("-o", "--out", help="Where to write; never overwritten.")]
Source = Annotated[str, typer.Argument(help="A folder, or a URL such as s3://bucket/snapshot.")]
Timeout = Annotated[float, typer.Option(min=0.1, help="Seconds to wait for an answer.")]
Codes = Annotated[list[str], typer.Option(help="Rule codes or their beginnings.")]
Rules = Annotated[Path | None, typer.Option(help="A folder of rules beside the shipped ones.")]
JournalFile = Annotated[Path | None, typer.Option(help="Default: one for each LMS, in the home.")]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"scormaudit {version_of('scormaudit')}")
        raise typer.Exit


@app.callback()
def scormaudit(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show it and exit."),
    ] = False,
) -> None:
    """What stands before the command."""


def audited(
    snapshot: "Snapshot",
    select: list[str],
    ignore: list[str],
    rules: Path | None,
    client: Any = None,
) -> "Report":
    """Audit by options as they were typed, and by the settings where there are none; with
    `client` on its cluster."""
    from scormaudit.audit import audit as judged
    from scormaudit.config import judging

    return judged(snapshot, **judging(chosen(select, ignore, rules)), client=client)


def chosen(select: list[str], ignore: list[str], rules: Path | None) -> "Settings":
    """The settings with the options; a `--select` also sets aside the settings' `ignore`."""
    from scormaudit.config import read_settings

    wanted = selected(select) or None
    unwanted = split(ignore) or (() if wanted else None)
    return read_settings(select=wanted, ignore=unwanted, rules=rules)


def connect(settings: "Settings", timeout: float, **pace: Any) -> "Client":
    """A client by token, or else by username and password; SettingsError names what is missing."""
    from scormaudit.lms.client import Client

    settings = with_keyring(settings)
    options = {
        "write_token": settings.write_token,
        "timeout": timeout,
        "ca_file": settings.ca_file,
        "trust_env": settings.trust_env,
        **pace,
    }
    if settings.token:
        return Client(settings.base_url, settings.token, **options)
    assert settings.password is not None
    return Client.login(settings.base_url, settings.username, settings.password, **options)


def with_keyring(settings: "Settings") -> "Settings":
    """The settings with the secrets that only the keyring has.

    SettingsError where no LMS is named, or where nothing is there to sign in with. A keyring
    that is refused matters in that case alone.
    """
    from scormaudit.lms.connection import checked_url

    if not settings.base_url:
        raise SettingsError(
            "No LMS is named.", todo="Set SCORMAUDIT_BASE_URL, or try `scormaudit sandbox`."
        )
    url = checked_url(settings.base_url)
    if not (settings.token or (settings.username and settings.password)):
        settings = _signing_in(settings, url)
    if not settings.write_token:
        with suppress(SettingsError):
            settings = _kept(settings, url, "write_token")
    return settings


def _signing_in(settings: "Settings", url: str) -> "Settings":
    """The settings with a token or a password of the keyring."""
    from scormaudit.keychain import command

    what = "There is no token."
    instead = f"Or keep it in the system's keyring: {command(url, 'token')}"
    try:
        settings = _kept(settings, url, "token")
        if settings.username and not settings.token:
            settings = _kept(settings, url, "password")
    except SettingsError as error:
        what, instead = f"{what} {error.what}", error.todo
    if settings.token or (settings.username and settings.password):
        return settings
    raise SettingsError(
        what,
        todo=f"Set SCORMAUDIT_TOKEN, or SCORMAUDIT_USERNAME and SCORMAUDIT_PASSWORD. {instead}",
    )


def _kept(settings: "Settings", url: str, kind: "Kind") -> "Settings":
    from scormaudit.keychain import kept

    return settings.model_copy(update={kind: kept(url, kind)})


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


def selected(values: list[str]) -> tuple[str, ...]:
    """As `split`; one that names nothing, as an empty variable does, is not all rules."""
    words = split(values)
    if values and not words:
        raise typer.BadParameter("--select names no rule.")
    return words


def save(path: Path, text: str) -> None:
    """Write an answer to a file that the user named, for the user alone."""
    try:
        with os.fdopen(open_file(path), "wb") as stream:
            stream.write(text.encode(errors="replace"))
    except OSError as error:
        raise ScormauditError(
            f"It cannot be written ({error.strerror}).", where=str(path)
        ) from None


def is_export(path: Path) -> bool:
    """Whether a file is an export of a journal; what cannot be read is none."""
    try:
        with path.open("rb") as stream:
            return stream.read(1) == b"{"
    except OSError:
        return False


def no_export(path: Path) -> Path:
    """The path of a journal; JournalError where an export of one is there in its place."""
    if is_export(path):
        raise JournalError(
            "This is an export of a journal, and the journal itself is needed.",
            where=str(path),
            todo="`apply` names it in its last lines; an export is for `scormaudit journal` only.",
        )
    return path


def typed(command: str, *words: object, note: str = "") -> str:
    """A command as one types it: its words quoted where a shell needs it, and a note behind."""
    line = shlex.join(["scormaudit", command, *map(str, words)])
    return f"{line}    # {note}" if note else line


def then(*commands: str) -> None:
    """End with what to do next: commands that `typed` has made fit to be copied."""
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
