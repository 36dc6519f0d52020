"""One reviewer's sitting about a plan, whatever shows it: answers questions, keeps decisions."""

import gzip
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from scormaudit.errors import ApprovalError, PlanError, ScormauditError
from scormaudit.notebook.card import card, heading, line
from scormaudit.notebook.evidence import Evidence
from scormaudit.plan import Change, Plan
from scormaudit.policy import account
from scormaudit.report.facets import Facet, facets
from scormaudit.report.lettering import coded
from scormaudit.review import (
    Decision,
    Meaning,
    Verdict,
    barred,
    decide,
    decisions_file,
    person,
    read_ledger,
    verdicts,
)

Message = Mapping[str, Any]
_MEANINGS: tuple[Meaning, ...] = ("approve", "reject", "defer")
_NAME = 12


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to the page: a message, and what is too large to be one."""

    content: dict[str, Any]
    buffers: tuple[bytes, ...] = ()


class Sitting:
    """Changes by a short name, the unusual first, and where each of them stands.

    `reviewer` and `reason` are remembered as long as the process lives. `note` says where the
    plan and the decisions are.
    """

    _remembered: ClassVar[dict[str, str]] = {}

    def __init__(
        self, plan: Plan, path: Path, evidence: Evidence, *, reviewer: str, reason: str, note: str
    ) -> None:
        self.plan, self.path, self.note = plan, path, note
        self.file = decisions_file(path)
        self._evidence, self._hash = evidence, plan.hash
        self._facets = facets(plan.proposed)
        self._hashes, self._of = _named(self._facets)
        self._remember(reviewer, reason)
        self._heard: tuple[Decision, ...] = ()
        self._asked: Mapping[str, Callable[[Message], Answer]] = {
            "list": self._list, "card": self._card, "who": self._who, "decide": self._decide,
        }  # fmt: skip

    def answer(self, message: Message) -> Answer:
        """The answer to a page; what a user can meet as an error is told in words."""
        try:
            return self._asked[message["ask"]](message)
        except ScormauditError as error:
            told = {"tell": "error", "ticket": message.get("ticket"), "words": coded(str(error))}
            return Answer(told)

    def found(self) -> dict[str, Verdict]:
        """Where each change stands, by its hash; ApprovalError where decisions were changed."""
        self._heard = read_ledger(self.file).decisions
        return verdicts(self.plan, self._heard, by_hash=self._changes(self._hashes))

    @property
    def _reviewer(self) -> str:
        return self._remembered.get("reviewer", "")

    def _remember(self, reviewer: str, reason: str) -> None:
        self._remembered.update(
            {name: text for name, text in (("reviewer", reviewer), ("reason", reason)) if text}
        )

    def _list(self, message: Message) -> Answer:
        """Everything that the list shows, once; values are asked for change by change."""
        trouble, states = "", {}
        try:
            states = self._states(self.found())
            trouble = read_ledger(self.file).warning
        except ScormauditError as error:
            trouble = str(error)
        numbers = {id(facet): number for number, facet in enumerate(self._facets)}
        listed = {
            "facets": [heading(facet) for facet in self._facets],
            "lines": [
                line(facet.by_hash[self._hashes[name]], name, numbers[id(facet)])
                for name, facet in self._of.items()
            ],
        }
        packed = gzip.compress(json.dumps(listed, ensure_ascii=False).encode(), 6, mtime=0)
        told = {
            "tell": "list", "ticket": message.get("ticket"), "states": states,
            "trouble": coded(trouble), "note": coded(self.note),
            "reviewer": self._reviewer, "reason": self._remembered.get("reason", ""),
            "warning": self._barred(), "next": f"scormaudit apply {self.path}",
        }  # fmt: skip
        return Answer(told, (packed,))

    def _card(self, message: Message) -> Answer:
        name, full = message["name"], bool(message.get("full"))
        change = self._chosen([name])[0]
        verdict = self._verdicts([name])[change.hash]
        shown = card(change, self._of[name], verdict, self._evidence(change), full=full)
        return Answer({"tell": "card", "name": name, "full": full, "card": shown})

    def _who(self, message: Message) -> Answer:
        """Remember who decides and why; what is decided depends on it."""
        self._remember(message["reviewer"].strip(), message["reason"].strip())
        states = self._states(self.found())
        return Answer(
            {"tell": "states", "whole": True, "states": states, "warning": self._barred()}
        )

    def _decide(self, message: Message) -> Answer:
        """Append a decision; an approval that would not count is not even written."""
        names: list[str] = message["names"]
        chosen, meaning = self._chosen(names), message["meaning"]
        if meaning not in _MEANINGS:
            raise PlanError("That is no decision.", todo="Nothing was decided.")
        self._remember(message["reviewer"].strip(), message["reason"].strip())
        if meaning == "approve" and (why := self._barred()):
            raise ApprovalError(why, todo="Your approval would not count; nothing was decided.")
        kept = decide(
            self.plan, self.file, chosen, meaning=meaning, reviewer=message["reviewer"],
            reason=message["reason"], expect=message["expect"], plan_hash=self._hash,
        )  # fmt: skip
        return Answer({"tell": "kept", "ticket": message.get("ticket"), **self._after(kept, names)})

    def _after(self, kept: Decision, names: Iterable[str]) -> dict[str, Any]:
        """The states that a decision changed; the whole of them where others decided meanwhile."""
        if kept.previous != (self._heard[-1].hash if self._heard else ""):
            return {"whole": True, "states": self._states(self.found())}
        self._heard = (*self._heard, kept)
        return {"whole": False, "states": self._states(self._verdicts(names))}

    def _verdicts(self, names: Iterable[str]) -> dict[str, Verdict]:
        return verdicts(self.plan, self._heard, by_hash=self._changes(names))

    def _states(self, found: Mapping[str, Verdict]) -> dict[str, list[Any]]:
        """By name: the verdict's word, the verdict in full, whether this reviewer is done with it.

        What nobody has spoken about is left out: it is open.
        """
        mine = person(self._reviewer)
        short = {hash_: name for name, hash_ in self._hashes.items() if hash_ in found}
        return {
            short[hash_]: [
                verdict.word,
                coded(str(verdict)),
                verdict.settled or mine in (person(d.reviewer) for d in verdict.approved),
            ]
            for hash_, verdict in found.items()
            if verdict.word != "open"
        }

    def _barred(self) -> str:
        return barred(self.plan, self._reviewer, account())

    def _chosen(self, names: Iterable[str]) -> list[Change]:
        try:
            return list(self._changes(names).values())
        except KeyError:
            raise PlanError(
                "A change is not in this plan.", todo="Run the cell again; nothing was decided."
            ) from None

    def _changes(self, names: Iterable[str]) -> dict[str, Change]:
        """These changes by their hash."""
        return {self._hashes[name]: self._of[name].by_hash[self._hashes[name]] for name in names}


def _named(made: Iterable[Facet]) -> tuple[dict[str, str], dict[str, Facet]]:
    """For each change's short name, its hash and its facet; names are longer where two meet."""
    whole = {hash_: facet for facet in made for hash_ in facet.by_hash}
    short = len({hash_[:_NAME] for hash_ in whole}) == len(whole)
    size = _NAME if short else None
    names = {hash_[:size]: hash_ for hash_ in whole}
    return names, {name: whole[hash_] for name, hash_ in names.items()}
