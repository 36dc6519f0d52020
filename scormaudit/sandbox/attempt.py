"""What the sandbox serves, before it is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sco:
    """One SCO as the LMS stores it.

    `cmi` holds element names with their indices; a name that is missing, or None, is null on
    the wire.
    `errors` holds the message of each element that fails, whatever `cmi` says.
    `_count` follows from the highest index unless `cmi` has it.
    """

    sco_id: str
    title: str = ""
    start_date_utc: str | None = None
    exit_date_utc: str | None = None
    cmi: Mapping[str, str | None] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    scorm2004: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """One learner's work on one assignment: the read key, the write key and the SCOs."""

    enrollment_id: str
    assignment_id: str
    assignment_status_id: str
    learner: str = ""
    course: str = ""
    scos: Sequence[Sco] = ()


@dataclass(frozen=True, slots=True)
class Label:
    """The one thing that is wrong with a seeded record."""

    enrollment_id: str
    assignment_id: str
    sco_id: str
    element: str
    defect: str
