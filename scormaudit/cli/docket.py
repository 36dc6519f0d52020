"""The docket of one reviewer: the changes of a plan in order, a filter, and the present place."""

from collections import Counter
from collections.abc import Mapping

from scormaudit.plan import Change, Plan
from scormaudit.report.facets import Facet, columns, facets
from scormaudit.review import Verdict, person


class Docket:
    """Changes by their hash, the unusual first; `found` says where each stands, `at` is present.

    `later` are those that the reviewer deferred in this sitting: they come again in the next.
    `filter` holds the value that each of some columns must have.
    """

    def __init__(self, plan: Plan, reviewer: str, found: Mapping[str, Verdict]) -> None:
        self.facets = facets(plan.proposed)
        self.changes: dict[str, Change] = {}
        self._facets: dict[str, Facet] = {}
        for facet in self.facets:
            self.changes |= facet.by_hash
            self._facets |= dict.fromkeys(facet.by_hash, facet)
        self.columns = columns(self.changes)
        self.found, self.filter, self.later = found, dict[str, str](), set[str]()
        self._reviewer = person(reviewer)
        self.at = next(iter(self.changes))
        self.settle()

    @property
    def change(self) -> Change:
        """The present change."""
        return self.changes[self.at]

    @property
    def facet(self) -> Facet:
        """Those like the present change."""
        return self._facets[self.at]

    @property
    def decided(self) -> int:
        """How many changes do not wait for this reviewer."""
        return sum(map(self.is_decided, self.changes))

    def is_decided(self, name: str) -> bool:
        """Whether a change is settled, or approved by this reviewer."""
        verdict = self.found[name]
        return verdict.settled or self._reviewer in (person(d.reviewer) for d in verdict.approved)

    def is_open(self, name: str) -> bool:
        """Whether a change is still to be shown in this sitting."""
        return not self.is_decided(name) and name not in self.later

    def shown(self) -> list[str]:
        """The changes that the filter leaves; all of them where it would leave none."""
        return [name for name in self.changes if self._passes(name)] or list(self.changes)

    def open_alike(self) -> list[str]:
        """The open changes like the present one that the filter leaves."""
        return [name for name in self.facet.by_hash if self._passes(name) and self.is_open(name)]

    def values(self, column: str) -> Counter[str]:
        """The values of a column among the shown changes, and how often each is there."""
        found = self.columns[column]
        return Counter(found[name] for name in self.shown() if name in found)

    def step(self, by: int) -> None:
        """Go to the next (1) or the last (-1) shown change, open or not, around the end."""
        shown = self.shown()
        at = shown.index(self.at) if self.at in shown else -1
        self.at = shown[(at + by) % len(shown)]

    def onward(self) -> bool:
        """Go to the next open change that the filter leaves; False, and stay, if there is none."""
        shown = self.shown()
        at = shown.index(self.at) + 1 if self.at in shown else 0
        found = next(filter(self.is_open, shown[at:] + shown[:at]), "")
        self.at = found or self.at
        return bool(found)

    def settle(self) -> None:
        """Go to the first open change that the filter leaves, else to the first it leaves."""
        shown = self.shown()
        self.at = next(filter(self.is_open, shown), shown[0])

    def _passes(self, name: str) -> bool:
        return all(self.columns[column].get(name) == value for column, value in self.filter.items())
