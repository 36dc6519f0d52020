"""What does not come through a translation, by kind and without learners' values."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["unread", "illegal", "no place", "no word", "no date", "too long", "changed"]

KINDS: dict[Kind, str] = {
    "unread": "the LMS did not give it out, so nobody knows what it holds",
    "illegal": "SCORM 1.2 does not allow it, so it has no meaning to carry over",
    "no place": "the target has no element for it",
    "no word": "the target has an element, and no value of this meaning",
    "no date": "the target wants a date, and the record has none for it",
    "too long": "longer than every system of the target has to keep; written whole",
    "changed": "the target will say something else",
}


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing lost from one element of a record; `what` never quotes the learner."""

    element: str
    kind: Kind
    what: str


class Losses(list[Loss]):
    """The losses of one record, as they are found."""

    def add(self, element: str, kind: Kind, what: str) -> None:
        """One more."""
        self.append(Loss(element, kind, what))
