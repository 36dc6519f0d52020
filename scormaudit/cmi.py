"""The SCORM 1.2 data model and the fields of EditScormData, as tables."""

import re
from dataclasses import dataclass
from typing import Literal

DataType = Literal[
    "CMIBlank", "CMIDecimal", "CMIFeedback", "CMIIdentifier", "CMIInteger", "CMISInteger",
    "CMIString255", "CMIString4096", "CMITime", "CMITimespan", "CMIVocabulary",
]  # fmt: skip

MODE = ("normal", "review", "browse")
STATUS = ("passed", "completed", "failed", "incomplete", "browsed", "not attempted")
EXIT = ("time-out", "suspend", "logout", "")
CREDIT = ("credit", "no-credit")
ENTRY = ("ab-initio", "resume", "")
INTERACTION = (
    "true-false", "choice", "fill-in", "matching", "performance", "likert", "sequencing", "numeric",
)  # fmt: skip
RESULT = ("correct", "wrong", "unanticipated", "neutral")
TIME_LIMIT_ACTION = ("exit,message", "exit,no message", "continue,message", "continue,no message")


@dataclass(frozen=True, slots=True)
class Element:
    """One element: `column` is its name in a table, `page` that of the SCORM 1.2 RTE.

    In `name`, `n` and `m` stand for an index.
    """

    name: str
    column: str
    type: DataType
    page: str
    vocabulary: tuple[str, ...] = ()


SCALARS = (
    Element("cmi.core.student_id", "student_id", "CMIIdentifier", "3-21"),
    Element("cmi.core.student_name", "student_name", "CMIString255", "3-21"),
    Element("cmi.core.lesson_location", "lesson_location", "CMIString255", "3-22"),
    Element("cmi.core.credit", "credit", "CMIVocabulary", "3-23", CREDIT),
    Element("cmi.core.lesson_status", "lesson_status", "CMIVocabulary", "3-24", STATUS),
    Element("cmi.core.entry", "entry", "CMIVocabulary", "3-26", ENTRY),
    Element("cmi.core.score.raw", "score_raw", "CMIDecimal", "3-27"),
    Element("cmi.core.score.max", "score_max", "CMIDecimal", "3-28"),
    Element("cmi.core.score.min", "score_min", "CMIDecimal", "3-29"),
    Element("cmi.core.total_time", "total_time", "CMITimespan", "3-29"),
    Element("cmi.core.lesson_mode", "lesson_mode", "CMIVocabulary", "3-30", MODE),
    Element("cmi.core.exit", "exit", "CMIVocabulary", "3-31", EXIT),
    Element("cmi.core.session_time", "session_time", "CMITimespan", "3-32"),
    Element("cmi.suspend_data", "suspend_data", "CMIString4096", "3-33"),
    Element("cmi.launch_data", "launch_data", "CMIString4096", "3-34"),
    Element("cmi.comments", "comments", "CMIString4096", "3-35"),
    Element("cmi.comments_from_lms", "comments_from_lms", "CMIString4096", "3-36"),
    Element("cmi.student_data.mastery_score", "mastery_score", "CMIDecimal", "3-43"),
    Element("cmi.student_data.max_time_allowed", "max_time_allowed", "CMITimespan", "3-43"),
    Element(
        "cmi.student_data.time_limit_action", "time_limit_action", "CMIVocabulary", "3-44",
        TIME_LIMIT_ACTION,
    ),
    Element("cmi.student_preference.audio", "preference_audio", "CMISInteger", "3-45"),
    Element("cmi.student_preference.language", "preference_language", "CMIString255", "3-46"),
    Element("cmi.student_preference.speed", "preference_speed", "CMISInteger", "3-46"),
    Element("cmi.student_preference.text", "preference_text", "CMISInteger", "3-47"),
    Element("cmi.objectives._count", "objectives_count", "CMIInteger", "3-37"),
    Element("cmi.interactions._count", "interactions_count", "CMIInteger", "3-48"),
)  # fmt: skip

