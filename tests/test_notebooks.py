"""The notebooks: executed anew they show what is committed, and leave nothing behind."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def execute(*arguments):
    """Run `execute.py`, as CI and people do."""
    return subprocess.run(
        [sys.executable, FOLDER / "execute.py", *arguments],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture
def notebook(tmp_path):
    """A notebook of one cell, not executed yet."""

    def write(source):
        path = tmp_path / "small.ipynb"
        nbformat.write(new_notebook(cells=[new_code_cell(source, id="only")]), path)
        return path

    return write


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_committed_notebook_executes_to_itself(path):
    """Byte for byte, and no file appears beside it."""
    before = sorted(FOLDER.iterdir())
    done = execute("--check", path)
    assert 0 == done.returncode, done.stdout + done.stderr
    assert before == sorted(FOLDER.iterdir())


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_committed_notebook_tells_nothing_of_a_machine(path):
    """No port, no temporary folder, no version of Python."""
    text = path.read_text(encoding="utf-8")
    assert [] == re.findall(r"127\.0\.0\.1|localhost|/tmp|/home|\\\\Users|python3\.\d+", text)
    assert {"name": "python"} == nbformat.reads(text, as_version=4).metadata.language_info


def test_a_second_execution_gives_no_difference(notebook):
    """Streams in pieces, counts and timings are normalised."""
    path = notebook("import sys\nfor n in range(9):\n    print(n)\n    sys.stdout.flush()\nn")
    assert 0 == execute(path).returncode
    first = path.read_bytes()
    done = execute("--check", path)
    assert (0, "small.ipynb: the same\n") == (done.returncode, done.stdout)
    assert first == path.read_bytes()
    assert b'execution"' not in first


def test_a_bar_leaves_nothing(notebook):
    """Work that was slow enough for a progress bar shows what quick work shows."""
    bar = "from tqdm.auto import tqdm\nfor _ in tqdm([0], leave=False):\n    pass\n42"
    path = notebook(bar)
    assert 0 == execute(path).returncode
    (result,) = nbformat.read(path, as_version=4).cells[0].outputs
    assert {"text/plain": "42"} == result.data


def test_a_difference_is_named_and_shown(notebook):
    """With --check the file stays as it was and the exit code is 1."""
    path = notebook("6 * 7")
    before = path.read_bytes()
    done = execute("--check", path)
    assert 1 == done.returncode
    assert "small.ipynb: differs" in done.stdout
    assert '+       "42"\n' in done.stdout
    assert before == path.read_bytes()


def test_a_cell_that_fails_is_named(notebook):
    """The exit code is 1, and the file is not written."""
    path = notebook("1 / 0")
    before = path.read_bytes()
    done = execute(path)
    assert 1 == done.returncode
    assert "small.ipynb: a cell failed" in done.stdout
    assert "ZeroDivisionError" in done.stdout
    assert before == path.read_bytes()
