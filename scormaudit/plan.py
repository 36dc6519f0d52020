"""A plan: proposed edits in one canonical form, each bound by its hash, never changed again."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from dataclasses import field as attribute
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

from scormaudit.cmi import FIELDS, SCALARS, VOCABULARY
from scormaudit.errors import ApprovalError, PlanError
from scormaudit.lms.wire import encode
from scormaudit.policy import Policy

if TYPE_CHECKING:
    import pandas as pd

FORMAT = "scormaudit-plan-1"
CANONICAL = "canonical-1"
Class = Literal["safe", "judgement"]
Undo = Literal["exact", "lossy", "impossible"]
STRICT = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)
_MAGIC = b'{"format":"scormaudit-plan-'

_COLUMN = {element.name: element.column for element in SCALARS}
_ELEMENT = {element.column: element.name for element in SCALARS}
FIELD = {f.name: f for f in FIELDS}


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Seen:
    """An element as it was read; `text` is `""` unless the state is `value`."""

    state: Literal["value", "empty", "absent", "error"]
    text: str = attribute(default="", repr=False)


@with_config(STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Op:
    """One field of an edit: `after` is the text that `element` shall read back as."""

    field: str
    element: str
    before: Seen
    after: str = attribute(repr=False)
    undo: Undo
    undo_reason: str = ""


@with_config(STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One POST to one SCO.

    `guards` are elements that the rules relied on, `frame` the SHA-256 of every other
    writable element; both must be the same when the edit is sent, and `frame` afterwards.
    """

    enrollment_id: str
    assignment_id: str
    assignment_status_id: str
    sco_id: str
    binding: str
    ops: tuple[Op, ...]
    guards: Mapping[str, Seen] = attribute(repr=False)
    frame: Mapping[str, str] = attribute(repr=False)
    rules: tuple[str, ...]
    reasons: tuple[str, ...]
    risks: tuple[str, ...]
    kind: Class
    labels: Mapping[str, str] = attribute(repr=False)
    target: str

    @property
    def hash(self) -> str:
        """What an approval binds: everything but labels and the wording of reasons."""
        bound = asdict(self)
        for name in ("labels", "reasons", "risks", "frame", "binding"):
            del bound[name]
        return digest("change", bound)

    @property
    def write_key(self) -> str:
        """The two ids that an edit is keyed by."""
        return f"{self.assignment_status_id} {self.sco_id}"

    def fields(self) -> dict[str, str | int | float | bool]:
        """The fields of the EditScormData body but its keys."""
        return {op.field: encode(FIELD[op.field], op.after) for op in self.ops}


