"""The file of a plan in a notebook: decisions live beside it, so a plan must have one."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scormaudit.errors import PlanError, ScormauditError
from scormaudit.plan import Plan, read_plan, write_plan

_HEAD = 200


@dataclass(frozen=True, slots=True)
class Filed:
    """A plan and the file that holds it; `note` tells where it came from."""

    plan: Plan
    path: Path
    note: str


def filed(plan: Plan | Path | str, path: Path | str | None = None) -> Filed:
    """A plan with its file; what has none yet is written.

    A plan object is looked for at `path`, or else in the current folder, where it becomes
    `plan-` and the first eight characters of its hash. PlanError where `path` holds something
    else, or where both arguments are files; ApprovalError where the file was changed.
    """
    if not isinstance(plan, Plan):
        if path is not None:
            raise PlanError(
                "The plan is in a file already.",
                where=str(plan),
                todo="Leave `path` out: it is for a plan that was not written yet.",
            )
        return Filed(read_plan(plan), Path(plan), f"The plan is {plan}.")
    hash_ = plan.hash
    if path is None:
        path = next(_holding(hash_), Path(f"plan-{hash_[:8]}.json"))
    path = Path(path)
    if not path.exists():
        write_plan(plan, path)
        return Filed(plan, path, f"The plan had no file yet; it was written to {path}.")
    if read_plan(path).hash != hash_:
        raise PlanError(
            "Another plan is in this file.", where=str(path), todo="Name another with `path`."
        )
    return Filed(plan, path, f"The plan is {path}.")


def _holding(hash_: str) -> Iterator[Path]:
    """Intact files of the current folder that hold this plan."""
    for file in sorted(Path().glob("*.json")):
        try:
            with file.open("rb") as stream:
                head = stream.read(_HEAD)
            if hash_.encode() in head and read_plan(file).hash == hash_:
                yield file
        except (OSError, ScormauditError):
            continue
