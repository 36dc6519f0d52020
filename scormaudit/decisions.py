"""The decisions file: one decision a line, each chained to the one before, none ever changed."""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from dataclasses import field as attribute
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError, with_config

from scormaudit.errors import ApprovalError, PlanError
from scormaudit.plan import STRICT, canonical, digest

if sys.platform == "win32":  # pragma: no cover
    import msvcrt
else:
    import fcntl

Meaning = Literal["approve", "reject", "defer"]
ATTRIBUTION = (
    "Reviewers' names are as they were given: without a signature they say to whom a decision is "
    "attributed, they do not prove it."
)
_PATIENCE = 10.0
_HEAD = b'{"decision":{"account":"'
_FAR = 1 << 30
_BYTES = getattr(os, "O_BINARY", 0)


@with_config(STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One line of the decisions file; `changes` are hashes, `previous` chains the lines.

    Without a signature this says who is said to have decided; it does not prove it.
    """

    at: str
    reviewer: str
    account: str
    plan: str
    changes: tuple[str, ...]
    meaning: Meaning
    reason: str
    previous: str

    @property
    def hash(self) -> str:
        """The hash that the next line names."""
        return digest("decision", asdict(self))


_ADAPTER = TypeAdapter(Decision)


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a decisions file holds: every whole decision, and the bytes of a torn last line."""

    decisions: tuple[Decision, ...] = ()
    torn: bytes = attribute(default=b"", repr=False)

    @property
    def head(self) -> str:
        """The hash that the next decision names."""
        return self.decisions[-1].hash if self.decisions else ""

    @property
    def warning(self) -> str:
        """What to tell a person about a torn last line; nothing where there is none."""
        if not self.torn:
            return ""
        return (
            f"The last line of the decisions was torn ({len(self.torn)} bytes, as a power cut "
            f"leaves it) and does not count; the {len(self.decisions)} before it are intact. "
            "The next decision sets it aside in a file; decide again what it was about."
        )


def decisions_file(plan: Path | str) -> Path:
    """Where the decisions about a plan are kept: beside it."""
    return Path(plan).with_suffix(".decisions.jsonl")


def read_decisions(file: Path) -> tuple[Decision, ...]:
    """Every whole decision in order; ApprovalError as `read_ledger`."""
    return read_ledger(file).decisions


def read_ledger(file: Path) -> Ledger:
    """Every decision, and a torn last line apart; a missing file holds none.

    ApprovalError if a byte of a whole line is not as it was written, or if what follows the
    last one is not the beginning of a line.
    """
    try:
        with _held(file, os.O_RDONLY) as handle:
            content = _content(handle)
    except FileNotFoundError:
        return Ledger()
    except OSError as error:
        raise ApprovalError(f"It cannot be read ({error.strerror}).", where=str(file)) from None
    return _ledger(content, file)


def record(file: Path, decision: Decision) -> Decision:
    """Append a decision durably, chained to the last one; what was kept.

    One process appends at a time: another waits up to ten seconds, then PlanError. A torn last
    line is first copied to a file of its own beside this one and then cut off. Where the disk
    is full the file is left as it was.
    """
    try:
        with _held(file, os.O_RDWR | os.O_CREAT | os.O_APPEND) as handle:
            content = _content(handle)
            ledger = _ledger(content, file)
            chained = replace(decision, previous=ledger.head)
            whole = len(content) - len(ledger.torn)
            if ledger.torn:
                _set_aside(file, ledger.torn)
                os.ftruncate(handle, whole)
            _append(handle, _line(chained), whole)
    except OSError as error:
        raise PlanError(
            f"The decision cannot be kept ({error.strerror}).", where=str(file)
        ) from None
    return chained


def _ledger(content: bytes, file: Path) -> Ledger:
    """The decisions in the bytes of a file."""
    *lines, torn = content.split(b"\n")
    decisions: list[Decision] = []
    previous = ""
    for number, line in enumerate(lines, start=1):
        decision = _decision(line)
        if decision is None or decision.previous != previous:
            raise _changed(number, file)
        decisions.append(decision)
        previous = decision.hash
    if torn and not _is_torn(torn):
        raise _changed(len(lines) + 1, file)
    return Ledger(tuple(decisions), torn)


def _decision(line: bytes) -> Decision | None:
    """The decision on a line, or None where one byte is not as it was written."""
    try:
        decision = _ADAPTER.validate_json(canonical(json.loads(line)["decision"]))
        return decision if _line(decision) == line + b"\n" else None
    except (ValueError, KeyError, TypeError, ValidationError, PlanError):
        return None


def _is_torn(tail: bytes) -> bool:
    """Whether these bytes can be the beginning of a line, cut off before its end.

    Some file systems leave zeros where a line was not written in time.
    """
    if _decision(tail):
        return True
    begun = tail.rstrip(b"\0")
    if any(byte < 0x20 for byte in begun) or not (_HEAD + begun[len(_HEAD) :]).startswith(begun):
        return False
    try:
        json.JSONDecoder().raw_decode(begun.decode(errors="replace"))
    except ValueError:
        return True
    return False


def _changed(number: int, file: Path) -> ApprovalError:
    return ApprovalError(
        f"Line {number} was changed after it was written, so all approvals are void.",
        where=str(file),
        todo="Keep the file as evidence, propose a new plan and review it anew.",
    )


def _line(decision: Decision) -> bytes:
    return canonical({"decision": asdict(decision), "hash": decision.hash}) + b"\n"


def _content(handle: int) -> bytes:
    os.lseek(handle, 0, os.SEEK_SET)
    with os.fdopen(handle, "rb", closefd=False) as stream:
        return stream.read()


def _append(handle: int, line: bytes, size: int) -> None:
    """Write a line at the end of a file of `size` bytes, or leave the file as it was."""
    try:
        if os.write(handle, line) != len(line):
            raise OSError(28, "No space left on device")
        os.fsync(handle)
    except OSError:
        with suppress(OSError):
            os.ftruncate(handle, size)
        raise


def _set_aside(file: Path, torn: bytes) -> None:
    """Keep a torn line as evidence: `plan.decisions.torn-1` and so on, never overwritten."""
    number = 1
    while (aside := file.with_suffix(f".torn-{number}")).exists():
        number += 1
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(torn)
        stream.flush()
        os.fsync(stream.fileno())


@contextmanager
def _held(file: Path, flags: int) -> Iterator[int]:
    """The open file, locked against other processes (readers share); closing it unlocks."""
    handle = os.open(file, flags | _BYTES, 0o600)
    try:
        until = time.monotonic() + _PATIENCE
        while not _locks(handle, shared=flags == os.O_RDONLY):
            if time.monotonic() > until:
                raise PlanError(
                    "Another process holds the decisions; nothing was decided.",
                    where=str(file),
                    todo="Wait until it has ended, then try again.",
                )
            time.sleep(0.01)
        yield handle
    finally:
        os.close(handle)


if sys.platform == "win32":  # pragma: no cover

    def _locks(handle: int, *, shared: bool) -> bool:
        """Lock one byte far behind the end, so that reading stays possible."""
        del shared
        os.lseek(handle, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

else:

    def _locks(handle: int, *, shared: bool) -> bool:
        """Lock the whole file, unless another process has."""
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
