"""Long work tells how far it is, and leaves no trace where nobody watches."""

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from scormaudit.progress import ticking

CELL = """
import tqdm.auto
from scormaudit.progress import ticking

seen = []


class Bar(tqdm.auto.tqdm):
    def __init__(self, **options):
        seen.append(options)
        super().__init__(**options)


tqdm.auto.tqdm = Bar
with ticking("reading", 3, None) as tick:
    for _ in range(3):
        tick()
seen
"""


def test_the_caller_is_told_each_step():
    """Whoever gives a function has it called once a step, and nothing else is shown."""
    told = []
    with ticking("reading", 2, lambda: told.append("step")) as tick:
        tick()
        tick()
    assert ["step", "step"] == told


def test_outside_a_notebook_nothing_is_shown(capsys):
    """A script that asks for no progress gets none."""
    with ticking("reading", 2, None) as tick:
        tick()
    assert ("", "") == capsys.readouterr()


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """Runs one cell in a kernel; its outputs."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))

    def run(source):
        notebook = new_notebook(cells=[new_code_cell(source, id="only")])
        NotebookClient(notebook, kernel_name="python3", timeout=600).execute()
        return nbformat.from_dict(notebook).cells[0].outputs

    return run


def test_in_a_notebook_a_bar_waits_and_goes(kernel):
    """The bar comes after two seconds and is taken away, so quick work leaves its result alone."""
    (result,) = kernel(CELL)
    expected = "[{'desc': 'reading', 'total': 3, 'delay': 2, 'leave': False}]"
    assert expected == result.data["text/plain"]
