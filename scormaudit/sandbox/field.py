"""One element of an answer: a value, nothing, or an error."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from scormaudit.cmi import is_known

NOT_IMPLEMENTED = "401 - Not Implemented Error"
LONGEST_NAME = 255
_INDEX = re.compile(r"\.(\d+)\.")


@lru_cache(maxsize=20_000)
def arrays(name: str) -> tuple[tuple[str, int], ...] | None:
    """The arrays that a name reaches into, each with the index; None for an unknown name."""
    if len(name) > LONGEST_NAME or not is_known(name):
        return None
    return tuple((name[: found.start()], int(found[1])) for found in _INDEX.finditer(name))


def sizes(names: Iterable[str]) -> dict[str, int]:
    """How many entries each array has: the highest index and one."""
    found: dict[str, int] = {}
    for name in names:
        for array, index in arrays(name) or ():
            found[array] = max(index + 1, found.get(array, 0))
    return found


def field(name: str, state: dict[str, Any]) -> dict[str, str]:
    """A CmiField: the value is left out when null, and empty beside an error message."""
    message = NOT_IMPLEMENTED if state["scorm2004"] else state["errors"].get(name)
    if message is None and name in state["cmi"]:
        return _found(name, state["cmi"][name])
    places = arrays(name) if message is None else None
    if places is None or any(index >= state["sizes"].get(array, 0) for array, index in places):
        message = message or NOT_IMPLEMENTED
        return {"cmi_element_name": name, "cmi_element_value": "", "error_message": message}
    if name.endswith("._count"):
        return _found(name, str(state["sizes"].get(name.removesuffix("._count"), 0)))
    return _found(name, None)


def _found(name: str, value: str | None) -> dict[str, str]:
    if value is None:
        return {"cmi_element_name": name}
    return {"cmi_element_name": name, "cmi_element_value": value}
