"""What a record, read again, says about a change: nothing is believed but what it shows."""

from collections.abc import Mapping

from scormaudit.cmi import FIELDS
from scormaudit.errors import PlanError
from scormaudit.frame import ATTEMPT
from scormaudit.journal import State
from scormaudit.lms.classification import Answer, Outcome
from scormaudit.lms.wire import Sco, same
from scormaudit.plan import FIELD, Change, Seen, column_of, fingerprint

_ABSENT = Seen("absent")
_UNCHANGED: Mapping[Outcome, State] = {
    "ack": "wrong_pairing",
    "rejected": "rejected",
    "not_sent": "not_sent",
    "unknown": "not_applied",
    "busy": "deferred",
    "throttled": "deferred",
    "unauthenticated": "deferred",
}


def states_of(sco: Sco) -> dict[str, Seen]:
    """The state of every element by its column; one that failed keeps no text.

    A writable element that is not in the answer is absent.
    """
    states = {
        name: _ABSENT if text is None else Seen("value" if text else "empty", text)
        for name in ATTEMPT
        for text in [getattr(sco, name)]
    }
    for name, reading in sco.elements.items():
        states[column_of(name)] = Seen(
            reading.state, "" if reading.state == "error" else reading.text
        )
    return {f.column: _ABSENT for f in FIELDS} | states


def compared(change: Change, sco: Sco | str) -> tuple[State | None, str]:
    """Why a change must not be sent now, or None where the record is as it was planned.

    `sco` is the record, or in words why it could not be read. The second value names elements,
    never values.
    """
    if isinstance(sco, str):
        return "skipped", sco
    states = states_of(sco)
    moved = _moved(change, states)
    if _is_after(change, states) and not moved:
        return "already", ""
    differs = [op.element for op in change.ops if _now(states, op.element) != op.before]
    differs += [name for name, was in change.guards.items() if _now(states, name) != was]
    differs += moved
    if differs:
        return "conflict", f"changed since: {', '.join(dict.fromkeys(differs))}"
    return None, ""


def ended(change: Change, states: Mapping[str, Seen], answer: Answer) -> tuple[State, str]:
    """The state that a record, read back after an edit, proves; in words, what is to be told.

    Verified takes the new values and the frame; the answer counts only where nothing changed.
    """
    moved = _moved(change, states)
    if moved:
        return "frame_changed", f"changed too: {', '.join(moved)}"
    if _is_after(change, states):
        return "verified", _respelled(change, states)
    if not _is_before(change, states):
        return "conflict_after", "neither the old nor the new value"
    state = _UNCHANGED[answer.outcome]
    return state, answer.reason if state != "wrong_pairing" else "acknowledged, but not shown"


def _now(states: Mapping[str, Seen], element: str) -> Seen:
    """An element's state; one that is not in the answer is absent."""
    return states.get(column_of(element), _ABSENT)


def _is_after(change: Change, states: Mapping[str, Seen]) -> bool:
    return all(
        (now := _now(states, op.element)).state in ("value", "empty")
        and same(FIELD[op.field], op.after, now.text)
        for op in change.ops
    )


def _is_before(change: Change, states: Mapping[str, Seen]) -> bool:
    return all(_now(states, op.element) == op.before for op in change.ops)


def _moved(change: Change, states: Mapping[str, Seen]) -> list[str]:
    """Writable elements beside those of the change that are not what they were."""
    return [name for name, was in change.frame.items() if _print(_now(states, name)) != was]


def _print(now: Seen) -> str:
    """The fingerprint of an element; none where the text is one that no plan can hold."""
    try:
        return fingerprint(now)
    except PlanError:
        return ""


def _respelled(change: Change, states: Mapping[str, Seen]) -> str:
    """Which verified elements came back in another spelling than was sent."""
    names = [op.element for op in change.ops if _now(states, op.element).text != op.after]
    return f"another spelling: {', '.join(names)}" if names else ""
