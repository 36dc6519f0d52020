"""What can be found out about an LMS, a token and a way there without writing anything."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Literal

from scormaudit.cmi import SCALARS
from scormaudit.errors import (
    Interrupted,
    LmsError,
    NotFound,
    Unreachable,
    Unstable,
    WorklistError,
)
from scormaudit.lms.client import Client
from scormaudit.lms.standing import Standing
from scormaudit.lms.wire import Sco
from scormaudit.worklist import Source, Worklist, read_worklist

State = Literal["ok", "problem", "unknown"]
Settings = Mapping[str, tuple[str, str]]

_SECRET = ("token", "password", "secret")
_NAMES = (*(element.name for element in SCALARS), "cmi.objectives.0.id", "cmi.interactions.0.id")
_FEW = ("cmi.core.lesson_status",)
_MOST_SKEW = timedelta(minutes=1)
_SOON = timedelta(hours=1)
_NO_RECORD = "Nothing was read, so it could not be seen."
_GIVE = "Give a worklist whose first row is an assignment that the token may read."


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at: how it stands, what was seen, and what to do about it."""

    name: str
    state: State
    what: str
    todo: str = ""


# What no read shows; nobody has tried it on a live server yet.
UNTRIED = tuple(
    Check(name=name, state="unknown", what=what, todo=todo)
    for name, what, todo in (
        (
            "write permission",
            "Whether the token may edit is never tried: only an edit would show it.",
            "Ask for the permission Update Section Enrollments; apply stops at the first refusal.",
        ),
        (
            "times on write",
            "In which spelling session_time and total_time may be written is not documented.",
            "Apply the first such change alone; its read-back compares the durations.",
        ),
        (
            "clearing a field",
            'Whether "" or null clears a field is not documented.',
            "Expect that a field that was absent cannot be made absent again.",
        ),
        (
            "what an edit sets off",
            "Whether an edit recomputes the gradebook, certificates or mails shows in no read, "
            "nor does the history that is changed with it.",
            "Try one change on a test learner, and look at these in the LMS.",
        ),
        (
            "rate limits",
            "How many requests a second the LMS bears is not documented.",
            "Begin with few --jobs or a --rate; 429 and 503 slow a fetch down by themselves.",
        ),
        (
            "settle time",
            "How long after an edit a read still shows the old value is not documented.",
            "Leave --settle as it is for the first plan.",
        ),
    )
)


def examine(
    client: Client,
    worklist: Source | Worklist | None = None,
    *,
    settings: Settings | None = None,
) -> tuple[Check, ...]:
    """Every check, in the order in which one would look; nothing is ever written.

    The first row of `worklist` is read to see what the token may read, and how pages are
    counted. `settings` says what is in force: name, value and where it came from; the value of
    a secret is not shown. Errors of the LMS are findings here, not exceptions.
    """
    checks = [*_settings(client, settings or {}), *_standing(client)]
    if checks[-1].name == "address":
        reason = "The LMS was not reached."
        checks += [_unseen(name, reason) for name in ("clock", "token", "read permission")]
        checks += [_unseen(name, reason) for name in _OF_A_RECORD]
    else:
        checks += _reading(client, worklist)
    clear = client.redact
    return tuple(replace(c, what=clear(c.what), todo=clear(c.todo)) for c in (*checks, *UNTRIED))


def _unseen(name: str, what: str = _NO_RECORD, todo: str = "") -> Check:
    return Check(name=name, state="unknown", what=what, todo=todo)


# --- settings, address, token ------------------------------------------------------------


def _settings(client: Client, settings: Settings) -> Iterator[Check]:
    own = {"base_url": (client.base_url, ""), "timeout": (f"{client.timeout:g} seconds", "")}
    said = []
    for name, (value, origin) in {**own, **settings}.items():
        shown = value or "not set"
        if value and any(word in name.lower() for word in _SECRET):
            shown = "set"
        said.append(f"{name} is {shown}" + (f" ({origin})" if origin else ""))
    yield Check(name="settings", state="ok", what=f"{'; '.join(said)}.")


def _standing(client: Client) -> Iterator[Check]:
    """Address, clock and token from one request; the address alone where it fails."""
    try:
        standing = client.standing()
    except (Unreachable, Interrupted) as error:
        yield Check(name="address", state="problem", what=error.what, todo=error.todo)
        return
    except LmsError as error:
        yield _address(client)
        yield _unseen("clock", "The LMS did not tell its time.")
        yield _unseen("token", f"What it is worth cannot be seen: {error.what}", error.todo)
        return
    yield _address(client)
    yield _clock(standing)
    yield _token(standing)


def _address(client: Client) -> Check:
    how = (
        "over TLS, and its certificate is good"
        if client.base_url.startswith("https:")
        else "unencrypted, which is for this machine alone"
    )
    return Check(name="address", state="ok", what=f"{client.base_url} answers {how}.")


