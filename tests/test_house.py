"""The house is in order: layers, front door, the one who may edit, the wheel, generated pages."""

import ast
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import scormaudit
from scormaudit.pack import TARGETS, load
from scormaudit.report.catalogue import as_markdown

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "scormaudit").rglob("*.py"))
RULES = sorted((ROOT / "rules").rglob("*.py"))


def python(code):
    """Run code in a fresh interpreter; what it printed."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    return done.stdout


def tracked():
    """Every text file that the repository keeps."""
    names = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        capture_output=True, text=True, check=True, cwd=ROOT,
    ).stdout.split()  # fmt: skip
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def test_layers():
    """Higher layers import lower ones, never the other way."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stdout


@pytest.mark.parametrize("name", scormaudit.__all__)
def test_the_front_door_opens(name):
    """Every public name is there and is no module."""
    assert getattr(scormaudit, name) is not None
    assert "module" != type(getattr(scormaudit, name)).__name__


def test_a_function_is_never_its_module():
    """`from scormaudit import audit` is the function, whatever was imported before."""
    code = (
        "import scormaudit.audit, scormaudit.fetch, scormaudit.apply, scormaudit.schema\n"
        "from scormaudit import apply, audit, fetch, schema\n"
        "print(all(map(callable, (apply, audit, fetch, schema))))"
    )
    assert "True" == python(code).strip()


def test_an_unknown_name_is_an_attribute_error():
    """What the front door does not know, it does not know."""
    with pytest.raises(AttributeError):
        _ = scormaudit.nothing


@pytest.mark.parametrize("module", ["scormaudit", "scormaudit.cli"])
def test_help_loads_nothing_heavy(module):
    """Importing the package or its commands loads neither pandas nor pandera nor a server."""
    heavy = python(f"import sys, {module}; print(*sys.modules)").split()
    assert set() == {"pandas", "pandera", "numpy", "pyarrow", "httpx", "starlette"} & set(heavy)


def test_one_caller_of_an_edit():
    """Only apply makes an editor, and only apply calls its edit."""
    callers = {
        (path.relative_to(ROOT / "scormaudit").as_posix(), node.func.attr)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("edit", "editor")
    }
    assert {("apply.py", "edit"), ("apply.py", "editor")} == callers


def test_only_lms_knows_httpx():
    """HTTP is spoken under `lms` alone, so that the whole world can be swapped there."""
    knows = {
        path.parent.name
        for path in SOURCES
        if re.search(r"^\s*(import|from) httpx", path.read_text(encoding="utf-8"), re.M)
    }
    assert {"lms"} == knows


def test_rules_come_by_the_front_door():
    """A rule file imports the front door, pandas, pandera and the standard library alone."""
    imported = {
        name.split(".")[0] + ("" if "." not in name else ".*")
        for path in RULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in (
            [node.module] if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        )
    }  # fmt: skip
    assert imported <= {"scormaudit", "pandas", "pandera.*", "re", "json", "string"}


def test_no_rule_file_hides_a_module():
    """No rule file has the name of a standard module, which tools would take it for."""
    assert set() == {path.stem for path in RULES} & sys.stdlib_module_names


def test_the_engine_knows_no_rule():
    """No code of a shipped rule stands in the engine."""
    codes = {rule.code for rule in load().rules} - {"ST103"}
    for path in SOURCES:
        assert set() == codes & set(re.findall(r"[A-Z]{2}\d{3}", path.read_text(encoding="utf-8")))


def test_generated_pages_are_current():
    """`rules/README.md` is what the rules say of themselves now."""
    page = (ROOT / "rules" / "README.md").read_text(encoding="utf-8")
    assert as_markdown(load(targets=TARGETS)) == page, (
        "run: scormaudit rules --markdown > rules/README.md"
    )


def test_the_wheel(tmp_path):
    """The wheel carries the package and the rules, and nothing else."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, capture_output=True, check=True)
    names = set(zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist())
    ours = {path.relative_to(ROOT).as_posix() for path in SOURCES}
    ours |= {f"scormaudit/{path.relative_to(ROOT).as_posix()}" for path in RULES}
    assert ours <= names
    assert {"scormaudit", "scormaudit-0.1.0.dist-info"} == {name.split("/")[0] for name in names}
    assert set() == {n for n in names if "/test" in n or n.endswith((".pyc", ".ipynb"))}


@pytest.mark.parametrize("path", SOURCES + RULES, ids=lambda path: path.name)
def test_files_stay_small(path):
    """No file has more than 330 lines, and each says in a sentence what it is."""
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 330
    assert ast.get_docstring(ast.parse(text))


def test_no_file_names_a_machine():
    """No file names a package index, a path of somebody's machine, or holds a lock."""
    words = [
        "pypi" + ".org",
        "files.python" + "hosted",
        "/ho" + "me/",
        "/wo" + "rk/",
        "/ro" + "ot/",
    ]
    for path in tracked():
        if path.suffix in (".png", ".parquet", ".xlsx"):
            continue
        text = path.read_text(encoding="utf-8")
        assert [] == [word for word in words if word in text], path
    assert "uv.lock" in (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert "uv.lock" not in {path.name for path in tracked()}


def test_the_readme_commands_are_the_real_ones():
    """The first two commands of the README are the demo and the tests, and CI runs the second."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)
    commands = blocks[0].split("\n")
    assert "scormaudit demo" in commands[0]
    assert "pytest" in commands[1]
    assert "README.md" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
