"""Inside IPython the engine's things show themselves, and nothing else is disturbed."""

import os
import subprocess
import sys
from textwrap import dedent

import pytest

SHELL = """
import sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
def shown(cell):
    result = shell.run_cell(cell)
    result.raise_error()
    return shell.display_formatter.format(result.result)[0]
"""


@pytest.fixture
def run(tmp_path):
    """Runs code in a process of its own, in an IPython shell unless told otherwise."""

    def call(code, before=SHELL):
        done = subprocess.run(
            [sys.executable, "-c", before + dedent(code)],
            env=os.environ | {"IPYTHONDIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (0, "") == (done.returncode, done.stderr)

    return call


def test_registering_loads_nothing_heavy(run):
    """The import inside a shell stays as light as outside it."""
    run("""
        shown("import scormaudit")
        assert "scormaudit.notebook" in sys.modules
        heavy = {"pandas", "pandera", "httpx", "rich", "pyarrow", "scormaudit.notebook.show"}
        assert set() == heavy & set(sys.modules)
    """)


def test_outside_a_shell_nothing_is_registered(run):
    """Neither without IPython nor where it is loaded but runs no shell."""
    run("import sys, scormaudit; assert 'scormaudit.notebook' not in sys.modules", before="")
    run("import IPython, sys, scormaudit; assert 'scormaudit.notebook' not in sys.modules", "")


def test_a_report_as_the_last_line_shows_itself(run):
    """No further import is needed."""
    run("""
        shown("import pandas as pd; from scormaudit import audit")
        data = shown("audit(pd.DataFrame({'lesson_status': ['Passed']}), select=['VO101'])")
        assert "1 error, 0 warnings" in data["text/html"], data
        assert "<Report of 1 findings in 1 records>" == data["text/plain"]
    """)


def test_a_plan_shows_itself_and_its_text_is_one_sentence(run):
    """The text beside the HTML holds no id and no address."""
    run("""
        shown("from scormaudit.plan import Plan, Policy")
        data = shown(
            "Plan(target='https://x.example:1', snapshot='id', pack='', tool_version='',"
            "policy=Policy(), proposed=())"
        )
        assert "<Plan of 0 changes, 0 of them safe>" == data["text/plain"]
        assert "For x.example." in data["text/html"]
    """)


def test_a_run_and_its_journal_show_themselves(run, tmp_path):
    """What was sent and how it ended stands in the last line of a cell, without a value."""
    run(f"""
        shown("from scormaudit.applied import Applied")
        assert "no changes" in shown("Applied(done=())")["text/html"]
        shown("from pathlib import Path; from scormaudit.journal import Journal")
        shown("opened = Journal.open(Path({str(tmp_path / "j")!r}), 'https://x.example')")
        data = shown("opened.__enter__()")
        assert "Journal of 1 entry" in data["text/html"], data
        assert "open" in data["text/html"]
    """)


def test_a_rule_shows_itself_and_other_classes_as_before(run):
    """Rules are classes; no other class, and no rule without a code, gains a view."""
    run("""
        before = shown("class Other: pass\\nOther"), shown("dict"), shown("type")
        shown("from scormaudit import Rule")
        rule = shown('class Mine(Rule, code="XX101"):\\n    "Mine."\\nMine')
        assert "XX101" in rule["text/html"]
        assert before == (shown("Other"), shown("dict"), shown("type"))
        assert "text/html" not in shown("Rule")
    """)


def test_other_tables_show_as_before(run):
    """A DataFrame keeps its own view."""
    run("""
        before = shown("import pandas as pd; frame = pd.DataFrame({'a': [1]}); frame")
        shown("import scormaudit")
        assert before == shown("frame")
    """)


def test_an_error_shows_its_words_and_no_traceback(run):
    """Every other error is shown as before."""
    run("""
        import contextlib, io
        def told(cell):
            with contextlib.redirect_stdout(io.StringIO()) as out:
                shell.run_cell(cell)
            return out.getvalue()
        shown("from scormaudit import read_plan")
        assert "PlanError: nowhere.json: It cannot be read (No such file or directory).\\n" == told(
            "read_plan('nowhere.json')"
        )
        assert "Traceback" in told("1 / 0")
    """)


def test_a_preview_shows_itself_without_its_folder(run):
    """Beside the HTML stands one sentence, as it does for a gate and a comparison."""
    run("""
        shown("from pathlib import Path; from scormaudit.mapping.preview import Preview")
        data = shown("Preview(Path('secret'), ('x.jsonl',), records=2, said=3)")
        assert "2 records as 3 statements" in data["text/html"], data
        assert "<Preview of 2 records as 3 statements: 0 losses in 0 records>" == data["text/plain"]
        assert "secret" not in str(data)
    """)
