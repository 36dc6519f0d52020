"""A learner's value on a page: what it looks like, and only if it is asked for what it is."""

import re
from html import escape

from scormaudit.cmi import INTERACTIONS, OBJECTIVES, SCALARS
from scormaudit.report.lettering import coded, measured

MOST = 60
_SHAPE = 24
_FREE = ("CMIString255", "CMIString4096", "CMIIdentifier", "CMIFeedback")
_PLAIN = {e.column for e in (*SCALARS, *OBJECTIVES, *INTERACTIONS) if e.type not in _FREE} | {
    "start_date_utc", "exit_date_utc", "type",
}  # fmt: skip


def bounded(text: str | None, most: int = MOST) -> str:
    """Any foreign text as HTML: nothing hidden, no longer than `most`, apart from its neighbours.

    What is longer is cut, with its length and the beginning of its digest.
    """
    words = text or ""
    if len(words) > most:
        return f"<bdi>{_cut(words, most)}</bdi> ({measured(words)})"
    return f"<bdi>{escape(coded(words))}</bdi>"


def short(id_: str | None) -> str:
    """An id as far as it is told apart, as HTML; what is no UUID is bounded."""
    words = id_ or ""
    uuid = len(words) == 36 and words.count("-") == 4
    return escape(coded(words[:8])) + "…" if uuid else bounded(words)


def told(text: str | None, column: str, *, show: bool) -> str:
    """A value as HTML: in full if `show`, otherwise whether there is one and its shape.

    Of a shape every letter is a or A and every digit 9; of free text only the length is told.
    """
    if text is None:
        return "<i>absent</i>"
    if not text:
        return "<i>empty</i>"
    if show and len(text) > MOST:
        return f"<code>'<bdi>{_cut(text, MOST)}</bdi>'</code> ({measured(text)})"
    if show:
        return f"<code>'{bounded(text)}'</code>"
    if column not in _PLAIN or len(text) > _SHAPE:
        return f"<i>{len(text):,} characters</i>" if len(text) > 1 else "<i>1 character</i>"
    return f"<code>{escape(shape(text))}</code>"


def shape(text: str) -> str:
    """Letters as a or A, digits as 9, other ASCII signs as they are, and all else as ?."""
    text = re.sub("[^\\x20-\\x7e]", "?", text)
    return re.sub("[a-z]", "a", re.sub("[A-Z]", "A", re.sub("[0-9]", "9", text)))


def _cut(text: str, most: int) -> str:
    return f"{escape(coded(text[: most // 2]))}…"
