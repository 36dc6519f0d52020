"""The views: everything escaped, no learner's value where none belongs, the same every time."""

from pathlib import Path

import pandas as pd
import pytest
from pandera.pandas import Check
from strict import HOSTILE, Strict

from scormaudit import Edit, Rule, audit
from scormaudit.applied import Applied, Done
from scormaudit.frame import COLUMNS
from scormaudit.notebook import show
from scormaudit.pack import Pack
from scormaudit.plan import Change, Op, Plan, Policy, Refusal, Seen
from scormaudit.snapshot import Manifest, Snapshot

URL = "https://lms.example.org:8443/campus"


class Hostile(Rule, code="XX101"):
    """A <script> in a title with `<code>`.

    A reason with <img src=x onerror=y>.
    """

    fix = "safe"
    element = "lesson_location"
    good = ({"lesson_location": HOSTILE}, {"lesson_location": None})
    bad = ({"lesson_location": HOSTILE, "exit": HOSTILE},)
    check = Check(lambda column: column.eq("fine"))

    @staticmethod
    def repair(row):  # noqa: ARG004
        """Hostile as well."""
        return Edit("lesson_location", HOSTILE)


class Crashing(Rule, code="XX102"):
    """Crashes."""

    element = "lesson_location"
    check = Check(lambda column: 1 / 0)  # noqa: ARG005


class Unread(Rule, code="XX103"):
    """Needs what is not there."""

    element = "score_raw"
    check = Check(lambda column: column.eq(""))


PACK = Pack((Hostile, Crashing, Unread), "0" * 64)


def change(**labels):
    """A change of one field, hostile wherever the LMS or a worklist has a say."""
    op = Op(
        field="lesson_location", element="cmi.core.lesson_location", before=Seen("value", HOSTILE),
        after=HOSTILE, undo="exact",
    )  # fmt: skip
    return Change(
        enrollment_id="3d2bb091-c026-57be-8502-987528579db9", assignment_id="a",
        assignment_status_id="s", sco_id=HOSTILE, binding="", ops=(op,), guards={}, frame={},
        rules=("XX101",), reasons=("",), risks=(HOSTILE,), kind="safe", labels=labels, target=URL,
    )  # fmt: skip


def plan(*changes, reasons=()):
    """A plan of these changes, and a refusal for each reason."""
    return Plan(
        target=URL, snapshot="5f44318249d9", pack="0", tool_version="1", policy=Policy(),
        proposed=changes,
        refused=tuple(
            Refusal(enrollment_id="e", assignment_id="a", sco_id="s", rules=("XX101",), reason=why)
            for why in reasons
        ),
    )  # fmt: skip


def snapshot(coverage, **counts):
    """A snapshot of which only the manifest is there."""
    return Snapshot(
        Path("somewhere"),
        Manifest(
            format="", id="5f44318249d9", base_url=URL, from_utc="2026-11-23T15:04:25Z",
            to_utc="2026-11-23T15:04:26Z", complete=set(coverage) <= {"ok", "empty"},
            counts={"records": 3, **counts}, coverage=coverage, elements=(), labels=("learner",),
            worklist={}, parts=(), tool_version="1",
        ),
    )  # fmt: skip


REPORT = audit(pd.DataFrame({"lesson_location": [HOSTILE, "fine"]}), rules=PACK)
APPLIED = Applied(
    done=(Done(change(), "conflict", HOSTILE), Done(change(), "verified")), stopped=HOSTILE
)
VIEWS = {
    "report": show.report(REPORT),
    "plan": show.plan(plan(change(learner=HOSTILE), reasons=[HOSTILE])),
    "snapshot": show.snapshot(snapshot({"ok": 2, HOSTILE: 1})),
    "applied": show.applied(APPLIED),
    "rule": show.rule(Hostile),
}


@pytest.mark.parametrize("html", VIEWS.values(), ids=VIEWS)
def test_hostile_text_stays_text(html):
    """Whatever learners, courses, worklists and rule packs say, no tag comes of it."""
    assert "<script>" in Strict(html).text


@pytest.mark.parametrize("html", VIEWS.values(), ids=VIEWS)
def test_no_mark_turns_a_line_around(html):
    """What is not printable shows as a code."""
    assert "\u202e" not in html


@pytest.mark.parametrize("html", VIEWS.values(), ids=VIEWS)
def test_the_run_leaves_no_trace(html):
    """No id, time, port or path of a run is in a view, so that a notebook stays the same."""
    for trace in ("5f44318249d9", "2026", "8443", "somewhere"):
        assert trace not in html


def test_a_report_shows_no_value():
    """Even where every rule is asked about a value, none is quoted."""
    frame = pd.DataFrame({name: [f"marker-{name}"] for name in COLUMNS["records"]})
    report = audit(frame)
    assert len(report.findings) > 5
    assert "marker" not in show.report(report)


