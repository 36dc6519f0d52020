"""What a rule is: a class whose name, docstring and attributes say all there is to say."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from scormaudit.cmi import FIELDS

if TYPE_CHECKING:
    from pandera.pandas import Check

Severity = Literal["error", "warning", "info"]
Fix = Literal["safe", "judgement", "manual"]
Row = Mapping[str, Any]
TABLES = (
    "records", "objectives", "interactions", "interaction_objectives", "correct_responses",
    "element_errors", "strays",
)  # fmt: skip
"""What a rule may be about."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A field of EditScormData and the text that the element shall read back as."""

    field: str
    text: str

    def __post_init__(self) -> None:
        if self.field not in {field.name for field in FIELDS}:
            raise ValueError(f"EditScormData has no field {self.field!r}")


class Rule:
    """Something that must hold of every row of a table.

    A rule about one element names it in `element`, and its `check` gets that column.
    A rule about several names them in `needs`, and its `check` gets a frame of them with
    their typed columns; its findings stand at `element`, or else at the first of them.
    `check` answers True where a row holds: write it as "not the bad condition", because a
    comparison with null is False.

    A rule about repetition names in `unique` the columns whose texts together no other row of
    the table may have, and needs no check. Every row of a key that stands twice breaks it, in
    whatever part it lies; a key with a null or blank text repeats nothing. Each row of `good`
    and of `bad` is judged beside the others.

    `alike` says of a rule about one element between which letters its check never tells, in
    groups: with `("0123456789",)` no digit from another. Texts that differ in nothing else are
    asked about once.

    `glance` is a check that looks at all texts of an element at once, as a Series of dtype `str`,
    and may only say of a text that it holds; `check` is asked about the others. A pattern may
    mean something else there (RE2).

    What several rules ask of the same records may stand in a function under `shared`, which is
    asked once for all of them.

    The docstring is the only text about the rule: its first line the title, the rest the reason.
    """

    code: ClassVar[str] = ""
    severity: ClassVar[Severity] = "error"
    fix: ClassVar[Fix] = "manual"
    page: ClassVar[str] = ""
    table: ClassVar[str] = "records"
    element: ClassVar[str] = ""
    needs: ClassVar[tuple[str, ...]] = ()
    unique: ClassVar[tuple[str, ...]] = ()
    alike: ClassVar[tuple[str, ...]] = ()
    glance: ClassVar["Check | None"] = None
    good: ClassVar[tuple[Row, ...]] = ()
    bad: ClassVar[tuple[Row, ...]] = ()
    check: ClassVar["Check"]

    def __init_subclass__(cls, *, code: str = "", **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.code = code

    @staticmethod
    def repair(row: Row) -> Edit | None:  # noqa: ARG004
        """The edit that mends `row`, or None where this row has no certain one."""
        return None


def title(rule: type[Rule]) -> str:
    """The first line of the docstring, without its full stop."""
    return inspect.getdoc(rule).partition("\n")[0].removesuffix(".")  # type: ignore[union-attr]


def reason(rule: type[Rule]) -> str:
    """The docstring below the title."""
    return inspect.getdoc(rule).partition("\n")[2].strip()  # type: ignore[union-attr]


def theme(rule: type[Rule]) -> str:
    """The file of the pack that the rule stands in."""
    return rule.__module__.rpartition(".")[2]


def subject(rule: type[Rule]) -> str:
    """The column that a finding of this rule names."""
    return rule.element or columns(rule)[0]


def columns(rule: type[Rule]) -> tuple[str, ...]:
    """Every column that the rule reads."""
    return rule.unique or rule.needs or (rule.element,)
