"""How far long work has come: told in the caller's way, or in a notebook by a bar of tqdm's."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec

Tick = Callable[[], object]


@contextmanager
def ticking(what: str, total: int, tick: Tick | None) -> Iterator[Tick]:
    """What to call after each of `total` steps.

    In a notebook a bar appears after two seconds and goes with the work, so that it leaves
    nothing in what is committed; elsewhere nothing is shown.
    """
    if tick is not None or not _in_a_notebook():
        yield tick or _silent
        return
    from tqdm.auto import tqdm

    with tqdm(desc=what, total=total, delay=2, leave=False) as bar:
        yield bar.update


def _silent() -> None:
    """Nothing to tell."""


def _in_a_notebook() -> bool:
    """Whether there is a kernel to show a bar, and a tqdm to draw it."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return hasattr(shell, "kernel") and find_spec("tqdm") is not None