def _clock(standing: Standing) -> Check:
    if standing.skew is None:
        return _unseen("clock", "The LMS does not tell its time.")
    seconds = round(standing.skew.total_seconds())
    if abs(standing.skew) <= _MOST_SKEW:
        what = f"The clocks agree to {max(1, abs(seconds))} s."
        return Check(name="clock", state="ok", what=what)
    way = "ahead of" if seconds > 0 else "behind"
    return Check(
        name="clock",
        state="problem",
        what=f"The clock of the LMS is {abs(seconds)} s {way} this machine's.",
        todo="Set this machine's clock: ends of tokens and ages of records are told by it.",
    )


def _token(standing: Standing) -> Check:
    if standing.state == "invalid":
        return Check(
            name="token",
            state="problem",
            what="The LMS calls the token invalid.",
            todo="Set SCORMAUDIT_TOKEN anew, or SCORMAUDIT_USERNAME and SCORMAUDIT_PASSWORD.",
        )
    if standing.until is None:
        return Check(name="token", state="ok", what="The token is valid and never expires.")
    what = f"The token is valid until {standing.until:%Y-%m-%d %H:%M:%S} UTC."
    if standing.until - (datetime.now(UTC) + (standing.skew or timedelta())) < _SOON:
        todo = "Take a token that lasts longer than the work, or a user name and a password."
        return Check(name="token", state="problem", what=what, todo=todo)
    return Check(name="token", state="ok", what=what)


# --- what the first record shows ---------------------------------------------------------

Keys = tuple[str, str]


def _reading(client: Client, worklist: Source | Worklist | None) -> Iterator[Check]:
    """What the first row of the worklist shows: the permission, the elements, the pages."""
    if worklist is None:
        yield _unseen("read permission", "No worklist was given, so nothing was read.", _GIVE)
        yield from map(_unseen, _OF_A_RECORD)
        return
    try:
        known = worklist if isinstance(worklist, Worklist) else read_worklist(worklist)
    except WorklistError as error:
        what = f"{error.where}: {error.what}"
        yield Check(name="worklist", state="problem", what=what, todo=error.todo)
        yield from map(_unseen, ("read permission", *_OF_A_RECORD))
        return
    first = known.frame.iloc[0]
    keys = str(first["enrollment_id"]), str(first["assignment_id"])
    try:
        client.first_page(*keys)
        scos = client.persistently(partial(client.page, *keys, _NAMES, 1))
    except LmsError as error:
        state: State = "unknown" if isinstance(error, NotFound | Unstable) else "problem"
        yield Check(name="read permission", state=state, what=error.what, todo=error.todo)
        yield from map(_unseen, _OF_A_RECORD)
        return
    what = f"The first assignment can be read; page 1 holds {len(scos)} SCOs."
    yield Check(name="read permission", state="ok", what=what)
    for name, look in _OF_A_RECORD.items():
        try:
            yield look(name, client, keys, scos)
        except LmsError as error:
            yield _unseen(name, error.what, error.todo)


def _elements(name: str, _: Client, __: Keys, scos: list[Sco]) -> Check:
    """Which names the LMS takes; of those it fails, some only this record may lack."""
    if not scos:
        return _unseen(name, "The first assignment has no SCO.", _GIVE)
    failed = [
        element
        for element in _NAMES
        if all(sco.elements[element].state == "error" for sco in scos if element in sco.elements)
    ]
    if len(failed) == len(_NAMES):
        what = "Every element failed: the first assignment is not SCORM 1.2."
        return Check(name=name, state="unknown", what=what, todo=_GIVE)
    indexed = [element for element in failed if ".0." in element]
    if indexed == failed:
        return Check(name=name, state="ok", what="Every element of SCORM 1.2 can be read.")
    what = f"The LMS does not give {', '.join(e for e in failed if e not in indexed)}."
    todo = "Rules about these stay unknown; compare another assignment."
    return Check(name=name, state="problem", what=what, todo=todo)


def _base(name: str, client: Client, keys: Keys, _: list[Sco]) -> Check:
    """Whether pages count from 1, as in every vendor's client, or from 0."""
    first = client.first_page(*keys)
    if first is None:
        return _unseen(name, "The first assignment has no SCO.", _GIVE)
    return Check(name=name, state="ok", what=f"Pages count from {first}, and are read so.")


def _cap(name: str, client: Client, keys: Keys, scos: list[Sco]) -> Check:
    """How many SCOs a page may hold, where the record has more than that."""
    ask = partial(client.page, *keys, _FEW)
    if len(client.persistently(partial(ask, 1, per_page=1))) > 1:
        what = "The LMS gives as many SCOs as it likes, whatever is asked for."
        return Check(name=name, state="problem", what=what, todo="Fetch with care; count SCOs.")
    if scos and client.persistently(partial(ask, 2)):
        what = f"A page holds at most {len(scos)} SCOs, though more were asked for."
        return Check(name=name, state="ok", what=f"{what} Records of more are read twice.")
    what = f"It was not reached: the first assignment has {len(scos)} SCOs on one page."
    return _unseen(name, what, "Nothing; a fetch reads on to the first empty page anyway.")


_OF_A_RECORD: Mapping[str, Callable[[str, Client, Keys, list[Sco]], Check]] = {
    "elements": _elements,
    "page numbers": _base,
    "page size": _cap,
}
