"""Executes the notebooks anew and keeps, or with --check compares, what they show.

What is kept is the same for the same code: no timings, no versions, counts from one upwards.
"""

import argparse
import difflib
import os
import re
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

FOLDER = Path(__file__).parent
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
KEPT = ("tags",)
_VIEW = "application/vnd.jupyter.widget-view+json"
_ADDRESS = re.compile(r"\bat 0x[0-9a-f]+")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0, or 1 where a notebook failed or, with --check, differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all beside this file")
    parser.add_argument("--check", action="store_true", help="change nothing, fail on a difference")
    options = parser.parse_args(arguments)
    paths = options.notebooks or sorted(FOLDER.glob("*.ipynb"))
    return max([_handled(path, check=options.check) for path in paths], default=0)


def executed(path: Path) -> str:
    """The text of a notebook after a run in a kernel that knows nothing of this user."""
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as profile:
        NotebookClient(
            notebook,
            kernel_name="python3",
            timeout=600,
            extra_arguments=["--IPKernelApp.log_level=ERROR"],
            coalesce_streams=True,
            record_timing=False,
            store_widget_state=False,
            resources={"metadata": {"path": str(path.parent)}},
        ).execute(env=os.environ | {"IPYTHONDIR": profile})
    return normalised(notebook)


def normalised(notebook: NotebookNode) -> str:
    """A notebook as it is committed: everything that differs between equal runs left out."""
    notebook.metadata = nbformat.from_dict(METADATA)
    number = 0
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({k: v for k, v in cell.metadata.items() if k in KEPT})
        if cell.cell_type == "code":
            number += 1
            cell.execution_count = number
            cell.outputs = [output for output in cell.outputs if not _is_progress(output)]
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = number
                output.get("data", {}).pop(_VIEW, None)  # the model has another id in each run
                for kind, shown in output.get("data", {}).items():
                    output.data[kind] = _ADDRESS.sub("at 0x", shown)
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def _is_progress(output: NotebookNode) -> bool:
    """Whether it is what a bar leaves, which only a slow machine shows: a widget and no table."""
    shown = output.get("data", {})
    return _VIEW in shown and "text/html" not in shown


def _handled(path: Path, *, check: bool) -> int:
    try:
        new = executed(path)
    except CellExecutionError as error:
        print(f"{path.name}: a cell failed\n{error}")
        return 1
    old = path.read_text(encoding="utf-8")
    if new == old:
        print(f"{path.name}: the same")
        return 0
    if check:
        print(f"{path.name}: differs from what is committed")
        sys.stdout.writelines(_difference(old, new, path.name))
        return 1
    path.write_text(new, encoding="utf-8", newline="\n")
    print(f"{path.name}: written")
    return 0


def _difference(old: str, new: str, name: str) -> Iterable[str]:
    lines = (text.splitlines(keepends=True) for text in (old, new))
    return difflib.unified_diff(*lines, f"committed/{name}", f"executed/{name}")


if __name__ == "__main__":
    sys.exit(main())
