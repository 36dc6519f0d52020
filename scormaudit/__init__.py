"""Audit and reviewed repair of SCORM 1.2 learner records in NexPort Campus."""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scormaudit.answer import breaks
    from scormaudit.apply import apply
    from scormaudit.audit import audit
    from scormaudit.cmi import VOCABULARY
    from scormaudit.course import in_course
    from scormaudit.errors import ScormauditError
    from scormaudit.fetch import fetch
    from scormaudit.fixer import propose
    from scormaudit.lms.client import Client
    from scormaudit.plan import read_plan
    from scormaudit.rule import Edit, Row, Rule
    from scormaudit.schema import schema
    from scormaudit.shared import shared
    from scormaudit.snapshot import read_snapshot
    from scormaudit.timespan import centiseconds, respell

__all__ = [
    "VOCABULARY",
    "Client",
    "Edit",
    "Row",
    "Rule",
    "ScormauditError",
    "apply",
    "audit",
    "breaks",
    "centiseconds",
    "fetch",
    "in_course",
    "propose",
    "read_plan",
    "read_snapshot",
    "respell",
    "schema",
    "shared",
]

_HOME = {
    "VOCABULARY": "cmi",
    "Client": "lms.client",
    "Edit": "rule",
    "Row": "rule",
    "Rule": "rule",
    "ScormauditError": "errors",
    "apply": "apply",
    "audit": "audit",
    "breaks": "answer",
    "centiseconds": "timespan",
    "fetch": "fetch",
    "in_course": "course",
    "propose": "fixer",
    "read_plan": "plan",
    "read_snapshot": "snapshot",
    "respell": "timespan",
    "schema": "schema",
    "shared": "shared",
}


class _FrontDoor(ModuleType):
    """Loads a name when it is asked for, so that nothing heavy loads before.

    `scormaudit.audit` is both a module and the function in it; the import system would bind
    the module here, so that binding is left out and the name stays the function's.
    """

    def __getattr__(self, name: str) -> object:
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *__all__})


def _greet_notebook() -> None:
    """Inside IPython, reports and plans show themselves with no further import."""
    get_ipython = getattr(sys.modules.get("IPython"), "get_ipython", None)
    shell = get_ipython() if get_ipython else None
    if shell is not None:
        from scormaudit.notebook import register

        register(shell)


sys.modules[__name__].__class__ = _FrontDoor
_greet_notebook()
