"""What tests of notebooks share: one JupyterLab for all of them, and pages in it."""

from contextlib import ExitStack

import pytest
from browser import browser
from lab import Lab, need
from opened import Opened

__all__ = ["browser"]


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """A running JupyterLab; each test writes notebooks of its own."""
    need()
    with ExitStack() as stack:
        running = Lab(tmp_path_factory.mktemp("lab"))
        stack.callback(running.close)
        yield running


@pytest.fixture
def folder(lab, request):
    """The folder of a test's notebook, where its kernel runs."""
    made = lab.folder / request.node.name
    made.mkdir()
    return made


@pytest.fixture
def run(lab, browser, folder):
    """Writes a notebook of these cells (or takes the one that is there), opens it and runs it."""
    with ExitStack() as stack:
        stack.callback(lab.theme, "light")

        def opened(*cells):
            if cells:
                lab.write(folder / "review.ipynb", *cells)
            made = Opened(lab, browser, f"{folder.name}/review.ipynb")
            stack.callback(made.close)
            return made

        yield opened
