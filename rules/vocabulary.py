"""Words that SCORM 1.2 fixes: exact, case-sensitive members of a list (RTE 3-15)."""

from pandera.pandas import Check

from scormaudit import VOCABULARY, Edit, Row, Rule

_STATUS = {"complete": "completed", "pass": "passed", "fail": "failed"}
_ENTRY = {"ab-inito": "ab-initio", "ab initio": "ab-initio", "ab_initio": "ab-initio"}


def _word(text: str, words: tuple[str, ...], synonyms: dict[str, str]) -> str | None:
    """The legal word that differs from `text` in case or outer blanks, or is its synonym."""
    plain = text.strip().lower()
    plain = synonyms.get(plain, plain)
    return plain if plain in words and plain else None


class LessonStatusWord(Rule, code="VO101"):
    """The lesson status is none of the six words.

    A run-time that meets another word treats the attempt as it likes: some drop the status,
    some refuse the launch. A word that differs in case, in outer blanks or as a common
    short form names one status beyond doubt; a person decides all the same, because writing
    `completed` puts the course in review mode and ends further writes by it.
    """

    severity = "error"
    fix = "judgement"
    page = "3-24"
    element = "lesson_status"
    check = Check.isin(VOCABULARY["lesson_status"])
    good = ({"lesson_status": "not attempted"}, {"lesson_status": None})
    bad = (
        {"lesson_status": "Completed"},
        {"lesson_status": "passed "},
        {"lesson_status": "complete"},
        {"lesson_status": "done"},
        {"lesson_status": ""},
    )

    @staticmethod
    def repair(row: Row) -> Edit | None:
        """The one status that the word stands for."""
        word = _word(row["lesson_status"], VOCABULARY["lesson_status"], _STATUS)
        return Edit("lesson_status", word) if word else None


class EntryWord(Rule, code="VO102"):
    """The entry is neither `ab-initio` nor `resume` nor blank.

    The specification itself misprints `ab-inito`, and content copies it. A course that
    compares the word exactly then starts a returning learner from the beginning.
    """

    severity = "error"
    fix = "safe"
    page = "3-26"
    element = "entry"
    check = Check.isin(VOCABULARY["entry"])
    good = ({"entry": "ab-initio"}, {"entry": "resume"}, {"entry": ""})
    bad = ({"entry": "ab-inito"}, {"entry": "Resume"}, {"entry": "continue"})

    @staticmethod
    def repair(row: Row) -> Edit | None:
        """The misprint mended, or the word in lower case."""
        word = _word(row["entry"], VOCABULARY["entry"], _ENTRY)
        return Edit("entry", word) if word else None


class LessonModeWord(Rule, code="VO103"):
    """The lesson mode is neither `normal` nor `review` nor `browse`.

    A course takes a word it does not know for `normal`, so a reviewer's visit may be
    recorded as an attempt.
    """

    severity = "error"
    fix = "safe"
    page = "3-30"
    element = "lesson_mode"
    check = Check.isin(VOCABULARY["lesson_mode"])
    good = ({"lesson_mode": "normal"}, {"lesson_mode": None})
    bad = ({"lesson_mode": "Normal"}, {"lesson_mode": "exam"})

    @staticmethod
    def repair(row: Row) -> Edit | None:
        """The word in lower case and without outer blanks."""
        word = _word(row["lesson_mode"], VOCABULARY["lesson_mode"], {})
        return Edit("lesson_mode", word) if word else None
