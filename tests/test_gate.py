"""The gate: open or shut by criteria in writing, with every reason, and a page to sign."""

import hashlib
import json
import re

import pytest
from browser import browser  # noqa: F401 - a fixture
from repair import DATES, LEGAL, uuid
from typer.testing import CliRunner

from scormaudit import Client, ScormauditError, fetch
from scormaudit.cli import app
from scormaudit.criteria import Criteria, read_criteria
from scormaudit.errors import PackError, SettingsError, SnapshotError
from scormaudit.gate import gate
from scormaudit.pack import TARGETS, load_target
from scormaudit.report import signoff
from scormaudit.sandbox import Sandbox
from scormaudit.sandbox.attempt import Attempt, Sco
from scormaudit.snapshot import MANIFEST, read_snapshot

SOUND = LEGAL | {"cmi.core.entry": "resume", "cmi.core.student_id": "stu_1"}
FAR = "2999-12-31"


def folder(tmp_path, *changes, lost=0):
    """A snapshot of a record for each of `changes`, and of `lost` that the LMS does not know."""
    attempts = [
        Attempt(
            uuid(number), uuid(100 + number), uuid(200 + number),
            scos=[Sco("lesson", "Lesson", *DATES, cmi=SOUND | change)],
        )
        for number, change in enumerate(changes)
    ]  # fmt: skip
    with Sandbox.of(attempts) as lms, Client(lms.base_url, lms.token) as client:
        names = ("enrollment_id", "assignment_id", "assignment_status_id")
        unknown = [
            dict(zip(names, (uuid(n), uuid(700 + n), uuid(800 + n)), strict=True))
            for n in range(lost)
        ]
        wanted = [*lms.worklist, *unknown]
        return fetch(client, wanted, tmp_path / "snapshot").path


def written(tmp_path, text):
    """A file of criteria."""
    file = tmp_path / "gate.toml"
    file.write_text(text, encoding="utf-8")
    return file


def judged(tmp_path, text, *changes, target="moodle", **more):
    """The gate's answer by these criteria."""
    snapshot = read_snapshot(folder(tmp_path, *changes, **more))
    return gate(snapshot, target, written(tmp_path, text))


REFUSED = {"cmi.core.lesson_status": "done"}
NORMAL = {"cmi.core.exit": "normal"}


def run(*words):
    """The exit code and the output of a command line."""
    done = CliRunner().invoke(app, ["gate", *map(str, words)])
    if isinstance(done.exception, ScormauditError):
        return done.exception.exit_code, str(done.exception)
    return done.exit_code, done.output


@pytest.mark.parametrize("target", TARGETS)
def test_a_sound_record_may_go(tmp_path, target):
    """With no criteria of one's own a sound record may go to every target, and the code is 0."""
    code, output = run(folder(tmp_path, {}), "--target", target)
    assert (0, f"Ready for {target}") == (code, output.splitlines()[0])
    assert output.splitlines()[-2] == "next:"


def test_an_error_shuts_it(tmp_path):
    """Without criteria of one's own any error shuts the gate, with its rule, and the code is 1."""
    code, output = run(folder(tmp_path, REFUSED, {}), "--target", "moodle")
    assert 1 == code
    assert "Not ready for moodle: 2 reasons" in output
    assert "MDL105: Moodle refuses this lesson status; 1 error." in output
    assert re.search(r"VO101: .*; 1 error\.", output)


def test_a_warning_alone_does_not(tmp_path):
    """Warnings are counted only where criteria count them."""
    quiet = judged(tmp_path / "a", 'no_errors = ["MDL"]', NORMAL, NORMAL)
    assert quiet.ready
    loud = judged(tmp_path / "b", 'no_errors = ["MDL"]\n[warnings]\nMDL = 1', NORMAL, NORMAL)
    assert ("2 warnings of MDL, where 1 may be: MDL112 2.",) == loud.reasons
    enough = judged(tmp_path / "c", 'no_errors = ["MDL"]\n[warnings]\nall = 2', NORMAL, NORMAL)
    assert enough.ready


def test_only_errors_of_these_codes_count(tmp_path):
    """Errors of codes that the criteria leave out do not shut the gate."""
    assert judged(tmp_path / "a", 'no_errors = ["mdl2", "SC"]', REFUSED).ready
    assert not judged(tmp_path / "b", 'no_errors = ["MDL1"]', REFUSED).ready
    assert judged(tmp_path / "c", "no_errors = []", REFUSED).ready


