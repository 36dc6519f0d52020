"""Defects of the interactions: their words, their times, their answers, their lists."""

from random import Random

from scormaudit.sandbox.attempt import Sco
from scormaudit.sandbox.defect import (
    SESSION,
    TOTAL,
    Changes,
    Defect,
    Plant,
    entries,
    gap,
    in_entry,
    renamed,
    twice,
    value,
)
from scormaudit.sandbox.record import FINISHED
from scormaudit.timespan import centiseconds, spell

INTERACTIONS = "cmi.interactions"
WORDS = {
    "choice": ("multiple choice", "Choice"),
    "fill-in": ("fill in the blank", "long-fill-in"),
    "performance": ("simple performance",),
    "numeric": ("other",),
}
RESULTS = {"wrong": "incorrect", "correct": "true", "neutral": "Neutral"}
FORMS = {
    "true-false": ("yes", "T"),
    "choice": ("10", "a, b", "a[,]b", "urn:scormdriver:An%20option"),
    "numeric": ("about 5", "2,5"),
    "matching": ("1[.]b[,]2[.]a", "1.b, 2.a"),
    "likert": ("Strongly_agree",),
    "sequencing": ("{a,b}", "a b c"),
}
FREE = ("fill-in", "performance")


def _emptied(sco: Sco, _: Random) -> Changes | None:
    """The first interaction as a store leaves it that begins anew with it."""
    first, *_others = entries(sco, INTERACTIONS) or [""]
    leaves = [name for name in sco.cmi if name.startswith(f"{first}.")]
    blank: Changes = {name: "" if name.count(".") == 3 else None for name in leaves}
    return blank if first else None


def _nested_gap(array: str, leaf: str) -> Plant:
    """The first entry of a list inside an interaction stands at its end instead."""

    def plant(sco: Sco, random: Random) -> Changes | None:
        lists = [f"{place}.{array}" for place in entries(sco, INTERACTIONS)]
        lists = [name for name in lists if entries(sco, name)]
        if not lists:
            return None
        name = random.choice(lists)
        end = len(entries(sco, name))
        return {f"{name}.0.{leaf}": None, f"{name}.{end}.{leaf}": value(sco, f"{name}.0.{leaf}")}

    return plant


def _id_of_driver(sco: Sco, random: Random) -> Changes | None:
    """What one authoring tool puts before every id."""
    places = entries(sco, INTERACTIONS)
    if not places:
        return None
    name = f"{random.choice(places)}.id"
    return {name: f"urn:scormdriver:{value(sco, name)}"}


def _objective_named(sco: Sco, random: Random) -> Changes | None:
    """By its title instead of its id."""
    names = [f"{place}.objectives.0.id" for place in entries(sco, INTERACTIONS)]
    names = [name for name in names if value(sco, name)]
    if not names:
        return None
    name = random.choice(names)
    return {name: f"{value(sco, name)} (part 1)"}


def _not_right(sco: Sco, types: tuple[str, ...]) -> list[str]:
    """The interactions of these types that were not answered correctly."""
    return [
        place
        for place in entries(sco, INTERACTIONS)
        if value(sco, f"{place}.type") in types and value(sco, f"{place}.result") != "correct"
    ]


def _malformed(leaf: str) -> Plant:
    """An answer or a correct response in another form than its type asks for."""

    def plant(sco: Sco, random: Random) -> Changes | None:
        places = [p for p in _not_right(sco, (*FORMS,)) if f"{p}.{leaf}" in sco.cmi]
        if not places:
            return None
        place = random.choice(places)
        return {f"{place}.{leaf}": random.choice(FORMS[value(sco, f"{place}.type")])}

    return plant


def _free_text(leaf: str) -> Plant:
    """More than 255 characters, in a question that takes any text."""

    def plant(sco: Sco, random: Random) -> Changes | None:
        places = _not_right(sco, FREE)
        return {f"{random.choice(places)}.{leaf}": "by the stairs, " * 20} if places else None

    return plant


def _type_misspelt(sco: Sco, random: Random) -> Changes | None:
    places = entries(sco, INTERACTIONS)
    names = [f"{p}.type" for p in places if value(sco, f"{p}.type") in WORDS]
    if not names:
        return None
    name = random.choice(names)
    return {name: random.choice(WORDS[value(sco, name)])}


def _result_misspelt(sco: Sco, random: Random) -> Changes | None:
    places = entries(sco, INTERACTIONS)
    if not places:
        return None
    name = f"{random.choice(places)}.result"
    return {name: RESULTS[value(sco, name)]}


def _latency_beyond_total(sco: Sco, random: Random) -> Changes | None:
    spent = max(centiseconds(value(sco, element)) or 0 for element in (TOTAL, SESSION))
    places = entries(sco, INTERACTIONS)
    return {f"{random.choice(places)}.latency": spell(spent + 60_000)} if places else None


def _in_question(leaf: str, *texts: str) -> Plant:
    return in_entry(INTERACTIONS, leaf, *texts)


PATTERN = "correct_responses.0.pattern"
QUESTIONS = (
    Defect(
        "answer-malformed", "cmi.interactions.n.student_response", FINISHED,
        _malformed("student_response"),
    ),
    Defect("question-result-misspelt", "cmi.interactions.n.result", FINISHED, _result_misspelt),
    Defect(
        "question-id-illegal", "cmi.interactions.n.id", FINISHED,
        renamed(INTERACTIONS, "Question"),
    ),
    Defect("question-id-of-driver", "cmi.interactions.n.id", FINISHED, _id_of_driver),
    Defect("question-twice", "cmi.interactions.n.id", FINISHED, twice(INTERACTIONS)),
    Defect("question-emptied", "cmi.interactions.n.id", FINISHED, _emptied),
    Defect(
        "question-objective-gap", "cmi.interactions.n.objectives.m.id", FINISHED,
        _nested_gap("objectives", "id"),
    ),
    Defect(
        "correct-response-gap", "cmi.interactions.n.correct_responses.m.pattern", FINISHED,
        _nested_gap("correct_responses", "pattern"),
    ),
    Defect("question-gap", "cmi.interactions.n.id", FINISHED, gap(INTERACTIONS)),
    Defect(
        "question-objective-illegal", "cmi.interactions.n.objectives.m.id", FINISHED,
        _objective_named,
    ),
    Defect(
        "question-time-illegal", "cmi.interactions.n.time", FINISHED,
        _in_question("time", "24:00:00", "9:05:00", "12:00:60", "2026-02-13T08:48:17.0Z"),
    ),
    Defect("question-type-misspelt", "cmi.interactions.n.type", FINISHED, _type_misspelt),
    Defect(
        "question-weighting-illegal", "cmi.interactions.n.weighting", FINISHED,
        _in_question("weighting", "0,5", "high"),
    ),
    Defect(
        "question-latency-misspelt", "cmi.interactions.n.latency", FINISHED,
        _in_question("latency", "9.84", "PT9S", "0:00:09"),
    ),
    Defect(
        "question-latency-beyond-total", "cmi.interactions.n.latency", FINISHED,
        _latency_beyond_total,
    ),
    Defect(
        "answer-too-long", "cmi.interactions.n.student_response", FINISHED,
        _free_text("student_response"),
    ),
    Defect(
        "pattern-malformed", "cmi.interactions.n.correct_responses.m.pattern", FINISHED,
        _malformed(PATTERN),
    ),
    Defect(
        "pattern-too-long", "cmi.interactions.n.correct_responses.m.pattern", FINISHED,
        _free_text(PATTERN),
    ),
)  # fmt: skip
