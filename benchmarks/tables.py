"""Faults outside functions, which mutmut makes but does not try: tables, words, defaults.

Each is tried in a child of this process that imports the code anew.
"""

import gc
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from difflib import ndiff
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from io import StringIO
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 300
"""Seconds after which a child is taken to hang, which is a fault found."""
OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")
TESTS = {
    "scormaudit/lms/classification.py": ("tests/lms/test_classification.py",),
    "scormaudit/plan.py": ("tests/test_plan.py",),
    "scormaudit/entry.py": ("tests/test_entry.py", "tests/test_journal.py"),
    "scormaudit/journal.py": ("tests/test_journal_words.py", "tests/test_journal.py"),
    "scormaudit/comparison.py": ("tests/test_comparison.py",),
    "scormaudit/limits.py": ("tests/test_limits.py",),
    "scormaudit/apply.py": ("tests/test_apply.py",),
}
_USERS = {"scormaudit/journal.py": ("tests/test_apply.py",)}
"""Tests of the code that uses a file's tables, where the file itself does not."""


class Faulty(MetaPathFinder, Loader):
    """Gives one module with a fault in it."""

    def __init__(self, name: str, source: str, file: Path) -> None:
        self.name, self.source, self.file = name, source, file

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        """Only this module."""
        return ModuleSpec(name, self, origin=str(self.file)) if name == self.name else None

    def exec_module(self, module: ModuleType) -> None:
        """Run the faulty code."""
        module.__file__ = str(self.file)
        exec(compile(self.source, str(self.file), "exec"), module.__dict__)  # noqa: S102


def faults_in_tables(folder: Path, files: list[str], jobs: int) -> list[tuple[str, str, str, bool]]:
    """File, the line before and after, and whether a test saw it."""
    os.chdir(folder)
    _warm_up(folder)
    found, running = [], {}
    for name in files:
        whole = _tried(folder, name, (ROOT / name).read_text("utf-8"))
        if os.waitpid(whole, 0)[1]:
            sys.exit(f"The tests of {name} fail without a fault.")
        for was, became, source in _faults(name):
            if len(running) >= jobs:
                _collect(running, found)
            running[_tried(folder, name, source)] = (name, was, became)
        while running:
            _collect(running, found)
    return found


def _faults(name: str) -> Iterator[tuple[str, str, str]]:
    """The line before and after, and the whole module, of each fault that is in no function."""
    import libcst as cst
    from mutmut.mutation.file_mutation import create_mutations, deep_replace

    source = (ROOT / name).read_text("utf-8")
    module, mutations, *_ = create_mutations(name, source)
    types = {id(node) for kind in module.body for node in _walked(kind) if _is_type(kind)}
    for fault in mutations:
        inside = isinstance(fault.contained_by_top_level_function, cst.FunctionDef)
        if inside or id(fault.original_node) in types:
            continue
        code = deep_replace(module, fault.original_node, fault.mutated_node).code
        lines = list(ndiff(source.splitlines(), code.splitlines()))
        was, became = (
            " ".join(line[2:].strip() for line in lines if line.startswith(sign)) for sign in "-+"
        )
        yield was, became, code


def _is_type(statement: object) -> bool:
    """Whether a statement only gives a type a name; those are mypy's to check."""
    import libcst as cst
    import libcst.matchers as m

    kinds = m.OneOf(m.Name("Literal"), m.Name("tuple"), m.Name("dict"))
    alias = m.Assign(value=m.Subscript(value=kinds))
    return isinstance(statement, cst.CSTNode) and m.matches(
        statement, m.SimpleStatementLine(body=[alias])
    )


def _walked(node: object) -> Iterator[object]:
    yield node
    for child in node.children:
        yield from _walked(child)


def _warm_up(folder: Path) -> None:
    """Import what the tests and the code import, then forget what is ours."""
    sys.path.insert(0, str(folder))
    import_module("scormaudit.cli")
    import_module("scormaudit.sandbox")
    tests = sorted({file for files in TESTS.values() for file in files})
    with redirect_stdout(StringIO()):
        pytest.main(["--collect-only", *OPTIONS, *tests])
    for name, module in [*sys.modules.items()]:
        if name != "__main__" and folder in Path(getattr(module, "__file__", None) or "").parents:
            del sys.modules[name]
    gc.freeze()


def _tried(folder: Path, name: str, source: str) -> int:
    """The process that runs the tests of a file over its fault."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        signal.alarm(LONGEST)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        dotted = name.removesuffix(".py").replace("/", ".")
        sys.meta_path.insert(0, Faulty(dotted, source, folder / name))
        tests = (*TESTS[name], *_USERS.get(name, ()))
        code = int(pytest.main([*OPTIONS, "--hypothesis-profile=ci", *tests]))
    finally:
        os._exit(code)


def _collect(
    running: dict[int, tuple[str, str, str]], found: list[tuple[str, str, str, bool]]
) -> None:
    """Wait for one child."""
    child, status = os.wait()
    found.append((*running.pop(child), status != 0))
    print(f"\r{len(found)} faults in tables tried", end="", file=sys.stderr, flush=True)
