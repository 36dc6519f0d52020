"""Ways to be careless, one each; switched on in a victim's process and nowhere else."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

from scormaudit.applied import Done
from scormaudit.apply import _Run, apply
from scormaudit.errors import Interrupted
from scormaudit.journal import Journal
from scormaudit.lms.client import Editor
from scormaudit.lms.transport import SecretTransport

from .case import TURNS, Case

_EDIT = "/EditScormData"


def no_intent():
    """The intent is written with the outcome, not before the edit leaves."""
    intent, append = Journal.intent, Journal.append

    def later(self, *args, **facts):
        self._db.execute("BEGIN")
        return intent(self, *args, **facts)

    def appended(self, kind, **facts):
        seq = append(self, kind, **facts)
        if kind == "outcome":
            self._db.execute("COMMIT")
        return seq

    Journal.intent, Journal.append = later, appended


def trust_a_200():
    """What is answered 200 is taken for done, whatever the answer says."""
    real, statuses = SecretTransport.handle_request, [0]

    def handle(self, request):
        statuses[0] = 0
        response = real(self, request)
        statuses[0] = response.status_code if request.url.path.endswith(_EDIT) else 0
        return response

    SecretTransport.handle_request = handle
    _believe(lambda _: statuses[0] == 200)


def transport_retry():
    """An edit whose connection broke is sent once more by the transport."""
    real = SecretTransport.handle_request

    def handle(self, request):
        try:
            return real(self, request)
        except Interrupted:
            if not request.url.path.endswith(_EDIT):
                raise
        return real(self, request)

    SecretTransport.handle_request = handle


def no_settle():
    """An unknown outcome is read back at once."""
    _Run._wait = lambda *_: None


def skip_the_read_back():
    """What the LMS acknowledged is not read again."""
    _believe(lambda answer: answer.outcome == "ack")


def approve_by_plan():
    """An approval of some changes of a plan is taken for one of all."""
    apply.__globals__["approved"] = lambda plan, *_, **__: plan.proposed


def forget_the_result():
    """How a change ended is not written down."""
    Journal.result = lambda *_, **__: None


def other_bytes():
    """The same edit is sent in another spelling than was approved."""
    real = Editor.edit
    Editor.edit = lambda self, body: real(self, body.replace(b",", b", "))


def _believe(is_done):
    """Verified without a look wherever `is_done` says so of the answer."""
    real = _Run._read_back

    def read_back(self, change, intent, answer):
        if not is_done(answer):
            return real(self, change, intent, answer)
        self._journal.result(intent.plan, change, "verified", closes=intent.seq)
        return Done(change, "verified")

    _Run._read_back = read_back


@dataclass(frozen=True, slots=True)
class Mutant:
    """What it does, the figure that must show it, and the campaign in which it is looked for."""

    switch: Callable[[], None]
    figure: str
    behaviours: tuple[str, ...]
    places: tuple[str, ...] = ("result-after",)

    def cases(self, name):
        """Every behaviour, killed first at every place and turn."""
        return [
            Case(behaviour=behaviour, first=moment, mutant=name)
            for behaviour in self.behaviours
            for moment in product(self.places, TURNS)
        ]


MUTANTS = {
    "no intent": Mutant(
        no_intent, "doubled", ("later commit",), ("sent", "send-after", "outcome-before")
    ),
    "trust a 200": Mutant(
        trust_a_200, "false", ("none", "code 1", "HTML page", "code 0, no commit")
    ),
    "transport retry": Mutant(
        transport_retry, "doubled", ("commit and cut", "half answer", "late commit", "none")
    ),
    "no settle": Mutant(no_settle, "doubled", ("later commit",), ("send-after", "outcome-after")),
    "skip the read-back": Mutant(
        skip_the_read_back, "false", ("none", "code 0, no commit", "hand after edit")
    ),
    "approve by plan": Mutant(approve_by_plan, "unapproved", ("none", "commit and cut")),
    "forget the result": Mutant(forget_the_result, "lost", ("none",)),
    "other bytes": Mutant(other_bytes, "unapproved", ("none", "cut before commit")),
}
