"""How many faults, put into the code that judges, plans, records and sends, its tests find.

Run `python benchmarks/mutation.py`; the faults are mutmut's, one at a time, in a copy of the
tree. Exit code 1 where the score of a file is below the bound, or a fault that no test found has
no reason in `survivors.toml`.
"""

import argparse
import ast
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

from tables import faults_in_tables

ROOT = Path(__file__).resolve().parents[1]
FILES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mutmut"]["only_mutate"]
TRIAL = ROOT / "benchmarks" / "trial.py"
BOUND = 0.90
_NEEDED = ("pyproject.toml", "README.md", "scormaudit", "rules", "tests")
_UNFOUND = (0, 5, 33)
"""Exit codes for tests that passed, and for none that came by."""


def main() -> None:
    """A line for each file with its score, then each survivor with its reason."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--folder", type=Path, help="keep the copy here, and go on from it")
    options = parser.parse_args()
    with TemporaryDirectory() as temporary:
        folder = (options.folder or Path(temporary)).resolve()
        lay_out(folder)
        command = [sys.executable, TRIAL, folder, str(options.jobs)]
        subprocess.run(command, check=True)  # noqa: S603 - ourselves
        found = in_functions(folder) + faults_in_tables(folder, FILES, options.jobs)
        sys.exit(judge(found))


def lay_out(folder: Path) -> None:
    """A copy of the tree in which mutmut reaches every function of the files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in _NEEDED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, dirs_exist_ok=True)
        else:
            shutil.copy2(ROOT / name, folder)
    for name in FILES:
        file = folder / name
        file.write_text(undecorated(file.read_text("utf-8")), "utf-8")
        _forget_survivors(folder / "mutants" / f"{name}.meta")


def _forget_survivors(file: Path) -> None:
    """Have them tried again, for there may be other tests now."""
    if file.exists():
        known = json.loads(file.read_text())
        codes = known["exit_code_by_key"].items()
        known["exit_code_by_key"] = {k: None if v in _UNFOUND else v for k, v in codes}
        file.write_text(json.dumps(known))


def undecorated(source: str) -> str:
    """The module with each function decorated after its body, since mutmut passes over others.

    A cache is left out: what it kept of the code as it is would hide a fault.
    """
    lines = source.splitlines()
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    for function in sorted(functions, key=lambda node: -node.lineno):
        names = [ast.unparse(node) for node in function.decorator_list]
        decorated = function.name
        for name in reversed([name for name in names if name != "cache"]):
            decorated = f"{name}({decorated})"
        if decorated != function.name:
            indent = " " * function.col_offset
            lines.insert(function.end_lineno or 0, f"{indent}{function.name} = {decorated}")
        del lines[function.lineno - 1 - len(names) : function.lineno - 1]
    return "\n".join(lines) + "\n"


def in_functions(folder: Path) -> list[tuple[str, str, str, bool]]:
    """What mutmut found: file, the line before and after, whether a test saw it."""
    found = []
    for name in FILES:
        codes = json.loads((folder / "mutants" / f"{name}.meta").read_text())["exit_code_by_key"]
        for mutant, code in codes.items():
            was, became = _shown(folder, mutant) if code in _UNFOUND else ("", "")
            found.append((name, was, became, code not in _UNFOUND))
    return found


def judge(found: list[tuple[str, str, str, bool]]) -> int:
    """Print scores and survivors; 1 where that is not enough."""
    file = ROOT / "benchmarks" / "survivors.toml"
    reasons = {
        (entry["file"], entry["was"], became): entry["why"]
        for entry in tomllib.loads(file.read_text("utf-8"))["survivor"]
        for became in entry["became"]
    }
    failed = False
    print("\nfaults  found  score  file")
    for name in FILES:
        seen = [is_found for at, _, _, is_found in found if at == name]
        failed |= sum(seen) < BOUND * len(seen)
        print(f"{len(seen):6} {sum(seen):6} {sum(seen) / len(seen):6.1%}  {name}")
    for name, was, became, is_found in found:
        if not is_found:
            why = reasons.get((name, was, became))
            failed |= why is None
            print(f"\n{name}: {why or 'NOT EXPLAINED'}\n- {was}\n+ {became}")
    return int(failed)


def _shown(folder: Path, mutant: str) -> tuple[str, str]:
    """The line of a fault before and after it."""
    command = [sys.executable, "-m", "mutmut", "show", mutant]
    told = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603
    lines = [line for line in told.stdout.splitlines() if line[:3] not in ("---", "+++")]
    was, became = (
        " ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+"
    )
    return was, became


if __name__ == "__main__":
    main()
