"""The desk where a person reviews a plan: one change at a time, one key a decision."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console, RenderableType
from rich.rule import Rule
from rich.text import Text

from scormaudit.cli.docket import Docket
from scormaudit.plan import Plan
from scormaudit.policy import account
from scormaudit.report import reviewing
from scormaudit.report.lettering import brief, coded
from scormaudit.report.markup import many
from scormaudit.review import Meaning, Verdict, barred, decide, read_ledger, verdicts

HELP = """\
a  approve this change         A  approve all alike, after typing how many
r  reject it                   n  not now: deferred, and shown again next time
space  the next one            b  the one before; your last word on it counts
f  filter by rule, course, …   c  clear the filter
o  overview of what is alike   v  the values in full
w  another reason from now on  q  quit; every decision is kept already"""
KEYS = "a approve  r reject  n not now  A all alike  f filter  b back  ? help  q quit"
_WORDS: Mapping[Meaning, str] = {"approve": "approved", "reject": "rejected", "defer": "deferred"}
_ARROWS = {"\x1b[C": " ", "\x1b[D": "b"}
_CHOICES, _WIDTH = 20, 100


@dataclass(frozen=True, slots=True)
class Hands:
    """How a person is heard: `key` waits for one key, `line` asks and waits for a line."""

    key: Callable[[], str]
    line: Callable[[str], str]


class Desk:
    """One sitting of one reviewer; each decision is on the disk before the next is asked for."""

    def __init__(
        self, plan: Plan, file: Path, *, reviewer: str, reason: str, console: Console, hands: Hands
    ) -> None:
        self._plan, self._file, self._console, self._hands = plan, file, console, hands
        self._reviewer, self._reason = reviewer, reason
        self._hash = plan.hash
        ledger = read_ledger(file)
        self._torn = ledger.warning
        self._docket = Docket(plan, reviewer, verdicts(plan, ledger.decisions))
        self._keys: Mapping[str, Callable[[], bool]] = {
            "a": lambda: self._one("approve"), "r": lambda: self._one("reject"),
            "n": lambda: self._one("defer"), "A": self._all_alike, " ": lambda: self._step(1),
            "b": lambda: self._step(-1), "f": self._narrow, "c": self._clear,
            "o": self._overview, "v": self._values, "w": self._why, "?": self._help,
        }  # fmt: skip

    def sit(self) -> Mapping[str, Verdict]:
        """Show and decide until the person leaves; then where every change stands."""
        self._warn(self._torn)
        self._warn(barred(self._plan, self._reviewer, account()))
        self._overview()
        self._show()
        try:
            while (key := self._key()) != "q":
                if key not in self._keys:
                    self._say(f"{brief(key)} is no key here; ? lists them.")
                elif self._keys[key]():
                    self._show()
        except (KeyboardInterrupt, EOFError):
            self._say("Left.")
        return self._docket.found

    def _key(self) -> str:
        self._say(Text(KEYS, "dim"))
        key = self._hands.key()
        return _ARROWS.get(key, key)

    def _say(self, words: RenderableType) -> None:
        self._console.print(words, markup=False, width=self._width)

    def _warn(self, words: str) -> None:
        if words:
            self._say(Text(words, "yellow"))

    @property
    def _width(self) -> int:
        return min(self._console.width, _WIDTH)

    def _show(self) -> None:
        """The present change, below a line that says how far the review is."""
        docket, names = self._docket, list(self._docket.facet.by_hash)
        parts = [
            f"change {docket.at[:12]}, {names.index(docket.at) + 1} of {len(names)} alike",
            f"{docket.decided} of {len(docket.changes)} decided",
            *([f"{len(docket.later)} not now"] if docket.later else []),
        ]
        self._say(Rule(style="dim"))
        self._say(Text(" · ".join(parts), "bold"))
        for column, value in docket.filter.items():
            self._say(f"only {column} {value}")
        self._say(reviewing.card(docket.change, docket.facet, docket.found[docket.at], self._width))

    def _one(self, meaning: Meaning) -> bool:
        return self._decide([self._docket.at], meaning)

    def _decide(self, names: list[str], meaning: Meaning) -> bool:
        """Append a decision and go on; an approval that would not count is not even written."""
        why = barred(self._plan, self._reviewer, account()) if meaning == "approve" else ""
        if why:
            self._warn(f"{why} Your approval would not count, so nothing was decided.")
            return False
        docket = self._docket
        decide(
            self._plan, self._file, [docket.changes[name] for name in names], meaning=meaning,
            reviewer=self._reviewer, reason=self._reason, expect=len(names),
            plan_hash=self._hash,
        )  # fmt: skip
        docket.found = verdicts(
            self._plan, read_ledger(self._file).decisions, by_hash=docket.changes
        )
        docket.later.difference_update(names)
        docket.later.update(names if meaning == "defer" else ())
        what = names[0][:12] if len(names) == 1 else many(len(names), "change")
        stands = coded(str(docket.found[names[0]]))
        self._say(
            f"{_WORDS[meaning]} {what}" + (f": {stands}" if stands != _WORDS[meaning] else "")
        )
        if docket.onward():
            return True
        self._say(f"{docket.decided} of {len(docket.changes)} decided; nothing is left open here.")
        return False

    def _all_alike(self) -> bool:
        """Approve what is alike, open and left by the filter, if its number is typed."""
        docket, names = self._docket, self._docket.open_alike()
        if not names:
            self._say("None of those alike is open.")
            return False
        self._say(reviewing.heading(docket.facet))
        self._say(reviewing.alike(docket.changes[name] for name in names))
        if kept := len(docket.facet) - len(names):
            self._say(f"{kept} more of the facet stay as they are: decided, deferred or filtered.")
        wanted = f"To approve {many(len(names), 'change')} like this one, type {len(names)}"
        typed = self._hands.line(wanted).strip()
        if typed != str(len(names)):
            self._say(f"{brief(typed)} is not {len(names)}, so nothing was decided.")
            return False
        return self._decide(names, "approve")

    def _step(self, by: int) -> bool:
        self._docket.step(by)
        return True

    def _narrow(self) -> bool:
        """Show only the changes that have a value of a facet, which a person chooses."""
        docket = self._docket
        column = self._choice("Filter by", dict.fromkeys(docket.columns, ""))
        if not column:
            return False
        counted = docket.values(column).most_common()
        value = self._choice(f"Which {column}", {text: str(number) for text, number in counted})
        if not value:
            return False
        docket.filter[column] = value
        docket.settle()
        return True

    def _choice(self, question: str, choices: Mapping[str, str]) -> str:
        """One of the choices by its number or a part of it; nothing where none or many fit."""
        for number, (name, note) in enumerate(list(choices.items())[:_CHOICES], start=1):
            self._say(Text(f"{number:>4}  {name}").append(f"  {note}", "dim"))
        if (more := len(choices) - _CHOICES) > 0:
            self._say(f"      and {more} more; type a part of the name")
        typed = self._hands.line(f"{question} (number or part of the name)").strip()
        names = list(choices)
        if typed.isdecimal() and 1 <= int(typed) <= min(len(names), _CHOICES):
            return names[int(typed) - 1]
        fitting = [name for name in names if typed and typed.casefold() in name.casefold()]
        if len(fitting) == 1 or typed in fitting:
            return typed if typed in fitting else fitting[0]
        self._say(f"{len(fitting) if typed else 'Nothing'} fits; the filter is as it was.")
        return ""

    def _clear(self) -> bool:
        self._docket.filter.clear()
        self._docket.settle()
        return True

    def _overview(self) -> bool:
        self._say(reviewing.overview(self._docket.facets, self._docket.found))
        return False

    def _values(self) -> bool:
        self._say(reviewing.values(self._docket.change))
        return False

    def _why(self) -> bool:
        self._reason = self._hands.line("Reason from now on").strip() or self._reason
        self._say(f"Reason: {brief(self._reason)}")
        return False

    def _help(self) -> bool:
        self._say(HELP)
        return False
