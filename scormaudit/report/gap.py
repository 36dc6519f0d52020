"""The parts of a snapshot that cannot be read, named; of very many the first."""

from scormaudit.audit import Report
from scormaudit.report.markup import counted, visible

_NAMED = 20


def named(report: Report) -> list[str]:
    """The file of each part, and how many there are more."""
    more = len(report.lost) - _NAMED
    files = [visible(file).strip("'") for file in report.lost[:_NAMED]]
    return [*files, *([f"{counted(more, 'part')} more"] if more > 0 else [])]
