"""What it takes before anything happens: help, one rule, all rules, an import, the plugin."""

import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

HEAVY = ("pandas", "pandera", "numpy", "pyarrow")
_PROGRAM = (sys.executable, "-m", "scormaudit")
_COMMANDS: dict[str, tuple[Sequence[str], float]] = {
    "python -c pass": ((sys.executable, "-c", "pass"), 0.0),
    "import scormaudit": ((sys.executable, "-c", "import scormaudit"), 0.5),
    "scormaudit --help": ((*_PROGRAM, "--help"), 0.5),
    "scormaudit explain ST103": ((*_PROGRAM, "explain", "ST103"), 1.0),
    "scormaudit rules": ((*_PROGRAM, "rules"), 1.0),
}


@dataclass(frozen=True, slots=True)
class Start:
    """The least seconds of wall and of CPU that something took, and the most that it may take;
    0 where it may take any. Whatever else the machine does only adds."""

    name: str
    seconds: float
    cpu: float
    most: float

    @property
    def held(self) -> bool:
        """Whether it was fast enough."""
        return not self.most or self.seconds < self.most


def starts(runs: int) -> list[Start]:
    """Each command so many times, one after the other, then again."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in _COMMANDS}
    for _ in range(runs):
        for name, (command, _) in _COMMANDS.items():
            taken[name].append(_taken(command))
    return [Start(name, *_least(taken[name]), most) for name, (_, most) in _COMMANDS.items()]


def plugin(runs: int) -> Start:
    """What the pytest plugin adds to a run that has nothing to do with snapshots."""
    test = "def test_nothing():\n    pass\n"
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_nothing.py")
    without, beside = [], []
    with TemporaryDirectory() as folder:
        (Path(folder) / "test_nothing.py").write_text(test, encoding="utf-8")
        for _ in range(runs):
            without.append(_taken((*command, "-p", "no:scormaudit"), folder))
            beside.append(_taken(command, folder))
    seconds, cpu = (more - less for more, less in zip(_least(beside), _least(without), strict=True))
    return Start("the pytest plugin adds", seconds, cpu, 0.02)


def loaded() -> list[str]:
    """The heavy modules that `import scormaudit` loads; there should be none."""
    command = [sys.executable, "-c", "import sys, scormaudit; print(*sys.modules)"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    return [name for name in HEAVY if name in done.stdout.split()]


def _taken(command: Sequence[str], folder: str | None = None) -> tuple[float, float]:
    """Seconds of wall and CPU of one run."""
    before, begun = _cpu(), time.perf_counter()
    subprocess.run(command, capture_output=True, check=True, cwd=folder)  # noqa: S603
    return time.perf_counter() - begun, _cpu() - before


def _least(taken: list[tuple[float, float]]) -> tuple[float, float]:
    return min(seconds for seconds, _ in taken), min(cpu for _, cpu in taken)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
