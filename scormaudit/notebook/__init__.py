"""How the engine's things show themselves in a notebook; registering it loads none of them."""

from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_VIEWS = {
    "scormaudit.audit": "Report",
    "scormaudit.plan": "Plan",
    "scormaudit.snapshot": "Snapshot",
    "scormaudit.apply": "Applied",
}


def register(shell: "InteractiveShell") -> None:
    """Teach a shell to show reports, plans, snapshots, runs and rules; twice is no harm.

    `import scormaudit` does this where IPython runs. A rule is a class, so it is shown by the
    printer of all classes, which leaves every other class as it was.
    """
    if shell.display_formatter is None:
        return
    formatters = shell.display_formatter.formatters
    for module, name in _VIEWS.items():
        formatters["text/html"].for_type_by_name(module, name, partial(_shown, name.lower()))
    formatters["text/html"].for_type(type, _rule)


def _shown(view: str, thing: Any) -> str:
    from scormaudit.notebook import show

    return str(getattr(show, view)(thing))


def _rule(kind: type) -> str | None:
    """The view of a rule; None, which is no view, of any other class."""
    from scormaudit.rule import Rule

    return _shown("rule", kind) if issubclass(kind, Rule) and kind.code else None