def test_a_report_names_what_was_not_judged():
    """A rule that crashed and one that lacks its column stand below the table."""
    text = Strict(VIEWS["report"]).text
    assert "XX102 crashed: ZeroDivisionError" in text
    assert "XX103 could not judge 2 rows: score_raw was not read" in text


def test_a_report_begins_with_the_verdict_and_the_worst():
    """The sentence first, then errors before warnings, many before few."""

    class Minor(Hostile, code="XX201"):
        """Less bad."""

        severity = "warning"

    frame = pd.DataFrame({"lesson_location": ["", "fine"]})
    text = Strict(show.report(audit(frame, rules=Pack((Minor, Hostile), "")))).text
    assert text.startswith("1 error, 1 warning, 0 notes in 2 records by 2 rules.")
    assert text.index("XX101") < text.index("XX201")


def test_a_clean_report_is_one_sentence():
    """Where every rule held, there is no empty table."""
    report = audit(pd.DataFrame({"lesson_location": ["fine"]}), rules=Pack((Hostile,), ""))
    text = Strict(show.report(report)).text
    assert "0 errors, 0 warnings, 0 notes in 1 record by 1 rule." == text


def test_a_snapshot_says_whether_it_is_complete():
    """An assignment that could not be read is named with its meaning."""
    whole = Strict(show.snapshot(snapshot({"ok": 2}, objectives=1))).text
    part = Strict(show.snapshot(snapshot({"forbidden": 1, "ok": 2}))).text
    assert whole.startswith("3 records of 2 assignments, complete.")
    assert "from lms.example.org, with 1 objective, 0 interactions" in whole
    assert part.startswith("3 records of 3 assignments, incomplete.")
    assert part.index("read whole") < part.index("the token may not read it")


def test_a_plan_shows_old_and_new():
    """Values stand in quotes; what is empty and what is absent are told apart."""
    ops = [
        Op(field="exit_status", element="", before=seen, after="suspend", undo="lossy")
        for seen in (Seen("value", "Suspend "), Seen("empty"), Seen("absent"))
    ]
    made = change(learner="Ada", course="")
    changes = [Change(**{**_fields(made), "ops": (op,), "sco_id": "sco"}) for op in ops]
    text = Strict(show.plan(plan(*changes))).text
    assert "3 changes, 3 of them safe." in text
    assert "XX101safeexit_statuslossy3" in text
    assert "Ada · sco" in text
    for before in ("'Suspend '", "''", "absent"):
        assert f"{before} → 'suspend'" in text


def test_a_plan_says_what_it_leaves_alone_and_why():
    """What is left alone is counted by reason and rule, the most frequent first."""
    text = Strict(show.plan(plan(reasons=["in use", "in use", "no id"]))).text
    assert text.startswith("Plan of 0 changes, 0 of them safe; 3 left alone.")
    assert "XX101 2: in useXX101 1: no id" in text


def test_a_long_plan_shows_its_first_changes():
    """Ten changes are shown, and how many there are is said."""
    text = Strict(show.plan(plan(*[change(learner=f"<{n}>") for n in range(25)]))).text
    assert "The first 10 of 25:" in text
    assert "<9> ·" in text
    assert "<10> ·" not in text


def test_a_change_without_labels_is_found_by_its_id():
    """A short enrollment id stands where the worklist gave no label."""
    assert "3d2bb091… · " in Strict(show.plan(plan(change()))).text


def test_labels_stand_in_one_order():
    """A plan looks the same whether it was just made or read from its file."""
    texts = (change(learner="Anna", course="Fire"), change(course="Fire", learner="Anna"))
    assert all("Fire · Anna · " in Strict(show.plan(plan(one))).text for one in texts)


def test_a_severity_stays_with_its_mark():
    """No line breaks between the square and the word."""
    assert "■</span>&nbsp;error" in VIEWS["report"]


def test_a_run_shows_what_went_wrong():
    """What went well is only a count; why it stopped is said."""
    text = Strict(VIEWS["applied"]).text
    assert text.startswith("Dry run, nothing was sent: 1 conflict, 1 verified.")
    assert HOSTILE.replace("\u202e", "\\u202e") in text
    assert 1 == text.count("lesson_location")
    assert APPLIED.done[0].change.hash[:12] not in text
    sent = Applied(done=APPLIED.done, journal=Path("somewhere"), open=1)
    assert "<Run: 1 conflict, 1 verified; 1 of unknown outcome>" == repr(sent)


def test_a_rule_explains_itself():
    """Title, facts, reason, and examples with what would mend them."""
    text = Strict(VIEWS["rule"]).text
    assert text.startswith("XX101 \xa0A <script> in a title with <code>")
    assert "error · fix: safe" in text
    assert "absent" in text
    assert "lesson_location '<script>" in text


def _fields(change):
    return {name: getattr(change, name) for name in change.__dataclass_fields__}
