"""Words that SCORM 1.2 fixes: exact, case-sensitive members of a list (RTE 3-15)."""

from pandera.pandas import Check

from scormaudit import VOCABULARY, Edit, Row, Rule

_STATUS = {
    "complete": "completed",
    "done": "completed",
    "pass": "passed",
    "fail": "failed",
    "not_attempted": "not attempted",
    "p": "passed",
    "c": "completed",
    "f": "failed",
    "i": "incomplete",
    "b": "browsed",
    "n": "not attempted",
}
_ENTRY = {"ab-inito": "ab-initio", "ab initio": "ab-initio", "ab_initio": "ab-initio"}
_CREDIT = {"no credit": "no-credit", "no_credit": "no-credit"}


def _word(text: str, words: tuple[str, ...], synonyms: dict[str, str]) -> str | None:
    """The legal word that differs from `text` in case or outer blanks, or is its synonym."""
    plain = text.strip().lower()
    plain = synonyms.get(plain, plain)
    return plain if plain in words and plain else None


class LessonStatusWord(Rule, code="VO101"):
    """The lesson status is none of the six words.

    A run-time that meets another word treats the attempt as it likes: some drop the status,
    some refuse the launch. Case, outer blanks, `complete`, `done` and the single letters of
    AICC can be read as one status; `unknown` (SCORM 2004), `1` or `suspended` cannot. A
    person decides all the same, because writing `completed` puts the course in review mode
    and ends further writes by it.
    """

    severity = "error"
    fix = "judgement"
    page = "3-24"
    element = "lesson_status"
    check = Check.isin(VOCABULARY["lesson_status"])
    good = (
        {"lesson_status": "passed"},
        {"lesson_status": "completed"},
        {"lesson_status": "failed"},
        {"lesson_status": "incomplete"},
        {"lesson_status": "browsed"},
        {"lesson_status": "not attempted"},
        {"lesson_status": None},
    )
    bad = (
        {"lesson_status": "Completed"},
        {"lesson_status": "passed "},
        {"lesson_status": "complete"},
        {"lesson_status": "i"},
        {"lesson_status": "done"},
        {"lesson_status": "unknown"},
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
    good = ({"entry": "ab-initio"}, {"entry": "resume"}, {"entry": ""}, {"entry": None})
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
    good = (
        {"lesson_mode": "normal"},
        {"lesson_mode": "review"},
        {"lesson_mode": "browse"},
        {"lesson_mode": None},
    )
    bad = ({"lesson_mode": "Normal"}, {"lesson_mode": "exam"})

    @staticmethod
    def repair(row: Row) -> Edit | None:
        """The word in lower case and without outer blanks."""
        word = _word(row["lesson_mode"], VOCABULARY["lesson_mode"], {})
        return Edit("lesson_mode", word) if word else None


class ExitWord(Rule, code="VO104"):
    """The exit is neither `time-out` nor `suspend` nor `logout` nor blank.

    `normal` is the word of SCORM 2004, and the word that EditScormData asks for; the element
    itself spells that exit as a blank. `resume` is an early misprint of the specification
    and may have meant anything. `time-out` and `logout` cannot be written by the API, so a
    misspelling of these two is for a person to see.
    """

    severity = "error"
    fix = "safe"
    page = "3-31"
    element = "exit"
    check = Check.isin(VOCABULARY["exit"])
    good = (
        {"exit": "suspend"},
        {"exit": "time-out"},
        {"exit": "logout"},
        {"exit": ""},
        {"exit": None},
    )
    bad = ({"exit": "normal"}, {"exit": "Suspend"}, {"exit": "time out"}, {"exit": "resume"})

    @staticmethod
    def repair(row: Row) -> Edit | None:
        """A blank for `normal`, or `suspend` in lower case."""
        plain = row["exit"].strip().lower()
        words = {"normal": "", "suspend": "suspend"}
        return Edit("exit_status", words[plain]) if plain in words else None


class CreditWord(Rule, code="VO105"):
    """The credit is neither `credit` nor `no-credit`.

    `no credit` is the spelling of SCORM 1.0. A course or a report that compares the word
    exactly takes an attempt without credit for one with it. `true` and `false` belong to the
    field of the API and not to the element: how they came here is unknown, so a person looks.
    """

    severity = "error"
    fix = "safe"
    page = "3-23"
    element = "credit"
    check = Check.isin(VOCABULARY["credit"])
    good = ({"credit": "credit"}, {"credit": "no-credit"}, {"credit": None})
    bad = ({"credit": "no credit"}, {"credit": "Credit"}, {"credit": "true"})

    @staticmethod
    def repair(row: Row) -> Edit | None:
        """The old spelling in today's, or the word in lower case."""
        word = _word(row["credit"], VOCABULARY["credit"], _CREDIT)
        return Edit("for_credit", word) if word else None


class TimeLimitActionWord(Rule, code="VO106"):
    """The time limit action is none of the four phrases.

    The comma stands without a blank and `no message` with one: `exit, message` and
    `exit,no_message` are both wrong. The phrase comes from the manifest of the package, so
    it is mended there. A blank is what most systems store where the manifest has none.
    """

    severity = "error"
    page = "3-44"
    element = "time_limit_action"
    check = Check.isin((*VOCABULARY["time_limit_action"], ""))
    good = (
        {"time_limit_action": "exit,message"},
        {"time_limit_action": "exit,no message"},
        {"time_limit_action": "continue,message"},
        {"time_limit_action": "continue,no message"},
        {"time_limit_action": ""},
        {"time_limit_action": None},
    )
    bad = (
        {"time_limit_action": "exit, message"},
        {"time_limit_action": "exit,no_message"},
        {"time_limit_action": "Exit,message"},
    )
