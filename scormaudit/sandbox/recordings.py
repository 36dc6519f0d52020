"""Courses that were played in a browser, served as a store holds them after LMSFinish."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from scormaudit.cmi import is_known
from scormaudit.errors import SettingsError
from scormaudit.sandbox.attempt import Attempt, Sco
from scormaudit.timespan import centiseconds

_START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def read(folder: Path) -> list[Attempt]:
    """One attempt for each JSON file, in the order of their names."""
    files = sorted(folder.glob("*.json"))
    if not files:
        raise SettingsError(
            "no recordings (*.json) here.", where=str(folder), todo="Name a folder that has some."
        )
    return [_attempt(file) for file in files]


def _attempt(file: Path) -> Attempt:
    try:
        recording = json.loads(file.read_text(encoding="utf-8"))
        cmi = _stored(recording)
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise SettingsError(
            f"not a recording ({type(fault).__name__}: {fault}).",
            where=str(file),
            todo='A recording is a JSON object with "cmi" and "after_finish".',
        ) from None
    title = file.stem.replace("_", " ")
    spent = timedelta(milliseconds=10 * (centiseconds(cmi.get("cmi.core.total_time", "")) or 0))
    sco = Sco(file.stem, title, _spell(_START), _spell(_START + spent), cmi)
    name = f"scormaudit-sandbox/recording/{file.name}"
    return Attempt(
        enrollment_id=str(uuid5(NAMESPACE_URL, f"{name}/enrollment")),
        assignment_id=str(uuid5(NAMESPACE_URL, f"{name}/assignment")),
        assignment_status_id=str(uuid5(NAMESPACE_URL, f"{name}/assignment-status")),
        learner=cmi.get("cmi.core.student_name", ""),
        course=title,
        scos=[sco],
    )


def _stored(recording: dict[str, Any]) -> dict[str, str]:
    """What the SCO left, overlaid by what the LMS made of it at LMSFinish."""
    cmi = dict(recording["cmi"]) | dict(_flat(recording["after_finish"], "cmi"))
    return {name: value for name, value in cmi.items() if is_known(name)}


def _flat(node: Any, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict | list):
        for key, child in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _flat(child, f"{name}.{key}")
    elif isinstance(node, str):
        yield name, node


def _spell(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