OBJECTIVES = (
    Element("cmi.objectives.n.id", "id", "CMIIdentifier", "3-38"),
    Element("cmi.objectives.n.score.raw", "score_raw", "CMIDecimal", "3-39"),
    Element("cmi.objectives.n.score.max", "score_max", "CMIDecimal", "3-40"),
    Element("cmi.objectives.n.score.min", "score_min", "CMIDecimal", "3-40"),
    Element("cmi.objectives.n.status", "status", "CMIVocabulary", "3-41", STATUS),
)

INTERACTIONS = (
    Element("cmi.interactions.n.id", "id", "CMIIdentifier", "3-49"),
    Element("cmi.interactions.n.time", "time", "CMITime", "3-51"),
    Element("cmi.interactions.n.type", "type", "CMIVocabulary", "3-52", INTERACTION),
    Element("cmi.interactions.n.weighting", "weighting", "CMIDecimal", "3-54"),
    Element("cmi.interactions.n.student_response", "student_response", "CMIFeedback", "3-55"),
    Element("cmi.interactions.n.result", "result", "CMIVocabulary", "3-56", RESULT),
    Element("cmi.interactions.n.latency", "latency", "CMITimespan", "3-56"),
    Element("cmi.interactions.n.objectives._count", "objectives_count", "CMIInteger", "3-50"),
    Element(
        "cmi.interactions.n.correct_responses._count", "correct_responses_count", "CMIInteger",
        "3-53",
    ),
)  # fmt: skip

NESTED = (
    Element("cmi.interactions.n.objectives.m.id", "objective_ids", "CMIIdentifier", "3-50"),
    Element(
        "cmi.interactions.n.correct_responses.m.pattern", "correct_responses", "CMIFeedback",
        "3-53",
    ),
)  # fmt: skip

STRAYS = (
    "cmi.completion_status",
    "cmi.success_status",
    "cmi.score.scaled",
    "cmi.score.raw",
    "cmi.core.completion_status",
    "cmi.core.suspend_data",
    "cmi.objectives.undefined.id",
    "cmi.interactions.undefined.id",
    "cmi.interactions.NaN.id",
    "cmi.interactions.-1.id",
)
"""Names that SCORM 1.2 does not have and faulty content writes all the same."""

_NAMES = re.compile(
    "|".join(
        re.sub(r"\\\.[nm](?=\\\.)", r"\\.\\d+", re.escape(element.name))
        for element in SCALARS + OBJECTIVES + INTERACTIONS + NESTED
    ),
    re.ASCII,
)


def is_known(name: str) -> bool:
    """Whether SCORM 1.2 has an element of this name, indices included."""
    return _NAMES.fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class Field:
    """A field of EditScormData and the column that reads it back."""

    name: str
    column: str
    kind: Literal["text", "number", "integer", "date", "credit", "exit"] = "text"


FIELDS = (
    Field("title", "title"),
    Field("start_date_utc", "start_date_utc", "date"),
    Field("exit_date_utc", "exit_date_utc", "date"),
    Field("lesson_mode", "lesson_mode"),
    Field("lesson_status", "lesson_status"),
    Field("lesson_location", "lesson_location"),
    Field("exit_status", "exit", "exit"),
    Field("session_time", "session_time"),
    Field("total_time", "total_time"),
    Field("raw_score", "score_raw", "number"),
    Field("suspend_data", "suspend_data"),
    Field("entry", "entry"),
    Field("preference_language", "preference_language"),
    Field("preference_speed", "preference_speed", "integer"),
    Field("for_credit", "credit", "credit"),
)
COMPLETED = "`completed` puts the course in review mode: it can write no more."
"""The risk of writing that word into the status."""

VOCABULARY = {
    element.column: element.vocabulary
    for element in SCALARS + OBJECTIVES + INTERACTIONS
    if element.vocabulary
}
