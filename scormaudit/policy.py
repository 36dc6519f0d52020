"""What a plan asks of those who decide about it and carry it out."""

import getpass
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from itertools import chain, repeat
from typing import Annotated

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, with_config

from scormaudit.errors import PlanError, SettingsError

_Number = Annotated[str, Field(pattern=r"^\d{1,5}(\.\d{1,3})?$")]


@with_config(ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True))
@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The safety limits of a plan; numbers are text, as everything in a plan.

    `approvals` is how many reviewers must approve a change, `four_eyes` (yes or no) keeps the
    planner from approving, `expiry_days` is the life of an approval, `canary` the sizes of the
    first batches, each of which must go well before the next.
    """

    approvals: Annotated[str, Field(pattern="^[1-9]$")] = "1"
    four_eyes: Annotated[str, Field(pattern="^(yes|no)$")] = "no"
    expiry_days: _Number = "7"
    quiet_hours: _Number = "24"
    max_changes: Annotated[str, Field(pattern=r"^\d{1,7}$")] = "10000"
    canary: Annotated[str, Field(pattern=r"^([1-9]\d{0,5}(,[1-9]\d{0,5})*)?$")] = "1,5,25"

    @classmethod
    def of(cls, wishes: Mapping[str, object]) -> "Policy":
        """The policy by what settings say; SettingsError names what cannot be asked."""
        try:
            return _adapter().validate_python(
                {name: _wish(value) for name, value in wishes.items()}, strict=False
            )
        except ValidationError as error:
            wrong = sorted({str(fault["loc"][0]) for fault in error.errors(include_input=False)})
            raise SettingsError(
                f"The policy cannot have this {', '.join(wrong)}.",
                where="[tool.scormaudit.policy]",
                todo=f"It is {', '.join(f'{k} = {v}' for k, v in asdict(cls()).items())} "
                "unless told otherwise.",
            ) from None

    def bear(self, count: int, todo: str) -> None:
        """PlanError where a plan of so many changes holds more than it may."""
        if count > int(self.max_changes):
            raise PlanError(
                f"{count} changes are more than the {self.max_changes} a plan may hold.", todo=todo
            )

    def batches(self, total: int) -> list[int]:
        """How many of so many changes each batch holds: those of the canary, then hundreds."""
        wanted = chain(map(int, filter(None, self.canary.split(","))), repeat(100))
        sizes: list[int] = []
        while total:
            sizes.append(min(next(wanted), total))
            total -= sizes[-1]
        return sizes


@cache
def _adapter() -> TypeAdapter[Policy]:
    return TypeAdapter(Policy)


def account() -> str:
    """The account of this process, if the system knows one."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def _wish(value: object) -> str:
    """A setting as a plan keeps it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return str(value)
