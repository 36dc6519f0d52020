"""Rule files read for what they say of themselves, without the libraries that only checks need."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

_CHECKS = (
    "equal_to", "not_equal_to", "greater_than", "greater_than_or_equal_to", "less_than",
    "less_than_or_equal_to", "in_range", "isin", "notin", "str_matches", "str_contains",
    "str_startswith", "str_endswith", "str_length", "eq", "ne", "gt", "ge", "lt", "le",
)  # fmt: skip
_OWN = ("cmi", "course", "shared", "rule", "timespan")


class NotPlain(Exception):
    """A rule file asks for more than a name of pandas and pandera."""


class _Name:
    """Stands where a Check, a Series or a Timestamp does: it can be made, and asked nothing."""

    get_backend = None

    def __init__(self, *_: Any, **__: Any) -> None:
        pass


for _check in _CHECKS:
    setattr(_Name, _check, classmethod(lambda cls, *_, **__: cls()))


@contextmanager
def lightly() -> Iterator[None]:
    """While this lasts pandas and pandera are names that take no time to import.

    Where one of them is there already nothing is changed: nothing is to be gained. NotPlain at the
    end where a file has imported anything that may have taken a name for the library; all that is
    forgotten then.
    """
    if {"pandas", "pandera"} & {*sys.modules}:
        yield
        return
    for name in _OWN:
        import_module(f"scormaudit.{name}")
    before = {*sys.modules}
    sys.modules.update(_stand_ins())
    try:
        yield
    finally:
        new = {*sys.modules} - before
        foreign = {n for n in new if not _plain(n)}
        for name in foreign:
            del sys.modules[name]
    if foreign - {*_stand_ins()}:
        raise NotPlain


def _plain(name: str) -> bool:
    """Whether a module is a rule file, of the standard library, or one that takes no pandas."""
    first = name.partition(".")[0]
    known = first in sys.stdlib_module_names or first in ("numpy", "pyarrow")
    return known or first.startswith("scormaudit_rules_")


def _stand_ins() -> dict[str, ModuleType]:
    pandas, pandera, checks = map(ModuleType, ("pandas", "pandera", "pandera.pandas"))
    facts = {"Series": _Name, "DataFrame": _Name, "Timestamp": _Name}
    vars(pandas).update(facts)
    vars(pandera).update({"__path__": [], "pandas": checks})
    vars(checks)["Check"] = _Name
    return {module.__name__: module for module in (pandas, pandera, checks)}
