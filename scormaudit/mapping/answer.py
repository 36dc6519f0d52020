"""Answers: the commas and periods of SCORM 1.2 as the delimiters of its successors, and back.

SCORM 2004 and xAPI write `[,]` between parts, `[.]` inside a pair and `[:]` inside a range.
"""

import re
from collections.abc import Callable, Mapping

from scormaudit.mapping.score import number, spelled

_ID = r"[^\s,\[\]{}]{1,250}"
_WORD = r"[^\s,.\[\]{}]{1,250}"
_LIST = re.compile(rf"{_ID}((,|\[,\]){_ID})*")
_PAIRS = re.compile(rf"{_WORD}\.{_WORD}(,{_WORD}\.{_WORD})*")
_NEW_PAIRS = re.compile(rf"{_ID}\[\.\]{_ID}(\[,\]{_ID}\[\.\]{_ID})*")
_RATING = re.compile(_ID)
_TRUTH = {"1": "true", "t": "true", "true": "true", "0": "false", "f": "false", "false": "false"}
_DELIMITERS = re.compile(r"\[[.,:]\]|\A\{(lang|case_matters|order_matters)=")
LONG = 250
"""Characters beyond which a text is a `long-fill-in`."""
_LONGEST = 4000


def translated(kind: str, text: str) -> str | None:
    """An answer to a question of this type, with today's delimiters; None where it has no meaning.

    A blank is no answer and stays blank. What SCORM 1.2 does not allow and its successors do is
    carried over: options of several letters, and delimiters that are today's already. A free
    text that has such a delimiter in it would be read as several, so it has no meaning.
    """
    if not text:
        return ""
    forward = _FORWARD.get(kind)
    return forward(text) if forward else None


def pattern(kind: str, text: str) -> str | None:
    """As `translated`, for a correct response: a number is a range from itself to itself."""
    value = translated(kind, text)
    return f"{value}[:]{value}" if kind == "numeric" and value else value


def untranslated(kind: str, text: str) -> str | None:
    """The answer in the spelling of SCORM 1.2; None where that cannot say it."""
    if not text:
        return ""
    if kind == "true-false":
        return {"true": "t", "false": "f"}.get(text)
    if kind == "numeric":
        text = text.partition("[:]")[0]
    text = text.removeprefix("[.]") if kind == "performance" else text
    text = text.replace("[,]", ",").replace("[.]", ".")
    return text if translated(kind, text) is not None else None


def _listed(text: str) -> str | None:
    return "[,]".join(re.split(r"\[,\]|,", text)) if _LIST.fullmatch(text) else None


def _chosen(text: str) -> str | None:
    return _listed(_unbraced(text))


def _matched(text: str) -> str | None:
    plain = _unbraced(text)
    if _NEW_PAIRS.fullmatch(plain):
        return plain
    joined = plain.replace(",", "[,]").replace(".", "[.]")
    return joined if _PAIRS.fullmatch(plain) else None


def _unbraced(text: str) -> str:
    return text[1:-1] if text.startswith("{") and text.endswith("}") else text


def _counted(text: str) -> str | None:
    value = number(text)
    return None if value is None else spelled(value)


def _rated(text: str) -> str | None:
    return text if _RATING.fullmatch(text) else None


def _free(text: str) -> str | None:
    return None if len(text) > _LONGEST or _DELIMITERS.search(text) else text


def _performed(text: str) -> str | None:
    return None if _free(text) is None else f"[.]{text}"


_FORWARD: Mapping[str, Callable[[str], str | None]] = {
    "true-false": _TRUTH.get,
    "choice": _chosen,
    "fill-in": _free,
    "matching": _matched,
    "performance": _performed,
    "likert": _rated,
    "sequencing": _listed,
    "numeric": _counted,
}
