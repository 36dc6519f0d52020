"""The review where nobody can click: the plan as a table, and where to decide instead."""

from dataclasses import dataclass

from scormaudit.errors import ScormauditError
from scormaudit.notebook import show
from scormaudit.notebook.sitting import Sitting
from scormaudit.report.markup import text


@dataclass(frozen=True, slots=True)
class Static:
    """A review that shows itself as a table; `why` says why it is no widget."""

    sitting: Sitting
    why: str

    def _repr_html_(self) -> str:
        return page(self.sitting, self.why)

    def __repr__(self) -> str:
        return sentence(self.sitting)


def page(sitting: Sitting, why: str) -> str:
    """How far the review is, the plan's own view, and the command that reviews it elsewhere."""
    command = f"<code>scormaudit review {text(str(sitting.path))}</code>"
    return (
        f"<div><p><strong>{text(_standing(sitting))}</strong> {text(why)} "
        f"In a terminal: {command}</p>{show.plan(sitting.plan)}</div>"
    )


def sentence(sitting: Sitting) -> str:
    """The review as text, with no value and no id in it."""
    return f"<Review of {len(sitting.plan)} changes: {_standing(sitting)}>"


def _standing(sitting: Sitting) -> str:
    try:
        found = sitting.found()
    except ScormauditError as error:
        return str(error)
    decided = sum(verdict.settled for verdict in found.values())
    return f"{decided} of {len(found)} decided."
