"""Texts of a record: their length, their letters, their bytes (RTE 3-58)."""

from string import digits

from pandera.pandas import Check

from scormaudit import Edit, Row, Rule

_BYTES = 4096


def _size(text: str) -> int:
    """How many bytes a store in UTF-8 needs."""
    return len(text.encode("utf-8", "surrogatepass"))


def _unmixed(text: str) -> str | None:
    """What was written before UTF-8 was read as Latin-1, or None where that never happened.

    It may have happened more than once.
    """
    for encoding in () if text.isascii() else ("latin-1", "cp1252"):
        try:
            before = text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
        return _unmixed(before) or before
    return None


class SuspendDataLength(Rule, code="DT301"):
    """The suspend data is longer than 4096 characters.

    A run-time that keeps to the limit refuses or cuts it, and the course cannot resume.
    Nothing may be cut: half a bookmark is worse than a long one.
    """

    severity = "error"
    page = "3-33"
    element = "suspend_data"
    check = Check.str_length(0, 4096)
    good = (
        {"suspend_data": ""},
        {"suspend_data": "x" * 4096},
        {"suspend_data": "é" * 4096},
        {"suspend_data": None},
    )
    bad = ({"suspend_data": "x" * 4097},)


class StudentNameLength(Rule, code="DT302"):
    """The student name is longer than 255 characters.

    The LMS takes it from the learner's profile; a course may cut it on a certificate.
    Letters beyond ASCII are no finding here: a name is what it is.
    """

    severity = "error"
    page = "3-21"
    element = "student_name"
    check = Check.str_length(0, 255)
    good = (
        {"student_name": "Learner, Anna B."},
        {"student_name": "Nguyễn, Thị Ánh"},
        {"student_name": "x" * 255},
        {"student_name": ""},
        {"student_name": None},
    )
    bad = ({"student_name": "x" * 256},)


class LessonLocationLength(Rule, code="DT303"):
    """The lesson location is longer than 255 characters.

    A run-time that keeps to the limit refuses or cuts it, and the learner comes back to the
    wrong page. Content that keeps its whole state here should use the suspend data.
    """

    severity = "error"
    page = "3-22"
    element = "lesson_location"
    check = Check.str_length(0, 255)
    good = (
        {"lesson_location": "slide_12"},
        {"lesson_location": "x" * 255},
        {"lesson_location": "a\nb"},
        {"lesson_location": ""},
        {"lesson_location": None},
    )
    bad = ({"lesson_location": "x" * 256},)


class PreferenceLanguageLength(Rule, code="DT304"):
    """The language preference is longer than 255 characters.

    It should name a language. Codes such as `en-US` are let pass: the specification asks for
    letters, but content writes codes everywhere. Nothing is cut.
    """

    severity = "error"
    page = "3-46"
    element = "preference_language"
    check = Check.str_length(0, 255)
    good = (
        {"preference_language": "English"},
        {"preference_language": "en-US"},
        {"preference_language": ""},
        {"preference_language": None},
    )
    bad = ({"preference_language": "x" * 256},)


class LaunchDataLength(Rule, code="DT305"):
    """The launch data is longer than 4096 characters.

    It comes from the manifest of the package and is the same for every learner, so it is
    mended there.
    """

    severity = "error"
    page = "3-34"
    element = "launch_data"
    check = Check.str_length(0, 4096)
    good = (
        {"launch_data": "theme=corporate"},
        {"launch_data": "x" * 4096},
        {"launch_data": ""},
        {"launch_data": None},
    )
    bad = ({"launch_data": "x" * 4097},)


class CommentsLength(Rule, code="DT306"):
    """The comments are longer than 4096 characters.

    The data type ends at 4096. The same page tells the LMS to join what a course sets one
    after another, so a longer text may have grown from comments that were each legal: read
    it before you blame the course. Another system may cut it when the record is moved.
    """

    severity = "error"
    page = "3-35"
    element = "comments"
    check = Check.str_length(0, 4096)
    good = ({"comments": "Clear."}, {"comments": "x" * 4096}, {"comments": ""}, {"comments": None})
    bad = ({"comments": "x" * 4097},)


