"""Plans made without a server, of changes that say themselves what they are about."""

from changes import TARGET, change

from scormaudit.plan import Op, Plan, Seen, write_plan
from scormaudit.policy import Policy

ONE_WAY = "an absent value cannot be made absent again"


def draft(*changes, planner="pat", **policy):
    """A plan of these changes, or of three misprinted entries."""
    return Plan(
        target=TARGET, snapshot="s", pack="p", tool_version="0", planner=planner,
        policy=Policy(**policy), proposed=changes or tuple(map(change, (1, 2, 3))),
    )  # fmt: skip


def kept(folder, *changes, **facts):
    """The same in `plan.json` of a folder."""
    plan = draft(*changes, **facts)
    write_plan(plan, folder / "plan.json")
    return plan


def op(before, after, field="entry", element="cmi.core.entry", **more):
    """A field old and new; `before` None is absent, which cannot come back."""
    state = "absent" if before is None else "value" if before else "empty"
    undo = ("impossible", ONE_WAY) if before is None else ("exact", "")
    facts = {"undo": undo[0], "undo_reason": undo[1]} | more
    seen = Seen(state, before or "")
    return Op(field=field, element=element, before=seen, after=after, **facts)


def time(before, after, **more):
    """A total time old and new."""
    return op(before, after, "total_time", "cmi.core.total_time", **more)


def location(before, after):
    """A bookmark old and new."""
    return op(before, after, "lesson_location", "cmi.core.lesson_location")