@with_config(STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A record that a rule could mend but the plan will not touch, and why."""

    enrollment_id: str
    assignment_id: str
    sco_id: str
    rules: tuple[str, ...]
    reason: str


@with_config(STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Proposed changes against one LMS; `target` is its base URL.

    `planner` is the account that proposed it, `journal` the head of the LMS's journal then.
    """

    target: str
    snapshot: str
    pack: str
    tool_version: str
    policy: Policy
    proposed: tuple[Change, ...]
    refused: tuple[Refusal, ...] = ()
    undoes: str = ""
    planner: str = ""
    journal: str = ""

    @property
    def hash(self) -> str:
        """The hash over everything in the plan."""
        return digest("plan", asdict(self))

    @property
    def changes(self) -> "pd.DataFrame":
        """One row a field: change, class, rules, ids, labels, field, before, after, undo."""
        import pandas as pd

        rows = [
            {
                "change": change.hash[:12],
                "class": change.kind,
                "rules": " ".join(change.rules),
                **change.labels,
                "sco_id": change.sco_id,
                "field": op.field,
                "before": op.before.text if op.before.state != "absent" else None,
                "after": op.after,
                "undo": op.undo,
            }
            for change in self.proposed
            for op in change.ops
        ]
        names = ["change", "class", "rules", "sco_id", "field", "before", "after", "undo"]
        return pd.DataFrame(rows, columns=None if rows else names)

    def __len__(self) -> int:
        return len(self.proposed)

    def __repr__(self) -> str:
        safe = sum(change.kind == "safe" for change in self.proposed)
        left = f"; {len(self.refused)} left alone" if self.refused else ""
        changes = "1 change" if len(self) == 1 else f"{len(self)} changes"
        return f"<Plan of {changes}, {safe} of them safe{left}>"


_ADAPTER = TypeAdapter(Plan)


def canonical(value: Any) -> bytes:
    """The one spelling of a value: UTF-8, sorted keys, no blanks, text only.

    Text is taken as it is, without Unicode normalisation; PlanError refuses a lone
    surrogate, which no UTF-8 can hold.
    """
    _texts_only(value)
    try:
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        raise PlanError("A text holds a lone surrogate, which cannot be stored.") from None


def digest(kind: str, value: Any) -> str:
    """SHA-256 over the kind, the canonical form's version (both length-prefixed) and the bytes."""
    head = "".join(f"{len(word)}:{word}" for word in (kind, CANONICAL))
    return hashlib.sha256(head.encode() + canonical(value)).hexdigest()


def element_of(column: str) -> str:
    """The CMI name of a column of `records`; title and dates are their own."""
    return _ELEMENT.get(column, column)


def column_of(element: str) -> str:
    """The column of `records` that holds an element."""
    return _COLUMN.get(element, element)


def fingerprint(value: Seen) -> str:
    """The digest by which a frame knows an element again without holding its text."""
    return digest("seen", asdict(value))


def seen(text: str | None) -> Seen:
    """A text column's value as a state: null is absent, since failed elements are refused."""
    if text is None:
        return Seen("absent")
    return Seen("value" if text else "empty", text)


def undo_of(field: str, before: str | None) -> tuple[Undo, str]:
    """Whether writing can restore `before`, and if not exactly, why."""
    if before is None:
        return "impossible", "an absent value cannot be made absent again"
    try:
        written = encode(FIELD[field], before)
    except ValueError as error:
        return "impossible", f"the old value cannot be written: {error}"
    kind, words = FIELD[field].kind, VOCABULARY.get(FIELD[field].column)
    if kind == "text" and words and before not in words:
        return "lossy", "not every server takes back a word that is not in its list"
    if kind in ("number", "integer", "date") and str(written).removesuffix(".0") != before:
        return "lossy", "the value comes back in another spelling"
    if kind == "text" and before == "" and field != "entry":
        return "lossy", "whether a blank can be written is not known of every server"
    return "exact", ""


def write_plan(plan: Plan, path: Path | str) -> None:
    """Write a plan to a new file; an existing one is never overwritten."""
    path = Path(path)
    content = canonical({"format": FORMAT, "hash": plan.hash, "plan": asdict(plan)})
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise PlanError(
            "There is already something of this name.",
            where=str(path),
            todo="Plans are never overwritten; choose another name.",
        ) from None
    except OSError as error:
        raise PlanError(f"It cannot be written ({error.strerror}).", where=str(path)) from None
    with os.fdopen(handle, "wb") as stream:
        stream.write(content + b"\n")
        os.fsync(stream.fileno())


def read_plan(path: Path | str) -> Plan:
    """The plan in a file; ApprovalError if one byte of it is not as it was written."""
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PlanError(f"It cannot be read ({error.strerror}).", where=str(path)) from None
    if not content.startswith(_MAGIC):
        raise PlanError(
            "This is not a plan.", where=str(path), todo="`scormaudit propose` writes one."
        )
    try:
        loaded = json.loads(content)
        plan = _ADAPTER.validate_json(canonical(loaded["plan"]))
        intact = (
            content
            == canonical({"format": FORMAT, "hash": plan.hash, "plan": asdict(plan)}) + b"\n"
        )
    except (ValueError, KeyError, TypeError, ValidationError, PlanError):
        intact = False
    if not intact:
        raise ApprovalError(
            "The plan was changed after it was written, so every approval of it is void.",
            where=str(path),
            todo="Propose a new plan.",
        )
    return plan


def _texts_only(value: Any) -> None:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _texts_only(key)
            _texts_only(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _texts_only(inner)
    elif not isinstance(value, str):
        raise PlanError(f"A plan holds text only, not {type(value).__name__}.")
