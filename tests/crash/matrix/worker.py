"""One run after the other: victims that are killed, then resumed until they come to an end."""

import gc
import os
import shutil
import signal
import sys
import traceback

import stamina

from scormaudit.apply import apply
from scormaudit.errors import JournalError, ScormauditError
from scormaudit.journal import read_journal
from scormaudit.lms.client import Client

from .behaviour import KNOWN
from .bench import bound_to
from .failpoint import Seen, arm
from .lms import TOKEN, Lms
from .mutant import MUTANTS
from .oracle import ENDS, judge, open_intents, results

TIMEOUT, RATE = 0.25, 1000
PROCESSES, STILL = 16, 3
PATIENCE = 120
BROKEN = 70


class Worker:
    """A folder, an LMS, and an approved plan for it."""

    def __init__(self, plan, folder):
        self.folder = folder
        self.lms = Lms()
        self.path = folder / "plan.json"
        self.changes = bound_to(plan, self.lms.base_url, self.path)
        self.size = len(plan)

    def run(self, case, number):
        """Carry out one case; what became of it."""
        home = self.folder / f"{number}"
        home.mkdir()
        entry = self.lms.begin(case.behaviour)
        codes, struck = self._until_over(case, home, entry)
        settle = KNOWN[case.behaviour].settle
        verdict = judge(self.changes, home / "journal", self.lms.end()["events"], settle)
        broken = [code for code in codes if code in (BROKEN, -signal.SIGALRM)]
        notes = [note[:200] for note in verdict.notes[:6]]
        if broken:
            notes.append(f"exits {codes}: {(home / 'said').read_text(encoding='utf-8')[-900:]}")
        shutil.rmtree(home)
        return {
            "case": str(case),
            "behaviour": case.behaviour,
            "mutant": case.mutant,
            "struck": struck,
            "kills": len(struck),
            "errors": len(broken),
            "ends": verdict.ends,
            "notes": notes,
            **verdict.figures,
        }

    def _until_over(self, case, home, entry):
        """Processes one after the other, and where they were killed.

        They end when every change has ended, or nothing moves any more.
        """
        codes, struck, marks = [], [], []
        moments = [moment for moment in (case.first, case.second) if moment]
        seen = Seen()
        while len(codes) < PROCESSES:
            codes.append(self._process(case, home, entry, seen, moments[0] if moments else None))
            if codes[-1] == -signal.SIGKILL and moments:
                struck.append(moments.pop(0)[0])
                seen = Seen()
                continue
            marks.append(self._mark(home / "journal"))
            if marks[-1] is None or marks[-STILL:] == [marks[-1]] * STILL:
                break
        return codes, struck

    def _process(self, case, home, entry, seen, moment):
        """How a process ended that dies at the moment, if it comes to it."""
        pid = os.fork()
        if not pid:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(PATIENCE)
            gc.disable()  # it would only touch, and so copy, what the parent shares
            os._exit(self._victim(case, home, entry, seen, moment))
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def _victim(self, case, home, entry, seen, moment):
        try:
            if case.mutant:
                MUTANTS[case.mutant].switch()
            arm(moment, seen)
            return self._applied(case, home, entry)
        except ScormauditError as error:
            self._say(home, str(error))
            return error.exit_code
        except BaseException:  # noqa: BLE001 - a fork must never come back
            self._say(home, traceback.format_exc())
            return BROKEN

    def _applied(self, case, home, entry):
        with stamina.set_testing(True, attempts=10, cap=True), self._client(case, entry) as client:
            applied = apply(
                self.path,
                client,
                execute=True,
                expect=self.size if case.mutant == "approve by plan" else len(self.changes),
                home=home,
                journal=home / "journal",
                settle=KNOWN[case.behaviour].settle,
                rate=RATE,
            )
        self._say(home, f"{applied!r} {applied.stopped}")
        return applied.exit_code

    def _client(self, case, entry):
        if KNOWN[case.behaviour].renews:
            return Client.login(self.lms.base_url, **entry, timeout=TIMEOUT)
        return Client(self.lms.base_url, TOKEN, timeout=TIMEOUT)

    def _mark(self, journal):
        """How far the journal has come; None where nothing is left to do."""
        try:
            entries = read_journal(journal)
        except JournalError:
            return []
        states = results(entries)
        ended = all(states.get(change.hash) in ENDS for change in self.changes)
        if ended and not open_intents(entries):
            return None
        return sorted(states.items()), sum(e.kind == "intent" for e in entries)

    def _say(self, home, words):
        with (home / "said").open("a", encoding="utf-8") as file:
            print(words, file=file)


def work(plan, folder, cases, tell):
    """Carry out cases, given with their numbers, and tell what became of each."""
    worker = Worker(plan, folder)
    try:
        for number, case in cases:
            tell(worker.run(case, number))
    finally:
        worker.lms.stop()
        sys.stderr.flush()
