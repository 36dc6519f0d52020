"""When a run must hold back: a record in use, an approval withdrawn, a full disk, much trouble."""

import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from scormaudit.comparison import compared
from scormaudit.errors import ApprovalError, SafetyStop
from scormaudit.journal import State
from scormaudit.lms.wire import Sco, instant
from scormaudit.plan import Change

_ROOM = 32 << 20
_OFTEN = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How fast a run goes, and when it stops.

    `settle` and `pause` are seconds, `quiet_hours` is how long a record must have been left
    alone (None: as it was when planned), `troubles` is how many conflicts, rejections and
    failed reads are borne.
    """

    settle: float
    pause: float
    troubles: int
    quiet_hours: float | None

    def judged(self, change: Change, sco: Sco | str) -> tuple[State | None, str]:
        """Why a change must not be sent now, if so: the record, or that somebody is at it."""
        state, detail = compared(change, sco)
        if state is not None or isinstance(sco, str) or self.quiet_hours is None:
            return state, detail
        quiet = datetime.now(UTC) - timedelta(hours=self.quiet_hours)
        dates = [instant(text or "") for text in (sco.start_date_utc, sco.exit_date_utc)]
        if any(date and date > quiet for date in dates):
            return "skipped", f"it was used within the last {self.quiet_hours:g} hours"
        return None, ""


class Consent:
    """Which changes reviewers stand by, asked of `whom` again and again while a run goes on."""

    def __init__(self, whom: Callable[[], Iterable[Change]]) -> None:
        self._whom, self._standing, self._asked = whom, frozenset[str](), 0.0

    def ask(self) -> None:
        """Hear all reviewers anew; ApprovalError as theirs."""
        self._standing = frozenset(change.hash for change in self._whom())
        self._asked = time.monotonic()

    def need(self, change: Change) -> None:
        """ApprovalError where a change is no longer approved, by an answer of ten seconds ago."""
        if time.monotonic() > self._asked + _OFTEN:
            self.ask()
        if change.hash not in self._standing:
            raise ApprovalError("An approval was withdrawn while the run went on.")


def need_room(journal: Path) -> None:
    """SafetyStop where the disk of the journal is nearly full."""
    if shutil.disk_usage(journal.parent).free < _ROOM:
        raise SafetyStop(
            f"Less than {_ROOM >> 20} MiB are free for the journal.",
            where=str(journal.parent),
            todo="Make room, then run the same command again.",
        )
