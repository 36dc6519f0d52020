"""Who says what of which record: xAPI statements that differ in verb, object and result alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from scormaudit.lms.wire import instant
from scormaudit.mapping import iri
from scormaudit.mapping.source import Source

Statement = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """What all statements of one record have in common.

    `began` and `ended` are UTC timestamps, `""` where the record has none; an exit before the
    start belongs to an earlier session and is none. `defined` says that results are told by the
    rules of cmi5, and `mastery` is the share that passes there.
    """

    actor: Mapping[str, Any]
    activity: str
    attempt: str
    title: str
    registration: str
    began: str
    ended: str
    defined: bool = False
    mastery: float | None = None

    def say(
        self,
        verb: str,
        key: str,
        *,
        result: Mapping[str, Any] | None = None,
        about: Mapping[str, Any] | None = None,
        other: Sequence[Mapping[str, Any]] = (),
        defined: bool = False,
        at: str = "",
    ) -> Statement:
        """One statement; `key` tells it apart from the others of the record.

        `about` is an activity inside the record's own, `other` what else it has to do with.
        """
        defined = defined and self.defined
        moving = defined and verb in ("completed", "passed", "failed")
        category = [{"id": iri.SCORM}]
        category += [{"id": iri.CMI5}] if defined else []
        category += [{"id": iri.MOVE_ON}] if moving else []
        attempt = {"id": self.attempt, "definition": {"type": f"{iri.ACTIVITIES}/attempt"}}
        activities: dict[str, Any] = {"category": category, "grouping": [attempt]}
        activities |= {"parent": [{"id": self.activity}]} if about else {}
        activities |= {"other": [*other]} if other else {}
        extensions: dict[str, Any] = {iri.SESSION_ID: iri.number(self.attempt, "session")}
        if moving and verb != "completed" and self.mastery is not None:
            extensions[iri.MASTERY_SCORE] = self.mastery
        stamp = at or self.ended or self.began
        return {
            "id": iri.number(self.attempt, key),
            "actor": dict(self.actor),
            "verb": {"id": f"{iri.VERBS}/{verb}", "display": {"en": verb}},
            "object": dict(about or self._itself()),
            **({"result": dict(result)} if result else {}),
            "context": {
                "registration": self.registration,
                "contextActivities": activities,
                "extensions": extensions,
            },
            **({"timestamp": stamp} if stamp else {}),
        }

    def inside(self, folder: str, name: str, definition: Mapping[str, Any]) -> Statement:
        """An activity inside the record's own."""
        told = {"definition": dict(definition)} if definition else {}
        return {"objectType": "Activity", "id": iri.under(self.activity, folder, name), **told}

    def _itself(self) -> Statement:
        definition: dict[str, Any] = {"type": f"{iri.ACTIVITIES}/lesson"}
        definition |= {"name": {"und": self.title}} if self.title else {}
        return {"objectType": "Activity", "id": self.activity, "definition": definition}


def voice(source: Source, learner: str, home: str, *, names: bool = False) -> Voice:
    """The voice of a record; the learner is known by an id at `home`, by name only if `names`."""
    enrollment, assignment, sco = (
        str(source.row.get(name) or "") for name in ("enrollment_id", "assignment_id", "sco_id")
    )
    actor: dict[str, Any] = {
        "objectType": "Agent", "account": {"homePage": home, "name": learner},
    }  # fmt: skip
    if names and source.text("student_name"):
        actor["name"] = source.text("student_name")
    activity = iri.under(home, "scorm", assignment, sco)
    began, ended = (_stamp(source.text(f"{name}_date_utc")) for name in ("start", "exit"))
    return Voice(
        actor=actor,
        activity=activity,
        attempt=iri.under(activity, "attempts", enrollment),
        title=source.text("title"),
        registration=iri.registration(enrollment),
        began=began,
        ended=ended if ended >= began else "",
    )


def _stamp(date: str) -> str:
    """A date of the record as RFC 3339 in UTC; `""` where it is none."""
    moment = instant(date)
    if moment is None:
        return ""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
