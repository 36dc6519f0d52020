"""Faults in functions, each tried by its file's own tests in a fork that has collected them.

`mutation.py` runs it as a process of its own: `python trial.py FOLDER JOBS`.
"""

import gc
import json
import os
import signal
import sys
import tomllib
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import Phase, settings
from tables import OPTIONS, TESTS

_LONGEST = 60
"""Seconds after which a test is taken to hang, which is a fault found."""

settings.register_profile(
    "faults", settings.get_profile("ci"), phases=(Phase.explicit, Phase.generate)
)


class Trial:
    """In place of running the tests once, runs those of a file for each fault in it."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self.running: dict[int, tuple[str, int]] = {}
        self.told: int | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Tell which test found the fault, or how long it took where there is none."""
        if self.told is not None and (report.failed or report.when == "call"):
            os.write(self.told, f"{report.duration} {report.nodeid}\n".encode())
        if report.failed:
            os._exit(1)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Each file in turn."""
        for name, files in TESTS.items():
            tests = [item for item in session.items if item.nodeid.split("::")[0] in files]
            self.judge(name, tests)
        return True

    def judge(self, name: str, tests: list[pytest.Item]) -> None:
        """Keep for each fault of a file whether a test found it, in the way mutmut does."""
        file = Path(f"{name}.meta")
        known = json.loads(file.read_text())
        codes = known["exit_code_by_key"]
        left = [fault for fault, code in codes.items() if code is None]
        if left:
            self.warm_up(name, tests)
        for number, fault in enumerate(left):
            print(f"\r{name}: {number} of {len(left)} faults tried ", end="", flush=True)
            self.fork(fault, tests)
            if len(self.running) >= self.jobs:
                self.learn(codes, tests)
                file.write_text(json.dumps(known))
        while self.running:
            self.learn(codes, tests)
        file.write_text(json.dumps(known))

    def warm_up(self, name: str, tests: list[pytest.Item]) -> None:
        """Put quick tests first, and import what they import only as they run."""
        self.fork("", tests)
        failed, lines = self.collect({})
        if failed:
            sys.exit(f"The tests of {name} fail without a fault: {lines[-1:]}.")
        seconds = {what: float(time) for time, _, what in (s.partition(" ") for s in lines)}
        tests.sort(key=lambda test: seconds[test.nodeid])
        for module in seconds.keys() - {test.nodeid for test in tests}:
            with suppress(ImportError):
                import_module(module)
        gc.freeze()

    def learn(self, codes: dict[str, int], tests: list[pytest.Item]) -> None:
        """The test that found a fault comes first for the next, which is likely to be alike."""
        failed, lines = self.collect(codes)
        if failed and lines:
            killer = lines[-1].partition(" ")[2]
            tests.sort(key=lambda test: test.nodeid != killer)

    def collect(self, codes: dict[str, int]) -> tuple[bool, list[str]]:
        """Wait for one fork: whether it failed, and what it told."""
        child, status = os.wait()
        fault, told = self.running.pop(child)
        codes[fault] = int(status != 0)
        with os.fdopen(told) as pipe:
            return status != 0, pipe.read().splitlines()

    def fork(self, fault: str, tests: list[pytest.Item]) -> None:
        """A process that runs the tests over a fault up to the first that fails."""
        read, write = os.pipe()
        child = os.fork()
        if child:
            os.close(write)
            self.running[child] = (fault, read)
            return
        code = 1
        try:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            os.dup2(nowhere, 2)
            os.environ["MUTANT_UNDER_TEST"], self.told = fault, write
            before = set(sys.modules)
            for test, following in zip(tests, [*tests[1:], None], strict=True):
                signal.alarm(_LONGEST)
                test.config.hook.pytest_runtest_protocol(item=test, nextitem=following)
            imported = "" if fault else "".join(f"0 {m}\n" for m in sorted({*sys.modules} - before))
            os.write(write, imported.encode())
            code = 0
        finally:
            os._exit(code)


def generate(folder: Path, jobs: int) -> None:
    """Write the code with all faults, each asleep until it is named, to `mutants`."""
    from mutmut.__main__ import copy_also_copy_files, copy_src_dir, create_mutants

    os.chdir(folder)
    Path("mutants").mkdir(exist_ok=True)
    copy_src_dir()
    copy_also_copy_files()
    create_mutants(jobs)


def main() -> None:
    """Exit code 1 where the tests fail without a fault."""
    folder, jobs = Path(sys.argv[1]), int(sys.argv[2])
    generate(folder, jobs)
    os.chdir("mutants")
    sys.path.insert(0, str(Path.cwd()))
    os.environ["MUTANT_UNDER_TEST"] = ""
    mutated = tomllib.loads(Path("pyproject.toml").read_text())["tool"]["mutmut"]["only_mutate"]
    files = sorted({file for name in mutated for file in TESTS[name]})
    options = ("--rootdir=.", "-s", "--hypothesis-profile=faults", *OPTIONS)
    sys.exit(pytest.main([*options, *files], plugins=[Trial(jobs)]))


if __name__ == "__main__":
    main()
