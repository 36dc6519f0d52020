"""How the engine's things show themselves in a notebook; registering it loads none of them."""

from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from scormaudit.audit import Report
    from scormaudit.notebook.static import Static
    from scormaudit.notebook.widget import Widget
    from scormaudit.plan import Plan
    from scormaudit.snapshot import Snapshot

_VIEWS = {
    "scormaudit.audit": ("Report", "show"),
    "scormaudit.plan": ("Plan", "show"),
    "scormaudit.snapshot": ("Snapshot", "show"),
    "scormaudit.applied": ("Applied", "show"),
    "scormaudit.journal": ("Journal", "show"),
    "scormaudit.gate": ("Answer", "migration"),
    "scormaudit.mapping.preview": ("Preview", "migration"),
    "scormaudit.compare": ("Comparison", "migration"),
}
"""The class that shows itself, and the module here that has its view."""


def register(shell: "InteractiveShell") -> None:
    """Teach a shell to show what the engine makes, from snapshots to rules; twice is no harm.

    `import scormaudit` does this where IPython runs. A rule is a class, so it is shown by the
    printer of all classes, which leaves every other class as it was. An error that a user can
    meet shows its words, which say what to do, and no traceback.
    """
    from scormaudit.errors import ScormauditError

    setattr(ScormauditError, "_render_traceback_", _words)  # noqa: B010
    if shell.display_formatter is None:
        return
    formatters = shell.display_formatter.formatters
    for module, (name, room) in _VIEWS.items():
        shown = partial(_shown, room, name.lower())
        formatters["text/html"].for_type_by_name(module, name, shown)
    formatters["text/html"].for_type(type, _rule)


def review(
    plan: "Plan | Path | str",
    *,
    path: Path | str | None = None,
    snapshot: "Snapshot | Report | Path | str | None" = None,
    reviewer: str = "",
    reason: str = "",
) -> "Widget | Static":
    """The review of a plan, as a widget; a table where no widget can run.

    Each decision is appended to the plan's decisions file at once, and nothing is sent to the
    LMS. `plan` is a file or a plan; one without a file is written to `path`, or to a name made
    of its hash in the current folder. `snapshot`, or the report the plan was made of, shows the
    whole record beside a change. `reviewer` and `reason` are asked for where they are blank.
    PlanError where there is no such plan or it is of another snapshot, ApprovalError where its
    file was changed.
    """
    from scormaudit.notebook.evidence import evidence
    from scormaudit.notebook.filed import filed
    from scormaudit.notebook.sitting import Sitting
    from scormaudit.notebook.static import Static

    found = filed(plan, path)
    beside = evidence(found.plan, _snapshot(snapshot))
    sitting = Sitting(
        found.plan, found.path, beside, reviewer=reviewer, reason=reason, note=found.note
    )
    try:
        from scormaudit.notebook.widget import Widget
    except ModuleNotFoundError:
        return Static(sitting, "To decide here, install scormaudit[notebook].")
    return Widget(sitting)


def _snapshot(given: "Snapshot | Report | Path | str | None") -> "Snapshot | None":
    from scormaudit.audit import Report
    from scormaudit.snapshot import read_snapshot

    if isinstance(given, Path | str):
        return read_snapshot(given)
    return given.snapshot if isinstance(given, Report) else given


def _words(error: Exception) -> list[str]:
    """What IPython shows of an error instead of its traceback."""
    return [f"{type(error).__name__}: {error}"]


def _shown(room: str, view: str, thing: Any) -> str:
    return str(getattr(import_module(f"{__name__}.{room}"), view)(thing))


def _rule(kind: type) -> str | None:
    """The view of a rule; None, which is no view, of any other class."""
    from scormaudit.rule import Rule

    return _shown("show", "rule", kind) if issubclass(kind, Rule) and kind.code else None
