"""Sittings about a plan in a folder, asked as a page asks them."""

import gzip
import json

from changes import change
from drafts import kept, op, time

from scormaudit.notebook.evidence import evidence
from scormaudit.notebook.filed import filed
from scormaudit.notebook.sitting import Sitting

ODD = change(9, op("resume", ""), kind="judgement", risks=("It is risky.",))
FIVE = (*map(change, (1, 2, 3)), change(4, time("0:1:5", "00:01:05")), ODD)


class Page:
    """What a page would ask of a sitting, and what it would be told."""

    def __init__(self, folder, *changes, snapshot=None, reviewer="Ann", reason="seen it", **facts):
        self.plan = kept(folder, *(changes or FIVE), **facts)
        found = filed(folder / "plan.json")
        self.sitting = Sitting(
            self.plan, found.path, evidence(self.plan, snapshot),
            reviewer=reviewer, reason=reason, note=found.note,
        )  # fmt: skip
        self.reviewer, self.reason = reviewer, reason

    def ask(self, ask, **more):
        """The content of an answer."""
        return self.sitting.answer({"ask": ask, "ticket": "t", **more}).content

    def listed(self):
        """What the list is made of."""
        [packed] = self.sitting.answer({"ask": "list"}).buffers
        return json.loads(gzip.decompress(packed))

    def names(self):
        """The short names of all changes in the list's order."""
        return [name for name, *_ in self.listed()["lines"]]

    def decide(self, meaning, *names, expect=None, **more):
        """The answer to a decision."""
        facts = {"reviewer": self.reviewer, "reason": self.reason} | more
        count = len(names) if expect is None else expect
        return self.ask("decide", meaning=meaning, names=list(names), expect=count, **facts)
