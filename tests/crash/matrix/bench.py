"""An approved plan, bound to the LMS of one worker: three changes of four."""

import os
import sys
import traceback
from dataclasses import replace

from scormaudit.plan import read_plan, write_plan
from scormaudit.review import decide, decisions_file

from .lms import ATTEMPTS, TOKEN

UNAPPROVED = 1


def planned(path):
    """Read, audit and propose against a practice LMS, in a process that leaves no thread here."""
    pid = os.fork()
    if not pid:
        try:
            _propose(path)
        except BaseException:  # noqa: BLE001 - a fork must never come back
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if os.waitpid(pid, 0)[1]:
        sys.exit("there is no plan")
    return read_plan(path)


def _propose(path):
    from scormaudit import Client, audit, fetch, propose
    from scormaudit.sandbox import Sandbox

    with Sandbox.of(ATTEMPTS, token=TOKEN) as lms, Client(lms.base_url, lms.token) as client:
        write_plan(propose(audit(fetch(client, lms.worklist, path.with_suffix("")))), path)


def bound_to(plan, target, path):
    """The plan for another address, written and approved but for one change."""
    changes = tuple(replace(change, target=target) for change in plan.proposed)
    plan = replace(plan, target=target, proposed=changes)
    write_plan(plan, path)
    chosen = [change for n, change in enumerate(changes) if n != UNAPPROVED]
    facts = {"reviewer": "Ann", "reason": "checked", "expect": len(chosen)}
    decide(plan, decisions_file(path), chosen, **facts)
    return chosen
