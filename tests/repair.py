"""A small LMS with three misprinted entries, and the road up to an approved plan of them."""

from scormaudit import Client, audit, fetch, propose
from scormaudit.plan import write_plan
from scormaudit.review import decide, decisions_file
from scormaudit.sandbox import Sandbox
from scormaudit.sandbox.attempt import Attempt, Sco

LEGAL = {
    "cmi.core.lesson_status": "incomplete",
    "cmi.core.entry": "ab-inito",
    "cmi.core.exit": "suspend",
    "cmi.core.credit": "credit",
    "cmi.core.lesson_mode": "normal",
    "cmi.core.total_time": "00:10:00",
    "cmi.core.session_time": "00:05:00",
    "cmi.core.score.raw": "",
    "cmi.suspend_data": "p=3",
}
DATES = ("2026-03-02T10:00:00Z", "2026-03-02T10:20:00Z")


def uuid(number):
    """A UUID that a reader can count."""
    return f"00000000-0000-4000-8000-{number:012}"


def attempt(number, errors=None, dates=DATES, **cmi):
    """One learner's record: legal but for a misprinted entry, unless told otherwise."""
    elements = LEGAL | {f"cmi.{name.replace('__', '.')}": text for name, text in cmi.items()}
    sco = Sco("sco", "Lesson", *dates, cmi=elements, errors=errors or {})
    ids = (uuid(number), uuid(100 + number), uuid(200 + number))
    return Attempt(*ids, learner=f"Learner {number}", course="Course", scos=[sco])


class Bench:
    """A practice LMS, a client of it, and a folder to work in."""

    def __init__(self, folder, *attempts, faults=(), client=Client):
        self.folder = folder
        self.lms = Sandbox.of(attempts or [attempt(n) for n in (1, 2, 3)], faults=faults).start()
        self.client = client(self.lms.base_url, self.lms.token)
        self.path = folder / "plan.json"
        self.runs = 0

    def close(self):
        self.client.close()
        self.lms.stop()

    def snapshot(self, worklist=None):
        """A fresh reading of everything."""
        self.runs += 1
        rows = worklist or self.lms.worklist
        return fetch(self.client, rows, self.folder / f"snapshot-{self.runs}")

    def plan(self, worklist=None, **options):
        """The plan of a fresh reading, written to `path`."""
        plan = propose(audit(self.snapshot(worklist)), **options)
        write_plan(plan, self.path)
        return plan

    def approve(self, plan, **options):
        """Approve all of it."""
        facts = {"reviewer": "Ann", "reason": "checked", "expect": len(plan)} | options
        return decide(plan, decisions_file(self.path), plan.proposed, **facts)

    def entry(self, number):
        """What a learner's entry reads now."""
        from scormaudit.fetch import read_scos

        return (
            read_scos(self.client, uuid(number), uuid(100 + number))[0]
            .elements["cmi.core.entry"]
            .text
        )
