"""What can go wrong, as one tree; each error says what happened, where, and what to do.

::

    ScormauditError            exit 2
    ├── SettingsError          a setting is missing or refused
    ├── WorklistError          the worklist cannot be trusted, nothing was fetched
    ├── SnapshotError          a snapshot folder is in the way, missing or damaged
    │   └── PartError          one part of it cannot be read, the others may be
    ├── ClusterError           a Dask cluster cannot be reached or used
    ├── MappingError           a mapping of ids is not one to one
    ├── SourceError            a file of another system cannot be imported
    ├── PackError              a rule pack cannot be loaded or a code is unknown
    ├── LmsError               the LMS did not give a usable answer
    │   ├── Unreachable        no connection was made, so nothing was sent      (passing)
    │   ├── Interrupted        the connection broke, the request may have left  (passing)
    │   ├── Busy               the LMS or a proxy asks to come back later       (passing)
    │   ├── NotUnderstood      an answer that is not the documented one         (passing)
    │   ├── Refused            the LMS named a fault in the request             (ends the run)
    │   ├── Unauthenticated    the token or password was not accepted           (ends the run)
    │   ├── NotFound           the LMS does not know the ids
    │   ├── Forbidden          the token may not do this
    │   ├── Unstable           two readings of a record never agreed
    │   └── Ambiguous          one SCO id came twice
    ├── PlanError              nothing that can be planned, or not a plan
    ├── CountError             --expect differs from what was found
    ├── JournalError           a journal cannot be opened, written or believed
    ├── SafetyStop             exit 3: a safety limit stopped the run
    ├── OutcomeUnknown         exit 4: a person must look
    ├── ApprovalError          exit 5: missing, void or expired
    └── ConflictError          exit 6: records changed since they were planned
"""

from collections.abc import Mapping


class ScormauditError(Exception):
    """Base of every error a user can meet; `exit_code` is the command's exit code."""

    exit_code = 2

    def __init__(self, what: str, *, where: str = "", todo: str = "") -> None:
        super().__init__(what)
        self.what, self.where, self.todo = what, where, todo

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        todo = f" {self.todo}" if self.todo else ""
        return f"{where}{self.what}{todo}"


class SettingsError(ScormauditError):
    """A setting is missing or refused."""


class WorklistError(ScormauditError):
    """The worklist cannot be trusted; nothing was fetched."""


class SnapshotError(ScormauditError):
    """A snapshot folder is in the way, missing or damaged."""


class PartError(SnapshotError):
    """A part is missing or damaged; `file` is its name in the manifest, `rows` are by table."""

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        todo: str = "",
        file: str = "",
        rows: Mapping[str, int] | None = None,
    ) -> None:
        super().__init__(what, where=where, todo=todo)
        self.file, self.rows = file, rows or {}


class ClusterError(ScormauditError):
    """A Dask cluster cannot be reached, or cannot be used for this."""


class MappingError(ScormauditError):
    """A mapping of old ids to new ones is not one to one; nothing was compared."""


class SourceError(ScormauditError):
    """A file of another system cannot be imported; no snapshot was made."""


class PackError(ScormauditError):
    """A rule pack cannot be loaded, or a code is unknown."""


class LmsError(ScormauditError):
    """The LMS did not give a usable answer.

    `passing`: the same read may succeed when it is tried again. `ends_run`: every other record
    would meet the same. `retry_after`: the seconds the LMS asked to be left alone, if it did.
    The class says the first two unless one error says otherwise.
    """

    passing: bool = False
    ends_run: bool = False
    retry_after: float | None = None

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        todo: str = "",
        passing: bool | None = None,
        ends_run: bool | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(what, where=where, todo=todo)
        self.passing = type(self).passing if passing is None else passing
        self.ends_run = type(self).ends_run if ends_run is None else ends_run
        self.retry_after = retry_after


class Unreachable(LmsError):
    """No connection was made, so nothing was sent."""

    passing = True


class Interrupted(LmsError):
    """The connection broke after the request may have left."""

    passing = True


class Busy(LmsError):
    """The LMS or a proxy asks to come back later (HTTP 408, 425, 429, 5xx)."""

    passing = True


class NotUnderstood(LmsError):
    """An answer that is not the documented one."""

    passing = True


class Refused(LmsError):
    """The LMS named a fault in the request (HTTP 422, code 2)."""

    ends_run = True


class Unauthenticated(LmsError):
    """The token or password was not accepted (HTTP 401, code 4)."""

    ends_run = True


class NotFound(LmsError):
    """The LMS does not know the ids (HTTP 409, code 3)."""


class Forbidden(LmsError):
    """The token may not do this (HTTP 403, code 5)."""


class Unstable(LmsError):
    """Two readings of a record never agreed."""


class Ambiguous(LmsError):
    """One SCO id came twice in a record."""


class PlanError(ScormauditError):
    """Nothing that can be planned, or not a plan."""


class CountError(ScormauditError):
    """The expected count differs from what was found."""


class JournalError(ScormauditError):
    """A journal cannot be opened, written or believed."""


class SafetyStop(ScormauditError):
    """A safety limit stopped the run."""

    exit_code = 3


class OutcomeUnknown(ScormauditError):
    """A change may or may not have been made; a person must look."""

    exit_code = 4


class ApprovalError(ScormauditError):
    """An approval is missing, void or expired."""

    exit_code = 5


class ConflictError(ScormauditError):
    """Records changed since they were planned."""

    exit_code = 6
