"""One entry of a journal, the chain that holds it, and what of it a stranger may see."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from scormaudit.errors import JournalError, PlanError
from scormaudit.plan import Change, canonical, digest

FORMAT = "scormaudit-journal-1"
Kind = Literal["open", "run", "intent", "outcome", "result"]
COLUMNS = (
    "seq", "kind", "at", "plan", "change", "write_key", "closes", "body", "previous", "hash",
)  # fmt: skip
_CHANGE = TypeAdapter(Change)
_SHOWN = ("format", "target", "outcome", "state")
RESTORE = "Keep the file as it is and restore the journal from a backup."


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of the journal; `closes` is the seq of the intent that a result ends.

    `body` is canonical JSON with learners' values, or, where they were taken out, what is left.
    """

    seq: int
    kind: Kind
    at: str
    plan: str
    change: str
    write_key: str
    closes: int | None
    body: str = field(repr=False)
    previous: str
    hash: str

    def content(self) -> dict[str, Any]:
        """The body as it was written."""
        content: dict[str, Any] = json.loads(self.body)
        return content

    def intended(self) -> Change:
        """The change that an intent is about."""
        try:
            return _CHANGE.validate_json(canonical(self.content()["change"]))
        except (ValidationError, KeyError, ValueError):
            raise JournalError(f"Entry {self.seq} holds no change.") from None

    @property
    def is_whole(self) -> bool:
        """Whether the body still holds everything that was written."""
        return "salt" in self.content()


def redacted(entry: Entry) -> Entry:
    """The entry without learners' values, ids to read by, labels and free text.

    What is left is what its hash is over: the shown words and a digest of the whole body, whose
    salt, a secret of the journal, keeps short values from being guessed. The write key stays,
    so that a stranger can see that nothing was sent twice.
    """
    content = entry.content()
    if "salt" not in content:
        return entry
    shown = {name: content[name] for name in _SHOWN if name in content}
    if change := content.get("change"):
        shown["kind"], shown["rules"] = change["kind"], change["rules"]
        shown["fields"] = [op["field"] for op in change["ops"]]
    left = {**shown, "sealed": digest("body", entry.body)}
    return replace(entry, body=canonical(left).decode())


def hash_of(entry: Entry) -> str:
    """What the entry's `hash` must be; the entry after it names it as `previous`."""
    bare = redacted(entry)
    values = (getattr(bare, name) for name in COLUMNS[:-1])
    return digest("entry", ["" if value is None else str(value) for value in values])


def verified(entries: list[Entry], path: Path | str) -> list[Entry]:
    """The entries, if each follows from the one before; JournalError names the first that fails.

    That none was cut off at the end, only `holds` can show.
    """
    intents: dict[int, Entry] = {}
    previous = ""
    for number, entry in enumerate(entries, start=1):
        if not _is_intact(entry, number, previous) or not _fits(entry, intents):
            raise JournalError(
                f"Entry {number} is not as it was written.", where=str(path), todo=RESTORE
            )
        previous = entry.hash
    if not entries or entries[0].content().get("format") != FORMAT:
        raise JournalError(f"This is not a journal of format {FORMAT}.", where=str(path))
    return entries


def holds(entries: Iterable[Entry], head: str) -> bool:
    """Whether the journal still holds everything up to `head`; an empty head asks for nothing."""
    return not head or any(entry.hash == head for entry in entries)


def need_head(entries: Iterable[Entry], head: str, path: Path) -> None:
    """JournalError where the journal does not hold everything up to `head`."""
    if not holds(entries, head):
        raise JournalError(
            "The journal lacks entries that the plan knows of.",
            where=str(path),
            todo="Find the whole journal, and name it with --journal if it is not in its place.",
        )


def exported(entries: Iterable[Entry]) -> str:
    """Every entry as one line of canonical JSON."""
    return "".join(_line(entry) for entry in entries)


def read_export(path: Path | str) -> list[Entry]:
    """The entries of an export, the chain checked; JournalError names the first broken line."""
    try:
        lines = Path(path).read_bytes().splitlines(keepends=True)
    except OSError as error:
        raise JournalError(f"It cannot be read ({error.strerror}).", where=str(path)) from None
    return verified([_parsed(n, line, path) for n, line in enumerate(lines, start=1)], path)


def _is_intact(entry: Entry, number: int, previous: str) -> bool:
    try:
        return (entry.seq, entry.previous, entry.hash) == (number, previous, hash_of(entry))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, PlanError):
        return False


def _fits(entry: Entry, intents: dict[int, Entry]) -> bool:
    """Whether an intent is the only open one of its SCO, and a result closes its own intent."""
    if entry.kind == "intent":
        is_first = all(entry.write_key != intent.write_key for intent in intents.values())
        intents[entry.seq] = entry
        return is_first and entry.closes is None
    if entry.closes is None:
        return True
    intent = intents.pop(entry.closes, None)
    return intent is not None and entry.kind == "result" and (
        (intent.plan, intent.change, intent.write_key)
        == (entry.plan, entry.change, entry.write_key)
    )  # fmt: skip


def _line(entry: Entry) -> str:
    texts = {name: getattr(entry, name) for name in COLUMNS}
    texts = {name: "" if value is None else str(value) for name, value in texts.items()}
    return canonical({**texts, "body": entry.content()}).decode() + "\n"


def _parsed(number: int, line: bytes, path: Path | str) -> Entry:
    try:
        texts = json.loads(line)
        entry = Entry(
            **texts
            | {
                "seq": int(texts["seq"]),
                "closes": int(texts["closes"]) if texts["closes"] else None,
                "body": canonical(texts["body"]).decode(),
            }
        )
        if line == _line(entry).encode():
            return entry
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, PlanError):
        pass
    raise JournalError(f"Line {number} is not as it was exported.", where=str(path))