class CommentsFromLmsLength(Rule, code="DT307"):
    """The comments from the LMS are longer than 4096 characters.

    A course that trusts the limit shows the learner the beginning only.
    """

    severity = "error"
    page = "3-36"
    element = "comments_from_lms"
    check = Check.str_length(0, 4096)
    good = (
        {"comments_from_lms": "Well done."},
        {"comments_from_lms": "x" * 4096},
        {"comments_from_lms": ""},
        {"comments_from_lms": None},
    )
    bad = ({"comments_from_lms": "x" * 4097},)


class SuspendDataBytes(Rule, code="DT311"):
    """The suspend data fits in 4096 characters, but not in 4096 bytes.

    The specification says characters in one place and bytes in another, which is the same
    only for ASCII. A store that counts bytes cuts this text, and the course cannot resume.
    """

    severity = "info"
    page = "3-33"
    element = "suspend_data"
    glance = Check(lambda texts: texts.str.isascii())
    check = Check(lambda text: not len(text) <= _BYTES < _size(text), element_wise=True)
    good = (
        {"suspend_data": "x" * 4096},
        {"suspend_data": "é" * 2048},
        {"suspend_data": "x" * 5000},
        {"suspend_data": ""},
        {"suspend_data": None},
    )
    bad = ({"suspend_data": "é" * 2049},)


class SuspendDataAscii(Rule, code="DT312"):
    """The suspend data has characters beyond ASCII.

    The specification speaks of ASCII alone. Most stores keep other characters well; one that
    turns them into question marks makes the text unreadable for the course.
    """

    severity = "info"
    page = "3-33"
    element = "suspend_data"
    glance = Check(lambda texts: texts.str.isascii())
    check = Check(lambda text: text.isascii() or _size(text) > _BYTES, element_wise=True)
    good = (
        {"suspend_data": "a=1;b=2"},
        {"suspend_data": "x" * 5000},
        {"suspend_data": "é" * 4096},
        {"suspend_data": ""},
        {"suspend_data": None},
    )
    bad = ({"suspend_data": "name=Zoë"},)


class LessonLocationAscii(Rule, code="DT313"):
    """The lesson location has characters beyond ASCII.

    The specification speaks of ASCII alone. A store that changes such a character makes the
    bookmark point nowhere.
    """

    severity = "info"
    page = "3-22"
    element = "lesson_location"
    alike = (digits,)
    check = Check(str.isascii, element_wise=True)
    good = (
        {"lesson_location": "slide_12"},
        {"lesson_location": "/course#page=3"},
        {"lesson_location": ""},
        {"lesson_location": None},
    )
    bad = ({"lesson_location": "übung_2"},)


class LessonLocationMixed(Rule, code="DT321"):
    """The lesson location was read in the wrong character set.

    Text that reads as `Ã¼` was UTF-8 and was taken for Latin-1 somewhere on its way; the
    course looks for a page of that name and finds none. Put back together it is the one
    text that gives these characters, yet whether the course still has it a person decides.
    """

    severity = "warning"
    fix = "judgement"
    page = "3-22"
    element = "lesson_location"
    alike = (digits,)
    check = Check(lambda text: _unmixed(text) is None, element_wise=True)
    good = (
        {"lesson_location": "übung_2"},
        {"lesson_location": "Ã"},
        {"lesson_location": "naïve"},
        {"lesson_location": "slide_12"},
        {"lesson_location": None},
    )
    bad = ({"lesson_location": "Ã¼bung_2"}, {"lesson_location": "page â€“ 3"})

    @staticmethod
    def repair(row: Row) -> Edit | None:
        """The text as it was before it was misread."""
        text = _unmixed(row["lesson_location"])
        return Edit("lesson_location", text) if text else None


class StudentNameMixed(Rule, code="DT322"):
    """The student name was read in the wrong character set.

    A learner called Müller stands here as `MÃ¼ller`, and so on the certificate. The name
    comes from the learner's profile; mend it there.
    """

    severity = "warning"
    page = "3-21"
    element = "student_name"
    alike = (digits,)
    check = Check(lambda text: _unmixed(text) is None, element_wise=True)
    good = (
        {"student_name": "Müller, Jörg"},
        {"student_name": "Şahin, Gül"},
        {"student_name": "山田, 太郎"},
        {"student_name": "Learner, Anna"},
        {"student_name": None},
    )
    bad = ({"student_name": "MÃ¼ller, JÃ¶rg"},)