def test_what_nobody_asks_about_is_told(tmp_path):
    """Errors and warnings that no criterion speaks of are counted beside the answer."""
    assert "1 error, 1 warning" == judged(tmp_path / "a", 'no_errors = ["MDL"]', NORMAL).unasked
    assert "1 warning" == judged(tmp_path / "b", 'no_errors = ["all"]', NORMAL).unasked
    assert "" == judged(tmp_path / "c", "[warnings]\nall = 1", NORMAL).unasked


def test_an_incomplete_snapshot_is_said_first(tmp_path):
    """Where less was read than is asked the code is 7, and every other reason is told as well."""
    snapshot = folder(tmp_path, REFUSED, lost=1)
    code, output = run(snapshot, "--target", "moodle")
    assert 7 == code
    assert "Not ready for moodle: the snapshot is incomplete; 3 reasons" in output
    assert "1 of 2 entries (50 %)" in output
    assert "MDL105" in output
    assert f"--since {snapshot}" in output.splitlines()[-1]


def test_less_coverage_may_be_agreed_upon(tmp_path):
    """Criteria that ask for less than all may be met by a snapshot that is not complete."""
    assert judged(tmp_path / "a", "coverage = 50", {}, lost=1).ready
    shut = judged(tmp_path / "b", "coverage = 50.1", {}, lost=1)
    assert (7, False) == (shut.exit_code, shut.ready)
    both = judged(tmp_path / "c", "coverage = 50", REFUSED, lost=1)
    assert 1 == both.exit_code


ALLOW = '[[allow]]\nrule = "{}"\nowner = "R. Egistrar"\nreason = "mended first"\nuntil = {}\n'


def test_a_named_allowance_opens_it(tmp_path):
    """What somebody answers for does not count, and stands on the page with name and day."""
    answer = judged(tmp_path, 'no_errors = ["MDL"]\n' + ALLOW.format("MDL105", FAR), REFUSED)
    assert answer.ready
    assert [("R. Egistrar", "used", 1)] == [
        (leave.owner, standing.state, standing.findings) for leave, standing in answer.standings
    ]
    assert f"| MDL105 | R. Egistrar | mended first | {FAR} | used | 1 |" in signoff.as_markdown(
        answer
    )


def test_an_allowance_ends(tmp_path):
    """After its last day an allowance covers nothing, and the reason says whose it was."""
    answer = judged(
        tmp_path, 'no_errors = ["MDL"]\n' + ALLOW.format("MDL105", "2020-01-31"), REFUSED
    )
    assert (
        "MDL105: Moodle refuses this lesson status; 1 error. "
        "The allowance of R. Egistrar ended on 2020-01-31.",
    ) == answer.reasons


def test_a_rule_that_crashes_shuts_it(tmp_path):
    """A rule that could not judge is a reason, since nobody knows what it would have said."""
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "own.py").write_text(
        '"""Own."""\nfrom pandera.pandas import Check\nfrom scormaudit import Rule\n'
        'class Own(Rule, code="OWN101"):\n    """It crashes.\n\n    Always.\n    """\n'
        '    needs = ("entry",)\n    check = Check(lambda cmi: 1 / 0)\n'
    )
    answer = gate(read_snapshot(folder(tmp_path, {})), "strict", None, rules)
    assert 1 == answer.exit_code
    assert re.match(r"OWN101 crashed \(ZeroDivisionError in own\.py.*\)", answer.reasons[0])


def test_settings_have_no_say(tmp_path, monkeypatch):
    """What pyproject.toml ignores or allows in the folder one stands in changes no answer."""
    (tmp_path / "pyproject.toml").write_text('[tool.scormaudit]\nignore = ["VO", "MDL"]\n')
    monkeypatch.chdir(tmp_path)
    code, output = run(folder(tmp_path, REFUSED), "--target", "moodle")
    assert 1 == code
    assert "MDL105" in output


