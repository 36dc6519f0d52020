"""Defects of words and other texts: vocabularies, lengths, letters, the inside of suspend data."""

import json
from random import Random

from scormaudit.sandbox.attempt import Sco
from scormaudit.sandbox.defect import (
    CREDIT,
    DATA,
    EXIT,
    LEFT,
    LOCATION,
    STATUS,
    Changes,
    Defect,
    misspelt,
    one_of,
    overlong,
    value,
)
from scormaudit.sandbox.record import FINISHED, Kind

NAME, STUDENT = "cmi.core.student_name", "cmi.core.student_id"
LANGUAGE, LAUNCH = "cmi.student_preference.language", "cmi.launch_data"
COMMENTS, FROM_LMS = "cmi.comments", "cmi.comments_from_lms"
ACTION = "cmi.student_data.time_limit_action"
LETTERS = {"passed": ("p",), "completed": ("c",), "failed": ("f",), "incomplete": ("i",)}
CREDITS = {"credit": ("Credit", "true"), "no-credit": ("no credit",)}
ACTIONS = ("exit, message", "exit,no_message", "continue")
WITH_DATA = (*FINISHED, Kind.SUSPENDED, Kind.RESUMED)


def _misread(text: str) -> str:
    """UTF-8, taken for Latin-1."""
    return text.encode().decode("latin-1")


def _name_misread(sco: Sco, _: Random) -> Changes | None:
    name = value(sco, NAME)
    return None if name.isascii() else {NAME: _misread(name)}


def _location_misread(_: Sco, random: Random) -> Changes | None:
    return {LOCATION: _misread(f"{random.choice(('übung', 'página'))}_{random.randint(2, 60)}")}


def _student_id_illegal(sco: Sco, random: Random) -> Changes | None:
    plain = value(sco, STUDENT)
    spellings = (plain.replace("-", "."), plain.replace("-", " "), f"{plain}@example.org")
    return {STUDENT: random.choice(spellings)}


def _state(random: Random, pages: int) -> str:
    """What a course that keeps JSON writes."""
    seen = [random.randint(1, 99) for _ in range(pages)]
    return json.dumps({"page": random.randint(1, 99), "note": "half-way", "seen": seen})


def _suspend_data_cut(_: Sco, random: Random) -> Changes | None:
    """At the limit of a store, or wherever the connection broke."""
    return {DATA: _state(random, 2000)[: random.choice((255, 1024, 4096))]}


def _suspend_data_escaped(_: Sco, random: Random) -> Changes | None:
    return {DATA: _state(random, 9).replace('"', random.choice(("&quot;", '\\"')))}


def _suspend_data_full(_: Sco, random: Random) -> Changes | None:
    """No telling whether it ends there by chance."""
    letters = random.choices("abcdefghijklm0123456789;=", k=4096)
    return {DATA: "".join(letters)}


def _suspend_data_not_ascii(_: Sco, random: Random) -> Changes | None:
    return {DATA: f"name=Zoë;page={random.randint(2, 60)}"}


TEXTS = (
    Defect("exit-misspelt", EXIT, FINISHED, one_of(EXIT, "normal", "normal", "time out", "resume")),
    Defect(
        "credit-misspelt", CREDIT, (*FINISHED, Kind.BROWSED, Kind.REVIEWED),
        misspelt(CREDIT, CREDITS),
    ),
    Defect("status-abbreviated", STATUS, LEFT, misspelt(STATUS, LETTERS)),
    Defect("status-of-2004", STATUS, FINISHED, one_of(STATUS, "unknown")),
    Defect("time-limit-action-misspelt", ACTION, (*Kind,), one_of(ACTION, *ACTIONS)),
    Defect("location-misread", LOCATION, LEFT, _location_misread),
    Defect("student-name-misread", NAME, (*Kind,), _name_misread),
    Defect("student-id-illegal", STUDENT, (*Kind,), _student_id_illegal),
    Defect("suspend-data-cut", DATA, WITH_DATA, _suspend_data_cut),
    Defect("suspend-data-escaped", DATA, WITH_DATA, _suspend_data_escaped),
    Defect("suspend-data-full", DATA, WITH_DATA, _suspend_data_full),
    Defect("suspend-data-not-ascii", DATA, WITH_DATA, _suspend_data_not_ascii),
    Defect("student-name-too-long", NAME, (*Kind,), overlong(NAME, 255, "von und zu ")),
    Defect("location-too-long", LOCATION, LEFT, overlong(LOCATION, 255, "/unit/page")),
    Defect("language-too-long", LANGUAGE, LEFT, overlong(LANGUAGE, 255, "English ")),
    Defect("launch-data-too-long", LAUNCH, (*Kind,), overlong(LAUNCH, 4096, "theme=corporate;")),
    Defect("comments-too-long", COMMENTS, FINISHED, overlong(COMMENTS, 4096, "Very clear. ")),
    Defect("lms-comments-too-long", FROM_LMS, (*Kind,), overlong(FROM_LMS, 4096, "See me. ")),
)  # fmt: skip