BAD = {
    "no TOML": ("coverage = ", "This is not TOML"),
    "an unknown key": ("coverag = 1", "coverag: The criteria have no such key. Did you mean cover"),
    "nothing alike": ("x = 1", "There are title, target, coverage"),
    "coverage above 100": ("coverage = 101", "coverage: This cannot be. It is a number from 0"),
    "coverage in words": ('coverage = "all"', "coverage: This cannot be. It is a number from 0"),
    "coverage that is true": ("coverage = true", "coverage: This cannot be."),
    "a blank title": ('title = " "', "title: This cannot be. It is a text."),
    "another target": ('target = "cmi5"', "The criteria are for cmi5, and moodle was asked for."),
    "codes in one word": ('no_errors = "MDL"', "no_errors: This cannot be. It is a list of codes"),
    "an unknown code": ('no_errors = ["MDL9"]', "no_errors: No rule has the code MDL9."),
    "a number for a code": ("no_errors = [1]", "no_errors: This is no code."),
    "a code of another target": ('no_errors = ["STR101"]', "No rule has the code STR101."),
    "warnings without a table": ("warnings = 3", "warnings: This cannot be. It is a table"),
    "warnings below 0": ("[warnings]\nMDL = -1", "warnings.MDL: This cannot be. It is a whole"),
    "half a warning": ("[warnings]\nMDL = 0.5", "warnings.MDL: This cannot be. It is a whole"),
    "an allowance of nobody": (
        '[[allow]]\nrule = "MDL101"\nreason = "x"\nuntil = 2030-01-01',
        "allow[0].owner: An allowance has an owner.",
    ),
    "an allowance without an end": (
        '[[allow]]\nrule = "MDL101"\nreason = "x"\nowner = "A"',
        "allow[0].until: An allowance must end.",
    ),
    "an allowance of a beginning": (
        '[[allow]]\nrule = "MDL"\nreason = "x"\nowner = "A"\nuntil = 2030-01-01',
        "allow[0].rule: No rule has the code MDL.",
    ),
    "an allowance that is none": ("allow = [1]", "allow[0]: This cannot be."),
    "a code twice": ("[warnings]\nMDL = 1\nmdl = 2", "warnings.mdl: MDL is there twice."),
    "no target": ('target = "lms"', "moodle was asked for. Targets are"),
    "a misspelt id": (
        ALLOW.format("MDL101", FAR) + 'enrolment_id = "x"',
        "allow[0].enrolment_id: An allowance has no such key. Did you mean enrollment_id?",
    ),
}


@pytest.mark.parametrize(("text", "says"), BAD.values(), ids=BAD)
def test_criteria_that_cannot_be_are_refused(tmp_path, text, says):
    """A bad key of the criteria is named with its file and what it may be, and the code is 2."""
    file = written(tmp_path, text)
    with pytest.raises(SettingsError, match=re.escape(says)) as caught:
        read_criteria(file, "moodle", load_target("moodle"))
    assert str(file) in str(caught.value)
    assert 2 == caught.value.exit_code


def test_criteria_in_another_encoding_are_refused(tmp_path):
    """A file that is not UTF-8 is named so; the mark that an editor puts before UTF-8 is none."""
    file, pack = tmp_path / "gate.toml", load_target("moodle")
    file.write_bytes('title = "\u00dcbung"'.encode("latin-1"))
    with pytest.raises(SettingsError, match="This is not UTF-8"):
        read_criteria(file, "moodle", pack)
    file.write_text('no_errors = ["mdl", "MDL"]', encoding="utf-8-sig")
    assert ("MDL",) == read_criteria(file, "moodle", pack).no_errors


def test_no_line_is_wider_than_a_terminal(tmp_path):
    """Reasons go on below themselves rather than beyond 80 columns."""
    snapshot, file = (
        folder(tmp_path, REFUSED),
        written(tmp_path, ALLOW.format("DT101", FAR).replace("R. Egistrar", "Registry " * 9)),
    )
    _, output = run(snapshot, "--target", "strict", "--criteria", file)
    ours = output.partition("next:")[0].splitlines()
    assert 80 >= max(map(len, ours))


def test_a_snapshot_by_url(tmp_path):
    """The gate reads a snapshot by URL as it reads a folder."""
    code, output = run(folder(tmp_path, {}).as_uri(), "--target", "moodle")
    assert (0, "Ready for moodle") == (code, output.splitlines()[0])


def test_criteria_that_are_not_there_are_refused(tmp_path):
    """A file of criteria that cannot be read is refused by its name."""
    with pytest.raises(SettingsError, match=r"none\.toml: It cannot be read"):
        read_criteria(tmp_path / "none.toml", "moodle", load_target("moodle"))


def test_an_empty_file_asks_what_nobody_wrote(tmp_path):
    """Criteria that say nothing are the ones in force without a file, but for their digest."""
    found = read_criteria(written(tmp_path, ""), "moodle", load_target("moodle"))
    default = Criteria()
    assert (default.coverage, default.no_errors, default.warnings, default.allow) == (
        found.coverage, found.no_errors, found.warnings, found.allow,
    )  # fmt: skip
    assert hashlib.sha256(b"").hexdigest() == found.digest


def test_evidence_that_was_touched_is_refused(tmp_path):
    """A snapshot of which one byte differs is not judged at all."""
    path = folder(tmp_path, {})
    part = next((path / "records").iterdir())
    part.write_bytes(part.read_bytes() + b" ")
    with pytest.raises(SnapshotError, match="not what was written"):
        gate(read_snapshot(path), "moodle")
    with pytest.raises(PackError, match="no target lms"):
        gate(read_snapshot(path), "lms")


@pytest.fixture
def pages(tmp_path):
    """A shut gate's answer and its sign-off in both forms."""
    text = 'title = "Spring <move> | 1"\ntarget = "moodle"\n[warnings]\nall = 0\n'
    path, file = folder(tmp_path, REFUSED, NORMAL), written(tmp_path, text)
    html, markdown = tmp_path / "signoff.html", tmp_path / "signoff.md"
    words = ("--target", "moodle", "--criteria", file, "-o", html, "-o", markdown)
    assert 1 == run(path, *words)[0]
    return path, file, html.read_text(encoding="utf-8"), markdown.read_text(encoding="utf-8")


def test_both_pages_say_the_same(pages):
    """Criteria, reasons, figures, digests and rooms for names stand on either page."""
    path, file, html, markdown = pages
    manifest = json.loads((path / MANIFEST).read_bytes())
    facts = (
        manifest["id"],
        hashlib.sha256((path / MANIFEST).read_bytes()).hexdigest(),
        hashlib.sha256(file.read_bytes()).hexdigest(),
        load_target("moodle").digest,
        "MDL105: Moodle refuses this lesson status; 1 error.",
        "at most 0 warnings",
        "Owner of the records",
        "signature",
    )
    for fact in facts:
        assert fact in html
        assert fact in markdown


def test_what_people_wrote_is_text(pages):
    """A title is no tag of the page and no column of a table."""
    *_, html, markdown = pages
    assert "Spring &lt;move&gt; | 1" in html
    assert "Spring \\<move> \\| 1" in markdown


def test_a_page_loads_and_runs_nothing(pages):
    """The page has a policy that lets nothing in, no script, and no address to load from."""
    html = pages[2]
    assert "default-src 'none'" in html
    assert not re.search(r"<script|<link|<img|src=|https?://(?!127)", html)


@pytest.mark.parametrize("target", ["moodle", "cmi5"])
def test_it_prints_on_one_page(fetched, tmp_path, browser, target):  # noqa: F811
    """Thirty reasons, digests and names fit on one sheet of A4, and nothing is cut at its side."""
    answer = gate(fetched, target)
    assert len(answer.reasons) >= 25
    file = tmp_path / "signoff.html"
    file.write_text(signoff.as_html(answer), encoding="utf-8")
    page = browser.new_page(viewport={"width": 700, "height": 900})
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert 1 == len(re.findall(rb"/Type\s*/Page[^s]", page.pdf(format="A4")))


def test_no_learner_is_on_the_page(tmp_path):
    """A sign-off holds counts and names of rules, never an id or a value of a learner."""
    path = folder(tmp_path, REFUSED | {"cmi.core.student_name": "Learner, Anna"})
    answer = gate(read_snapshot(path), "moodle")
    for page in (signoff.as_html(answer), signoff.as_markdown(answer)):
        assert not re.search(r"Anna|stu_1|done\b|" + uuid(0), page)


def test_a_sign_off_is_never_overwritten(tmp_path):
    """A page that was signed stays; a kind of file that is none is refused before anything."""
    path, page = folder(tmp_path, {}), tmp_path / "signoff.md"
    page.write_text("signed")
    code, output = run(path, "--target", "moodle", "-o", page)
    assert (2, True) == (code, "already something of this name" in output)
    assert "signed" == page.read_text()
    code, output = run(path, "--target", "moodle", "-o", tmp_path / "signoff.pdf")
    assert (2, True) == (code, ".html or .md" in output)


def test_all_findings_can_be_had_too(tmp_path):
    """With --report the findings behind the answer are a page like that of any audit."""
    path = folder(tmp_path, REFUSED)
    code, _ = run(path, "--target", "moodle", "--report", tmp_path / "report.html")
    assert 1 == code
    assert "MDL105" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_wrong_target_is_wrong_usage(tmp_path):
    """A target that there is not is wrong usage, and the ones there are are named."""
    code, output = run(tmp_path, "--target", "blackboard")
    assert 2 == code
    assert "scorm-cloud" in output
